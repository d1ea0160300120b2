/* bench/leak.mjs: from an alert of a hosting service to the refusal at every worker (E1, E4)
 *
 *     node bench/leak.mjs [keys]      default 128, and a quarter of them for the control
 *
 * Each key is used by 16 connections of both workers at 2,000 requests a second when its secret arrives
 * in an alert, signed with a key of a real key list.  Two moments count from the first byte of the alert:
 * when the last request that was let through had been sent, and when the alert was answered, after which
 * nothing may pass at any worker.  The controls, in turn with the alerts, in the same minutes: the plain
 * revocation of another key over the authority's socket, and what an alert needs of the disk, two
 * times 4 KiB with fdatasync, while the load still runs.
 */
import { spawn } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, fdatasyncSync, openSync, readdirSync, readlinkSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, openAccount } from '../tests/scenarios/authority.mjs';
import { request } from '../tests/scenarios/harness.mjs';
import { POST, bench, build, folder, stand, startLatchkey } from './stand.mjs';

const KEYS = Number(process.argv[2] ?? 128), CONTROL_EVERY = 4, AIM_MS = 250;
const CONNECTIONS = 16, RATE = 2_000, REFUSALS = 200, REQUESTS_MOST = 1_000_000;
const KEYS_OF_ACCOUNT = 32; // two codes, 16 keys each
const COMMITS = 2; // the alert; the reaction, which ends it
const up = { runFolder: join(folder, 'run') };
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const quantile = (values, q) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))];
const shown = (values) => `p50 ${quantile(values, 0.5).toFixed(1)}  p99 ${quantile(values, 0.99).toFixed(1)}  most ${Math.max(...values).toFixed(1)} ms`;

async function keyServer() {
  const server = createServer((_, reply) => reply.end(JSON.stringify({ public_keys: [
    { key_identifier: 'bench', key: pair.publicKey.export({ type: 'spki', format: 'pem' }), is_current: true }] })));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const config = join(folder, 'authority.yaml');
  writeFileSync(config, `leak:
  origins:
    - { name: github, identifier_header: Github-Public-Key-Identifier, signature_header: Github-Public-Key-Signature,
        keys: 'http://127.0.0.1:${server.address().port}/' }
`, { mode: 0o600 });
  return config;
}

async function alert({ secret }) {
  const body = JSON.stringify([{ token: secret, type: 'latchkey_secret', url: 'https://git.example/bench', source: 'content' }]);
  const reply = await request('http://portal/leaks/alerts/github', { socketPath: join(up.runFolder, 'portal.sock'), method: 'POST', body, headers: {
    'x-latchkey-address': '127.0.0.1', 'content-type': 'application/json', 'github-public-key-identifier': 'bench',
    'github-public-key-signature': sign('sha256', Buffer.from(body), pair.privateKey).toString('base64') } });
  if (reply.json?.[0]?.label !== 'true_positive') throw new Error(`${reply.status} ${reply.text}`);
}

const revoke = ({ key }) => ask(up, 'POST', `/keys/${key}/revoke`, { reason: 'bench' });

/* Milliseconds. */
function diskOnce(file) {
  const block = Buffer.alloc(4096, 'x'), from = process.hrtime.bigint();
  for (let n = 0; n < COMMITS; n += 1) {
    writeSync(file, block);
    fdatasyncSync(file);
  }
  return Number(process.hrtime.bigint() - from) / 1e6;
}

const socketsOf = (pid) => readdirSync(`/proc/${pid}/fd`).filter((fd) => {
  try { return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:'); } catch { return false; }
}).length;

/* Milliseconds from the call to the last request that passed and to the answer. */
async function endedOnce({ port, pids }, key, end, disk) {
  const file = join(folder, 'one-key');
  writeFileSync(file, `${key.key} ${key.secret}\n`.repeat(CONNECTIONS), { mode: 0o600 });
  await ask(up, 'POST', `/keys/${key.key}/terms`, { private_per_s: 100_000, nonce_window: true });
  const before = pids.map(socketsOf);
  const load = spawn(join(build, 'bench/load'), [port, file, REQUESTS_MOST, ...POST, '--rate', RATE, '--revoked', REFUSALS].map(String),
    { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  load.stdout.on('data', (part) => { text += part; });
  const closed = once(load, 'close');
  let opened = [];
  for (let tries = 0; tries < 1_000 && opened.reduce((sum, n) => sum + n, 0) < CONNECTIONS; tries += 1) {
    await pause(5);
    opened = pids.map((pid, i) => Math.max(0, socketsOf(pid) - before[i]));
  }
  const used = opened.filter((count) => count > 0).length;
  const synced = diskOnce(disk);
  const asked = process.hrtime.bigint();
  await end(key);
  const answered = process.hrtime.bigint();
  const [code] = await closed;
  if (code !== 0) throw new Error(`load ended with ${code}`);
  const { last_passed_ns: last } = JSON.parse(text);
  return { used, synced, passed: Math.max(0, last - Number(asked)) / 1e6, answered: Number(answered - asked) / 1e6, late: last > Number(answered) };
}

await bench(async () => {
  await stand('--config', await keyServer());
  const side = await startLatchkey({ workers: 2 });
  const alerts = [], control = [], disk = openSync(join(folder, 'disk'), 'a', 0o600);
  for (let n = 0, keys = []; alerts.length < KEYS; n += 1) {
    if (keys.length === 0) {
      const owner = await openAccount(up, `bench${n}@example.com`);
      const wanted = Array.from({ length: KEYS_OF_ACCOUNT / 2 }, () => ({ environment: 'sandbox', scopes: ['orders:write'] }));
      keys = [...await owner.issue(...wanted), ...await owner.issue(...wanted)];
    }
    if (n % (CONTROL_EVERY + 1) === 0) control.push(await endedOnce(side, keys.pop(), revoke, disk));
    else alerts.push(await endedOnce(side, keys.pop(), alert, disk));
  }
  for (const [name, runs] of [['alert', alerts], ['revocation', control]]) {
    console.log(`${name.padEnd(10)} ${runs.length} keys on ${Math.min(...runs.map(({ used }) => used))} of ${side.pids.length} workers: last let through `
      + `${shown(runs.map(({ passed }) => passed))}; answered ${shown(runs.map(({ answered }) => answered))}; `
      + `let through after the answer: ${runs.filter(({ late }) => late).length}`);
  }
  closeSync(disk);
  console.log(`${'disk'.padEnd(10)} ${COMMITS} times 4 KiB and fdatasync before each of them: ${shown([...alerts, ...control].map(({ synced }) => synced))}`);
  const p99 = quantile(alerts.map(({ answered }) => answered), 0.99);
  console.log(`alert over revocation, answered, p50: ${(quantile(alerts.map(({ answered }) => answered), 0.5)
    / quantile(control.map(({ answered }) => answered), 0.5)).toFixed(2)}; aim p99 ${AIM_MS} ms: ${p99 <= AIM_MS ? 'met' : 'missed'}`);
  if ([...alerts, ...control].some(({ late }) => late)) process.exitCode = 1;
});
