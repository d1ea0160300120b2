/* Input that is wrong, sent correctly signed through the gateway: each gets the venue's error with
 * words that name what is wrong, and nothing changes: no order, no balance, no line of the ledger,
 * neither at once nor after the exchange has read its journal again. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { FULL, openAccount } from './authority.mjs';
import { startUp } from './harness.mjs';

const SUBMIT = 'v2/auth/w/order/submit', UPDATE = 'v2/auth/w/order/update', CANCEL = 'v2/auth/w/order/cancel';
const CANCEL_MULTI = 'v2/auth/w/order/cancel/multi', MULTI = 'v2/auth/w/order/multi';
const good = { type: 'EXCHANGE LIMIT', symbol: 'tBTCUSD', amount: '0.001', price: '1000' };

let up, keys, stranger, order, theirs, state, turn = 0;

before(async () => {
  up = await startUp();
  const owner = await openAccount(up, 'input@example.com');
  const other = await openAccount(up, 'stranger@example.com');
  keys = await owner.issue(...Array.from({ length: 16 }, () => ({ environment: 'sandbox', scopes: FULL })));
  [stranger] = await other.issue({ environment: 'sandbox', scopes: FULL });
  order = await place(keys[0]);
  theirs = await place(stranger);
  state = await look();
});
after(async () => { await up?.stop(); });

async function place(key) {
  const reply = await up.call('sandbox', key, SUBMIT, { ...good, cid: 7 });
  assert.equal(reply.status, 200, reply.text);
  return reply.json[4][0];
}

/* One account, many keys: each may call five times a second (C1). */
async function send(path, body) {
  for (;;) {
    turn += 1;
    const reply = await up.call('sandbox', keys[turn % keys.length], path, body);
    if (reply.status !== 429) return reply;
    await pause(50);
  }
}

/* All that an account can see of itself. */
async function look() {
  const seen = [];
  for (const path of ['wallets', 'orders', 'orders/hist', 'trades/hist', 'ledgers/hist']) {
    const reply = await send(`v2/auth/r/${path}`, {});
    assert.equal(reply.status, 200, reply.text);
    seen.push(reply.json);
  }
  return seen;
}

/* An error as clients know it: ["error", number, words], with status 500. */
function assertRefused(reply, what, code, words) {
  assert.equal(reply.status, 500, `${what}: ${reply.status} ${reply.text.slice(0, 300)}`);
  assert.match(reply.headers['content-type'], /^application\/json/);
  assert.ok(Array.isArray(reply.json) && reply.json.length === 3, `${what}: ${reply.text.slice(0, 300)}`);
  assert.equal(reply.json[0], 'error', what);
  assert.equal(reply.json[1], code, `${what}: ${reply.text}`);
  assert.match(reply.json[2], words, what);
  assert.ok(reply.json[2].length < 300, what);
}

const BODY = /^body: invalid/, SYMBOL = /^symbol: invalid/, AMOUNT = /^amount: invalid/, PRICE = /^price: invalid/;

test('bodies that are no JSON object', async () => {
  const bodies = ['{', '{"type"', '{"a":1}{"b":2}', '{"a":1,}', '[', '[]', '[1,2]', '"text"', 'null', 'true', '5', 'NaN',
    '{a:1}', "{'a':1}", '{"a":1e999}', '{"a":01}', '{"a":0x10}', '{"a":"\u0000"}', '{"a":"\\u0000"}', '{"a":"\\ud800"}', '{"a":\t}',
    'type=EXCHANGE LIMIT&symbol=tBTCUSD', '<xml/>', `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
    `${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}`, JSON.stringify(good).slice(0, -1), `\ufeff${JSON.stringify(good)}`];
  for (const body of bodies) {
    for (const path of [SUBMIT, 'v2/auth/r/orders']) {
      assertRefused(await send(path, body), body.slice(0, 40), 10020, BODY);
    }
  }
});

test('parameters of a new order', async () => {
  const without = (name) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
  const rows = [
    ...['', {}].map((body) => [body, 10020, SYMBOL]),
    [without('symbol'), 10020, SYMBOL], [without('amount'), 10001, AMOUNT], [without('price'), 10001, PRICE], [without('type'), 10001, /^type: invalid/],
    ...[null, '', 5, true, [], {}, 'BTCUSD', 'tNOPE', 'tbtcusd', 'fUSD', 'tBTCUSD ', 't', '../../x', 't'.repeat(10_000), 'tBTC\u00dcSD']
      .map((symbol) => [{ ...good, symbol }, 10020, SYMBOL]),
    ...[null, '', 0, '0', '-0', 'abc', '1e400', '1e-400', 'NaN', 'Infinity', '0x10', '1,5', ' 1', '1 ', '--1', '.', 'e5', '1.2.3',
      '99999999999999999999', 1e30, true, [], {}, ['0.001'], '9'.repeat(5000), '\u0661']
      .map((amount) => [{ ...good, amount }, 10001, AMOUNT]),
    ...[null, '', 0, '0', -1, '-1', 'abc', '1e5000', 1e30, true, [], {}, '1 000'].map((price) => [{ ...good, price }, 10001, PRICE]),
    ...[null, '', 5, 'NOPE', 'limit', [], {}, 'EXCHANGE LIMIT '].map((type) => [{ ...good, type }, 10001, /^type: invalid/]),
    ...['x', -1, 1.5, 2 ** 60, {}, [], 1 << 30].map((flags) => [{ ...good, flags }, 10001, /^flags: /]),
    ...['x', -1, 1.5, 2 ** 60, {}, []].map((cid) => [{ ...good, cid }, 10001, /^cid: invalid/]),
    ...['x', -1, 1.5, {}].map((gid) => [{ ...good, gid }, 10001, /^gid: invalid/]),
    ...['x', -1, 1000].map((lev) => [{ ...good, lev }, 10001, /^lev: invalid/]),
    ...['tomorrow', 5, '2026-13-45 00:00:00'].map((tif) => [{ ...good, tif }, 10001, /^tif: invalid/]),
    [{ ...good, amount: '0.0000001' }, 10001, /^Invalid order: minimum size for BTCUSD is /],
    [{ ...good, amount: '100000000' }, 10001, /^Invalid order: /],
    [{ ...good, price: '10000000000' }, 10001, /^(Invalid order: not enough exchange balance|price: invalid)/],
    [{ ...good, amount: '50', price: '99999' }, 10001, /^Invalid order: not enough exchange balance for 50 BTCUSD at 99999/],
    [{ ...good, amount: '-9999' }, 10001, /^Invalid order: /],
  ];
  for (const [body, code, words] of rows) {
    assertRefused(await send(SUBMIT, body), JSON.stringify(body).slice(0, 120), code, words);
  }
});

test('orders that are named wrongly, or are somebody else\'s', async () => {
  const [id] = order;
  const rows = [
    ...[UPDATE, CANCEL].flatMap((path) => [
      [path, {}, /^id: invalid/], [path, { id: null }, /^id: invalid/], [path, { id: 'x' }, /^id: invalid/], [path, { id: -1 }, /^id: invalid/],
      [path, { id: 1.5 }, /^id: invalid/], [path, { id: [id] }, /^id: invalid/], [path, { id: {} }, /^id: invalid/],
      [path, { id: 2 ** 52 }, /^Order not found\.$/], [path, { id: theirs[0], price: '999' }, /^Order not found\.$/],
      [path, { cid: 7 }, /^cid_date: invalid/], [path, { cid: 7, cid_date: 'today' }, /^cid_date: invalid/],
      [path, { cid: 7, cid_date: 5 }, /^cid_date: invalid/], [path, { cid: 7, cid_date: '1999-01-01' }, /^Order not found\.$/],
    ]),
    [UPDATE, { id, price: '-5' }, PRICE], [UPDATE, { id, price: 'x' }, PRICE], [UPDATE, { id, amount: 'x' }, AMOUNT],
    [UPDATE, { id, amount: '0' }, /^(amount: invalid|Invalid order)/], [UPDATE, { id, delta: [] }, /^delta: invalid/],
    [UPDATE, { id, amount: '-1' }, /^(amount: invalid|Invalid order)/], [UPDATE, { id, amount: '1000000000' }, /^(amount: invalid|Invalid order)/],
    [UPDATE, { id, flags: 'x' }, /^flags: invalid/],
    ...['x', -1, {}, [-1], ['x'], [[1]]].map((wrong) => [CANCEL_MULTI, { id: wrong }, /^id: invalid/]),
    ...['x', 5, [5], [['x', 'y']], [[7, 'today']], [[7]]].map((cid) => [CANCEL_MULTI, { cid }, /^id: invalid/]),
  ];
  for (const [path, body, words] of rows) {
    assertRefused(await send(path, body), `${path} ${JSON.stringify(body)}`, 10001, words);
  }
});

test('cancelling many names its orders: none named, none cancelled', async () => {
  for (const body of [{}, { id: null }, { id: '' }, { id: [] }, { gid: null }, { cid: [] }, { all: 0 }, { all: null }, { id: [theirs[0]] }, { id: [2 ** 52] }]) {
    const reply = await send(CANCEL_MULTI, body);
    if (reply.status === 200) assert.deepEqual(reply.json[4], [], JSON.stringify(body));
    else assertRefused(reply, JSON.stringify(body), 10001, /invalid/);
    assert.deepEqual((await send('v2/auth/r/orders', {})).json.map(([id]) => id), [order[0]], JSON.stringify(body));
  }
});

test('operations in a list', async () => {
  const many = Array.from({ length: 76 }, () => ['oc', { id: 1 }]);
  for (const ops of [undefined, null, 'x', 5, {}, many]) {
    assertRefused(await send(MULTI, { ops }), `ops ${JSON.stringify(ops)?.slice(0, 40)}`, 10020, /^ops: /);
  }
  /* Each operation is told on its own: a wrong one is an ERROR, and says why. */
  const wrong = [5, null, [], ['on'], ['xx', {}], ['on', 5], ['on', {}], ['oc', { id: 'x' }], [{}, {}], ['on', good, 1, 2].slice(0, 1)];
  for (const operation of wrong) {
    const reply = await send(MULTI, { ops: [operation] });
    const what = JSON.stringify(operation);
    if (reply.status !== 200) {
      assertRefused(reply, what, 10001, /invalid/);
      continue;
    }
    const notices = reply.json[4];
    assert.equal(notices.length, 1, `${what}: ${reply.text}`);
    assert.equal(notices[0][6], 'ERROR', `${what}: ${reply.text}`);
    assert.ok(notices[0][7].length > 0, what);
  }
});

test('pages, symbols and sections of what is read', async () => {
  const rows = [
    ...[-1, 0, 2501, 'x', 1.5, {}, 1e9].map((limit) => ['v2/auth/r/orders/hist', { limit }, /^limit: invalid/]),
    ['v2/auth/r/trades/hist', { start: 5, end: 4 }, /^time_interval: invalid/],
    ['v2/auth/r/trades/hist', { start: 'x' }, /^start: invalid/], ['v2/auth/r/trades/hist', { end: -1 }, /^end: invalid/],
    ['v2/auth/r/trades/hist', { sort: 5 }, /^sort: invalid/], ['v2/auth/r/trades/tNOPE/hist', {}, SYMBOL],
    ['v2/auth/r/ledgers/NOPE/hist', {}, /^currency: invalid/], ['v2/auth/r/orders/tNOPE', {}, SYMBOL], ['v2/auth/r/orders/tNOPE/hist', {}, SYMBOL],
  ];
  for (const [path, body, words] of rows) {
    assertRefused(await send(path, body), `${path} ${JSON.stringify(body)}`, 10020, words);
  }
  const open = [
    ['v2/ticker/tNOPE', SYMBOL], ['v2/ticker/BTCUSD', SYMBOL], ['v2/book/tNOPE/P0', SYMBOL], ['v2/book/tBTCUSD/P9', /^prec: invalid/],
    ['v2/book/tBTCUSD/P0?len=7', /^len: invalid/], ['v2/book/tBTCUSD/P0?len=x', /^len: invalid/], ['v2/trades/tBTCUSD/hist?limit=0', /^limit: invalid/],
    ['v2/trades/tBTCUSD/hist?limit=99999999999999999999', /^limit: invalid/], ['v2/trades/tBTCUSD/hist?start=2&end=1', /^time_interval: invalid/],
    ['v2/trades/tBTCUSD/hist?sort=up', /^sort: invalid/], ['v2/candles/trade:9z:tBTCUSD/hist', /invalid/], ['v2/candles/trade:1m:tNOPE/hist', /invalid/],
    ['v2/candles/trade:1m/hist', /invalid/], ['v2/candles/::/hist', /invalid/], ['v2/candles/trade:1m:tBTCUSD/never', /invalid/],
    [`v2/ticker/${'t'.repeat(700)}`, SYMBOL], ['v2/ticker/t%0aBTC', SYMBOL], ['v2/ticker/%ff%fe', SYMBOL],
  ];
  for (const [i, [path, words]] of open.entries()) {
    assertRefused(await up.get('sandbox', path, { localAddress: `127.5.0.${i + 1}` }), path, 10020, words);
  }
});

test('nothing has changed, and nothing does when the journal is read again', async () => {
  assert.deepEqual(await look(), state);
  await up.kill('exchange-sandbox');
  await up.ready();
  assert.deepEqual(await look(), state);
  const reply = await send(CANCEL, { id: order[0] });
  assert.equal(reply.status, 200, reply.text);
});
