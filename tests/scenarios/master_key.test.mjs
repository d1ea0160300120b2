/* A new master key while everything goes on: the authority is killed at each of its writes, again and
 * again, and nothing that was sealed is lost. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { userInfo } from 'node:os';
import { customerOf } from './console.mjs';
import { latchkey, run, startUp } from './harness.mjs';

const root = userInfo().uid === 0;
const KILLS = 8;
let up, owner, first;

const keyFile = (name = 'master.key') => join(up.dir, 'data', name);

/* GET /master-key, once the authority answers. */
async function state() {
  for (const give_up = Date.now() + 60_000; ;) {
    const { code, stdout } = await up.cli(['master-key', 'show', '--json']);
    if (code === 0) return JSON.parse(stdout);
    assert.ok(Date.now() < give_up, up.logs());
    await pause(50);
  }
}

async function rotated() {
  for (const give_up = Date.now() + 60_000; ;) {
    const now = await state();
    assert.equal(now.problem, null);
    if (now.replaces === null) return now;
    assert.ok(Date.now() < give_up, JSON.stringify(now));
    await pause(20);
  }
}

/* Signed calls of all keys in turn, slower than a key's rate allows; answers other than 200 are kept. */
function traffic() {
  const wrong = [];
  let stopped = false, count = 0;
  const done = (async () => {
    for (let i = 0; !stopped; i++) {
      const key = up.demo.sandbox.keys[i % up.demo.sandbox.keys.length];
      const { status, text } = await up.call('sandbox', key, 'v2/auth/r/wallets');
      if (status !== 200) wrong.push(`${status} ${text}`);
      count += 1;
      await pause(25);
    }
  })();
  return { end: async () => { stopped = true; await done; return { wrong, count }; } };
}

before(async () => {
  up = await startUp();
  owner = await customerOf(up);
  first = readFileSync(keyFile());
});
after(async () => { await up?.stop(); });

test('a rotation is said, followed to its end, and leaves one key', async () => {
  const before = await state();
  assert.deepEqual([before.replaces, before.problem], [null, null]);
  const load = traffic();
  const { code, stdout, stderr } = await up.cli(['master-key', 'rotate']);
  assert.equal(code, 0, stderr);
  const now = await state();
  assert.notEqual(now.key, before.key);
  assert.equal(stdout, `master key ${now.key}\n`);
  const { text } = await up.get('live', 'metrics');
  assert.match(text, /^latchkey_master_key_rotating 0$/m);
  assert.match(text, new RegExp(`^latchkey_master_key_resealed ${now.done}$`, 'm'));
  assert.match(text, new RegExp(`^latchkey_master_key_sealed ${now.total}$`, 'm'));
  assert.ok(now.done >= up.demo.sandbox.keys.length && now.done === now.total);
  assert.notDeepEqual(readFileSync(keyFile()), first);
  assert.ok(!existsSync(keyFile('master.key.next')));
  const { wrong, count } = await load.end();
  assert.deepEqual(wrong, []);
  assert.ok(count > 0);
});

/* The kernel kills it when one of its threads enters the n-th of these calls. */
async function killAt(n) {
  const tracer = spawn('strace', ['-f', '-p', up.pids.authority, '-e', 'trace=fdatasync,fsync,rename', '-e',
    `inject=fdatasync,fsync,rename:signal=KILL:when=${n}`, '-o', '/dev/null'].map(String), { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => { tracer.once('exit', resolve); });
  await new Promise((resolve) => { tracer.stderr.once('data', resolve); });
  // It may go on waiting for threads of a process that is no more: nothing but this ends it then.
  return { end: async () => { tracer.kill('SIGKILL'); await ended; }, ended };
}

test('killed at each of its writes it goes on, and requests with it', { skip: root ? false : 'only root may trace the authority', timeout: 300_000 }, async () => {
  const load = traffic();
  let killed = 0;
  for (let n = 1; n <= KILLS; n++) {
    const { authority } = up.pids;
    const tracer = await killAt(n);
    const { code } = await up.cli(['master-key', 'rotate', '--no-wait']);
    if (code === 0) await Promise.race([tracer.ended, rotated().catch(() => {})]);
    await tracer.end();
    await state();
    killed += up.pids.authority !== authority;
    await rotated();
    assert.ok(!existsSync(keyFile('master.key.next')));
  }
  const { wrong } = await load.end();
  console.error(`# killed ${killed} times in ${KILLS} rotations`);
  assert.ok(killed >= KILLS / 2);
  assert.deepEqual(wrong, []);
});

test('every key signs, the authenticator works, and the old master key is nowhere', async () => {
  await up.kill('authority');
  await rotated();
  for (const environment of ['sandbox', 'live']) {
    for (const key of up.demo[environment].keys)
      assert.equal((await up.call(environment, key, 'v2/auth/r/wallets')).status, 200);
  }
  await owner.done('/webhooks', { url: 'https://example.com/hook', proof: { code: await owner.freshCode() } });
  const files = readdirSync(join(up.dir, 'data'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(files.length > 5);
  for (const { name, parentPath, path } of files)
    assert.ok(!readFileSync(join(parentPath ?? path, name)).includes(first), name);
  assert.deepEqual(JSON.parse((await up.cli(['status', '--json'])).stdout).problems, []);
});

test('with the old master key the database does not open', async () => {
  const data = join(up.dir, 'old');
  mkdirSync(data, { mode: 0o700 });
  const { code, stderr } = await run('sqlite3', [join(up.dir, 'data', 'authority.db'), `.backup '${join(data, 'authority.db')}'`]);
  assert.equal(code, 0, stderr);
  copyFileSync(keyFile(), join(data, 'new.key'));
  const socket = join(up.dir, 'old-run', 'authority.sock');
  const args = ['authority', '--data', data, '--run', join(up.dir, 'old-run'), '--segments', join(up.segmentsFolder, 'old')];
  const refused = await run(latchkey, args); // it makes a master.key of its own
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /sealed with another master key/);
  const child = spawn(latchkey, [...args, '--master-key', join(data, 'new.key')], { stdio: 'ignore' });
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  while (!existsSync(socket)) {
    assert.equal(child.exitCode, null);
    await pause(20);
  }
  child.kill('SIGTERM');
  assert.equal(await ended, 0);
});
