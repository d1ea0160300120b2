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
const { FundingOffer, Order } = require('bfx-api-node-models');

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

/* Withdrawals are confirmed by mail and positions granted by operators: such a key does not come
 * with a try-out, tests/scenarios/clients.test.mjs adds it. */
const [, tellerKey] = demo.sandbox.tellers ?? [];
const ifTeller = { skip: tellerKey === undefined && 'no key that may withdraw' };
const teller = paced(client('sandbox', tellerKey ?? demo.sandbox.keys[6]));
const refused = (pattern, code) => (error) => error.code === code && pattern.test(JSON.stringify(error.response ?? error.message));
const HOUR_MS = 3_600_000;

test('the past: tickers, candles, statistics, liquidations', async () => {
  const rows = await bot.tickersHistory({ symbols: [symbol], limit: 5 });
  assert.ok(rows.length > 0 && rows.every((row) => row.symbol === symbol && row.bid < row.ask));
  const all = await bot.tickersHistory({ start: Date.now() - 2 * HOUR_MS, end: Date.now(), limit: 250 });
  assert.ok(all.length > rows.length / 5 && all.every((row) => row.mtsUpdate >= Date.now() - 3 * HOUR_MS));
  const last = await bot.candles({ symbol, timeframe: '1h', section: 'last' });
  assert.ok(last.high >= last.low);
  const [, volume] = await bot.stats({ key: 'vol.1d:30m:BFX', context: 'last' });
  assert.ok(volume > 0);
  const [[, average]] = await bot.stats({ key: `vwap:1d:${symbol}`, context: 'hist' });
  const { lastPrice } = await bot.ticker({ symbol });
  assert.ok(average > lastPrice / 2 && average < lastPrice * 2);
  assert.ok((await bot.stats({ key: `pos.size:1m:${symbol}:long`, context: 'last' }))[1] >= 0);
  const [, lent] = await bot.stats({ key: 'funding.size:1m:fUSD', context: 'last' }), [, used] = await bot.stats({ key: 'credits.size:1m:fUSD', context: 'last' });
  assert.ok(lent > 0 && used <= lent);
  assert.deepEqual(await bot.liquidations(), []);
  const [contract] = await bot.statusMessages({ type: 'deriv', keys: ['ALL'] });
  assert.equal(contract.key, 'tBTCF0:USTF0');
  assert.ok(contract.price > 0 && contract.priceSpot > 0 && contract.fundBal !== undefined);
});

test('averages and rates', async () => {
  const { bid, ask } = await bot.ticker({ symbol });
  const [price, amount] = await bot.marketAveragePrice({ symbol, amount: '0.01' });
  assert.ok(price > bid && price < ask * 1.05 && amount === 0.01, `${price} for ${amount}`);
  const [sold] = await bot.marketAveragePrice({ symbol, amount: '-0.01' });
  assert.ok(sold < ask);
  const rate = await bot.exchangeRate({ ccy1: 'BTC', ccy2: 'USD' });
  assert.ok(rate > bid * 0.9 && rate < ask * 1.1);
});

test('what the venue is configured for', async () => {
  assert.ok((await bot.symbolDetails()).length > 0);
  assert.deepEqual(await bot.inactiveSymbols(), []);
  assert.deepEqual(await bot.futures(), ['BTCF0:USTF0']);
  assert.ok((await bot.currencies()).some((currency) => JSON.stringify(currency).includes('Bitcoin')));
  assert.ok((await bot.accountFees()).length > 0);
  assert.equal((await bot.conf({ keys: ['pub:list:currency', 'pub:fees'] })).length, 2);
});

test('settings are kept, read and deleted', async () => {
  const [, type, , , [count]] = await raw.updateSettings({ settings: { 'api:bot': { gap: [1, 2.5] }, 'api:name': 'x' } });
  assert.deepEqual([type, count], ['acc_ss', 2]);
  assert.deepEqual(await raw.getSettings({ keys: ['api:bot'] }), [['api:bot', { gap: [1, 2.5] }]]);
  await raw.deleteSettings({ keys: ['api:bot', 'api:name'] });
  assert.deepEqual(await raw.getSettings({ keys: ['api:*'] }), []);
  assert.deepEqual(await raw.getCoreSettings({ keys: ['bfx:theme'] }), []);
});

test('alerts are set, listed and deleted', async () => {
  const alert = await bot.alertSet({ type: 'price', symbol, price: 1000 });
  assert.deepEqual([alert.key, alert.price], [`price:${symbol}:1000`, 1000]);
  assert.equal((await bot.alertList({ type: 'price' })).length, 1);
  assert.deepEqual(await bot.alertDelete({ symbol, price: 1000 }), [true]);
  assert.deepEqual(await bot.alertList({ type: 'price' }), []);
});

test('balances of the past, sums of trades, changes and logins', async () => {
  assert.ok((await bot.walletsHistory({ end: Date.now() })).some(({ type, currency }) => type === 'exchange' && currency === 'USD'));
  assert.ok((await bot.getWeightedAverages({ symbol })).tradeCount > 0);
  assert.ok((await bot.changeLogs({ limit: 5 })).length > 0);
  assert.deepEqual(await bot.logins(), []);
  assert.ok((await raw.accountSummary()).length === 10);
  const [available] = await raw.calcAvailableBalance({ symbol, type: 'EXCHANGE', dir: 1, rate: '50000' });
  assert.ok(available > 0);
  assert.deepEqual(await raw.performance(), []);
});

test('orders by id, by client id and many at once', async () => {
  const { bid } = await bot.ticker({ symbol });
  const price = Math.floor(bid * 0.7), date = new Date().toISOString().slice(0, 10);
  const order = (cid) => new Order({ symbol, type: Order.type.EXCHANGE_LIMIT, amount: 0.02, price, cid });
  const cid = Date.now();
  await raw.submitOrder({ order: order(cid) });
  const [[id]] = (await raw.activeOrders()).filter((row) => row[2] === cid);
  assert.equal((await raw.activeOrdersWithIds({ ids: [id] })).length, 1);
  await raw.cancelOrderWithCid({ cid, date });
  assert.equal((await raw.orderHistoryWithIds({ ids: [id] }))[0][0], id);
  assert.deepEqual(await raw.orderTrades({ symbol, orderId: id }), []);
  const placed = await raw.submitOrderMulti({ orders: [order(cid + 1), order(cid + 2)] });
  const ids = placed.notifyInfo.map((notice) => notice[4][0][0]);
  assert.equal(new Set(ids).size, 2);
  await raw.updateOrderMulti({ orders: ids.map((each) => ({ id: each, price: String(price + 1) })) });
  assert.ok((await raw.activeOrdersWithIds({ ids })).every((row) => row[16] === price + 1));
  await raw.orderMultiOp({ ops: [['oc', { id: ids[0] }]] });
  await raw.cancelOrders({ ids: [ids[1]] });
  assert.deepEqual(await raw.activeOrdersWithIds({ ids }), []);
  await raw.submitOrder({ order: order(cid + 3) });
  assert.equal((await raw.cancelOrderMulti({ all: 1 })).status, 'SUCCESS');
  assert.deepEqual(await raw.activeOrders(), []);
});

test('money between wallets, in and out', ifTeller, async () => {
  const moved = await teller.transfer({ from: 'exchange', to: 'funding', currency: 'USD', currencyTo: 'USD', amount: '12.5' });
  assert.ok(JSON.stringify(moved).includes('12.5'), JSON.stringify(moved));
  const given = await teller.getDepositAddress({ wallet: 'exchange', method: 'litecoin', opRenew: 0 });
  assert.match(JSON.stringify(given), /tltc1q/);
  const [id] = [].concat(await teller.withdraw({ wallet: 'exchange', method: 'litecoin', amount: '3', address: 'tltc1qelsewhere0', note: 'rent' }));
  const rows = await teller.movements({ ccy: 'LTC' });
  const mine = rows.find((row) => row.destinationAddress === 'tltc1qelsewhere0');
  assert.equal(Number(mine.amount), -3);
  assert.ok(Number(id?.id ?? id) > 0 || mine.id > 0);
  assert.equal((await teller.movementInfo({ id: mine.id })).id, mine.id);
  await assert.rejects(teller.withdraw({ wallet: 'exchange', method: 'litecoin', amount: '1e6', address: 'tltc1qelsewhere0' }),
    refused(/available balance is only/, 10001));
  await assert.rejects(teller.generateInvoice({ wallet: 'exchange', currency: 'LNX', amount: '0.001' }), refused(/currency: invalid/, 10020));
  assert.deepEqual(await teller.lnxInvoicePayments({ action: 'getPaymentsByUser', query: {} }), []);
});

test('a position in contracts, and what backs it', ifTeller, async () => {
  await teller.transfer({ from: 'exchange', to: 'margin', currency: 'UST', currencyTo: 'USTF0', amount: '3000' });
  await teller.submitOrder({ order: new Order({ type: 'MARKET', symbol: 'tBTCF0:USTF0', amount: 0.05, lev: 10 }) });
  const open = (await teller.positions()).find((p) => p.symbol === 'tBTCF0:USTF0');
  assert.deepEqual([open.amount, open.type], [0.05, 1]);
  assert.ok(open.collateral > 100 && open.collateralMin < open.collateral);
  assert.equal(await teller.derivsPositionCollateralSet({ symbol: 'tBTCF0:USTF0', collateral: 1000 }), true);
  await teller.submitOrder({ order: new Order({ type: 'MARKET', symbol: 'tBTCF0:USTF0', amount: -0.05 }) });
  assert.ok(!(await teller.positions()).some((p) => p.symbol === 'tBTCF0:USTF0'));
});

test('positions: opened, looked at, claimed and closed', ifTeller, async () => {
  const margin = (amount, type = Order.type.MARKET, fields = {}) => teller.submitOrder({ order: new Order({ symbol, type, amount, ...fields }) });
  await teller.transfer({ from: 'exchange', to: 'margin', currency: 'USD', currencyTo: 'USD', amount: '2000' });
  await assert.rejects(teller.closePosition({ position_id: 1 }), /position not found/);
  await assert.rejects(margin(5, Order.type.LIMIT, { price: 90000 }), refused(/not enough tradable balance/, 10001));
  await margin(0.01);
  const [position] = await teller.positions();
  assert.deepEqual([position.symbol, position.status, position.amount, position.type], [symbol, 'ACTIVE', 0.01, 0]);
  assert.ok(position.basePrice > 0 && position.liquidationPrice < position.basePrice);
  const [credit] = await teller.fundingCredits({ symbol: 'fUSD' });
  assert.deepEqual([credit.side, credit.positionPair], [-1, symbol]);
  assert.ok(credit.amount > 0);
  const { userPL, marginNet } = await teller.marginInfo({ key: 'base' });
  assert.ok(marginNet > 1500 && Math.abs(userPL) < 500, `${userPL} ${marginNet}`);
  await teller.claimPosition({ id: position.id });
  assert.deepEqual(await teller.positions(), []);
  const held = (await teller.wallets()).find(({ type, currency }) => type === 'margin' && currency === 'BTC');
  assert.equal(held.balance, 0.01);
  await teller.transfer({ from: 'margin', to: 'exchange', currency: 'BTC', currencyTo: 'BTC', amount: '0.01' });
  await margin(-0.01);
  const [short] = await teller.positions();
  assert.ok(short.amount === -0.01 && short.liquidationPrice > short.basePrice);
  await teller.closePosition({ position_id: short.id });
  assert.deepEqual(await teller.positions(), []);
  const [closed] = await teller.positionsHistory();
  assert.deepEqual([closed.id, closed.status], [short.id, 'CLOSED']);
  assert.ok((await teller.positionsAudit({ id: [position.id] })).length >= 2);
  assert.deepEqual(await teller.positionsSnapshot({ id: [1] }), []);
  assert.ok((await teller.fundingCreditHistory({ symbol: 'fUSD' })).length >= 1);
});

test('money is offered, taken back, borrowed and given back', ifTeller, async () => {
  const funding = { symbol: 'fUSD' }, type = 'LIMIT';
  await teller.transfer({ from: 'exchange', to: 'funding', currency: 'USD', currencyTo: 'USD', amount: '1000' });
  await teller.transfer({ from: 'exchange', to: 'margin', currency: 'USD', currencyTo: 'USD', amount: '100' });
  const offer = (fields) => new FundingOffer({ type, ...funding, ...fields });
  await teller.submitFundingOffer({ offer: offer({ amount: 300, rate: 0.05, period: 30 }) });
  const [standing] = await teller.fundingOffers(funding);
  assert.deepEqual([standing.symbol, standing.amount, standing.rate, standing.period, standing.status], ['fUSD', 300, 0.05, 30, 'ACTIVE']);
  await teller.cancelFundingOffer({ id: standing.id });
  await teller.submitFundingOffer({ offer: offer({ amount: 200, rate: 0.06, period: 2 }) });
  await teller.cancelAllFundingOffers({ currency: 'USD' });
  assert.deepEqual(await teller.fundingOffers(funding), []);
  assert.equal((await teller.fundingOfferHistory(funding)).length, 2);
  /* The cheapest of the simulated lenders. */
  await teller.submitFundingOffer({ offer: offer({ amount: -150, rate: 0.05, period: 2 }) });
  const loans = await teller.fundingLoans(funding);
  assert.ok(loans.length >= 1);
  assert.ok((await teller.fundingTrades(funding)).length >= 1);
  const [, symbol, [rate]] = await teller.fundingInfo({ key: 'fUSD' });
  assert.equal(symbol, 'fUSD');
  assert.ok(rate > 0);
  await teller.keepFunding({ type: 'loan', id: loans.map(({ id }) => id) });
  for (const { id } of loans) await teller.closeFunding({ id, type: 'loan' });
  assert.deepEqual(await teller.fundingLoans(funding), []);
  assert.equal((await teller.fundingLoanHistory(funding)).length, loans.length);
  await teller.submitAutoFunding({ status: 1, currency: 'USD', amount: '200', rate: '0', period: 2 });
  await teller.submitAutoFunding({ status: 0, currency: 'USD', amount: '200', rate: '0', period: 2 });
  await assert.rejects(teller.submitFundingOffer({ offer: offer({ amount: 20, rate: 0.01, period: 2 }) }), refused(/minimum is 150.0 dollar/, 10001));
});
