/* The gate segment is deleted, replaced, cut, or its bytes change, while nginx runs and at the start:
 * no worker dies, nothing passes that should not, and the gateway serves again by itself. */
import assert from 'node:assert/strict';
import { closeSync, copyFileSync, openSync, renameSync, statSync, truncateSync, unlinkSync, writeSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually, seeded, startRig } from './rig.mjs';

const CLIENTS = 6, FLIPS = 400;

let rig, random;
before(async () => {
  random = seeded('segment');
  rig = await startRig({ keys: 16 });
});
after(async () => { await rig?.stop(); });

/* Sends until told to stop; every nonce is sent twice, now and then by another connection. */
async function client(key, state) {
  const agent = rig.agent();
  while (state.goes_on) {
    const nonce = Date.now() * 1000 + Math.floor(performance.now() * 1000) % 1000;
    for (const options of [{ agent }, random.below(4) ? { agent } : {}]) {
      const reply = await rig.call(key, { nonce, ...options });
      state.statuses.set(reply.status, (state.statuses.get(reply.status) ?? 0) + 1);
      if (reply.status === 200) state.answered.push(reply.headers['x-request-id']);
      else assert.match(`${reply.status} ${reply.text}`, /^503|nonce: small/);
      if (reply.status === 503) await pause(10);
    }
  }
}

/* Breaks the segment under load, and looks at what becomes of it. */
async function breaking(how, { outage = true } = {}) {
  const state = { goes_on: true, statuses: new Map(), answered: [] };
  const workers = rig.nginx.children.join();
  const clients = rig.keys.slice(0, CLIENTS).map((key) => client(key, state));
  await pause(200);
  const from = rig.authority.journal.length;
  how(rig.segment());
  if (outage) await rig.authority.says(/another one takes its place[^]*keys published/, { from });
  await eventually('requests pass again', async () => (await rig.call(rig.keys[CLIENTS])).status === 200);
  await pause(1200); // both workers have looked
  const before = state.answered.length;
  await eventually('the clients are served again', () => state.answered.length > before);
  state.goes_on = false;
  await Promise.all(clients);
  assert.equal(rig.nginx.children.join(), workers, 'no worker died');
  rig.witness.assertOnce();
  assert.deepEqual(await rig.problems(), []);
  return state;
}

function flip(path, from, size, count) {
  const file = openSync(path, 'r+');
  for (let i = 0; i < count; i += 1) writeSync(file, Buffer.from([random.below(256)]), 0, 1, from + random.below(size));
  closeSync(file);
}

const ways = {
  deleted: (path) => unlinkSync(path),
  'replaced by an old copy': (path) => {
    copyFileSync(path, `${path}.copy`);
    renameSync(`${path}.copy`, path);
  },
  'changed in its header': (path) => flip(path, 0, 160, 8),
};

for (const [name, how] of Object.entries(ways)) {
  test(`${name}: another one takes its place, with every record`, { timeout: 240_000 }, async () => {
    const { answered } = await breaking(how);
    await rig.assertRecorded(answered);
  });
}

/* The workers look once a second; nobody replaces the copy meanwhile. */
test('an old copy is not taken by a worker, however long the authority looks away', { timeout: 240_000 }, async () => {
  const key = rig.keys[CLIENTS + 3], path = rig.segment(), nonce = Date.now() * 1000;
  copyFileSync(path, `${path}.copy`);
  assert.equal((await rig.call(key, { nonce })).status, 200);
  process.kill(rig.authority.pid, 'SIGSTOP');
  try {
    renameSync(`${path}.copy`, path);
    const statuses = new Set();
    for (const end = Date.now() + 2500; Date.now() < end; await pause(20)) statuses.add((await rig.call(key, { nonce })).status);
    assert.ok(!statuses.has(200), [...statuses].join());
    assert.ok(statuses.has(503), 'both were tried');
  } finally {
    process.kill(rig.authority.pid, 'SIGCONT');
  }
  await eventually('requests pass again', async () => (await rig.call(key)).status === 200);
  assert.notEqual((await rig.call(key, { nonce })).status, 200);
  rig.witness.assertOnce();
});

/* What stood in the part that is gone, a record of the last 20 ms or a nonce under way, is gone. */
for (const [name, size] of [['to nothing', () => 0], ['to a page', () => 4096],
  ['somewhere', (whole) => random.below(whole)]]) {
  test(`cut ${name}: no worker dies, another one takes its place`, { timeout: 240_000 }, async () => {
    await breaking((path) => truncateSync(path, size(statSync(path).size)));
  });
}

test('bytes changed in keys, states and everywhere kill nobody', { timeout: 240_000 }, async () => {
  const workers = rig.nginx.children.join();
  const { size } = statSync(rig.segment());
  const state = { goes_on: true };
  const clients = rig.keys.slice(0, CLIENTS).map(async (key) => {
    const agent = rig.agent();
    while (state.goes_on) await rig.call(key, { agent });
  });
  /* Keys and the index lie in front; audit states and slots behind. */
  for (let round = 0; round < 20; round += 1) {
    flip(rig.segment(), 4096, 100_000, FLIPS);
    flip(rig.segment(), 4096, size - 4096, FLIPS);
    await pause(50);
  }
  state.goes_on = false;
  await Promise.all(clients);
  assert.equal(rig.nginx.children.join(), workers, 'no worker died');
  assert.ok(rig.authority.runs, 'the authority lives');
  /* The operator's way out: without the file, everything comes from store and log. */
  await rig.authority.kill('SIGTERM');
  unlinkSync(rig.segment());
  await rig.authority.start();
  await eventually('requests pass again', async () => (await rig.call(rig.keys[CLIENTS + 1])).status === 200);
  rig.witness.assertOnce();
});

test('cut and changed files at the start are moved aside', { timeout: 240_000 }, async () => {
  /* Bytes 8 to 15 apart, whose change makes it the segment of another release: that is refused. */
  for (const how of [(path) => truncateSync(path, 100), (path) => flip(path, 16, 144, 20)]) {
    await rig.nginx.kill('SIGQUIT');
    await rig.authority.kill('SIGTERM');
    how(rig.segment());
    await rig.nginx.start(); // before the authority: it has to refuse
    const refused = await rig.call(rig.keys[0]);
    assert.equal(refused.status, 503, refused.text);
    await rig.nginx.says(/no gate segment at .*sandbox\.seg/);
    await rig.authority.start();
    await eventually('requests pass again', async () => (await rig.call(rig.keys[CLIENTS + 2])).status === 200);
    assert.ok(statSync(`${rig.segment()}.damaged`).size > 0);
  }
  rig.witness.assertOnce();
  const { code, stderr } = await rig.cli(['audit', 'verify']);
  assert.equal(code, 0, stderr);
});
