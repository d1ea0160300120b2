/* The WebSocket half of stock ccxt: an account's orders, trades and balance.  Only address, CA and keys
 * differ from the venue's.
 *
 *   NODE_EXTRA_CA_CERTS=run/…/ca.pem LATCHKEY_DEMO=run/demo.json node --test ccxt_pro_account.mjs
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import ccxt from 'ccxt';

const demo = JSON.parse(readFileSync(process.env.LATCHKEY_DEMO, 'utf8'));
const symbol = 'BTC/USD', timeout = 60_000;
const { key: apiKey, secret } = demo.sandbox.keys[7];

const bot = new ccxt.pro.bitfinex({
  apiKey, secret, rateLimit: 85,
  urls: {
    api: {
      v1: demo.sandbox.rest, public: demo.sandbox.rest, private: demo.sandbox.rest,
      ws: { public: demo.sandbox.ws, private: demo.sandbox.ws },
    },
  },
});

let price;
before(async () => {
  await bot.loadMarkets();
  price = Number(bot.priceToPrecision(symbol, (await bot.fetchTicker(symbol)).bid * 0.7));
});
after(async () => { await bot.close(); });

/* Everything that a watch brings, from now on: what comes between two calls is lost on ccxt. */
function follow(watch) {
  const told = [];
  let wake = () => {}, ended = false;
  (async () => {
    while (!ended) {
      told.push(...[].concat(await watch()));
      wake();
    }
  })().catch((error) => { told.push({ error }); wake(); });
  return {
    async until(wanted) {
      for (let next = 0; ; next += 1) {
        while (next >= told.length) await new Promise((resolve) => { wake = resolve; });
        if (told[next].error) throw told[next].error;
        if (wanted(told[next])) return told[next];
      }
    },
    end() { ended = true; },
  };
}

test('watchBalance: what is there, told when it changes', { timeout }, async () => {
  const balance = await bot.watchBalance();
  assert.ok(balance.USD.total > 0, JSON.stringify(balance));
});

test('watchOrders: placed, and cancelled', { timeout }, async () => {
  const orders = follow(() => bot.watchOrders(symbol));
  const { id } = await bot.createOrder(symbol, 'limit', 'buy', 0.01, price);
  assert.equal((await orders.until((order) => order.id === id)).status, 'open');
  await bot.cancelOrder(id, symbol);
  assert.equal((await orders.until((order) => order.id === id && order.status !== 'open')).status, 'canceled');
  orders.end();
});

test('watchMyTrades: what an order of ours was filled with', { timeout }, async () => {
  const trades = follow(() => bot.watchMyTrades(symbol));
  const { id } = await bot.createOrder(symbol, 'market', 'buy', 0.001);
  const trade = await trades.until((each) => each.order === id);
  assert.equal(trade.side, 'buy');
  assert.ok(trade.amount > 0 && trade.price > price);
  trades.end();
});
