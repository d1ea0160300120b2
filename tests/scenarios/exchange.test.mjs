/* The exchange alone, over its Unix socket: what only a real process can show. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const latchkey = process.env.LATCHKEY ?? 'build/latchkey';
const folder = mkdtempSync(join(tmpdir(), 'latchkey-exchange-'));
const run = join(folder, 'run');
const socketPath = join(run, 'exchange-sandbox.sock');
const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
const running = new Set();

after(() => {
  for (const child of running) child.kill('SIGKILL');
  agent.destroy();
  rmSync(folder, { recursive: true, force: true });
});

function launch(...more) {
  const data = more.includes('--data') ? [] : ['--data', join(folder, 'data')];
  const child = spawn(latchkey, ['exchange', '--environment', 'sandbox', '--run', run, ...data, ...more], { stdio: ['ignore', 'ignore', 'pipe'] });
  running.add(child);
  child.said = '';
  child.stderr.on('data', (text) => { child.said += text; child.emit('said'); });
  child.ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    child.emit('said');
    return { code, signal };
  });
  return child;
}

async function start(...more) {
  const child = launch(...more);
  while (!/ready/.test(child.said)) {
    assert.ok(running.has(child), child.said);
    await once(child, 'said');
  }
  return child;
}

function ask(method, path, { account, body } = {}) {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' };
    if (account) headers['X-Latchkey-Account'] = String(account);
    const request = http.request({ socketPath, agent, method, path, headers }, (reply) => {
      let text = '';
      reply.on('data', (piece) => { text += piece; });
      reply.on('end', () => resolve({ status: reply.statusCode, text, json: JSON.parse(text) }));
      reply.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

const post = (account, path, value) =>
  ask('POST', `/v2/auth/${path}`, { account, body: JSON.stringify(value) });
const limit = (amount, price) =>
  ({ symbol: 'tBTCUSD', type: 'EXCHANGE LIMIT', amount: String(amount), price: String(price) });

test('the socket is for its user and group alone, and the folders are made', async () => {
  const exchange = await start('--market', 'off');
  assert.equal(statSync(socketPath).mode & 0o777, 0o660);
  assert.ok(existsSync(join(folder, 'data/exchange-sandbox/journal')));
  assert.deepEqual((await ask('GET', '/v2/platform/status')).json, [1]);
  exchange.kill('SIGTERM');
  assert.deepEqual(await exchange.ended, { code: 0, signal: null });
  assert.ok(!existsSync(socketPath));
});

/* What one client was told, and what it may have done besides: whatever was under way when the
 * exchange was killed may have happened or not. */
class Trader {
  constructor(account) {
    Object.assign(this, { account, turn: account, cid: 0, submitted: new Map(), canceled: new Set(), trades: new Map() });
  }

  random(below) {
    this.turn = (Math.imul(this.turn, 1103515245) + 12345) >>> 0;
    return (this.turn >>> 8) % below;
  }

  async step() {
    const open = [...this.submitted.keys()].filter((id) => !this.canceled.has(id));
    const choice = this.random(10);
    if (choice === 0) {
      for (const trade of (await ok(this.account, 'r/trades/hist', { limit: 2500 }))) this.trades.set(`${trade[0]} ${trade[3]}`, trade);
    } else if (choice < 4 && open.length > 0) {
      const id = open[this.random(open.length)];
      const reply = await post(this.account, 'w/order/cancel', { id });
      /* Refused: it was filled meanwhile. */
      assert.ok(reply.status === 200 || /not found/.test(reply.text), reply.text);
      if (reply.status === 200) this.canceled.add(id);
    } else {
      this.cid += 1;
      const cid = this.account * 100000 + this.cid;
      const [, , , , [[id]]] = await ok(this.account, 'w/order/submit',
        { ...limit(this.random(2) ? 0.001 : -0.001, 10000 + this.random(8)), cid });
      this.submitted.set(id, cid);
    }
  }
}

async function ok(account, path, value) {
  const reply = await post(account, path, value);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
}

const units = (number) => Math.round(number * 1e8);

/* Everything a client was told is there once; returns what of each currency the account has and has paid. */
async function compare(trader) {
  const { account } = trader;
  const active = await ok(account, 'r/orders', {});
  const ended = await ok(account, 'r/orders/hist', { limit: 2500 });
  const trades = await ok(account, 'r/trades/hist', { limit: 2500 });
  const orders = new Map([...active, ...ended].map((order) => [order[0], order]));
  assert.equal(orders.size, active.length + ended.length, 'no order is active and ended');
  assert.equal(new Set([...orders.values()].map((order) => order[2])).size, orders.size, 'none was carried out twice');
  for (const [id, cid] of trader.submitted) assert.equal(orders.get(id)?.[2], cid, `order ${id} is gone`);
  for (const id of trader.canceled) {
    assert.ok(!active.some(([other]) => other === id), `order ${id} is back`);
    assert.match(orders.get(id)[13], /^CANCELED/);
  }
  const fills = new Map(trades.map((trade) => [`${trade[0]} ${trade[3]}`, trade]));
  assert.equal(fills.size, trades.length, 'no trade is there twice');
  for (const [fill, trade] of trader.trades) assert.deepEqual(fills.get(fill), trade, `trade ${fill} is gone`);
  const sums = new Map();
  const add = (currency, number) => sums.set(currency, (sums.get(currency) ?? 0) + units(number));
  for (const [, currency, balance, , free] of await ok(account, 'r/wallets', {})) {
    assert.ok(free >= 0 && free <= balance, currency);
    add(currency, balance);
  }
  for (const trade of trades) add(trade[10], -trade[9]);
  return { sums, trades };
}

async function compareAll(traders) {
  const exchange = await start('--market', 'off');
  const first = (await ok(99, 'r/wallets', {})).map(([, currency, balance]) => [currency, units(balance) * traders.length]);
  const sums = new Map();
  const sides = new Map();
  for (const trader of traders) {
    const found = await compare(trader);
    for (const [currency, sum] of found.sums) sums.set(currency, (sums.get(currency) ?? 0) + sum);
    for (const [id, , , , amount] of found.trades) sides.set(id, (sides.get(id) ?? 0) + units(amount));
  }
  assert.deepEqual([...sums].sort(), first.sort(), 'money is what was given, fees included');
  assert.ok(sides.size > 500 && [...sides.values()].every((sum) => sum === 0), 'each trade has its buyer and its seller');
  exchange.kill('SIGTERM');
  assert.equal((await exchange.ended).code, 0);
}

/* 32 clients, each with one call under way all the time; snapshots are written all the while, so
 * that the next start finds one of moments before, or the rest of one. */
test('kill -9 under load, fifty times, loses and doubles nothing', async () => {
  const traders = Array.from({ length: 32 }, (_, n) => new Trader(n + 1));
  for (let round = 0; round < 50; round += 1) {
    const exchange = await start('--market', 'off', '--snapshot-every', '50');
    let left = 40 + traders[0].random(160);
    await Promise.all(traders.map(async (trader) => {
      for (;;) {
        try {
          await trader.step();
        } catch (error) {
          if (error.code === undefined || error.code === 'ERR_ASSERTION') throw error;
          return; // killed
        }
        left -= 1;
        if (left === 0) exchange.kill('SIGKILL');
      }
    }));
    assert.equal((await exchange.ended).signal, 'SIGKILL');
  }
  const told = (of) => traders.reduce((sum, trader) => sum + trader[of].size, 0);
  assert.ok(told('submitted') > 2000 && told('canceled') > 200 && told('trades') > 500,
    `${told('submitted')} ${told('canceled')} ${told('trades')}`);
  const snapshot = join(folder, 'data/exchange-sandbox/snapshot');
  assert.ok(existsSync(snapshot));
  await compareAll(traders);
  rmSync(snapshot);
  await compareAll(traders);
});

const root = process.getuid() === 0;

test('on a full disk orders are refused, cancels and reads work, and it goes on by itself', {
  skip: root ? false : 'mounting a small tmpfs takes root',
}, async () => {
  const data = join(folder, 'small');
  const size = (bytes) => execFileSync('mount', ['-o', `remount,size=${bytes}`, 'tmpfs', data]);
  mkdirSync(data);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m,mode=700', 'tmpfs', data]);
  try {
    let exchange = await start('--market', 'off', '--data', data);
    const ids = (await Promise.all(Array.from({ length: 40 }, (_, n) =>
      ok(1, 'w/order/submit', limit(0.01, 100 + n))))).map((reply) => reply[4][0][0]);
    const many = { ops: Array.from({ length: 75 }, () => ['on', limit(0.0001, 50)]) };
    for (let refused = false; !refused;) {
      const [, , , , answers] = await ok(2, 'w/order/multi', many);
      refused = answers.some((answer) => answer[7] === 'temporarily_unavailable');
      await ok(2, 'w/order/cancel/multi', { all: 1 });
    }
    const reply = await post(1, 'w/order/submit', limit(0.01, 100));
    assert.equal(reply.status, 503);
    assert.equal(reply.json.error, 'temporarily_unavailable');
    await ok(1, 'w/order/cancel', { id: ids[0] });
    await ok(1, 'w/order/cancel/multi', { id: [ids[1], ids[2]] });
    assert.equal((await ok(1, 'r/orders', {})).length, 37);
    exchange.kill('SIGKILL');
    await exchange.ended;
    exchange = await start('--market', 'off', '--data', data);
    assert.equal((await ok(1, 'r/orders', {})).length, 37, 'the cancels were durable');
    assert.equal((await post(1, 'w/order/submit', limit(0.01, 100))).status, 503);
    await ok(1, 'w/order/cancel/multi', { all: 1 });
    assert.equal((await ok(1, 'r/orders', {})).length, 0);
    size('20m');
    await ok(1, 'w/order/submit', limit(0.01, 100));
    exchange.kill('SIGTERM');
    assert.equal((await exchange.ended).code, 0);
  } finally {
    for (const child of running) child.kill('SIGKILL');
    execFileSync('umount', ['-l', data]);
  }
});

test('a read after an acknowledged write shows it', async () => {
  const exchange = await start('--market', 'off');
  for (let i = 0; i < 50; i++) {
    const { json } = await post(20, 'w/order/submit', limit(0.01, 100 + i));
    const orders = (await post(20, 'r/orders', { id: [json[4][0][0]] })).json;
    assert.equal(orders.length, 1);
  }
  exchange.kill('SIGTERM');
  await exchange.ended;
});

test('a body over the limit is refused and the connection lives on', async () => {
  const exchange = await start('--market', 'off');
  assert.equal((await ask('POST', '/v2/auth/w/order/submit',
    { account: 1, body: ' '.repeat(70000) })).status, 413);
  assert.equal((await ask('GET', '/v2/nothing')).status, 404);
  assert.equal((await ask('GET', '/v2/ticker/tBTCUSD')).json.length, 10);

  const second = launch('--market', 'off');
  assert.equal((await second.ended).code, 1);
  assert.match(second.said, /another exchange is running/);
  exchange.kill('SIGTERM');
  await exchange.ended;
});

test('data of another version is refused in one sentence', async () => {
  writeFileSync(join(folder, 'data/VERSION'), 'latchkey data 2\n');
  const exchange = launch();
  assert.equal((await exchange.ended).code, 1);
  assert.match(exchange.said, /another version/);
});

/* ---- Rows of the venue's reference (REST, 8), each list with something in it ---- */

/* Of a member: s text, i whole number, n number, o object, b true or false, a list, "-" null; a "?" behind it: or null. */
const ROWS = {
  wallet: 's s n n n s? o?',
  walletThen: 's s n n n? - i',
  order: 'i i? i s i i n n s s? i? - i s - - n n n n - - - i i i? - - s - - o?',
  trade: 'i s i i n n s? n? i n s i?',
  position: 's s n n n i n? n? n? n? - i i i - i - n? n? o?',
  offer: 'i s i i n n s - - i s - - - n i i i - i n?',
  loan: 'i s i i i n i s s - - n i i i? i i - i n? i',
  credit: 'i s i i i n i s s - - n i i i? i i - i n? i s',
  fundingTrade: 'i s i i n n i i?',
  ledger: 'i s s? i - n n - s',
  movement: 'i s s - - i i - - s - - n n - - s s? - - s? s?',
};
const KINDS = {
  s: (value) => typeof value === 'string', i: Number.isInteger, n: (value) => typeof value === 'number', a: Array.isArray,
  o: (value) => typeof value === 'object' && !Array.isArray(value), b: (value) => typeof value === 'boolean', '-': (value) => value === null,
};

function rowIs(path, row, form) {
  const kinds = ROWS[form].split(' ');
  assert.equal(row.length, kinds.length, `${path}: ${JSON.stringify(row)}`);
  for (const [at, kind] of kinds.entries()) assert.ok((kind.endsWith('?') && row[at] === null) || KINDS[kind[0]](row[at]), `${path}[${at}] ${kind}: ${JSON.stringify(row)}`);
}

/* Waits until the market has done its part. */
async function rowsOf(account, path, form, body = {}) {
  let rows = [];
  for (const give_up = Date.now() + 60_000; rows.length === 0; ) {
    assert.ok(Date.now() < give_up, `${path} stays empty`);
    rows = await ok(account, path, body);
  }
  for (const row of rows) rowIs(path, row, form);
  return rows;
}

test('every list of an account has the rows of the reference', async () => {
  const exchange = await start('--data', join(folder, 'rows'));
  const me = 77;
  for (const to of ['margin', 'funding']) await ok(me, 'w/transfer', { from: 'exchange', to, currency: 'USD', amount: '5000' });
  await ok(me, 'w/order/submit', { symbol: 'tBTCUSD', type: 'MARKET', amount: '0.01', gid: 5 });
  await ok(me, 'w/order/submit', { symbol: 'tBTCUSD', type: 'EXCHANGE MARKET', amount: '0.01', gid: 5 });
  await ok(me, 'w/order/submit', limit('0.01', 1000));
  await ok(me, 'w/funding/offer/submit', { type: 'LIMIT', symbol: 'fUSD', amount: '500', rate: '0.05', period: 2 });
  await ok(me, 'w/funding/offer/submit', { type: 'LIMIT', symbol: 'fUSD', amount: '500', rate: '0.00001', period: 2 });
  await ok(me, 'w/withdraw', { wallet: 'exchange', method: 'bitcoin', amount: '0.01', address: 'tb1qelsewhere0' });
  await rowsOf(me, 'r/wallets', 'wallet');
  await rowsOf(me, 'r/wallets/hist', 'walletThen');
  await rowsOf(me, 'r/orders', 'order');
  const [order] = await rowsOf(me, 'r/orders/hist', 'order');
  await rowsOf(me, `r/order/${order[3]}:${order[0]}/trades`, 'trade');
  await rowsOf(me, 'r/trades/hist', 'trade');
  await rowsOf(me, 'r/positions', 'position');
  await rowsOf(me, 'r/positions/audit', 'position');
  await rowsOf(me, 'r/funding/offers/fUSD', 'offer');
  await rowsOf(me, 'r/funding/offers/fUSD/hist', 'offer');
  await rowsOf(me, 'r/funding/credits', 'credit');
  await rowsOf(me, 'r/funding/trades/fUSD/hist', 'fundingTrade');
  await rowsOf(me, 'r/funding/loans', 'loan');
  await rowsOf(me, 'r/ledgers/USD/hist', 'ledger');
  await rowsOf(me, 'r/movements/hist', 'movement');
  const [id] = (await ok(me, 'r/positions', {})).map((row) => row[11]);
  await ok(me, 'w/order/submit', { symbol: 'tBTCUSD', type: 'MARKET', amount: '-0.01', flags: 512 });
  await rowsOf(me, 'r/positions/hist', 'position', { id: [id] });
  await rowsOf(me, 'r/funding/credits/hist', 'credit');
  exchange.kill('SIGTERM');
  await exchange.ended;
});
