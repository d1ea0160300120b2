/* The wall clock jumps between two starts of a try-out: ahead past the cooling-off, ahead past 90
 * days without use, and back.  Time itself (the monotonic clock) goes on as ever, and so does the
 * client: it is the server that believes another date. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { FULL, ask, openAccount, until } from './authority.mjs';
import { startUp } from './harness.mjs';

/* Debian's package faketime, whatever this machine's architecture is called. */
const FAKETIME = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime/libfaketime.so.1')).find(existsSync);
const WALLETS = 'v2/auth/r/wallets';
const SUBMIT = 'v2/auth/w/order/submit';
const LIMIT = { type: 'EXCHANGE LIMIT', symbol: 'tBTCUSD', amount: '0.001', price: '1000' };

let up, live, trader, idle, order;

/* nginx clears the environment of its workers, so the offset is read once and kept for long. */
const clockOf = (offset) => (offset ? {
  LD_PRELOAD: FAKETIME, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_CACHE_DURATION: '1000000', NO_FAKE_STAT: '1',
} : {});

/* The same try-out, started again with its clock moved. */
async function at(offset) {
  const { dir, ports } = up;
  assert.equal((await up.stop({ keep: true })).code, 0);
  const environment = clockOf(offset);
  Object.assign(process.env, environment);
  try {
    up = await startUp({ dir, ports: Object.values(ports) });
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name];
  }
}

/* How far the server's clock is ahead, in hours, by its own word. */
async function aheadHours() {
  const { json } = await up.get('live', WALLETS, { method: 'POST' });
  return Math.round((json.timestamp - Date.now()) / 360_000) / 10;
}

async function assertVerifies() {
  const { code, stdout, stderr } = await up.cli(['audit', 'verify']);
  assert.equal(code, 0, stdout + stderr);
}

before(async () => {
  assert.ok(FAKETIME, 'libfaketime is not there: apt-get install faketime');
  up = await startUp();
  const owner = await openAccount(up, 'clock@example.com');
  [live, trader, idle] = await owner.issue({ environment: 'live', scopes: FULL },
    { environment: 'sandbox', scopes: FULL }, { environment: 'sandbox', scopes: FULL });
});
after(async () => { await up?.stop(); });

test('within the cooling-off the first live order is refused', async () => {
  assert.equal((await up.call('live', live, WALLETS)).status, 200);
  assert.equal((await up.call('sandbox', idle, WALLETS)).status, 200);
  const placed = await up.call('sandbox', trader, SUBMIT, LIMIT);
  assert.equal(placed.status, 200, placed.text);
  order = placed.json[4][0][0];
  await until(up, `/keys/${live.key}`, ({ readiness }) => readiness.sandbox_order);
  assert.match((await up.call('live', live, SUBMIT, LIMIT)).text, /cooling-off ends in 7\dh/);
});

test('after 71 hours it still is, after 73 it is accepted (C3, D1, D2)', async () => {
  await at('+71h');
  assert.equal(await aheadHours(), 71);
  assert.match((await up.call('live', live, SUBMIT, LIMIT)).text, /cooling-off ends in [01]h \d+m/);
  await at('+73h');
  assert.equal(await aheadHours(), 73);
  const { readiness } = await ask(up, 'GET', `/keys/${live.key}`);
  assert.deepEqual(readiness, { wallets_called: true, sandbox_order: true, cooling_over: true, ready: true });
  const accepted = await up.call('live', live, SUBMIT, LIMIT);
  assert.equal(accepted.status, 200, accepted.text);
  assert.equal(accepted.json[6], 'SUCCESS');
});

test('the clock goes back an hour: nonces, orders and the audit log do not mind', async () => {
  const nonce = Date.now() * 1000 + 3600e6;
  assert.equal((await up.call('sandbox', trader, WALLETS, {}, { nonce })).status, 200);
  await at('+72h');
  assert.equal(await aheadHours(), 72);
  assert.match((await up.call('sandbox', trader, WALLETS, {}, { nonce })).text, /nonce: small/);
  const again = await up.call('sandbox', trader, SUBMIT, LIMIT, { nonce: nonce + 1 });
  assert.equal(again.status, 200, again.text);
  const open = await up.call('sandbox', trader, 'v2/auth/r/orders', {}, { nonce: nonce + 2 });
  assert.deepEqual(new Set(open.json.map(([id]) => id)), new Set([order, again.json[4][0][0]]));
  const cancelled = await up.call('sandbox', trader, 'v2/auth/w/order/cancel', { id: order }, { nonce: nonce + 3 });
  assert.equal(cancelled.status, 200, cancelled.text);
  await assertVerifies();
  await until(up, `/audit?key=${trader.key}`, ({ records }) => records.some(({ verdict }) => verdict === 'nonce-small'));
  const rows = await up.cli(['audit', 'list', '--key', trader.key, '--json']);
  assert.match(rows.stdout, /"nonce-small"/);
});

test('90 days without use end a key for good, a day less does not (C4)', async () => {
  await at('+2136h'); // 89 days: every key used in the last hours lives
  assert.equal((await up.call('live', live, WALLETS)).status, 200);
  await at('+2170h'); // 90 days and 10 hours since `idle` was used, less since `live` was
  const ended = await up.call('sandbox', idle, WALLETS);
  assert.equal(ended.status, 500);
  assert.equal(ended.text, '["error",10100,"apikey: expired: unused for 90 days; generate a new key"]');
  assert.equal((await up.call('live', live, WALLETS)).status, 200);
  await until(up, `/keys/${idle.key}`, ({ state }) => state === 'expired');
});

test('back at the right date it stays ended, and the others are served', async () => {
  await at();
  assert.ok(Math.abs(await aheadHours()) < 0.1);
  assert.match((await up.call('sandbox', idle, WALLETS)).text, /apikey: expired/);
  assert.equal((await up.call('live', live, WALLETS)).status, 200);
  await assertVerifies();
});
