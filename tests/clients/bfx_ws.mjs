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
