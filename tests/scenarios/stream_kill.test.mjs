/* kill -9 of the exchange under 32 WebSocket sessions behind the real nginx: whatever a session was
 * told is there once after it, orders, changes, cancels, trades and wallets, and money adds up.
 *
 * A session is told things by what answers it (`n`) and by what it hears of its account (`on`, `ou`,
 * `oc`, `te`, `tu`, `wu`); two sessions share each account.  What was under way when the exchange died
 * may have happened or not, but never twice: no client says a thing again.  Snapshots of its state
 * are written all the while, so that the next start finds one of moments before, or part of one. */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Listener, skip } from './listener.mjs';
import { eventually, seeded, startRig } from './rig.mjs';

const KILLS = Number(process.env.LATCHKEY_STREAM_KILLS ?? 10);
const SESSIONS = 32, SESSIONS_EACH = 2;
const CHECK_EVERY = 10; // kills: histories are bounded, and so are their pages
const PAGE = 2500;

let rig, random;
before(async () => {
  if (skip) return;
  random = seeded('stream_kill');
  rig = await startRig({ keys: SESSIONS, keysEach: SESSIONS_EACH, exchange: ['--market', 'off', '--snapshot-every', '50'] });
});
after(async () => { await rig?.stop(); });

const units = (number) => Math.round(number * 1e8);
const farFrom = (buys) => (buys ? 9000 : 12_000) + random.below(8); // the market is at 10 000
const fillOf = ([id, , , order]) => `${id} ${order}`;

/* What the sessions of one account were told. */
class Account {
  constructor(key) {
    Object.assign(this, { key, sessions: [], fees: new Map(), fills: new Map(), prices: new Map() });
    this.forget();
    this.counts = { orders: 0, updates: 0, cancels: 0, trades: 0, wallets: 0 };
  }

  /* What was checked, and has ended, is nobody's business any more. */
  forget() {
    Object.assign(this, { orders: new Map(), ended: new Map(), canceled: new Set(), trades: new Map(),
      executed: new Map(), wallets: [] });
  }

  get told() { return this.counts.orders + this.counts.updates + this.counts.cancels; }

  take([, type, row]) {
    const note = type === 'n' && row[6] === 'SUCCESS' ? row[1] : undefined;
    if (note === 'on-req') { this.#order(row[4]); this.prices.set(row[4][0], [row[4][16]]); }
    else if (note === 'ou-req') this.#price(row[4]);
    else if (note === 'oc-req') this.#canceled(row[4]);
    else if (type === 'on') this.#order(row);
    else if (type === 'ou') this.#order(row);
    else if (type === 'oc') { this.#order(row); this.ended.set(row[0], row); }
    else if (type === 'te') this.executed.set(fillOf(row), row);
    else if (type === 'tu') { this.trades.set(fillOf(row), row); this.counts.trades += 1; }
    else if (type === 'wu') { this.wallets.push(row); this.counts.wallets += 1; }
  }

  #order(row) {
    if (!this.orders.has(row[0])) this.counts.orders += 1;
    this.orders.set(row[0], row[2]);
  }

  #price(row) {
    this.prices.set(row[0], [row[16]]);
    this.counts.updates += 1;
  }

  #canceled(row) {
    this.canceled.add(row[0]);
    this.counts.cancels += 1;
  }
}

/* One client: a connection at a time, one request under way at a time. */
class Session {
  constructor(account, key, number) {
    Object.assign(this, { account, key, number, cid: 0, open: [], rounds: 0 });
  }

  /* Until the exchange is killed. */
  async trade() {
    this.rounds += 1;
    /* Twenty connections a minute are what an address may open. */
    const bot = new Listener(rig, { url: `wss://127.0.0.1:${rig.ports.sandbox}/ws/2`, address: `127.${1 + (this.rounds >> 8)}.${this.rounds & 255}.${1 + this.number}` });
    const fills = new Set();
    let over = false;
    bot.closed.then(() => { over = true; });
    bot.socket.prependListener('message', (text) => {
      const said = JSON.parse(text);
      if (said[0] !== 0) return;
      this.account.take(said);
      if (said[1] !== 'tu') return;
      assert.ok(!fills.has(fillOf(said[2])), 'a trade is told once');
      fills.add(fillOf(said[2]));
    });
    try {
      await bot.hear();
      const { status, msg } = await bot.login(this.key);
      assert.equal(status, 'OK', msg);
      await bot.hearUntil((said) => said[1] === 'bu');
      for (;;) await this.#step(bot);
    } catch (error) {
      if (!over && bot.socket.readyState <= 1) throw error;
      await bot.closed;
    }
  }

  async #step(bot) {
    const choice = random.below(10), at = random.below(this.open.length);
    if (choice < 2 && this.open.length > 0) {
      const [{ id }] = this.open.splice(at, 1);
      this.#refusedOnlyIfGone(await bot.ask('oc', { id }));
    } else if (choice < 5 && this.open.length > 0) {
      const { id, buys } = this.open[at], price = farFrom(buys);
      this.account.prices.get(id).push(price); // from here on it may be either
      const reply = await bot.ask('ou', { id, price: String(price) });
      if (this.#refusedOnlyIfGone(reply)) this.open.splice(at, 1);
    } else {
      this.cid += 1;
      const buys = random.below(2) === 1, price = random.below(3) === 0 ? 10_000 + random.below(8) : farFrom(buys);
      const [, , note] = await bot.ask('on', { type: 'EXCHANGE LIMIT', symbol: 'tBTCUSD', amount: buys ? '0.001' : '-0.001',
        price: String(price), cid: this.number * 1e6 + this.cid });
      assert.equal(note[6], 'SUCCESS', note[7]);
      this.open.push({ id: note[4][0], buys });
      if (this.open.length > 20) await this.#clear(bot);
    }
  }

  /* True: it was filled, or cancelled by the answer that did not come. */
  #refusedOnlyIfGone([, , note]) {
    assert.ok(note[6] === 'SUCCESS' || /not found/i.test(note[7]), note[7]);
    return note[6] !== 'SUCCESS';
  }

  async #clear(bot) {
    const [, , note] = await bot.ask('oc_multi', { id: this.open.splice(0).map(({ id }) => id) });
    assert.equal(note[6], 'SUCCESS', note[7]);
    for (const order of note[4]) this.account.canceled.add(order[0]);
  }
}

async function list(key, path, body = { limit: PAGE }) {
  const { status, json, text } = await rig.call(key, { path: `v2/auth/r/${path}`, body: JSON.stringify(body) });
  assert.equal(status, 200, text);
  return json;
}

/* All rows of a history, newest first: pages end at the time of the oldest row so far. */
async function everything(key, path, idOf) {
  const rows = new Map();
  for (let end; ;) {
    const page = await list(key, path, { limit: PAGE, ...(end && { end }) });
    for (const row of page) rows.set(idOf(row), row);
    if (page.length < PAGE) return [...rows.values()];
    const oldest = Math.min(...page.map((row) => (path.startsWith('trades') ? row[2] : path.startsWith('ledgers') ? row[3] : row[5])));
    assert.ok(oldest !== end, 'pages advance');
    end = oldest;
  }
}

/* Everything told is there once. */
async function compare(account) {
  const { key } = account;
  const active = await list(key, 'orders', {}), ended = await list(key, 'orders/hist');
  const trades = await everything(key, 'trades/hist', fillOf), ledger = await everything(key, 'ledgers/hist', ([id]) => id);
  const orders = new Map([...active, ...ended].map((order) => [order[0], order]));
  const isActive = new Set(active.map(([id]) => id));
  assert.equal(orders.size, active.length + ended.length, 'no order is active and ended');
  assert.equal(new Set([...orders.values()].map((order) => order[2])).size, orders.size, 'none was carried out twice');
  for (const [id, cid] of account.orders) assert.equal(orders.get(id)?.[2], cid, `order ${id} is gone`);
  for (const [id, prices] of account.prices) {
    if (isActive.has(id)) assert.ok(prices.includes(orders.get(id)[16]), `order ${id} is at ${orders.get(id)[16]}, told ${prices}`);
  }
  for (const id of account.canceled) {
    assert.ok(!isActive.has(id), `order ${id} is back`);
    assert.match(orders.get(id)[13], /CANCELED/);
  }
  for (const [id, row] of account.ended) {
    assert.ok(!isActive.has(id), `order ${id} had ended and is back`);
    assert.deepEqual(orders.get(id), row);
  }
  const fills = new Map(trades.map((trade) => [fillOf(trade), trade]));
  for (const [fill, trade] of account.trades) assert.deepEqual(fills.get(fill), trade, `trade ${fill} is gone`);
  for (const [fill, trade] of account.executed) assert.deepEqual(fills.get(fill)?.slice(0, 6), trade.slice(0, 6), `trade ${fill} is gone`);
  const balances = new Set(ledger.map((row) => `${row[2]} ${row[1]} ${row[6]}`));
  for (const [type, currency, balance] of account.wallets)
    assert.ok(balances.has(`${type} ${currency} ${balance}`), `${currency} was told to be ${balance}, and never was`);
  for (const [fill, trade] of fills) {
    if (account.fills.has(fill)) continue;
    account.fills.set(fill, units(trade[4]));
    account.fees.set(trade[10], (account.fees.get(trade[10]) ?? 0) - units(trade[9]));
  }
  const sums = new Map(account.fees);
  for (const [type, currency, balance, , free] of await list(key, 'wallets', {})) {
    assert.ok(free >= 0 && free <= balance, currency);
    let left = units(balance);
    for (const row of ledger.filter(([, unit, wallet]) => wallet === type && unit === currency)) {
      assert.equal(units(row[6]), left, `the ledger of ${currency}`);
      left -= units(row[5]);
    }
    sums.set(currency, (sums.get(currency) ?? 0) + units(balance));
  }
  return sums;
}

async function compareAll(accounts, given) {
  const sums = new Map(), sides = new Map();
  for (const account of accounts) {
    for (const [currency, sum] of await compare(account)) sums.set(currency, (sums.get(currency) ?? 0) + sum);
    for (const [fill, amount] of account.fills) sides.set(fill.split(' ')[0], (sides.get(fill.split(' ')[0]) ?? 0) + amount);
  }
  assert.deepEqual([...sums].sort(), [...given].sort(), 'money is what was given, fees included');
  assert.ok([...sides.values()].every((sum) => sum === 0), 'each trade has its buyer and its seller');
  return sides.size;
}

test(`kill -9 of the exchange under ${SESSIONS} sessions, ${KILLS} times, loses and doubles nothing`,
  { skip, timeout: 60_000 + KILLS * 10_000 }, async (t) => {
    const accounts = [], given = new Map();
    for (let n = 0; n < SESSIONS; n += 1) {
      if (n % SESSIONS_EACH === 0) accounts.push(new Account(rig.keys[n]));
      accounts.at(-1).sessions.push(new Session(accounts.at(-1), rig.keys[n], n));
    }
    for (const { key } of accounts) {
      for (const [, currency, balance] of await list(key, 'wallets', {})) given.set(currency, (given.get(currency) ?? 0) + units(balance));
    }
    const told = () => accounts.reduce((sum, account) => sum + account.told, 0);
    let trades;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const enough = told() + 400 + random.below(800);
      const sessions = accounts.flatMap((account) => account.sessions.map((session) => session.trade()));
      await eventually('sessions trade', () => told() >= enough);
      await rig.exchange.kill();
      await Promise.all(sessions);
      await rig.exchange.start();
      await rig.answers();
      if (kill % CHECK_EVERY !== 0 && kill !== KILLS) continue;
      trades = await compareAll(accounts, given);
      if (kill !== KILLS) for (const account of accounts) account.forget();
    }
    /* And from the journal alone. */
    const snapshot = join(rig.dataFolder, 'exchange-sandbox/snapshot');
    assert.ok(existsSync(snapshot));
    await rig.exchange.kill();
    rmSync(snapshot);
    await rig.exchange.start();
    await rig.answers();
    assert.equal(await compareAll(accounts, given), trades);
    const sum = (what) => accounts.reduce((total, { counts }) => total + counts[what], 0);
    t.diagnostic(`told of ${['orders', 'updates', 'cancels', 'trades', 'wallets'].map((what) => `${sum(what)} ${what}`).join(', ')}`);
    for (const what of ['orders', 'updates', 'cancels', 'trades', 'wallets']) assert.ok(sum(what) > 20 * KILLS, `${what}: ${sum(what)}`);
  });
