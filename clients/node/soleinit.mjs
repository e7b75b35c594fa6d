/**
 * Client for daemons that run under soleinit; a quiet no-op where there is no supervisor.
 *
 *     const client = new Client();
 *     await client.work('session', 's1', 'a session', async () => { … });  // RestartingError while a restart is near
 *
 * What is said never waits for the supervisor; a lost connection is made again, and all open work told anew. The
 * connection does not keep the process alive.
 */
import { createConnection } from 'node:net';
import { join } from 'node:path';

export const PROTOCOL = 1;
const [LONGEST_ID, LONGEST_CHECKPOINT, LONGEST_LINE] = [128, 4096, 1 << 20];
const [MOST_WAITING, REPORT] = [8 << 20, 256 << 10]; // for a supervisor that does not read; of one work.report
const [PATIENCE, AGAIN, BUSY, SETTLE] = [10_000, 500, -32000, 100];
const NOTHING = () => {};

/** New work is refused: the daemon is about to restart. */
export class RestartingError extends Error {
  constructor() {
    super('restarting, try again shortly');
    this.name = 'RestartingError';
  }
}

/** A piece of work that was admitted; `using` and `await using` end it, too. */
export class Work {
  #client;

  constructor(client, kind, id, description, running) {
    this.#client = client;
    Object.assign(this, { kind, id, description, running, lastCheckpoint: undefined });
  }

  /** Says where to go on, should this be interrupted; 4,096 characters at the most. */
  checkpoint(text) {
    if (String(text).length > LONGEST_CHECKPOINT) {
      throw new RangeError(`a checkpoint has ${LONGEST_CHECKPOINT} characters at the most`);
    }
    this.lastCheckpoint = String(text);
    this.#client._changed(this, false);
  }

  /** Queued work runs from now on; refused while fenced, and then it stays queued. */
  run() {
    this.#client._changed(this, true);
  }

  /** It has ended; a second time does nothing. */
  end() {
    this.#client._ended(this);
  }

  [Symbol.dispose ?? Symbol.for('dispose')]() {
    this.end();
  }

  async [Symbol.asyncDispose ?? Symbol.for('asyncDispose')]() {
    this.end();
  }

  toJSON() {
    const { kind, id, description, running, lastCheckpoint: checkpoint } = this;
    return { kind, id, description, running, checkpoint }; // JSON leaves out what is undefined
  }
}

/**
 * The daemon's side of the protocol. It attaches at once, and takes the token out of the environment, so that no
 * process that the daemon starts (a worker of node:cluster, say) takes its place.
 */
export class Client {
  /** Told true when new work is refused from now on, and false when it is not any more. */
  onFence = NOTHING;
  /** Fenced and drained; given the generation to be. If it fails, the daemon goes on as before. */
  onReload = undefined;
  /** Given interrupted work once ready, one piece at a time, 10 s each; if it fails, that piece is left. */
  onResume = undefined;
  /** Told in one line what may be worth a line in the log. */
  onWarning = (line) => console.error(`soleinit: ${line}`);
  supervised = false;
  attached = false;
  fenced = false;
  active = 0;
  generation;
  stateDir;
  #open = new Map();
  #states = new Map();
  #idle = new Set();
  #asked = new Map();
  #unconfirmed = [];
  #token; #path; #drainTimeout; #socket; #timer;
  #lastId = 0;
  #out = '';
  #ready = false; #draining = false; #told = false; #abandoned = false; #closed = false; #resuming = false;
  #leaving = false; #left = Promise.resolve();

  constructor(environment = process.env) {
    const given = (name) => environment[name] ?? '';
    this.#token = given('DAEMON_TOKEN');
    delete environment.DAEMON_TOKEN;
    this.#path = join(given('DAEMON_RUN_DIR') || '.', 'control.sock');
    this.stateDir = given('DAEMON_STATE_DIR') && join(given('DAEMON_STATE_DIR'), 'handover');
    this.generation = Number(given('DAEMON_GENERATION')) || 0;
    const drain = /^([0-9]{1,9})ms$/.exec(given('DAEMON_DRAIN_TIMEOUT'));
    this.#drainTimeout = drain ? Number(drain[1]) : 5000;
    this.supervised = Boolean(this.#token && given('DAEMON_RUN_DIR'));
    if (this.supervised) {
      this.#connect();
      process.once('exit', () => this.#flush());
    }
  }

  // ---- work

  /**
   * Admits a piece of work: RestartingError while fenced, RangeError for no id and for one that is open. Work that
   * is not running only waits: no restart waits for it, but the next generation gets it.
   */
  begin(kind, id, description = '', { running = true } = {}) {
    if (typeof id !== 'string' || !id.trim() || id.length > LONGEST_ID) {
      throw new RangeError(`an id of work is a string of 1 to ${LONGEST_ID} characters`);
    }
    if (this.fenced) throw new RestartingError();
    if (this.#open.has(id)) {
      throw new RangeError(`work with the id ${JSON.stringify(id)} is open already`);
    }
    const work = new Work(this, String(kind), id, String(description).slice(0, 80), running);
    this.#open.set(id, work);
    this.active += running ? 1 : 0;
    this.#say('work.begin', work);
    return work;
  }

  /** Runs `unit` as a piece of work, which ends when it has. */
  async work(kind, id, description, unit) {
    const work = this.begin(kind, id, description);
    return Promise.resolve(work).then(unit).finally(() => work.end());
  }

  _changed(work, run) {
    if (run && this.fenced && !work.running) {
      throw new RestartingError();
    }
    if (this.#open.get(work.id) === work) {
      this.active += run && !work.running ? 1 : 0;
      work.running ||= run;
      this.#say('work.begin', work);
    }
  }

  /** What ends because it was interrupted has not ended: the next generation may resume it. */
  _ended(work) {
    if (!this.#abandoned && this.#open.get(work.id) === work) {
      this.#open.delete(work.id);
      this.active -= work.running ? 1 : 0;
      this.#say('work.end', { id: work.id });
      if (work.running) {
        this.#tellIfDrained();
      }
    }
  }

  #tellIfDrained() {
    if ((this.fenced || this.#leaving) && this.active === 0) {
      this.#draining && this.#say('drained', {});
      this.#idle.forEach((wake) => wake());
    }
  }

  #fence(fenced, draining = false) {
    const changed = this.fenced !== fenced;
    this.fenced = fenced;
    this.#draining = draining;
    this.#tellIfDrained();
    if (changed && !this.#leaving) {
      this.#call(this.onFence, fenced);
    }
  }

  /**
   * The next generation serves beside this one: accepts no more, lets begin what it has accepted, and then refuses. Who
   * cannot stop accepting (no onFence) refuses nobody, and is stopped once it is idle.
   */
  #leave(draining, done) {
    const stops = this.onFence !== NOTHING;
    const first = !this.#leaving;
    this.#leaving = true;
    // one after the other: the drain comes right behind the fence
    this.#left = this.#left.then(async () => {
      if (first && stops) {
        await Promise.race([this.#call(this.onFence, true), sleep(SETTLE)]);
        await sleep(SETTLE);
      }
      this.#fence(stops, draining);
      done();
    });
  }

  /** Refuses new work and waits for what runs; resolves to what still does when the time is over. */
  async drain(milliseconds) {
    this.#fence(true, this.#draining);
    if (this.active > 0) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        const wake = () => { clearTimeout(timer); this.#idle.delete(wake); resolve(); };
        this.#idle.add(wake);
      });
    }
    return [...this.#open.values()].filter((work) => work.running);
  }

  // ---- what the daemon says

  /** It serves; what it was given of its state is its own now. */
  ready() {
    this.#states.forEach(([store]) => store.confirm());
    this.#ready = true;
    this.#say('ready', { generation: this.generation });
    this.#resume();
  }

  async failed(reason) {
    for (let wait = 0; this.supervised && !this.attached && wait < 100; wait++) {
      await new Promise((again) => { setTimeout(again, 10); });
    }
    this.#say('failed', { reason: String(reason) });
  }

  /** Keeps the state of `snapshot` in `store` when this ends; what `state` of handover.mjs is made of. */
  keep(store, snapshot) {
    this.#states.set(store.saved, [store, snapshot]);
    return store.load();
  }

  /** The orderly end: fence, drain, snapshot of the state. What it resolves to counts as interrupted. */
  async shutdown(milliseconds = this.#told ? 0 : this.#drainTimeout) {
    await this.drain(milliseconds); // who was told of the stop beforehand has had the time
    this.#abandoned = true;
    await this.#save();
    this.#flush();
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#socket && this.attached) {
      await Promise.race([new Promise((done) => this.#socket.end(done)), sleep(500)]);
    }
    this.#socket?.destroy();
    return [...this.#open.values()];
  }

  async #save() {
    for (const [store, snapshot] of this.#states.values()) {
      await this.#call(async () => store.save(await snapshot(), this.generation));
    }
  }

  // ---- what the daemon does when it is told

  /** Why the handler failed; undefined if it did not. */
  async #call(handler, argument) {
    try {
      await handler(argument);
      return undefined;
    } catch (failed) {
      this.onWarning(`a handler failed: ${failed?.message ?? failed}`);
      return String(failed?.message || failed);
    }
  }

  async #reload(generation) {
    this.#ready = false;
    await this.drain(this.#drainTimeout);
    await this.#save();
    const failure = await this.#call(this.onReload, generation);
    this.generation = failure === undefined ? generation : this.generation;
    this.#fence(false);
    this.#ready = true;
    if (failure === undefined) {
      return this.ready();
    }
    this.#resume(); // what was offered meanwhile
    return this.failed(failure);
  }

  async #resume() {
    if (!this.onResume || !this.#ready || !this.attached || this.#resuming) return;
    this.#resuming = true;
    try {
      for (;;) {
        for (; this.#unconfirmed.length > 0; this.#unconfirmed.shift()) {
          await this.#ask('resume.confirm', { id: this.#unconfirmed[0] });
        }
        const { candidate } = await this.#ask('resume.claim', {});
        if (!candidate) {
          break;
        }
        const late = sleep(PATIENCE).then(() => 'too late');
        if (await Promise.race([this.#call(this.onResume, candidate), late]) === undefined) {
          this.#unconfirmed.push(candidate.id);
        }
      }
    } catch { /* the next connection goes on */ }
    this.#resuming = false;
  }

  #ask(method, params) {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      const timer = setTimeout(() => this.#answered(id, { error: 'no answer' }), PATIENCE).unref();
      this.#asked.set(id, { resolve, reject, timer });
      this.#say(method, params, id);
    });
  }

  #answered(id, { result, error }) {
    const { resolve, reject, timer } = this.#asked.get(id) ?? {};
    this.#asked.delete(id);
    clearTimeout(timer);
    (result ? resolve : reject)?.(result ?? new Error(error?.message ?? error));
  }

  // ---- the connection

  #say(method, params, id) {
    if (this.attached) {
      this.#write({ jsonrpc: '2.0', id, method, params });
    }
  }

  /** Goes out before the event loop turns: all of one turn in one write. */
  #write(message) {
    if (this.#out === '') {
      queueMicrotask(() => this.#flush());
    }
    this.#out += `${JSON.stringify(message)}\n`;
  }

  #flush() {
    const text = this.#out;
    this.#out = '';
    if (text && this.#socket?.writable) {
      this.#socket.write(text);
      if (this.#socket.writableLength > MOST_WAITING) {
        this.#socket.destroy(); // a new connection tells everything at once
      }
    }
  }

  #connect() {
    const socket = createConnection(this.#path).unref();
    this.#socket = socket;
    let line = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => this.#write({ jsonrpc: '2.0', id: 0, method: 'attach',
      params: { token: this.#token, generation: this.generation, protocol: PROTOCOL } }));
    socket.on('data', (text) => {
      const lines = (line + text).split('\n');
      line = lines.pop();
      try {
        lines.forEach((each) => this.#hear(JSON.parse(each)));
      } catch { // no JSON, or no message
        socket.destroy();
      }
      return line.length > LONGEST_LINE && socket.destroy();
    });
    socket.on('error', NOTHING);
    socket.on('close', () => {
      this.attached = false;
      this.#out = '';
      [...this.#asked.keys()].forEach((id) => this.#answered(id, { error: 'connection lost' }));
      if (!this.#closed && this.supervised) {
        this.#timer = setTimeout(() => this.#connect(), AGAIN).unref();
      }
    });
  }

  #hear(message) {
    if ('method' in message) {
      this.#toldTo(message.method, message.params ?? {}, message.id);
    } else if (message.id !== 0) {
      this.#answered(message.id, message);
    } else if (message.error?.code === BUSY) {
      this.#socket.destroy();
    } else if (message.error || (message.result.protocol ?? PROTOCOL) !== PROTOCOL) {
      // another protocol, an older generation, not this daemon's supervisor: nothing is left to say there
      this.onWarning(`going on without the supervisor: ${JSON.stringify(message.error ?? message.result)}`);
      this.supervised = false;
      this.#socket.destroy();
      this.#fence(false);
    } else {
      this.#report();
    }
  }

  #report() {
    this.attached = true;
    let room = REPORT;
    const fits = (work) => (room -= JSON.stringify(work).length) > 0;
    const all = [...this.#open.values()].map((work) => [work, fits(work)]);
    this.#say('work.report', { items: all.filter(([, fit]) => fit).map(([work]) => work) });
    all.filter(([, fit]) => !fit).forEach(([work]) => this.#say('work.begin', work));
    if (this.#ready) {
      this.ready();
    }
  }

  #toldTo(method, params, id) {
    let answer = { result: {} };
    const overlap = this.#leaving || params.reason === 'overlap';
    if (overlap && (method === 'fence' || method === 'drain')) {
      this.#leave(method === 'drain', () => this.#write({ jsonrpc: '2.0', id, ...answer }));
      return;
    }
    this.#leaving &&= method !== 'unfence';
    if (method === 'resume') {
      this.#resume();
    } else if (this.#leaving && method === 'stopping') {
      this.#told = true;
    } else if (['fence', 'unfence', 'drain', 'stopping'].includes(method)) {
      this.#told ||= method === 'stopping';
      this.#fence(method !== 'unfence', method === 'drain');
    } else if (method === 'reload' && this.onReload) {
      this.#reload(params.generation);
    } else if (method === 'reload') {
      answer = { error: { code: -32601, message: 'this daemon cannot reload itself' } };
    }
    this.#write({ jsonrpc: '2.0', id, ...answer });
  }
}

function sleep(milliseconds) {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds).unref(); });
}
