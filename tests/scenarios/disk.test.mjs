/* The audit log cannot be written: the authority is away, the disk is full, writes fail or are cut
 * short, fdatasync fails, the file is deleted, replaced or cut.  The gateway goes on while it has slots
 * (8,192 a worker, here full within seconds under load, where quiet traffic would take a minute), then
 * refuses; status and journal say why; once the cause is gone service resumes by itself, but not after
 * a failed fdatasync, where a restart does it; and every answered request is in the log. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { run } from './harness.mjs';
import { eventually, load, seeded, startRig } from './rig.mjs';

const SLOTS = 2 * 8192, REQUESTS = 24_000;
const root = process.getuid() === 0;

let rig, random, keysFile, log, answered;
before(async () => {
  random = seeded('disk');
  await open();
});
after(async () => { await rig?.stop(); });

async function open(options = {}) {
  rig = await startRig({ keys: 32, ...options });
  keysFile = join(rig.dir, 'keys');
  writeFileSync(keysFile, rig.keys.map(({ key, secret }) => `${key} ${secret}\n`).join(''));
  log = join(rig.dataFolder, 'audit/log/000001.log');
  answered = [];
}

/* As many requests as the gateway takes; how many were answered how. */
async function flood(requests = REQUESTS, path = '/v2/auth/r/wallets', method = 'POST') {
  const { code, stdout, stderr } = await run(load, [rig.ports.sandbox, keysFile, requests, method, path].map(String));
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout).statuses;
}

async function serve(count = 10) {
  for (let n = 0; n < count; n += 1) {
    const reply = await rig.call(rig.keys[random.below(rig.keys.length)]);
    assert.equal(reply.status, 200, reply.text);
    answered.push(reply.headers['x-request-id']);
  }
}

/* Until the log is behind no more, and nothing is complained about. */
async function recovered() {
  await eventually('no problem is left', async () => (await rig.problems()).length === 0);
  await eventually('requests pass', async () => (await rig.call(rig.keys[0])).status === 200);
  await serve();
}

/* From the moment that `breaks` until `mends`: refused within a second, however many slots are free,
 * said why, served again. */
async function outage(breaks, mends, reason) {
  await serve();
  const from = rig.authority.journal.length;
  const broken = await breaks();
  const statuses = await flood();
  assert.ok(statuses[503] > 0, `refused: ${JSON.stringify(statuses)}`);
  const problem = await eventually('status says why', async () => (await rig.problems()).find(({ message }) => reason.test(message)));
  assert.match(rig.authority.journal.slice(from), reason, problem.message);
  const shown = await rig.cli(['status']);
  assert.equal(shown.code, 1);
  assert.match(shown.stdout, reason);
  await mends(broken);
  await recovered();
  await rig.assertRecorded(answered);
}

/* Makes system calls of the running authority fail, on one file alone; end() lets them work again. */
async function inject(what, file) {
  const calls = what.split(':')[0];
  const child = spawn('strace', ['-f', '-qq', '-p', rig.authority.pid, '-P', file, '-e', `trace=${calls}`, '-e', `inject=${what}`,
    '-o', join(rig.dir, 'strace')].map(String), { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (text) => { words += text; });
  const ended = new Promise((resolve) => { child.once('close', resolve); });
  await eventually('strace is attached', () => {
    assert.equal(child.exitCode, null, words);
    return readFileSync(`/proc/${rig.authority.pid}/status`, 'utf8').includes(`TracerPid:\t${child.pid}`);
  });
  return { end: async () => { child.kill('SIGINT'); await ended; } };
}

const traced = { timeout: 300_000, skip: root ? false : 'the authority lets nobody but root trace it, and this is not root' };

test('the authority is away: traffic flows, then 503, then it recovers', { timeout: 300_000 }, async () => {
  await serve();
  await rig.drained();
  await rig.authority.kill();
  await serve();
  const statuses = await flood();
  assert.ok(statuses[200] >= SLOTS / 2 && statuses[503] > 0, JSON.stringify(statuses));
  await rig.authority.start();
  await recovered();
  await rig.assertRecorded(answered);
});

test('the log is deleted, and put back', { timeout: 300_000 }, () => outage(
  () => { linkSync(log, `${log}.kept`); unlinkSync(log); },
  () => renameSync(`${log}.kept`, log), /was deleted/));

test('another file takes its place, and the original comes back', { timeout: 300_000 }, () => outage(
  () => { renameSync(log, `${log}.kept`); closeSync(openSync(log, 'w')); },
  () => renameSync(`${log}.kept`, log), /was replaced/));

test('writes are cut short by a limit that is lifted again', { timeout: 300_000 }, () => outage(
  () => {
    const bytes = readFileSync(log);
    let end = bytes.length;
    while (bytes[end - 1] === 0) end -= 1;
    execFileSync('prlimit', ['--pid', String(rig.authority.pid), `--fsize=${end + 1000 + random.below(1000)}:unlimited`]);
  },
  () => execFileSync('prlimit', ['--pid', String(rig.authority.pid), '--fsize=unlimited:unlimited']), /File too large/));

test('writes fail with EIO, and work again', traced, () => outage(
  () => inject('pwrite64:error=EIO', log), ({ end }) => end(), /Input\/output error/));

test('fdatasync fails once: only a restart brings it back', traced, () => outage(
  () => inject('fdatasync:error=EIO:when=1', log),
  async ({ end }) => {
    await end();
    assert.equal((await flood(100))[503], 100, 'it stays refused');
    assert.ok((await rig.problems()).some(({ message }) => /restart the authority/.test(message)));
    await rig.authority.kill('SIGTERM');
    await rig.authority.start();
  }, /Input\/output error/));

test('the file is cut: refused until a restart, which says what is lost', { timeout: 300_000 }, async () => {
  await serve();
  await rig.drained();
  const kept = readFileSync(log);
  truncateSync(log, 8192);
  await eventually('status says why', async () => (await rig.problems()).some(({ message }) => /was cut while in use/.test(message)));
  const statuses = await flood();
  assert.ok(statuses[503] > 0, JSON.stringify(statuses));
  await rig.authority.kill('SIGTERM');
  await assert.rejects(rig.authority.start(), /audit log/, 'a log that lost signed records is not gone on with');
  writeFileSync(log, kept); // from a copy
  await rig.authority.start();
  await recovered();
  await rig.assertRecorded(answered);
});

test('the database fails: changes are refused in words, requests pass', traced, async () => {
  const key = rig.keys.at(-1);
  const { end } = await inject('pwrite64,fdatasync:error=EIO', join(rig.dataFolder, 'authority.db-wal'));
  const refused = await rig.cli(['key', 'revoke', key.key, '--reason', 'the disk fails']);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /.{20}/);
  await serve();
  assert.equal((await rig.call(key)).status, 200, 'what was refused has not happened');
  await end();
  const told = await rig.cli(['key', 'revoke', key.key, '--reason', 'the disk works']);
  assert.equal(told.code, 0, told.stderr);
  assert.match((await rig.call(key)).text, /revoked/);
  await rig.assertRecorded(answered);
});

/* A file of the log is 32 MB, reserved before it is needed: where a second one does not fit, status
 * says so long before the first one is full. */
test('the disk is full', { ...traced, skip: root ? false : 'mounting a small tmpfs takes root' }, async () => {
  await rig.stop();
  let folder;
  const size = (bytes) => execFileSync('mount', ['-o', `remount,size=${bytes}`, 'tmpfs', folder]);
  await open({ prepare: ({ dataFolder }) => {
    folder = dataFolder;
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=700', 'tmpfs', folder]);
  }, firstStart: async (authority) => {
    await assert.rejects(authority.start(), /No space left on device/, '2 MB hold no log');
    size('52m');
  } });
  try {
    await eventually('status warns', async () => (await rig.problems()).find(({ message }) => /cannot reserve/.test(message)));
    await serve();
    const path = `/v2/${'x'.repeat(330)}`;
    let statuses = {};
    for (let n = 0; n < 12 && !statuses[503]; n += 1) statuses = await flood(20_000, path, 'GET');
    assert.ok(statuses[503] > 0, JSON.stringify(statuses));
    assert.match((await rig.cli(['status'])).stdout, /cannot reserve .* No space left on device/);
    size('400m');
    await recovered();
    assert.ok(existsSync(join(rig.dataFolder, 'audit/log/000002.log')));
    await rig.drained();
    assert.equal((await rig.cli(['audit', 'verify'])).code, 0);
  } finally {
    await rig.stop({ before: () => execFileSync('umount', ['-l', folder]) });
    rig = undefined;
  }
});
