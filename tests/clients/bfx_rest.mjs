/* The venue's own client, bfx-api-node-rest, unchanged but for address, CA and keys.
 *
 *   NODE_EXTRA_CA_CERTS=run/…/ca.pem LATCHKEY_DEMO=run/demo.json node --test bfx_rest.mjs
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { RESTv2 } = require('bfx-api-node-rest');
const { Order } = require('bfx-api-node-models');

const demo = JSON.parse(readFileSync(process.env.LATCHKEY_DEMO, 'utf8'));
const symbol = 'tBTCUSD';

/* The client has no rate limiter of its own; five private calls a second are allowed (C1). */
function client(environment, key, transform = true) {
  const rest = new RESTv2({
    apiKey: key.key, apiSecret: key.secret, url: demo[environment].rest, transform,
  });
  return new Proxy(rest, {
    get: (target, name) => async (...args) => {
      await pause(220);
      return target[name](...args);
    },
  });
}

/* The client sends as fast as it is asked to; a bot keeps to 5 signed requests a second by itself. */
function paced(target) {
  let free = 0;
  return new Proxy(target, {
    get: (object, name) => (typeof object[name] !== 'function' ? object[name] : async (...args) => {
      const wait = Math.max(0, free - Date.now());
      free = Math.max(free, Date.now()) + 210;
      await pause(wait);
      return object[name](...args);
    }),
  });
}

const bot = paced(client('sandbox', demo.sandbox.keys[4]));
const raw = paced(client('sandbox', demo.sandbox.keys[5], false));

test('public data: status, ticker, tickers, book, candles, trades, conf', async () => {
  assert.deepEqual(await bot.status(), [1]);
  const ticker = await bot.ticker({ symbol });
  assert.ok(ticker.bid < ticker.ask);
  const tickers = await bot.tickers({ symbols: [symbol, 'tETHUSD'] });
  assert.deepEqual(tickers.map((row) => row.symbol).sort(), [symbol, 'tETHUSD']);
  for (const prec of ['P0', 'P1', 'P2', 'P3', 'P4', 'R0']) {
    const book = await raw.orderBook({ symbol, prec });
    assert.ok(book.some((row) => row[2] > 0) && book.some((row) => row[2] < 0), prec);
  }
  const candles = await bot.candles({ symbol, timeframe: '1m', section: 'hist' });
  assert.ok(candles.length > 0 && candles[0].high >= candles[0].low);
  assert.ok((await bot.trades({ symbol, start: null, end: null, limit: 10 })).length > 0);
  assert.ok((await bot.symbols()).length > 0);
});

test('wallets, user, permissions', async () => {
  const wallets = await bot.wallets();
  assert.ok(wallets.some(({ type, currency }) => type === 'exchange' && currency === 'USD'));
  const user = await raw.userInfo();
  assert.ok(user.length >= 55);
  const permissions = await raw.keyPermissions();
  const orders = permissions.find(([scope]) => scope === 'orders');
  assert.deepEqual(orders, ['orders', 1, 1]);
});

test('an order is submitted, updated, listed, cancelled and found in the history', async () => {
  const { bid } = await bot.ticker({ symbol });
  const order = new Order({
    symbol, type: Order.type.EXCHANGE_LIMIT, amount: 0.02, price: Math.floor(bid * 0.8),
    cid: Date.now(),
  });
  const placed = await bot.submitOrder({ order });
  const [id] = Array.isArray(placed) ? placed : [placed.id];
  assert.ok(Number.isInteger(id), JSON.stringify(placed));
  await bot.updateOrder({ id, price: String(Math.floor(bid * 0.81)) });
  const active = await bot.activeOrders();
  const seen = active.find((row) => row.id === id);
  assert.equal(Number(seen.price), Math.floor(bid * 0.81));
  await bot.cancelOrder({ id });
  assert.ok(!(await bot.activeOrders()).some((row) => row.id === id));
  const history = await bot.orderHistory({ symbol });
  assert.match(history.find((row) => row.id === id).status, /^CANCELED/);
});

test('a market order shows up in trades and ledgers', async () => {
  const order = new Order({
    symbol, type: Order.type.EXCHANGE_MARKET, amount: -0.03, cid: Date.now(),
  });
  const placed = await bot.submitOrder({ order });
  const [id] = Array.isArray(placed) ? placed : [placed.id];
  const trades = await bot.accountTrades({ symbol });
  const mine = trades.filter((trade) => trade.orderID === id);
  const sold = mine.reduce((sum, trade) => sum + Number(trade.execAmount), 0);
  assert.ok(Math.abs(sold + 0.03) < 1e-8, `${sold}`);
  const ledgers = await bot.ledgers({ filters: { ccy: 'USD' } });
  assert.ok(ledgers.some((row) => /fee/i.test(row.description)));
});

test('an auth token is made, used instead of the key, and dropped', async () => {
  const [token] = await raw.generateToken({ scope: 'api', ttl: 60, caps: ['w', 'o'], writePermission: false, _cust_ip: '0' });
  assert.match(token, /^pub:api:[0-9a-f-]{36}-caps:o:w-read$/);
  const guest = paced(new RESTv2({ authToken: token, url: demo.sandbox.rest }));
  assert.ok((await guest.wallets()).some(([type, currency]) => type === 'exchange' && currency === 'USD'));
  const rights = await guest.keyPermissions();
  assert.deepEqual(rights.find(([scope]) => scope === 'orders'), ['orders', 1, 0]);
  const order = new Order({ symbol, type: Order.type.EXCHANGE_LIMIT, amount: 0.02, price: 1000 });
  await assert.rejects(guest.submitOrder({ order }), (error) => /needs orders:write/.test(JSON.stringify(error.response ?? error.message)));
  await raw.invalidateAuthToken({ authToken: token });
  await assert.rejects(guest.wallets(), (error) => /token: invalid/.test(JSON.stringify(error.response ?? error.message)));
});

test('a refused order throws with the code of the venue', async () => {
  const order = new Order({ symbol, type: Order.type.EXCHANGE_LIMIT, amount: 100, price: 90000 });
  await assert.rejects(bot.submitOrder({ order }), (error) => error.code === 10001
    && /not enough exchange balance/.test(JSON.stringify(error.response ?? error.message)));
});
