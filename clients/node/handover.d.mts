import type { Client, Restored, Store } from './soleinit.mjs';

/** What the last generation left by this name; `snapshot` gives what this one will leave. */
export declare function state(client: Client, name: string, snapshot: () => unknown, directory?: string): Restored;

/** NAME.json in a directory: written whole, with a checksum; claimed by renaming it, gone once confirmed. */
export declare class StateStore implements Store {
  constructor(path: string);
  readonly saved: string;
  save(state: unknown, generation: number): void;
  load(longest?: number, most?: number): Restored;
  confirm(): void;
}

/** The sockets that the supervisor keeps for this process: `server.listen({ fd })`. */
export declare function keptSockets(environment?: Record<string, string | undefined>): { name: string; fd: number }[];
