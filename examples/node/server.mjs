// An HTTP server with a queue worker. POST /slow/MS answers after so long; PUT /jobs/ID takes on a job of a second, which
// goes on in the next generation if it is interrupted; GET /jobs lists those that are done; GET / counts.
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, RestartingError } from 'soleinit';
import { keptSockets, state } from 'soleinit/handover';

const log = join(process.env.DAEMON_STATE_DIR ?? '.', 'jobs.log');
const client = new Client();
let count = state(client, 'count', () => ({ count })).value?.count ?? 0;

async function job(id, from) {
  await client.work('job', id, 'ten steps', async (work) => {
    for (let step = from; step < 10; step++) {
      work.checkpoint(String(step));
      await sleep(100);
    }
    appendFileSync(log, `${id}\n`);
  });
}

// begun, and so taken over, when this returns; what it waits for is the work itself
client.onResume = ({ id, checkpoint }) => { job(id, Number(checkpoint ?? 0)).catch(console.error); };
client.onReload = (generation) => console.log(`rebuilt as generation ${generation}`);

function done() {
  try {
    return readFileSync(log, 'utf8');
  } catch {
    return '';
  }
}

async function answer(method, path) {
  if (method === 'PUT' && path.startsWith('/jobs/')) {
    const running = job(path.slice('/jobs/'.length), 0);
    running.catch(() => {}); // below, if it is refused
    await Promise.race([running, sleep(0)]);
    return 'taken\n';
  }
  if (path === '/jobs') {
    return done();
  }
  return client.work('reply', `r${count + 1}`, path, async () => {
    count++;
    await sleep(method === 'POST' ? Number(path.split('/')[2] ?? 300) : 0);
    return `${count} ${client.generation}\n`;
  });
}

const server = createServer(async (request, response) => {
  try {
    response.end(await answer(request.method, request.url));
  } catch (failed) {
    const soon = failed instanceof RestartingError;
    response.writeHead(soon ? 503 : 500, { 'Retry-After': '1' }).end(`${failed.message}\n`);
  }
});
const kept = keptSockets().find(({ name }) => name === 'http');
server.listen(kept ? { fd: kept.fd } : 8080, () => client.ready());

process.on('SIGTERM', async () => {
  // who connects from here on waits for the next generation; who is connected is answered
  const closed = new Promise((done) => { server.close(done); });
  await client.shutdown();
  await Promise.race([closed, sleep(2000)]);
  process.exit(0);
});
