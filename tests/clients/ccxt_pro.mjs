/* The WebSocket half of stock ccxt: what everybody may hear.  Only address and CA differ from the
 * venue's.
 *
 *   NODE_EXTRA_CA_CERTS=run/…/ca.pem LATCHKEY_DEMO=run/demo.json node --test ccxt_pro.mjs
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import ccxt from 'ccxt';

const demo = JSON.parse(readFileSync(process.env.LATCHKEY_DEMO, 'utf8'));
const symbol = 'BTC/USD';

const bot = new ccxt.pro.bitfinex({
  rateLimit: 85,
  urls: {
    api: {
      v1: demo.sandbox.rest, public: demo.sandbox.rest, private: demo.sandbox.rest,
      ws: { public: demo.sandbox.ws, private: demo.sandbox.ws },
    },
  },
  options: { watchOrderBook: { checksum: true } },
});

before(async () => { await bot.loadMarkets(); });
after(async () => { await bot.close(); });

test('watchTicker: bid under ask', async () => {
  const ticker = await bot.watchTicker(symbol);
  assert.ok(ticker.bid > 0 && ticker.bid < ticker.ask, `${ticker.bid} < ${ticker.ask}`);
});

test('watchOrderBook: sorted, never crossed, its checksum checked', async () => {
  for (let i = 0; i < 10; i++) { // a checksum that is wrong ends it
    const { bids, asks } = await bot.watchOrderBook(symbol, 25);
    assert.ok(bids.length > 0 && asks.length > 0 && bids[0][0] < asks[0][0]);
    for (const [side, better] of [[bids, (a, b) => a > b], [asks, (a, b) => a < b]])
      for (let k = 1; k < side.length; k++) assert.ok(better(side[k - 1][0], side[k][0]));
  }
});

test('watchTrades: what was traded lately', async () => {
  const trades = await bot.watchTrades(symbol);
  assert.ok(trades.length > 0);
  for (const { price, amount, side } of trades) assert.ok(price > 0 && amount > 0 && ['buy', 'sell'].includes(side));
});

test('watchOHLCV: candles hold open and close between low and high', async () => {
  const candles = await bot.watchOHLCV(symbol, '1m');
  assert.ok(candles.length > 0);
  for (const [, open, high, low, close] of candles) assert.ok(low <= Math.min(open, close) && high >= Math.max(open, close));
});

test('unWatchTicker: the channel ends, and can be opened again', async () => {
  await bot.unWatchTicker(symbol);
  const ticker = await bot.watchTicker(symbol);
  assert.ok(ticker.last > 0);
});

test('unWatchTrades, unWatchOHLCV: likewise', async () => {
  await bot.unWatchTrades(symbol);
  await bot.unWatchOHLCV(symbol, '1m');
  assert.ok((await bot.watchTrades(symbol)).length > 0);
  assert.ok((await bot.watchOHLCV(symbol, '1m')).length > 0);
});

test('fetchCurrenciesWs: as over REST', async () => {
  assert.equal((await bot.fetchCurrenciesWs()).BTC.code, 'BTC');
});

test('what ccxt lists and does not have', async () => {
  await assert.rejects(bot.unWatchOrderBook(symbol), ccxt.NotSupported);
  await assert.rejects(bot.createMarketOrderWs(symbol, 'buy', 0.001), ccxt.NotSupported);
});
