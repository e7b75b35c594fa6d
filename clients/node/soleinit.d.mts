/** Client for daemons that run under soleinit; a quiet no-op where there is no supervisor. */
export declare const PROTOCOL: number;

/** New work is refused: the daemon is about to restart. */
export declare class RestartingError extends Error {}

/** Work that an earlier generation had taken on and not ended. */
export interface Candidate {
  readonly id: string;
  readonly kind: string;
  readonly description: string;
  readonly running: boolean;
  readonly checkpoint: string | null;
  readonly generation: number;
  readonly deadline: string;
  readonly attempt: number;
}

/** A piece of work that was admitted; `using` and `await using` end it, too. */
export declare class Work {
  private constructor();
  readonly kind: string;
  readonly id: string;
  readonly description: string;
  readonly running: boolean;
  readonly lastCheckpoint: string | undefined;
  checkpoint(text: string): void;
  run(): void;
  end(): void;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What keeps the state of a snapshot; see handover.mjs. */
export interface Store {
  readonly saved: string;
  save(state: unknown, generation: number): void;
  load(): Restored;
  confirm(): void;
}

/** What the last generation left: a value, or a failure with its reason, or (both undefined) nothing. */
export interface Restored {
  readonly value?: any;
  readonly failure?: string;
  readonly attempt?: number;
  readonly generation?: number;
}

/** The daemon's side of the protocol. */
export declare class Client {
  constructor(environment?: Record<string, string | undefined>);
  readonly supervised: boolean;
  readonly attached: boolean;
  readonly fenced: boolean;
  readonly active: number;
  readonly generation: number;
  readonly stateDir: string;
  onFence: (fenced: boolean) => unknown;
  onReload: ((generation: number) => unknown) | undefined;
  onResume: ((candidate: Candidate) => unknown) | undefined;
  onWarning: (line: string) => void;
  begin(kind: string, id: string, description?: string, options?: { running?: boolean }): Work;
  work<T>(kind: string, id: string, description: string, unit: (work: Work) => T | Promise<T>): Promise<T>;
  drain(milliseconds: number): Promise<Work[]>;
  ready(): void;
  failed(reason: string): Promise<void>;
  keep(store: Store, snapshot: () => unknown): Restored;
  shutdown(milliseconds?: number): Promise<Work[]>;
}
