/* A try-out starts, survives the death of each process, stops without a trace, and finds everything
 * again; what stands in its way is one clear sentence. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freePorts, request, startUp } from './harness.mjs';

let up, keys;

/* A dead process that nobody has collected yet is not alive. */
function isAlive(pid) {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/* A start that must fail: its exit code and what it said. */
async function refused(options) {
  const other = await startUp({ ...options, ready: false });
  const { code } = await other.ended;
  return { code, said: other.output.trim() };
}

function assertOneSentence({ code, said }, pattern) {
  assert.equal(code, 1, said);
  assert.match(said, pattern);
  assert.equal(said.split('\n').length, 1, said);
}

before(async () => { up = await startUp(); });
after(async () => { await up?.stop(); });

test('demo.json has its shape, is for its owner only, and everything in it answers', async () => {
  const { demo } = up;
  assert.equal(statSync(up.demoFile).mode & 0o777, 0o600);
  assert.deepEqual(Object.keys(demo).sort(), ['account', 'ca', 'console', 'live', 'operator', 'sandbox', 'tripwire']);
  for (const person of [demo.account, demo.operator]) {
    assert.deepEqual(Object.keys(person).sort(), ['email', 'password', 'totp_secret']);
  }
  assert.equal(demo.sandbox.rest, `https://127.0.0.1:${up.ports.sandbox}`);
  assert.equal(demo.sandbox.ws, `wss://127.0.0.1:${up.ports.sandbox}/ws/2`);
  assert.equal(demo.live.rest, `https://127.0.0.1:${up.ports.live}`);
  assert.equal(demo.tripwire, `http://127.0.0.1:${up.ports.tripwire}`);
  assert.equal(demo.sandbox.keys.length, 8);
  assert.equal(demo.live.keys.length, 1);
  const owners = demo.sandbox.keys.map(({ account }) => account);
  assert.equal(new Set(owners).size, 2);
  assert.ok(owners.every((owner, i) => owner === owners[i % 2]), 'accounts alternate');
  assert.ok(demo.sandbox.keys.every(({ key, secret }) => /^lki_test_\w{22}$/.test(key) && /^lks_test_\w{46}$/.test(secret)));
  assert.match(demo.live.keys[0].key, /^lki_live_\w{22}$/);
  for (const environment of ['live', 'sandbox']) {
    assert.deepEqual((await up.get(environment, 'v2/platform/status')).json, [1]);
  }
  const console_ = await request(demo.console, { ca: up.ca });
  assert.equal(console_.status, 200);
  assert.match(console_.text, /Latchkey/);
  const page = await request(`${demo.console}about/`, { ca: up.ca });
  assert.equal(page.status, 200);
  assert.ok(page.text.includes(demo.sandbox.rest), 'the page shows the addresses');
});

test('the screen shows what a person needs to begin', () => {
  for (const words of [up.demo.ca, up.demo.account.totp_secret, up.demo.sandbox.keys[0].secret,
    up.demo.live.keys[0].key, 'curl --cacert', '▀']) {
    assert.ok(up.output.includes(words), `${words} is on the screen:\n${up.output}`);
  }
});

test('every demo key is served', async () => {
  for (const environment of ['sandbox', 'live']) {
    for (const key of up.demo[environment].keys) {
      const { status, text } = await up.call(environment, key, 'v2/auth/r/wallets');
      assert.equal(status, 200, text);
    }
  }
});

for (const name of ['authority', 'exchange-live', 'exchange-sandbox', 'nginx']) {
  test(`kill -9 of ${name}: it comes back, and keys are served again`, async () => {
    const pid = up.pids[name];
    await up.kill(name);
    await up.ready();
    assert.notEqual(up.pids[name], pid);
    assert.ok(!isAlive(pid));
    assert.equal((await up.call('sandbox', up.demo.sandbox.keys[0], 'v2/auth/r/wallets')).status, 200);
  });
}

test('a second one on the same data is refused in one sentence', async () => {
  assertOneSentence(await refused({ dir: up.dir }), /another latchkey up \(process \d+\) uses .*--data/);
});

test('a port in use is refused in one sentence that names it and its option', async () => {
  const server = createServer();
  await new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });
  const { port } = server.address();
  const [sandbox, tripwire] = await freePorts(2);
  const other = await startUp({ ports: [port, sandbox, tripwire], ready: false });
  const { code } = await other.ended;
  assertOneSentence({ code, said: other.output.trim() }, new RegExp(`port ${port} .*in use.*--live-port`));
  server.close();
  await other.stop();
});

test('SIGINT ends every process and takes demo.json away; the next start finds the same keys', async () => {
  const pids = Object.values(up.pids);
  assert.equal(pids.length, 4);
  keys = up.demo.sandbox.keys;
  const { dir, ports } = up;
  assert.equal((await up.stop({ keep: true })).code, 0);
  assert.ok(pids.every((pid) => !isAlive(pid)));
  assert.ok(!existsSync(up.demoFile));
  up = await startUp({ dir, ports: Object.values(ports) });
  assert.deepEqual(up.demo.sandbox.keys, keys);
  assert.equal((await up.call('sandbox', keys[0], 'v2/auth/r/wallets')).status, 200);
});

test('kill -9 of the supervisor: its children end too, and a start right after works', async () => {
  const pids = Object.values(up.pids);
  const { dir, ports } = up;
  await up.stop({ signal: 'SIGKILL', keep: true });
  up = await startUp({ dir, ports: Object.values(ports) });
  assert.ok(pids.every((pid) => !isAlive(pid)));
  assert.deepEqual(up.demo.sandbox.keys, keys);
});

test('data of another version is refused in one sentence; --fresh starts over', async () => {
  const { dir, ports } = up;
  await up.stop({ keep: true });
  writeFileSync(join(dir, 'data/VERSION'), 'latchkey data 999\n');
  assertOneSentence(await refused({ dir }), /another version.*--fresh/);
  assert.equal(readFileSync(join(dir, 'data/VERSION'), 'utf8'), 'latchkey data 999\n');
  up = await startUp({ dir, ports: Object.values(ports), args: ['--fresh'] });
  assert.notDeepEqual(up.demo.sandbox.keys, keys);
  assert.equal((await up.call('sandbox', keys[0], 'v2/auth/r/wallets')).status, 401);
});
