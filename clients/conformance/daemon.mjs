// The daemon of the conformance suite on the Node.js client; see README.md.
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { Client, RestartingError } from '../node/soleinit.mjs';
import { keptSockets, state } from '../node/handover.mjs';

const say = (...words) => process.stdout.write(`${words.join(' ')}\n`);
const client = new Client();
const open = new Map();
let value = null;
let fails = false;

client.onReload = (generation) => {
  if (fails) {
    throw new Error('it is to fail');
  }
  say('reloaded', generation);
};
client.onResume = ({ id, checkpoint, attempt }) => {
  if (id.startsWith('fails')) {
    throw new Error('it is to fail');
  }
  say('resumed', id, checkpoint, attempt);
};

function begin(id, running) {
  try {
    open.set(id, client.begin('task', id, 'conformance', { running }));
    say('begun', id);
  } catch (refused) {
    say(...(refused instanceof RestartingError ? ['restarting', id] : ['invalid', id.length]));
  }
}

const commands = {
  begin: (id) => begin(id, true),
  queue: (id) => begin(id, false),
  end: (id) => { open.get(id).end(); open.delete(id); say('ended', id); },
  checkpoint: (id, text) => { open.get(id).checkpoint(text); say('checkpointed', id); },
  state: (text) => { value = text; say('state', text); },
  'fail-reload': () => { fails = true; say('fail-reload'); },
  async burst(count) {
    const started = Date.now();
    for (let i = 0; i < Number(count); i++) {
      await client.work('task', `burst-${i}`, '', () => {});
    }
    say('burst', Date.now() - started);
  },
  fork() { // Node.js has no fork(2): a process of the same program, as node:cluster makes them
    const code = `import { Client } from '${new URL('../node/soleinit.mjs', import.meta.url)}';
      const client = new Client(); client.begin('task', 'of-the-child').end(); process.exit(client.supervised ? 1 : 0);`;
    say('forked', spawnSync(process.execPath, ['--input-type=module', '-e', code]).status);
  },
};

if (process.argv.includes('fail')) {
  await client.failed('it is to fail');
  await client.shutdown();
  process.exit(1);
}
process.on('SIGTERM', async () => {
  await client.shutdown();
  process.exit(0);
});
const found = state(client, 'conformance', () => ({ value }));
value = found.value?.value ?? null;
say('restored', found.value ? found.value.value : found.failure ? 'failed' : 'none');
for (const { name, fd } of keptSockets()) {
  createServer((connection) => connection.end('kept\n')).listen({ fd });
  say('kept', name);
}
client.ready();
for await (const line of createInterface({ input: process.stdin })) {
  const [word, first, ...rest] = line.split(' ');
  await (commands[word] ?? (() => say('unsupported', word)))(first, rest.join(' '));
}
