/* The venue's own client over WSv2, unchanged but for address, CA and keys, when things happen to its
 * connection and its money: it is cut off, the venue pauses or starts anew, loans begin and end.  It
 * holds the market still and begins it anew, so it runs last.
 *
 *   NODE_EXTRA_CA_CERTS=run/…/ca.pem LATCHKEY_DEMO=run/demo.json node --test upkeep.mjs
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { WSv2 } = require('bitfinex-api-node');
const { RESTv2 } = require('bfx-api-node-rest');
const { FundingOffer } = require('bfx-api-node-models');

const demo = JSON.parse(readFileSync(process.env.LATCHKEY_DEMO, 'utf8'));
const symbol = 'tBTCUSD', WAIT_MS = 60_000, timeout = 3 * WAIT_MS;
const keys = demo.sandbox.keys.slice(2, 8);
const [mine] = keys, theirs = keys.find(({ account }) => account !== mine.account);

const sockets = [], errors = [];
after(async () => { for (const socket of sockets) if (socket.isOpen()) await socket.close(); });

async function open({ key: apiKey, secret: apiSecret } = {}, more = {}) {
  const socket = new WSv2({ apiKey, apiSecret, url: demo.sandbox.ws, transform: true, reconnectDelay: 100, ...more });
  socket.on('error', (error) => { errors.push(error); });
  await socket.open();
  sockets.push(socket);
  return socket;
}

/* Five operations a second (C1). */
const client = (key) => new Proxy(new RESTv2({ apiKey: key.key, apiSecret: key.secret, url: demo.sandbox.rest, transform: true }), {
  get: (rest, name) => async (...args) => { await pause(250); return rest[name](...args); },
});
const control = (command, body) => client(mine)._makeAuthRequest(`/auth/w/sandbox/${command}`, body);

function hear(register, wanted = () => true) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`nothing came: ${errors.map((error) => error.message ?? JSON.stringify(error)).join()}`)), WAIT_MS);
    register((said) => {
      if (!wanted(said)) return;
      clearTimeout(timer);
      resolve(said);
    });
  });
}

test('whoever reconnects has its channels and its account again', { timeout }, async () => {
  const ws = await open();
  assert.equal(ws.getURL(), demo.sandbox.ws);
  assert.equal(ws.usesAgent(), false);
  ws.updateAuthArgs({ apiKey: mine.key, apiSecret: mine.secret });
  assert.equal(ws.getAuthArgs().apiKey, mine.key);
  await ws.auth();
  const first = hear((cb) => ws.onTicker({ symbol }, cb));
  await ws.subscribeTicker(symbol);
  await first;
  const again = hear((cb) => ws.onTicker({ symbol }, cb));
  await pause(1000);
  await ws.reconnect();
  assert.ok(ws.isAuthenticated() && !ws.isReconnecting());
  await again;
});

test('whoever is cut off comes back by itself', { timeout }, async () => {
  const ws = await open(theirs, { autoReconnect: true });
  await ws.auth();
  const first = hear((cb) => ws.onTicker({ symbol }, cb));
  await ws.subscribeTicker(symbol);
  await first;
  const closed = once(ws, 'close'), back = once(ws, 'auth');
  await client(theirs)._makeAuthRequest('/auth/w/sandbox/inject', { kind: 'disconnect' });
  await closed;
  const again = hear((cb) => ws.onTicker({ symbol }, cb));
  await back;
  await again;
  /* Else the new beginning below cuts it off, too, and whoever is on the way back can't be closed. */
  await ws.close();
});

test('operations that are held back for a moment travel together', { timeout }, async () => {
  const ws = await open(mine, { orderOpBufferDelay: 50 });
  await pause(1000);
  await ws.auth();
  const asked = [];
  ws._ws.send = ((send) => (text) => { asked.push(JSON.parse(text)); send.call(ws._ws, text); })(ws._ws.send);
  const orders = await Promise.all([1, 2, 3].map((n) => ws.submitOrder({ symbol, type: 'EXCHANGE LIMIT', amount: 0.01, price: 1000 + n, cid: Date.now() + n })));
  assert.equal(new Set(orders.map(([id]) => id)).size, 3);
  assert.deepEqual(asked.map(([, type]) => type), ['ox_multi']);
  await pause(1000);
  await ws.cancelOrders(orders.map(([id]) => id));
});

test('maintenance is told when it begins and when it ends', { timeout }, async () => {
  const ws = await open();
  const began = hear((cb) => ws.onMaintenanceStart(cb));
  const ended = hear((cb) => ws.onMaintenanceEnd(cb));
  await control('inject', { kind: 'maintenance', for_ms: 500 });
  assert.equal((await began).code, 20060);
  assert.equal((await ended).code, 20061);
});

test('a loan of ours: offered, taken, kept and given back, told on both sides', { timeout }, async () => {
  await control('preset', { preset: 'frozen' });
  const [lender, borrower] = [client(theirs), client(mine)], funding = { symbol: 'fUSD' };
  const money = { currency: 'USD', currencyTo: 'USD', from: 'exchange' };
  await lender.transfer({ ...money, to: 'funding', amount: '1000' });
  await borrower.transfer({ ...money, to: 'margin', amount: '100' });
  const [lends, borrows] = [await open(theirs), await open(mine)];
  await pause(1000);
  const snapshots = Promise.all([hear((cb) => lends.onFundingCreditSnapshot({}, cb)), hear((cb) => borrows.onFundingCreditSnapshot({}, cb))]);
  await lends.auth();
  await borrows.auth();
  assert.deepEqual(await snapshots, [[], []]);
  const on = (ws, name) => hear((cb) => ws[name](funding, cb));
  /* The client looks for the symbol where the id stands. */
  const traded = (ws, name) => hear((cb) => ws[name]({}, cb));
  const book = await new RESTv2({ url: demo.sandbox.rest }).orderBook({ symbol: 'fUSD', prec: 'P0' });
  const best = Math.min(...book.filter(([, , , amount]) => amount > 0).map(([cheapest]) => cheapest));
  const rate = Math.floor(best * 1e8 - 1) / 1e8; // the first to be taken, and above all bids
  const placed = on(lends, 'onFundingOfferNew');
  await lender.submitFundingOffer({ offer: new FundingOffer({ ...funding, type: 'LIMIT', amount: 400, rate, period: 2 }) });
  const { id: offer } = await placed;
  const heard = Promise.all([on(lends, 'onFundingOfferUpdate'), traded(lends, 'onFundingTradeEntry'), traded(lends, 'onFundingTradeUpdate'),
    on(lends, 'onFundingLoanNew'), on(borrows, 'onFundingLoanNew')]);
  await borrower.submitFundingOffer({ offer: new FundingOffer({ ...funding, type: 'LIMIT', amount: -150, rate: 0.05, period: 2 }) });
  const [left, entry, update, given, taken] = await heard;
  assert.deepEqual([left.id, left.amount], [offer, 250]);
  assert.equal(entry.id, update.id);
  assert.deepEqual([given.id, given.amount, given.side], [taken.id, 150, 1]);
  assert.equal(taken.side, -1);
  const kept = on(lends, 'onFundingLoanUpdate');
  await borrower.keepFunding({ type: 'loan', id: [taken.id] });
  assert.equal((await kept).id, given.id);
  const gone = Promise.all([on(lends, 'onFundingLoanClose'), on(borrows, 'onFundingLoanClose')]);
  await borrower.closeFunding({ id: taken.id, type: 'loan' });
  assert.deepEqual((await gone).map(({ id }) => id), [given.id, given.id]);
  const closed = on(lends, 'onFundingOfferClose');
  await lender.cancelFundingOffer({ id: offer });
  assert.equal((await closed).id, offer);
});

test('sequence numbers that the client checks have no gap', { timeout }, async () => {
  const ws = await open();
  await ws.enableSequencing();
  assert.ok(ws.sequencingEnabled() && ws.isFlagEnabled(WSv2.flags.SEQ_ALL));
  const told = hear((cb) => ws.onOrderBook({ symbol, prec: 'P0', len: '25' }, cb));
  await ws.subscribeOrderBook(symbol);
  await ws.subscribeTicker(symbol);
  await told;
  await control('preset', { preset: 'volatile' });
  let messages = 0;
  await hear((cb) => ws.onMessage({}, cb), () => (messages += 1) === 50);
});

test('a venue that begins anew says so, and the client comes back', { timeout }, async () => {
  const ws = await open(mine, { autoReconnect: true });
  await pause(1000);
  await ws.auth();
  const told = hear((cb) => ws.onServerRestart(cb)), back = once(ws, 'auth');
  await control('reset', { seed: 7 });
  assert.equal((await told).code, 20051);
  await back;
});

test('no error came to any of them', () => {
  assert.deepEqual(errors.map((error) => error.message ?? JSON.stringify(error)), []);
});
