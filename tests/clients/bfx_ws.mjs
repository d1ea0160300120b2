/* The venue's own client, bitfinex-api-node, unchanged but for address, CA and keys: what everybody may
 * hear over its WSv2, with books that it keeps and checks by itself.
 *
 *   NODE_EXTRA_CA_CERTS=run/…/ca.pem LATCHKEY_DEMO=run/demo.json node --test bfx_ws.mjs
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

const require = createRequire(import.meta.url);
const { WSv2 } = require('bitfinex-api-node');
const { RESTv2 } = require('bfx-api-node-rest');
const { Order } = require('bfx-api-node-models');

const demo = JSON.parse(readFileSync(process.env.LATCHKEY_DEMO, 'utf8'));
const symbol = 'tBTCUSD', WAIT_MS = 60_000;
const key = demo.sandbox.keys[4];
const rest = new RESTv2({ apiKey: key.key, apiSecret: key.secret, url: demo.sandbox.rest, transform: true });

let ws;
const errors = [];
before(async () => {
  ws = new WSv2({ url: demo.sandbox.ws, transform: true, manageOrderBooks: true, manageCandles: true });
  ws.on('error', (error) => { errors.push(error); });
  const opened = once(ws, 'open');
  await ws.open();
  await opened;
});
after(async () => { await ws?.close(); });

/* The next thing that a handler hears and that `wanted` says yes to. */
function hear(register, wanted = () => true) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing came: ${errors.join()}`)), WAIT_MS);
    register((said) => {
      if (!wanted(said)) return;
      clearTimeout(timer);
      resolve(said);
    });
  });
}

/* A small order of our own, by REST. */
async function place(more) {
  const order = new Order({ type: 'EXCHANGE LIMIT', symbol, amount: 0.001, ...more });
  return rest.submitOrder({ order });
}

test('a ticker: bid under ask', async () => {
  const heard = hear((cb) => ws.onTicker({ symbol }, cb));
  await ws.subscribeTicker(symbol);
  const ticker = await heard;
  assert.ok(ticker.bid > 0 && ticker.bid < ticker.ask, `${ticker.bid} < ${ticker.ask}`);
});

test('candles: open and close lie between low and high', async () => {
  const heard = hear((cb) => ws.onCandle({ key: `trade:1m:${symbol}` }, cb), (candles) => candles.length > 1);
  await ws.subscribeCandles(`trade:1m:${symbol}`);
  for (const { open, close, high, low } of await heard)
    assert.ok(low <= Math.min(open, close) && high >= Math.max(open, close));
});

test('a managed book shows an order of our own, and every checksum is right', async () => {
  await ws.enableFlag(WSv2.flags.CHECKSUM);
  let checksums = 0;
  ws.onOrderBookChecksum({ symbol, prec: 'P0', len: '25' }, () => { checksums += 1; });
  const first = hear((cb) => ws.onOrderBook({ symbol, prec: 'P0', len: '25' }, cb), (book) => book.bids?.length > 1);
  await ws.subscribeOrderBook(symbol, 'P0', '25');
  const book = await first;
  /* Between the two best bids, or on the best one: wherever it is inside of the window. */
  const price = book.bids[0][0];
  const seen = hear((cb) => ws.onOrderBook({ symbol, prec: 'P0', len: '25' }, cb),
    ({ bids }) => bids?.some(([at, , amount]) => at === price && amount >= 0.001));
  await place({ price, amount: 0.001 });
  await seen;
  while (checksums < 5) await hear((cb) => ws.onOrderBookChecksum({ symbol, prec: 'P0', len: '25' }, cb));
  assert.deepEqual(errors.map(String), []);
});

test('a trade of our own is told, first as executed and then as kept', async () => {
  const bought = (trade) => Math.abs(Number(trade.amount ?? trade[2]) - 0.00123) < 1e-9;
  const entry = hear((cb) => ws.onTradeEntry({ symbol }, cb), (trade) => bought(trade));
  const kept = hear((cb) => ws.onTrades({ symbol }, cb), (trades) => [trades].flat().some((trade) => bought(trade)));
  await ws.subscribeTrades(symbol);
  await place({ type: 'EXCHANGE MARKET', amount: 0.00123 });
  await Promise.all([entry, kept]);
  assert.deepEqual(errors.map(String), []);
});

test('subscriptions that it counts: one channel, however often it was asked for', async () => {
  assert.equal(ws.managedSubscribe('ticker', symbol, { symbol }), false);
  assert.ok(ws.hasSubscriptionRef('ticker', symbol) && ws.hasDataChannel('ticker', { symbol }));
  const chanId = ws.getDataChannelId('ticker', { symbol });
  assert.ok(ws.hasChannel(chanId));
  assert.equal(ws.getChannelData({ channel: 'ticker', symbol }).pair, 'BTCUSD');
  assert.equal(await ws.unsubscribeTicker(symbol), false);
  const gone = once(ws, 'unsubscribed');
  assert.equal(ws.managedUnsubscribe('ticker', symbol), true);
  assert.deepEqual((await gone)[0], { event: 'unsubscribed', status: 'OK', chanId: Number(chanId) });
  assert.equal(ws.hasChannel(chanId), false);
});

test('what it has kept: books, their exact text, candles', async () => {
  const book = ws.getOB(symbol), exact = ws.getLosslessOB(symbol);
  assert.ok(book.topBid() > 0 && book.topBid() < book.topAsk());
  assert.equal(Number(exact.bids[0][0]), book.bids[0][0]);
  assert.equal(typeof exact.bids[0][0], 'string');
  assert.ok(ws.getCandles(`trade:1m:${symbol}`).length > 1);
});

test('channels end when they are asked to', async () => {
  const count = ws.getDataChannelCount();
  for (const end of [() => ws.unsubscribeOrderBook(symbol), () => ws.unsubscribeTrades(symbol), () => ws.unsubscribeCandles(symbol, '1m')]) {
    const gone = once(ws, 'unsubscribed');
    assert.equal(await end(), true);
    assert.equal((await gone)[0].status, 'OK');
  }
  assert.equal(ws.getDataChannelCount(), count - 3);
});

test('a channel asked for by hand, and listeners that are taken away', async () => {
  const heard = hear((cb) => ws.onTicker({ symbol: 'fUSD', cbGID: 'mine' }, cb));
  let messages = 0;
  ws.onMessage({ cbGID: 'all' }, () => { messages += 1; });
  const told = once(ws, 'subscribed');
  ws.subscribe('ticker', { symbol: 'fUSD' });
  const [{ chanId, currency }] = await told;
  assert.equal(currency, 'USD');
  assert.ok((await heard).frr > 0);
  assert.ok(messages > 0);
  ws.removeListeners('all');
  const gone = once(ws, 'unsubscribed');
  ws.unsubscribe(chanId);
  assert.equal((await gone)[0].chanId, chanId);
});

test('status: liquidations are listened to, and end', async () => {
  ws.onStatus({ key: 'liq:global' }, () => {});
  const told = once(ws, 'subscribed');
  await ws.subscribeStatus('liq:global');
  assert.equal((await told)[0].key, 'liq:global');
  const gone = once(ws, 'unsubscribed');
  assert.equal(await ws.unsubscribeStatus('liq:global'), true);
  await gone;
  assert.deepEqual(errors.map(String), []);
});

test('status: a contract tells its mark, funding and open interest', async () => {
  const heard = new Promise((done) => { ws.onStatus({ key: 'deriv:tBTCF0:USTF0' }, done); });
  await ws.subscribeStatus('deriv:tBTCF0:USTF0');
  const status = await heard;
  assert.equal(status.length, 23);
  assert.ok(status[2] > 0 && status[3] > 0 && status[14] > 0);
  assert.equal(await ws.unsubscribeStatus('deriv:tBTCF0:USTF0'), true);
  assert.deepEqual(errors.map(String), []);
});

test('flags add up, and are told again', async () => {
  await ws.enableFlag(WSv2.flags.CHECKSUM);
  assert.ok(ws.isFlagEnabled(WSv2.flags.CHECKSUM) && !ws.isFlagEnabled(WSv2.flags.TIMESTAMP));
  const told = hear((cb) => ws.on('message', cb), ({ event }) => event === 'conf');
  ws.sendEnabledFlags();
  assert.equal((await told).flags, WSv2.flags.CHECKSUM);
});

test('notes of the venue that bear a code', async () => {
  const told = hear((cb) => ws.onInfoMessage(20060, cb)), over = hear((cb) => ws.onInfoMessage(20061, cb));
  const account = demo.sandbox.keys[4];
  await new RESTv2({ apiKey: account.key, apiSecret: account.secret, url: demo.sandbox.rest })
    ._makeAuthRequest('/auth/w/sandbox/inject', { kind: 'maintenance', for_ms: 100 });
  assert.equal((await told).code, 20060);
  assert.equal((await over).code, 20061);
});
