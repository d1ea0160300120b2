/* The whole spot life of a bot on stock ccxt: only address, CA and keys differ from the venue's.
 *
 *   NODE_EXTRA_CA_CERTS=run/…/ca.pem LATCHKEY_DEMO=run/demo.json node --test ccxt.mjs
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import ccxt from 'ccxt';

const demo = JSON.parse(readFileSync(process.env.LATCHKEY_DEMO, 'utf8'));
const symbol = 'BTC/USD';

function client(environment, key) {
  const address = demo[environment].rest;
  return new ccxt.bitfinex({
    apiKey: key.key,
    secret: key.secret,
    enableRateLimit: true,
    rateLimit: 85, // times the cost of a call: five a second (C1), where the venue has 90 a minute
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
  assert.ok((await maker.fetchL2OrderBook(symbol, 25)).bids.length > 0);
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

/* Withdrawals are confirmed by mail and positions granted by operators, so these keys do not come
 * with a try-out: tests/scenarios/clients.test.mjs adds them.  ccxt's own limiter waits six seconds
 * for an address and twenty for liquidations, so it is off, and `paced` keeps to the key's rate. */
const [tellerKey] = demo.sandbox.tellers ?? [];
const ifTeller = { skip: tellerKey === undefined && 'no key that may withdraw' };

function paced(bot) {
  bot.enableRateLimit = false;
  let free = 0;
  return new Proxy(bot, {
    get: (object, name) => (typeof object[name] !== 'function' ? object[name] : async (...args) => {
      const wait = Math.max(0, free - Date.now());
      free = Math.max(free, Date.now()) + 250;
      await pause(wait);
      return object[name](...args);
    }),
  });
}
const teller = paced(client('sandbox', tellerKey ?? demo.sandbox.keys[2]));

/* Asks until it is so; what the chain does takes seconds here. */
async function until(ask, is, timeout_ms = 60_000) {
  const give_up = Date.now() + timeout_ms;
  for (;;) {
    const reply = await ask();
    if (is(reply)) return reply;
    assert.ok(Date.now() < give_up, `it stays ${JSON.stringify(reply)}`);
  }
}

test('currencies know their networks, fees and limits', async () => {
  await teller.loadMarkets();
  const { BTC, ETH, USDT } = teller.currencies;
  assert.equal(BTC.fee, 0.0004);
  assert.equal(ETH.networks.ETH.id, 'ethereum');
  assert.deepEqual(Object.keys(USDT.networks).sort(), ['ERC20', 'TRC20']);
  assert.deepEqual(Object.keys(await teller.fetchCurrencies()).sort(), ['BTC', 'ETH', 'LTC', 'USD', 'USDT']);
  assert.equal((await teller.fetchMarkets()).length, Object.keys(teller.markets).length);
});

test('transfer moves money between wallets, and refuses what is not there', ifTeller, async () => {
  const before = (await teller.fetchBalance({ type: 'margin' })).USD?.total ?? 0;
  const moved = await teller.transfer('USD', 25, 'spot', 'margin');
  assert.equal(moved.status, 'ok');
  assert.deepEqual([moved.amount, moved.fromAccount, moved.toAccount], [25, 'exchange', 'margin']);
  assert.equal((await teller.fetchBalance({ type: 'margin' })).USD.total, before + 25);
  assert.equal((await teller.transfer('USD', 5, 'margin', 'funding')).status, 'ok');
  await assert.rejects(teller.transfer('USD', 1e9, 'spot', 'margin'), ccxt.InsufficientFunds);
  const rows = (await teller.fetchLedger('USD')).filter(({ type }) => type === 'transfer');
  assert.ok(rows.length >= 4, `${rows.length} rows`);
});

test('an address is given, kept and renewed', ifTeller, async () => {
  const { address } = await teller.fetchDepositAddress('ETH');
  assert.equal((await teller.fetchDepositAddress('ETH')).address, address);
  assert.notEqual((await teller.createDepositAddress('ETH')).address, address);
  assert.match((await teller.fetchDepositAddress('USDT', { network: 'TRC20' })).address, /^T/);
});

test('a withdrawal is sent, and arrives as a deposit where the address belongs', ifTeller, async () => {
  const { address } = await teller.fetchDepositAddress('ETH', { wallet: 'funding' });
  const before = await teller.fetchBalance();
  const sent = await teller.withdraw('ETH', 2, address);
  assert.ok(Number(sent.id) > 0);
  const after = await teller.fetchBalance();
  assert.ok(Math.abs(before.ETH.total - after.ETH.total - 2.00135) < 1e-8, 'the fee is paid too');
  const [out] = (await teller.fetchDepositsWithdrawals('ETH')).filter(({ id }) => id === String(sent.id));
  assert.deepEqual([out.type, out.amount, out.fee.cost, out.addressTo], ['withdrawal', 2, 0.00135, address]);
  const pair = (rows) => {
    const gone = rows.find(({ id }) => id === String(sent.id));
    return [gone, rows.find(({ type, txid }) => type === 'deposit' && txid !== undefined && txid === gone.txid)];
  };
  const rows = await until(() => teller.fetchDepositsWithdrawals('ETH'), (all) => pair(all)[1]?.status === 'ok');
  const [gone, arrived] = pair(rows);
  assert.deepEqual([gone.status, arrived.amount, arrived.address], ['ok', 2, address]);
  assert.ok((await teller.fetchBalance({ type: 'funding' })).ETH.total >= 2);
  assert.ok((await teller.fetchTransactions()).length >= 2);
});

test('a withdrawal that cannot be is refused', ifTeller, async () => {
  await assert.rejects(teller.withdraw('ETH', 1e6, '0x0000000000000000000000'), ccxt.InsufficientFunds);
  await assert.rejects(teller.withdraw('ETH', 1, 'abcdef'), /Invalid Ethereum address/);
});

test('fees, ledger, status and own trades of an order', ifTeller, async () => {
  const fees = (await teller.fetchTradingFees())[symbol];
  assert.deepEqual([fees.maker, fees.taker], [0.001, 0.002]);
  assert.equal((await teller.fetchStatus()).status, 'ok');
  const order = await teller.createOrder(symbol, 'market', 'sell', 0.01);
  const trades = await teller.fetchOrderTrades(order.id, symbol);
  assert.ok(trades.length > 0 && trades.every((trade) => trade.order === order.id));
  assert.ok((await teller.fetchLedger()).length > 0);
  assert.equal((await teller.fetchClosedOrder(order.id, symbol)).id, order.id);
});

test('orders of each kind that there is, by the methods of their own', ifTeller, async () => {
  const { bid, ask } = await teller.fetchTicker(symbol);
  const low = Number(maker.priceToPrecision(symbol, bid * 0.6));
  const limit = await teller.createLimitOrder(symbol, 'buy', 0.01, low);
  assert.equal((await teller.fetchOrder(limit.id, symbol)).id, limit.id);
  assert.equal((await teller.fetchOpenOrder(limit.id, symbol)).id, limit.id);
  const post = await teller.createPostOnlyOrder(symbol, 'limit', 'buy', 0.01, low);
  assert.equal(post.postOnly, true);
  const [one, other] = await teller.createOrders([
    { symbol, type: 'limit', side: 'buy', amount: 0.01, price: low },
    { symbol, type: 'limit', side: 'sell', amount: 0.01, price: Number(maker.priceToPrecision(symbol, ask * 1.4)) },
  ]);
  await teller.cancelOrders([one.id, other.id]);
  await teller.createMarketOrder(symbol, 'buy', 0.01);
  await teller.cancelAllOrders();
  assert.deepEqual(await teller.fetchOpenOrders(symbol), []);
});

test('orders that wait for a price, by the methods of their own', ifTeller, async () => {
  const { bid, ask } = await teller.fetchTicker(symbol);
  const high = Number(maker.priceToPrecision(symbol, ask * 1.5));
  const low = Number(maker.priceToPrecision(symbol, bid * 0.5));
  const made = [
    await teller.createStopOrder(symbol, 'limit', 'buy', 0.01, high, high),
    await teller.createStopLimitOrder(symbol, 'buy', 0.01, high, high),
    await teller.createStopMarketOrder(symbol, 'sell', 0.01, low),
    await teller.createTriggerOrder(symbol, 'market', 'sell', 0.01, undefined, low),
    await teller.createTrailingAmountOrder(symbol, 'market', 'sell', 0.01, undefined, Math.round(bid * 0.5)),
  ];
  const open = await teller.fetchOpenOrders(symbol);
  assert.deepEqual(open.map(({ id }) => id).sort(), made.map(({ id }) => id).sort());
  assert.deepEqual(made.map(({ info }) => info[8]), [
    'EXCHANGE STOP LIMIT', 'EXCHANGE STOP LIMIT', 'EXCHANGE STOP', 'EXCHANGE STOP', 'EXCHANGE TRAILING STOP',
  ]);
  const reached = await teller.createStopMarketOrder(symbol, 'buy', 0.01, low); // the latest trade is above
  assert.equal((await teller.fetchClosedOrder(reached.id, symbol)).info[9], 'EXCHANGE STOP');
  await teller.cancelAllOrders();
  assert.deepEqual(await teller.fetchOpenOrders(symbol), []);
});

test('a position on margin, and an order that may only reduce it', ifTeller, async () => {
  const cross = { marginMode: 'cross' };
  await teller.transfer('USD', 2000, 'spot', 'margin');
  await teller.createOrder(symbol, 'market', 'buy', 0.1, undefined, cross);
  const [position] = await teller.fetchPositions();
  assert.deepEqual([position.contracts ?? Math.abs(position.info[2]), position.side], [0.1, 'long']);
  assert.ok(position.liquidationPrice < position.info[3]);
  const { last } = await teller.fetchTicker(symbol);
  const order = await teller.createReduceOnlyOrder(symbol, 'limit', 'sell', 0.1, last * 2, cross);
  assert.equal((await teller.fetchOpenOrder(order.id, symbol)).info[12], 1024);
  await assert.rejects(teller.createReduceOnlyOrder(symbol, 'limit', 'sell', 0.1, last * 2), /flags: invalid/);
  await teller.createOrder(symbol, 'market', 'sell', 0.1, undefined, cross);
  assert.deepEqual(await teller.fetchPositions(), []);
  assert.deepEqual(await teller.fetchOpenOrders(symbol), []); // nothing is left to reduce
});

test('what does not exist here is empty, not an error', ifTeller, async () => {
  assert.ok(Array.isArray(await teller.fetchLiquidations(symbol)));
  assert.deepEqual(await teller.fetchFundingRates([symbol]), {});
  assert.deepEqual(await teller.fetchFundingRateHistory(symbol), []);
  assert.deepEqual(await teller.fetchOpenInterestHistory(symbol), []);
});

const swap = 'BTC/USDT:USDT';

test('contracts: prices, funding and open interest', ifTeller, async () => {
  const market = await teller.market(swap);
  assert.deepEqual([market.id, market.swap, market.linear, market.settle], ['tBTCF0:USTF0', true, true, 'USDT']);
  assert.ok((await teller.fetchTicker(swap)).last > 0);
  const book = await teller.fetchOrderBook(swap, 25);
  assert.ok(book.bids.length > 0 && book.asks.length > 0 && book.bids[0][0] < book.asks[0][0]);
  assert.ok((await teller.fetchTrades(swap)).length > 0);
  assert.ok((await teller.fetchOHLCV(swap, '1h')).length > 1);
  const rate = await teller.fetchFundingRate(swap);
  assert.ok(rate.markPrice > 0 && rate.indexPrice > 0 && Math.abs(rate.fundingRate) <= 0.0025);
  assert.ok(rate.nextFundingTimestamp > Date.now() - 1000 && rate.nextFundingTimestamp % 28_800_000 === 0);
  assert.equal((await teller.fetchFundingRates([swap]))[swap].symbol, swap);
  assert.ok((await teller.fetchFundingRateHistory(swap)).length > 20);
  assert.ok((await teller.fetchOpenInterest(swap)).openInterestAmount > 0);
  assert.ok((await teller.fetchOpenInterests())[swap].openInterestAmount > 0);
  assert.ok((await teller.fetchOpenInterestHistory(swap)).length > 20);
});

test('a position in contracts: money moved, opened, backed, closed', ifTeller, async () => {
  await teller.transfer('USDT', 5000, 'spot', 'derivatives');
  const order = await teller.createOrder(swap, 'market', 'buy', 0.1, undefined, { leverage: 20 });
  assert.equal(order.info[8], 'MARKET');
  const [position] = await teller.fetchPositions();
  assert.deepEqual([position.symbol, position.side, position.info[15]], [swap, 'long', 1]);
  assert.ok(position.collateral > 100 && position.liquidationPrice < position.entryPrice);
  const { amount } = await teller.setMargin(swap, 1000);
  assert.ok(amount === undefined || amount === 1000);
  const [backed] = await teller.fetchPositions();
  assert.equal(backed.info[17], 1000);
  assert.ok(backed.liquidationPrice < position.liquidationPrice);
  await teller.createOrder(swap, 'market', 'sell', 0.1);
  assert.deepEqual(await teller.fetchPositions(), []);
});
