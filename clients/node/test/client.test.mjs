import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { Client, RestartingError } from '../soleinit.mjs';
import { keptSockets, state, StateStore } from '../handover.mjs';

const folder = (t) => {
  const made = mkdtempSync(join(tmpdir(), 'soleinit'));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
};

test('work is counted and ends once', () => {
  const client = new Client({});
  const work = client.begin('task', 'a');
  assert.equal(client.active, 1);
  work.end();
  work.end();
  assert.equal(client.active, 0);
});

test('work ends with its unit, whatever happens in it', async () => {
  const client = new Client({});
  await assert.rejects(client.work('task', 'a', '', () => { throw new Error('no'); }), /no/);
  assert.equal(await client.work('task', 'a', '', async () => client.active), 1);
  assert.equal(client.active, 0);
});

test('what `using` calls ends it', async () => {
  const client = new Client({});
  client.begin('task', 'a')[Symbol.dispose ?? Symbol.for('dispose')]();
  await client.begin('task', 'a')[Symbol.asyncDispose ?? Symbol.for('asyncDispose')]();
  assert.equal(client.active, 0);
});

test('an id is 1 to 128 characters, and open once', () => {
  const client = new Client({});
  for (const id of ['', ' ', 'x'.repeat(129), 'x'.repeat(10_000), '😀'.repeat(65), undefined, 7]) {
    assert.throws(() => client.begin('task', id), RangeError);
  }
  client.begin('task', '😀'.repeat(64));
  assert.throws(() => client.begin('task', '😀'.repeat(64)), RangeError);
  assert.throws(() => client.begin('task', 'a').checkpoint('x'.repeat(4097)), RangeError);
});

test('a drain refuses, waits, and names what runs', async () => {
  const client = new Client({});
  const work = client.begin('task', 'a');
  const queued = client.begin('task', 'q', '', { running: false });
  assert.deepEqual((await client.drain(50)).map(({ id }) => id), ['a']);
  assert.throws(() => client.begin('task', 'b'), RestartingError);
  assert.throws(() => queued.run(), RestartingError);
  setTimeout(() => work.end(), 100);
  const started = Date.now();
  assert.deepEqual(await client.drain(10_000), []);
  assert.ok(Date.now() - started < 5000);
});

test('the token is for this process alone, and what is said goes out in one turn', async (t) => {
  const directory = folder(t);
  const environment = { DAEMON_TOKEN: 't', DAEMON_GENERATION: '3', DAEMON_RUN_DIR: directory };
  const heard = [];
  const server = createServer((socket) => createInterface({ input: socket }).on('line', (line) => {
    heard.push(JSON.parse(line));
    if (heard.at(-1).method === 'attach') {
      socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: 0, result: { protocol: 1 } })}\n`);
    }
  }));
  await new Promise((up) => { server.listen(join(directory, 'control.sock'), up); });
  const client = new Client(environment);
  assert.equal(environment.DAEMON_TOKEN, undefined);
  while (!client.attached) {
    await new Promise((later) => { setTimeout(later, 5); });
  }
  client.begin('task', 'a').end();
  await client.shutdown();
  for (let i = 0; i < 1000 && heard.length < 4; i++) {
    await new Promise((later) => { setTimeout(later, 5); });
  }
  server.close();
  assert.deepEqual(heard.map(({ method }) => method), ['attach', 'work.report', 'work.begin', 'work.end']);
});

/** A supervisor that says these words to whoever attaches; `hears` waits until it has heard exactly those words. */
const supervisor = async (t, ...words) => {
  const directory = folder(t);
  const heard = [];
  const server = createServer((socket) => createInterface({ input: socket }).on('line', (line) => {
    heard.push(JSON.parse(line));
    if (heard.at(-1).method === 'attach') {
      socket.write([{ id: 0, result: { protocol: 1 } }, ...words].map((one) => `${JSON.stringify(one)}\n`).join(''));
    }
  }));
  await new Promise((up) => { server.listen(join(directory, 'control.sock'), up); });
  const client = new Client({ DAEMON_TOKEN: 't', DAEMON_GENERATION: '3', DAEMON_RUN_DIR: directory });
  t.after(async () => { await client.shutdown(); server.close(); });
  const hears = async (...wanted) => {
    for (let i = 0; i < 1000 && heard.length < wanted.length; i++) {
      await new Promise((later) => { setTimeout(later, 5); });
    }
    assert.deepEqual(heard.map(({ method, id }) => method ?? id), wanted);
  };
  return { client, hears };
};

test('in an overlap what was accepted begins before new work is refused', async (t) => {
  // the drain comes right behind the fence
  const { client, hears } = await supervisor(t, { id: 8, method: 'fence', params: { reason: 'overlap' } },
    { id: 9, method: 'drain', params: { timeoutMs: 5000 } });
  let accepted;
  client.onFence = async () => {
    await new Promise((later) => { setTimeout(later, 50); });
    accepted = client.begin('task', 'accepted');
  };
  const before = ['attach', 'work.report', 'work.begin', 8, 9];
  await hears(...before);
  assert.throws(() => client.begin('task', 'late'), RestartingError);
  accepted.end();
  await hears(...before, 'work.end', 'drained');
});

test('interrupted work is not asked for before it serves', async (t) => {
  const { client, hears } = await supervisor(t, { id: 8, method: 'resume', params: { candidates: 1 } });
  client.onResume = () => {};
  await hears('attach', 'work.report', 8);
  client.ready();
  await hears('attach', 'work.report', 8, 'ready', 'resume.claim');
});

test('state comes back until it is confirmed, three times at the most', (t) => {
  const store = new StateStore(join(folder(t), 'handover', 'name'));
  assert.deepEqual(store.load(), {});
  store.save({ b: 1.5, a: ['é'] }, 7);
  for (const attempt of [1, 2, 3]) {
    assert.deepEqual(store.load(), { value: { b: 1.5, a: ['é'] }, attempt, generation: 7 });
  }
  assert.ok(store.load().failure);
  assert.deepEqual(store.load(), {});
  store.save({}, 7);
  store.load();
  store.confirm();
  assert.deepEqual(store.load(), {});
});

test('state that is corrupt or too old is set aside', (t) => {
  const directory = folder(t);
  const store = new StateStore(join(directory, 'name'));
  store.save({ a: 1 }, 7);
  writeFileSync(store.saved, readFileSync(store.saved, 'utf8').replace('"a":1', '"a":2'));
  assert.match(store.load().failure, /checksum/);
  assert.ok(readdirSync(directory).some((name) => name.includes('.corrupt-')));
  store.save({ a: 1 }, 7, 0, Date.now() - 601_000);
  assert.match(store.load().failure, /old/);
});

test('no state where nobody says where', () => {
  assert.deepEqual(state(new Client({}), 'a', () => ({})), {});
});

test('kept sockets of another process are not taken', () => {
  assert.deepEqual(keptSockets({ LISTEN_PID: '1', LISTEN_FDS: '1' }), []);
  for (const LISTEN_FDS of ['', '-1', 'x', '1000']) {
    assert.deepEqual(keptSockets({ LISTEN_PID: String(process.pid), LISTEN_FDS }), []);
  }
  assert.deepEqual(keptSockets({ LISTEN_PID: String(process.pid), LISTEN_FDS: '2', LISTEN_FDNAMES: 'http' }),
    [{ name: 'http', fd: 3 }, { name: 'unknown', fd: 4 }]);
});
