/** What one generation of a daemon hands to the next beside its work: kept sockets, and state between lives. */
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';

/**
 * What the last generation left by this name; `snapshot` gives what this one will leave. Nothing is kept where
 * there is no state directory.
 */
export function state(client, name, snapshot, directory = client.stateDir) {
  return directory ? client.keep(new StateStore(join(directory, name)), snapshot) : {};
}

/** NAME.json in a directory: written whole, with a checksum; claimed by renaming it, gone once confirmed. */
export class StateStore {
  constructor(path) {
    this.saved = `${path}.json`;
    this.claimed = `${path}.claimed.json`;
  }

  save(state, generation, attempts = 0, savedAt = Date.now(), to = this.saved) {
    fs.mkdirSync(join(to, '..'), { recursive: true });
    const temporary = `${to}.${randomBytes(8).toString('hex')}.tmp`;
    const text = JSON.stringify({ format: 1, checksum: checksum(state), savedAt, attempts, generation, state });
    fs.writeFileSync(temporary, text, { flag: 'wx', mode: 0o600, flush: true });
    fs.renameSync(temporary, to);
    const folder = fs.openSync(join(to, '..'));
    fs.fsyncSync(folder);
    fs.closeSync(folder);
  }

  load(longest = 600_000, most = 3) {
    try {
      if (fs.existsSync(this.saved)) {
        fs.renameSync(this.saved, this.claimed);
      }
      const all = JSON.parse(fs.readFileSync(this.claimed, 'utf8'));
      if (all.format !== 1 || all.checksum !== checksum(all.state)) {
        throw new SyntaxError('its checksum or format is wrong');
      }
      if (Date.now() - all.savedAt > longest || all.attempts >= most) {
        throw new SyntaxError(`it is too old, or was tried ${all.attempts} times and never confirmed`);
      }
      const attempt = all.attempts + 1;
      this.save(all.state, all.generation, attempt, all.savedAt, this.claimed);
      return { value: all.state, attempt, generation: all.generation };
    } catch (why) {
      if (why.code === 'ENOENT') {
        return {};
      }
      if (!why.code) {
        fs.renameSync(this.claimed, `${this.saved}.corrupt-${Date.now()}`);
      }
      return { failure: why.message };
    }
  }

  confirm() {
    fs.rmSync(this.claimed, { force: true });
  }
}

/**
 * The sockets that the supervisor keeps for this process, as in sd_listen_fds(3): `server.listen({ fd })`. They
 * listen already.
 */
export function keptSockets(environment = process.env) {
  const { LISTEN_PID: pid, LISTEN_FDS: count = '', LISTEN_FDNAMES: names = '' } = environment;
  if (pid !== String(process.pid) || !/^[0-9]{1,3}$/.test(count)) {
    return [];
  }
  return Array.from({ length: Number(count) },
    (_, i) => ({ name: names.split(':')[i] || 'unknown', fd: 3 + i }));
}

function checksum(state) {
  return createHash('sha256').update(JSON.stringify(state)).digest('hex');
}
