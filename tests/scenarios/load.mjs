/* tests/scenarios/load.mjs: traders that remember what was acknowledged
 *
 * Each sandbox key trades on its own, within its rate: rests orders far from the market, takes from
 * the book, cancels.  Whatever a reply has promised is kept, and `check` asks for it afterwards:
 * acknowledged is never lost, however the processes died in between.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

const PACE_MS = 250; // five private calls a second are allowed (C1)
const SYMBOL = 'tBTCUSD';

export class Load {
  constructor(up) {
    this.up = up;
    this.orders = new Map();   // id → 'resting' | 'cancelled' | 'taken'
    this.requests = new Set(); // ids of requests that were answered with 200
    this.refusals = 0;         // answers during an outage: 5xx, or no answer at all
    this.running = true;
    this.traders = up.demo.sandbox.keys.map((key) => this.#trade(key));
  }

  async #trade(key) {
    for (let turn = 0; this.running; turn += 1) {
      await pause(PACE_MS);
      await this.#turn(key, turn);
    }
  }

  async #turn(key, turn) {
    const own = [...this.orders].filter(([, order]) => order.key === key && order.state === 'resting');
    if (turn % 4 === 3 && own.length > 0) {
      const [id, order] = own[0];
      /* From here on its state is open until the reply is there: a lost reply may be of a done cancel. */
      order.state = 'unsure';
      if (await this.#send(key, 'v2/auth/w/order/cancel', { id })) order.state = 'cancelled';
      return;
    }
    const takes = turn % 4 === 2;
    const reply = await this.#send(key, 'v2/auth/w/order/submit', takes
      ? { type: 'EXCHANGE MARKET', symbol: SYMBOL, amount: turn % 8 < 4 ? '0.001' : '-0.001' }
      : { type: 'EXCHANGE LIMIT', symbol: SYMBOL, amount: '0.001', price: String(1000 + (turn % 100)) });
    if (reply) this.orders.set(reply[4][0][0], { key, state: takes ? 'taken' : 'resting' });
  }

  /* The parsed reply when it was acknowledged, undefined when not. */
  async #send(key, path, body) {
    try {
      const { status, json, text, headers } = await this.up.call('sandbox', key, path, body, { timeout: 20_000 });
      if (status === 200) {
        this.requests.add(headers['x-request-id']);
        return json;
      }
      assert.ok(status >= 500, `${path} was answered ${status} ${text}`);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
    }
    this.refusals += 1;
    return undefined;
  }

  async stop() {
    this.running = false;
    await Promise.all(this.traders);
  }

  async #list(key, path, body = {}) {
    await pause(PACE_MS);
    const { status, json, text } = await this.up.call('sandbox', key, path, body);
    assert.equal(status, 200, text);
    return json;
  }

  /* Everything acknowledged is still there: orders, wallets as the ledger says, audit records. */
  async check() {
    const accounts = new Map(this.up.demo.sandbox.keys.map((key) => [key.account, key]));
    const open = new Set(), closed = new Set();
    for (const key of accounts.values()) {
      for (const [id] of await this.#list(key, 'v2/auth/r/orders')) open.add(id);
      for (const [id] of await this.#list(key, 'v2/auth/r/orders/hist', { limit: 2500 })) closed.add(id);
      await this.#checkWallets(key);
    }
    for (const [id, { state }] of this.orders) {
      if (state === 'resting') assert.ok(open.has(id), `order ${id} was acknowledged and is gone`);
      else if (state === 'unsure') assert.ok(open.has(id) || closed.has(id), `order ${id} is gone`);
      else assert.ok(closed.has(id), `order ${id} was ${state} and is not in the history`);
    }
    await this.#checkAudit();
  }

  async #checkWallets(key) {
    const wallets = await this.#list(key, 'v2/auth/r/wallets');
    const ledger = await this.#list(key, 'v2/auth/r/ledgers/hist', { limit: 2500 });
    for (const [type, currency, balance] of wallets) {
      const newest = ledger.find((row) => row[1] === currency);
      if (type === 'exchange' && newest) assert.equal(balance, newest[6], `${currency} of ${key.account}`);
    }
  }

  async #checkAudit() {
    const { code, stdout, stderr } = await this.up.cli(['audit', 'list', '--env', 'sandbox', '--limit', '1000000', '--json']);
    assert.equal(code, 0, stderr);
    const recorded = new Set(stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line).request_id));
    const lost = [...this.requests].filter((id) => !recorded.has(id));
    assert.deepEqual(lost, [], `${lost.length} of ${this.requests.size} answered requests are not in the log`);
    const verified = await this.up.cli(['audit', 'verify']);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  }
}
