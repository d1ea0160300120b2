/* Operating nginx and the authority under load: reloads, a binary upgrade, restarts.  16 clients keep
 * their connections; each request must be answered, be in the log, and pass once.
 *
 * A connection may be closed between two requests only if the last answer said so, because whoever
 * has just sent an order on it cannot know whether it was read. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from './harness.mjs';
import { WALLETS, eventually, signed, startRig } from './rig.mjs';

const CLIENTS = 16, RELOADS = 10;

let rig;

class Client {
  constructor(key) {
    Object.assign(this, { key, answered: [], failures: [], closed: 0, goes_on: true, agent: rig.agent() });
    this.running = this.#run();
  }

  async #run() {
    while (this.goes_on) {
      const headers = signed(this.key, WALLETS, '{}');
      try {
        const reply = await request(`https://127.0.0.1:${rig.ports.sandbox}/${WALLETS}`, {
          ca: rig.ca, method: 'POST', body: '{}', headers, agent: this.agent, timeout: 20_000 });
        if (reply.status !== 200) this.failures.push(`${reply.status} ${reply.text}`);
        this.closed += reply.headers.connection === 'close';
        this.answered.push(reply.headers['x-request-id']);
      } catch (error) {
        this.failures.push(error.code ?? error.message);
      }
    }
  }

  async stop() {
    this.goes_on = false;
    await this.running;
  }
}

/* Runs `disturb` under load and gives what the clients saw of it. */
async function underLoad(disturb) {
  const clients = rig.keys.slice(0, CLIENTS).map((key) => new Client(key));
  try {
    await pause(300); // load before
    await disturb(clients);
    await pause(300); // and after
  } finally {
    await Promise.all(clients.map((client) => client.stop()));
  }
  return {
    failures: clients.flatMap((client) => client.failures),
    answered: clients.flatMap((client) => client.answered),
    closed: clients.reduce((sum, client) => sum + client.closed, 0),
  };
}

async function assertLossless({ failures, answered }) {
  assert.deepEqual(failures, [], `${failures.length} of ${answered.length} failed`);
  await rig.assertRecorded(answered);
  rig.witness.assertOnce();
}

const childrenOf = (pid) => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch { return []; }
};
const isAlive = (pid) => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch { return false; }
};

before(async () => { rig = await startRig({ keys: CLIENTS }); });
after(async () => { await rig?.stop(); });

test('ten reloads in a row: nothing fails, nothing is unrecorded, no nonce passes twice', { timeout: 300_000 }, async () => {
  const first = rig.nginx.children;
  const seen = await underLoad(async () => {
    for (let i = 0; i < RELOADS; i += 1) {
      const before_ = rig.nginx.children;
      rig.nginx.signal('SIGHUP');
      await eventually('new workers', () => rig.nginx.children.some((pid) => !before_.includes(pid)));
    }
  });
  await assertLossless(seen);
  assert.ok(seen.closed > 0, 'connections were told to close');
  await eventually('the old workers end', () => first.every((pid) => !isAlive(pid)), 30_000);
});

test('reloads while requests take long find slabs, and the requests are answered', { timeout: 300_000 }, async () => {
  const earlier = rig.witness.ids.size;
  rig.witness.delay_ms = 4000;
  const slow = rig.keys.slice(0, CLIENTS).map((key) => rig.call(key, { agent: rig.agent() }));
  await eventually('they are under way', () => rig.witness.ids.size >= earlier + CLIENTS);
  rig.witness.delay_ms = 0;
  for (let i = 0; i < RELOADS; i += 1) {
    const before_ = rig.nginx.children;
    rig.nginx.signal('SIGHUP');
    await eventually('new workers', () => rig.nginx.children.some((pid) => !before_.includes(pid)));
    const { status, text } = await rig.call(rig.keys[i]);
    assert.equal(status, 200, `after reload ${i + 1}: ${text}`);
  }
  for (const { status, text } of await Promise.all(slow)) assert.equal(status, 200, text);
});

test('the authority is restarted: nothing fails, its records come later', { timeout: 240_000 }, async () => {
  await assertLossless(await underLoad(async () => {
    await rig.authority.kill('SIGTERM');
    await pause(500); // nobody collects
    await rig.authority.start();
  }));
});

test('an upstream that is gone: 503 only meanwhile, each recorded as upstream-down', { timeout: 240_000 }, async () => {
  const socket = join(rig.runFolder, 'exchange-sandbox.sock');
  const { failures, answered } = await underLoad(async (clients) => {
    await rig.witness.close();
    rmSync(socket, { force: true });
    await eventually('clients meet it', () => clients.some(({ failures: met }) => met.length > 0));
    await rig.witness.reopen(socket);
  });
  assert.ok(failures.length > 0);
  for (const failure of failures) assert.match(failure, /^503 .*temporarily_unavailable/);
  await rig.assertRecorded(answered);
  const down = (await rig.records()).filter(({ verdict }) => verdict === 'upstream-down');
  assert.equal(down.length, failures.length);
  assert.ok(down.every(({ status }) => status === 503));
});

/* Last: it takes nginx into the background, where it belongs on a server. */
test('the binary is replaced (USR2, WINCH, QUIT): nothing fails', { timeout: 300_000 }, async () => {
  const pidFile = join(rig.runFolder, 'nginx.pid');
  const pidOf = (file) => Number(readFileSync(file, 'utf8'));
  await rig.nginx.kill('SIGQUIT');
  await new Promise((started) => {
    spawn('/usr/sbin/nginx', ['-p', rig.runFolder, '-c', join(rig.runFolder, 'nginx.conf'), '-e', 'stderr'],
      { stdio: ['ignore', 'ignore', 'inherit'] }).once('exit', started); // says why a new binary ends at once
  });
  await rig.answers();
  const old = pidOf(pidFile);
  let next;
  try {
    await assertLossless(await underLoad(async () => {
      process.kill(old, 'SIGUSR2');
      await eventually('the new master', () => existsSync(`${pidFile}.oldbin`) && existsSync(pidFile) && pidOf(pidFile) !== old, 60_000);
      next = pidOf(pidFile);
      await eventually('its workers', () => childrenOf(next).length === 2);
      process.kill(old, 'SIGWINCH');
      await eventually('the old workers end', () => childrenOf(old).every((pid) => pid === next), 30_000);
      process.kill(old, 'SIGQUIT');
      await eventually('the old master ends', () => !isAlive(old));
    }));
  } finally {
    for (const pid of [old, next]) if (pid && isAlive(pid)) process.kill(pid, 'SIGTERM');
    await eventually('all have ended', () => [old, next].every((pid) => !pid || !isAlive(pid)));
  }
});
