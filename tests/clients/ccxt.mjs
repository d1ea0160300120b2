/* The whole spot life of a bot on stock ccxt: only address, CA and keys differ from the venue's.
 *
 *   NODE_EXTRA_CA_CERTS=run/…/ca.pem LATCHKEY_DEMO=run/demo.json node --test ccxt.mjs
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import ccxt from 'ccxt';

const demo = JSON.parse(readFileSync(process.env.LATCHKEY_DEMO, 'utf8'));
const symbol = 'BTC/USD';

function client(environment, key) {
  const address = demo[environment].rest;
  return new ccxt.bitfinex({
    apiKey: key.key,
    secret: key.secret,
    enableRateLimit: true,
    urls: { api: { v1: address, public: address, private: address } },
  });
}

/* ccxt counts nonces in milliseconds, other clients in microseconds: they never share a key. */
const maker = client('sandbox', demo.sandbox.keys[0]);
const taker = client('sandbox', demo.sandbox.keys[1]);

test('loadMarkets knows the pairs with their limits', async () => {
  const markets = await maker.loadMarkets();
  assert.ok(markets[symbol], 'BTC/USD is listed');
  assert.equal(markets[symbol].id, 'tBTCUSD');
  assert.ok(markets[symbol].limits.amount.min > 0);
  assert.ok(markets[symbol].limits.amount.max > markets[symbol].limits.amount.min);
  await taker.loadMarkets();
});

test('fetchTicker: bid under ask, last within the day', async () => {
  const ticker = await maker.fetchTicker(symbol);
  assert.ok(ticker.bid > 0 && ticker.bid < ticker.ask, `${ticker.bid} < ${ticker.ask}`);
  assert.ok(ticker.last >= ticker.low && ticker.last <= ticker.high);
});

test('fetchOrderBook: sorted, never crossed', async () => {
  const book = await maker.fetchOrderBook(symbol, 25);
  assert.ok(book.bids.length > 0 && book.asks.length > 0);
  assert.ok(book.bids[0][0] < book.asks[0][0]);
  for (const [side, better] of [[book.bids, (a, b) => a >= b], [book.asks, (a, b) => a <= b]])
    for (let i = 1; i < side.length; i++) assert.ok(better(side[i - 1][0], side[i][0]));
});

test('fetchOHLCV: candles hold open and close between low and high', async () => {
  const candles = await maker.fetchOHLCV(symbol, '1m', undefined, 50);
  assert.ok(candles.length >= 10, `${candles.length} candles`);
  for (const [, open, high, low, close, volume] of candles) {
    assert.ok(low <= Math.min(open, close) && high >= Math.max(open, close));
    assert.ok(volume > 0);
  }
});

test('fetchTrades and fetchTickers answer', async () => {
  assert.ok((await maker.fetchTrades(symbol, undefined, 20)).length > 0);
  assert.ok((await maker.fetchTickers())[symbol].last > 0);
});

test('fetchBalance: free plus used is total', async () => {
  const balance = await maker.fetchBalance();
  assert.ok(balance.USD.total > 0);
  assert.equal(balance.USD.debt, undefined, 'no debt out of thin air');
  assert.ok(Math.abs(balance.USD.free + balance.USD.used - balance.USD.total) < 1e-6);
});

test('a limit order rests, locks its money, is listed, and is cancelled', async () => {
  const before = await maker.fetchBalance();
  const { bid } = await maker.fetchTicker(symbol);
  const price = Number(maker.priceToPrecision(symbol, bid * 0.8));
  const order = await maker.createOrder(symbol, 'limit', 'buy', 0.01, price);
  assert.equal(order.status, 'open');
  assert.equal(order.symbol, symbol);
  assert.equal(order.price, price);
  const open = await maker.fetchOpenOrders(symbol);
  assert.ok(open.some(({ id }) => id === order.id));
  const during = await maker.fetchBalance();
  assert.ok(during.USD.used >= before.USD.used + 0.01 * price - 1e-6);
  await maker.cancelOrder(order.id, symbol);
  assert.ok(!(await maker.fetchOpenOrders(symbol)).some(({ id }) => id === order.id));
  const closed = await maker.fetchClosedOrders(symbol);
  assert.equal(closed.find(({ id }) => id === order.id)?.status, 'canceled');
  const after = await maker.fetchBalance();
  assert.ok(Math.abs(after.USD.used - before.USD.used) < 1e-6, 'the money is free again');
});

test('editOrder moves the price in place', async () => {
  const { bid } = await maker.fetchTicker(symbol);
  const order = await maker.createOrder(symbol, 'limit', 'buy', 0.01, bid * 0.7);
  const price = Number(maker.priceToPrecision(symbol, bid * 0.75));
  const edited = await maker.editOrder(order.id, symbol, 'limit', 'buy', 0.02, price);
  assert.equal(edited.id, order.id);
  const [seen] = (await maker.fetchOpenOrders(symbol)).filter(({ id }) => id === order.id);
  assert.equal(seen.price, price);
  assert.equal(seen.remaining, 0.02);
  await maker.cancelOrder(order.id, symbol);
});

test('a market order fills, is closed, and its trades and fees are listed', async () => {
  const before = await taker.fetchBalance();
  const order = await taker.createOrder(symbol, 'market', 'buy', 0.05);
  const closed = (await taker.fetchClosedOrders(symbol)).find(({ id }) => id === order.id);
  assert.equal(closed.status, 'closed');
  assert.equal(closed.filled, 0.05);
  assert.ok(closed.average > 0);
  const trades = (await taker.fetchMyTrades(symbol)).filter((trade) => trade.order === order.id);
  const filled = trades.reduce((sum, { amount }) => sum + amount, 0);
  const fees = trades.reduce((sum, { fee }) => sum + fee.cost, 0);
  assert.ok(Math.abs(filled - 0.05) < 1e-8, `${filled}`);
  assert.ok(trades.every(({ takerOrMaker }) => takerOrMaker === 'taker'));
  const after = await taker.fetchBalance();
  assert.ok(Math.abs(after.BTC.total - before.BTC.total - (filled - fees)) < 1e-7,
    'what came in is what was bought less the fees');
});

test('errors arrive as the exceptions that bots catch', async () => {
  const { bid } = await maker.fetchTicker(symbol);
  await assert.rejects(maker.createOrder(symbol, 'limit', 'buy', 1500, bid), ccxt.InsufficientFunds);
  await assert.rejects(maker.cancelOrder('999999999999', symbol), ccxt.OrderNotFound);
  const stranger = client('sandbox', { ...demo.sandbox.keys[2], secret: 'wrong' });
  await assert.rejects(stranger.fetchBalance(), (error) => error instanceof ccxt.BaseError);
  const slow = client('sandbox', demo.sandbox.keys[2]);
  slow.nonce = () => 1000;
  await slow.fetchBalance();
  await assert.rejects(slow.fetchBalance(), ccxt.InvalidNonce);
});

test('a live key is refused in the sandbox, a sandbox key on the live venue', async () => {
  const [live] = demo.live.keys;
  await assert.rejects(client('sandbox', live).fetchBalance(),
    (error) => error instanceof ccxt.AuthenticationError && /live key/.test(error.message));
  await assert.rejects(client('live', demo.sandbox.keys[3]).fetchBalance(),
    (error) => error instanceof ccxt.AuthenticationError && /sandbox/.test(error.message));
});

test('the live key reads its wallets but is in its cooling-off for orders', async () => {
  const bot = client('live', demo.live.keys[0]);
  await bot.loadMarkets();
  assert.ok((await bot.fetchBalance()).USD.total >= 0);
  await assert.rejects(bot.createOrder(symbol, 'limit', 'buy', 0.01, 10000),
    (error) => error instanceof ccxt.PermissionDenied && /cooling-off ends in 7\dh/.test(error.message));
});
