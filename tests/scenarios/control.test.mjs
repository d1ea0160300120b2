/* A sandbox and its owner: by command line and by signed calls, through crashes. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { FULL, openAccount } from './authority.mjs';
import { startUp } from './harness.mjs';

const START_MS = Date.UTC(2026, 0, 5, 9);
let up, anna, bert, live;

before(async () => {
  up = await startUp();
  const owners = await Promise.all(['anna@example.com', 'bert@example.com'].map((mail) => openAccount(up, mail)));
  [anna, live] = await owners[0].issue({ environment: 'sandbox', scopes: FULL }, { environment: 'live', scopes: FULL });
  [bert] = await owners[1].issue({ environment: 'sandbox', scopes: FULL });
  anna.account = owners[0].id;
  bert.account = owners[1].id;
});
after(() => up?.stop());

/* A signed call, as often as the rate of the key demands. */
async function call(key, path, body = {}, environment = 'sandbox') {
  for (;;) {
    const reply = await up.call(environment, key, `v2/auth/${path}`, body);
    if (reply.status !== 429) return reply;
    await pause(1000 * Number(reply.headers['retry-after'] ?? 1));
  }
}

async function control(key, command, body) {
  const reply = await call(key, `w/sandbox/${command}`, body);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
}

async function cli(...args) {
  const socket = join(up.runFolder, 'exchange-sandbox.sock');
  const done = await up.cli(['sandbox', ...args], { env: { LATCHKEY_SANDBOX_SOCKET: socket } });
  return { ...done, json: args.includes('--json') && done.code === 0 ? JSON.parse(done.stdout) : undefined };
}

async function state(...more) {
  const { json, stderr } = await cli('status', '--json', ...more);
  assert.ok(json, stderr);
  return json;
}

const order = (more = {}) => ({ symbol: 'tBTCUSD', type: 'EXCHANGE LIMIT', amount: '0.01', price: '1000', ...more });

test('every command teaches itself', async () => {
  const { stdout } = await up.cli(['sandbox', '--help']);
  const commands = [...stdout.matchAll(/latchkey sandbox (\S+)/g)].map(([, name]) => name);
  assert.ok(commands.length >= 12, stdout);
  for (const name of commands) {
    const help = await cli(name, '--help');
    assert.equal(help.code, 0);
    assert.match(help.stdout, new RegExp(`latchkey sandbox ${name}`));
  }
});

test('the state is told to people and to programs, by socket and by key', async () => {
  const words = await cli('status');
  assert.equal(words.code, 0, words.stderr);
  assert.match(words.stdout, /balanced/);
  const told = await state();
  const { json } = await call(anna, 'r/sandbox/status');
  assert.equal(json.environment, 'sandbox');
  assert.deepEqual([json.preset, json.seed, json.resets], [told.preset, told.seed, told.resets]);
});

test('a live venue knows nothing of it, and a live key no sandbox', async () => {
  const refused = await call(live, 'w/sandbox/reset', {}, 'live');
  assert.equal(refused.status, 404);
  assert.match(refused.text, /not served/);
  const stranger = await call(live, 'w/sandbox/reset', {});
  assert.notEqual(stranger.status, 200);
  assert.equal((await state()).resets, 0);
});

test('the operator path is behind no gate', async () => {
  const reply = await up.get('sandbox', 'operator/sandbox/reset', { method: 'POST', body: '{}' });
  assert.equal(reply.status, 404);
  assert.equal((await call(anna, '../../operator/sandbox/reset')).status, 404);
  assert.equal((await state()).resets, 0);
});

test('a key without the scope controls nothing', async () => {
  const owner = await openAccount(up, 'reader@example.com');
  const [reader] = await owner.issue({ environment: 'sandbox', scopes: ['account:read'] });
  assert.equal((await call(reader, 'r/sandbox/status')).status, 200);
  assert.notEqual((await call(reader, 'w/sandbox/preset', { preset: 'thin' })).status, 200);
});

test("anna's faults are hers alone", async () => {
  await control(anna, 'inject', { kind: 'error', status: 503, uses: 1 });
  await control(anna, 'inject', { kind: 'reject', cid: 77 });
  const seen = await call(bert, 'r/sandbox/status');
  assert.deepEqual(seen.json.injections, []);
  assert.equal((await call(bert, 'w/order/submit', order({ cid: 77 }))).status, 200);
  const away = await call(anna, 'r/wallets');
  assert.equal(away.status, 503);
  assert.equal(away.json.error, 'temporarily_unavailable');
  const refused = await call(anna, 'w/order/submit', order({ cid: 77 }));
  assert.deepEqual([refused.status, refused.json[1]], [500, 10001]);
  assert.match(refused.json[2], /not enough exchange balance/);
  assert.equal((await call(anna, 'w/order/submit', order({ cid: 77 }))).status, 200);
});

test('latency holds the answer back and nobody else', async () => {
  await control(anna, 'inject', { kind: 'latency', ms: 1500, uses: 1 });
  const order = [];
  const slow = call(anna, 'r/wallets').then(() => order.push('anna'));
  await call(bert, 'r/wallets').then(() => order.push('bert'));
  await slow;
  assert.deepEqual(order, ['bert', 'anna']);
});

test('maintenance is for everybody, and told as the venue tells it', async () => {
  await cli('fault', 'maintenance', '--json');
  assert.deepEqual((await up.get('sandbox', 'v2/platform/status')).json, [0]);
  assert.deepEqual((await call(bert, 'r/wallets')).json, ['error', 20060, 'maintenance']);
  await cli('clear');
  assert.deepEqual((await up.get('sandbox', 'v2/platform/status')).json, [1]);
});

test('a scenario file is started whole, or its line is told', async () => {
  const good = join(up.dir, 'good.yaml');
  const bad = join(up.dir, 'bad.yaml');
  writeFileSync(good, 'steps:\n  - { do: halt, symbol: tETHUSD, for: 600 }\n  - { do: thin, percent: 10, after: 30 }\n');
  writeFileSync(bad, 'steps:\n  - { do: halt }\n  - do: halt\n    symbool: tETHUSD\n');
  const refused = await cli('scenario', bad);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /symbool.*line: 3/s);
  assert.equal((await state()).injections.length, 0);
  assert.deepEqual((await cli('scenario', good, '--json')).json.injections.map(({ kind }) => kind), ['halt', 'thin']);
  const halted = await call(anna, 'w/order/submit', order({ symbol: 'tETHUSD' }));
  assert.match(halted.json[2], /halted/);
  await cli('clear');
});

test('balances are given and taken, and add up', async () => {
  const usd = async () => (await call(bert, 'r/wallets')).json.find(([, code]) => code === 'USD')[2];
  const had = await usd();
  await control(bert, 'balance', { currency: 'USD', amount: '1000.5' });
  assert.equal(await usd(), had + 1000.5);
  assert.equal((await cli('balance', String(bert.account), 'USD', '1000.5', '--take')).code, 0);
  assert.equal(await usd(), had);
  assert.equal((await cli('balance', String(bert.account), 'USD', '99999999', '--take')).code, 1);
});

test('the same seed and time are the same market; keys stay', async () => {
  const hashes = [];
  for (let round = 0; round < 2; round++) {
    await cli('reset', '--seed', '7', '--time', '2026-01-05T09:00');
    await cli('clock', '--step', '120');
    hashes.push((await state('--hash')).state_hash);
  }
  assert.equal(hashes[0], hashes[1]);
  const { clock, resets } = await state();
  assert.deepEqual([clock.mode, clock.time_ms, resets], ['frozen', START_MS + 120_000, 2]);
  const placed = await call(anna, 'w/order/submit', order());
  assert.equal(placed.json[4][0][4], START_MS + 120_000, 'stamped by the clock of the sandbox');
});

test('kill -9 and a restart keep clock, seed, preset and faults', async () => {
  await cli('preset', 'volatile');
  await cli('seed', '99');
  await control(anna, 'inject', { kind: 'latency', ms: 1, for_ms: 600_000 });
  const before = await state('--hash');
  await up.kill('exchange-sandbox');
  await up.ready();
  assert.deepEqual(await state('--hash'), before);
  assert.deepEqual([before.preset, before.seed, before.clock.mode], ['volatile', 99, 'frozen']);
});

test('what was recorded is done again, to the same state', async () => {
  const recorded = (await cli('record', 'here', '--json')).json;
  await cli('clock', '--step', '60');
  await call(bert, 'w/order/submit', order());
  assert.notEqual((await state('--hash')).state_hash, recorded.state_hash);
  const played = (await cli('replay', 'here', '--json')).json;
  assert.equal(played.state_hash, recorded.state_hash);
  assert.equal((await cli('replay', 'nowhere')).code, 1);
  await up.kill('exchange-sandbox');
  await up.ready();
  assert.equal((await state('--hash')).state_hash, recorded.state_hash);
});

test('a clock that runs again goes on from where it stood', async () => {
  const stood = (await state()).clock.time_ms;
  await control(anna, 'clock', { mode: 'rate', rate: '100' });
  for (let now = stood; now < stood + 5000;) now = (await state()).clock.time_ms;
  assert.equal((await control(anna, 'clock', { mode: 'real' })).clock.mode, 'real');
});
