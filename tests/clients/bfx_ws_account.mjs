/* The venue's own client, bitfinex-api-node, unchanged but for address, CA and keys: an account over
 * its WSv2, with every operation that the client offers.
 *
 *   NODE_EXTRA_CA_CERTS=run/…/ca.pem LATCHKEY_DEMO=run/demo.json node --test bfx_ws_account.mjs
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { WSv2 } = require('bitfinex-api-node');
const { RESTv2 } = require('bfx-api-node-rest');
const { Order } = require('bfx-api-node-models');

const demo = JSON.parse(readFileSync(process.env.LATCHKEY_DEMO, 'utf8'));
const symbol = 'tBTCUSD', WAIT_MS = 60_000;
const [key, other] = [demo.sandbox.keys[5], demo.sandbox.keys[6]];

const errors = [], sockets = [];
let ws, price;

/* Opened, and not logged in yet. */
async function open({ key: apiKey, secret: apiSecret }) {
  const socket = new WSv2({ apiKey, apiSecret, url: demo.sandbox.ws, transform: true });
  socket.on('error', (error) => { errors.push(error); });
  const opened = once(socket, 'open');
  await socket.open();
  await opened;
  sockets.push(socket);
  return socket;
}

/* Five operations a second (C1): this client waits for ever where it is told so at login. */
async function login(socket, ...more) {
  await pause(1000);
  await socket.auth(...more);
}

/* The next thing that a handler hears and that `wanted` says yes to. */
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

const order = (more) => new Order({ type: Order.type.EXCHANGE_LIMIT, symbol, amount: 0.02, price, cid: cid += 1, ...more });
let cid = Date.now();

before(async () => {
  ws = await open(key);
  const ticker = hear((cb) => ws.onTicker({ symbol }, cb));
  await ws.subscribeTicker(symbol);
  price = Math.floor((await ticker).bid * 0.7);
});
after(async () => { for (const socket of sockets) if (socket.isOpen()) await socket.close(); });

test('a login is answered, and snapshots of all there is follow', { timeout: 2 * WAIT_MS }, async () => {
  const heard = Promise.all([
    hear((cb) => ws.onWalletSnapshot({}, cb)),
    hear((cb) => ws.onOrderSnapshot({}, cb)),
    hear((cb) => ws.onFundingOfferSnapshot({}, cb)),
    hear((cb) => ws.onFundingLoanSnapshot({}, cb)),
  ]);
  await login(ws);
  assert.ok(ws.isAuthenticated());
  const [wallets] = await heard;
  assert.ok(wallets.some(({ currency, type }) => currency === 'USD' && type === 'exchange'), JSON.stringify(wallets));
});

test('an order is submitted, updated and cancelled, and each is told as it comes true', { timeout: 2 * WAIT_MS }, async () => {
  const [placed, updated, closed] = ['onOrderNew', 'onOrderUpdate', 'onOrderClose'].map((name) => hear((cb) => ws[name]({ symbol }, cb)));
  const submitted = await ws.submitOrder({ order: order() });
  const { id } = await placed;
  assert.equal(submitted.id ?? submitted[0], id);
  await ws.updateOrder({ id, price: String(price + 1) });
  assert.equal((await updated).price, price + 1);
  await ws.cancelOrder(id);
  assert.match((await closed).status, /^CANCELED/);
});

test('a market order fills: the order, its trade twice, and the wallets', { timeout: 2 * WAIT_MS }, async () => {
  const heard = Promise.all([
    hear((cb) => ws.onAccountTradeEntry({ symbol }, cb)),
    hear((cb) => ws.onAccountTradeUpdate({ symbol }, cb)),
    hear((cb) => ws.onWalletUpdate({}, cb), ({ currency }) => currency === 'BTC'),
    hear((cb) => ws.onOrderClose({ symbol }, cb), ({ status }) => status.startsWith('EXECUTED')),
  ]);
  await ws.submitOrder({ order: order({ type: Order.type.EXCHANGE_MARKET, amount: 0.001, price: undefined }) });
  const [executed, told, wallet, closed] = await heard;
  assert.equal(executed.id, told.id);
  assert.equal(told.orderID, closed.id);
  assert.ok(told.fee < 0 && told.feeCurrency === 'BTC');
  assert.ok(wallet.balance > 0);
});

test('several orders in one message, and cancelled together', { timeout: 2 * WAIT_MS }, async () => {
  const mine = new Map();
  const all = hear((cb) => ws.onOrderNew({ symbol }, cb), ({ cid: each, id }) => { mine.set(each, id); return mine.size >= 3; });
  await pause(1000); // five a second (C1), and each operation counts
  await ws.submitOrderMultiOp([order(), order(), order()].map((each) => ['on', each.toNewOrderPacket()]));
  await all;
  await pause(1000);
  const closed = new Set();
  const gone = hear((cb) => ws.onOrderClose({ symbol }, cb), ({ id }) => closed.add(id).size >= 3);
  await ws.cancelOrders({ ids: [...mine.values()] });
  await gone;
  assert.deepEqual([...closed].sort(), [...mine.values()].sort());
});

test('what is refused comes as an error notification', { timeout: 2 * WAIT_MS }, async () => {
  const notice = hear((cb) => ws.onNotification({ type: 'on-req' }, cb), ({ status }) => status === 'ERROR');
  await assert.rejects(ws.submitOrder({ order: order({ amount: 1000 }) }));
  assert.match((await notice).text ?? '', /not enough exchange balance/);
});

test('balances and margins are calculated when asked', { timeout: 2 * WAIT_MS }, async () => {
  const heard = Promise.all([hear((cb) => ws.onBalanceInfoUpdate({}, cb)), hear((cb) => ws.onFundingInfoUpdate({}, cb))]);
  ws.requestCalc(['balance', 'funding_sym_fUSD']);
  const [balance, info] = await heard;
  assert.ok(balance.amount > 0, JSON.stringify(balance));
  assert.equal(info.symbol, 'fUSD');
});

test('margin and positions, of a key that may see them', { timeout: 2 * WAIT_MS, skip: demo.sandbox.tellers === undefined && 'no key that may see positions' }, async () => {
  const teller = await open(demo.sandbox.tellers[1]);
  const positions = hear((cb) => teller.onPositionSnapshot({}, cb));
  await login(teller);
  assert.deepEqual(await positions, []);
  const margin = hear((cb) => teller.onMarginInfoUpdate({}, cb));
  teller.requestCalc(['margin_base']);
  assert.equal((await margin)[0] ?? 'base', 'base');
  const heard = [];
  for (const name of ['onPositionNew', 'onPositionUpdate', 'onPositionClose', 'onFundingCreditNew', 'onFundingCreditClose'])
    teller[name]({}, (told) => { heard.push([name, told]); });
  const closed = hear((cb) => teller.onPositionClose({}, cb));
  const { key: apiKey, secret: apiSecret } = demo.sandbox.tellers[1];
  await new RESTv2({ apiKey, apiSecret, url: demo.sandbox.rest, transform: true }).transfer({ from: 'exchange', to: 'margin', currency: 'USD', currencyTo: 'USD', amount: '2000' });
  /* In one fill or in several. */
  const opened = hear((cb) => { teller.onPositionNew({}, cb); teller.onPositionUpdate({}, cb); }, ({ amount }) => amount === -0.01);
  await teller.submitOrder({ order: new Order({ symbol, type: Order.type.MARKET, amount: -0.01 }) });
  const { basePrice } = await opened;
  assert.ok(basePrice > 0, String(basePrice));
  const valued = hear((cb) => teller.onPositionUpdate({}, cb), ({ liquidationPrice }) => liquidationPrice !== null);
  teller.requestCalc([`position_${symbol}`]);
  assert.ok((await valued).liquidationPrice > basePrice);
  await teller.submitOrder({ order: new Order({ symbol, type: Order.type.MARKET, amount: 0.01, flags: Order.flags.POS_CLOSE }) });
  assert.equal((await closed).status, 'CLOSED');
  const names = heard.map(([name]) => name);
  assert.ok(names.indexOf('onFundingCreditNew') < names.indexOf('onPositionNew') && names.includes('onFundingCreditClose'), names.join());
});

test('a note of one connection reaches the others of its account', { timeout: 2 * WAIT_MS }, async () => {
  const second = await open(key);
  await login(second);
  const heard = hear((cb) => second.onNotification({}, cb), ({ type }) => type === 'ucm-notify-ui');
  ws.notifyUI({ type: 'success', message: 'hello' });
  assert.equal((await heard).notifyInfo.message, 'hello');
  await second.close();
});

test('an offer of funding stands and goes', { timeout: 2 * WAIT_MS }, async () => {
  const rest = new RESTv2({ apiKey: key.key, apiSecret: key.secret, url: demo.sandbox.rest, transform: true });
  await rest.transfer({ from: 'exchange', to: 'margin', currency: 'USD', currencyTo: 'USD', amount: '5' });
  const [placed, gone] = ['onFundingOfferNew', 'onFundingOfferClose'].map((name) => hear((cb) => ws[name]({ symbol: 'fUSD' }, cb)));
  ws.send([0, 'fon', null, { type: 'LIMIT', symbol: 'fUSD', amount: '-150', rate: '0.000001', period: 2 }]);
  const { id, amount } = await placed;
  assert.equal(amount, -150);
  ws.send([0, 'foc', null, { id }]);
  assert.equal((await gone).id, id);
});

test('who leaves with the switch set leaves no order behind (dms)', { timeout: 2 * WAIT_MS }, async () => {
  const leaving = await open(other);
  await login(leaving, undefined, 4);
  const placed = hear((cb) => leaving.onOrderNew({ symbol }, cb));
  await leaving.submitOrder({ order: order() });
  const { id } = await placed;
  await leaving.close();
  const back = await open(other);
  const snapshot = hear((cb) => back.onOrderSnapshot({}, cb));
  await login(back);
  assert.ok(!(await snapshot).some((each) => each.id === id));
});

test('no error came but those that were provoked', () => {
  assert.deepEqual(errors.filter((error) => !/not enough exchange balance/.test(error.message ?? JSON.stringify(error))), []);
});
