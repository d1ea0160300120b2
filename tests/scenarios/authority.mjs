/* tests/scenarios/authority.mjs: the authority's HTTP API, as its operator calls it
 *
 *     const owner = await openAccount(up, 'ada@example.com');
 *     const [key] = await owner.issue({ environment: 'sandbox', scopes: FULL });
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { request, totp } from './harness.mjs';

/* All that can be asked for; positions are elevated, which nobody has by default (D5). */
export const FULL = ['account:read', 'history:read', 'orders:read', 'wallets:read', 'funding:read',
  'settings:read', 'depth:read', 'orders:write', 'settings:write', 'account:write', 'wallets:write',
  'withdraw:write', 'funding:write'];

export async function ask(up, method, path, body) {
  const reply = await request(`http://authority${path}`, {
    method, socketPath: join(up.runFolder, 'authority.sock'),
    headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body),
  });
  assert.ok(reply.status < 300, `${method} ${path}: ${reply.status} ${reply.text}`);
  return reply.json;
}

class Owner {
  constructor(up, email, id, seed) {
    Object.assign(this, { up, email, id, seed, issued: 0, step: -1 });
  }

  /* 1 to 16 keys at once.  A code is accepted once, so an owner can issue three times in half a
   * minute; no two of its keys share a label or a set of addresses (B7). */
  async issue(...wanted) {
    this.step += 1;
    const keys = wanted.map(({ scopes, ...key }) => {
      this.issued += 1;
      return {
        label: `key ${this.issued}`, scopes, confirmed_groups: groupsOf(scopes),
        ip_rules: ['127.0.0.0/8', `10.9.8.${this.issued}`], ...key,
      };
    });
    const reply = await ask(this.up, 'POST', '/keys', { account: this.email, totp: totp(this.seed, this.step), keys });
    return reply.keys.map(({ id, secret }) => ({ key: id, secret, account: this.email }));
  }
}

function groupsOf(scopes) {
  const trade = ['orders:write', 'settings:write', 'account:write'];
  const wallet = ['wallets:write', 'withdraw:write'];
  const group = (scope) => (scope.endsWith(':read') ? 'read' : trade.includes(scope) ? 'trade'
    : wallet.includes(scope) ? 'wallet' : 'lending');
  return [...new Set(scopes.map(group))];
}

/* A verified account with an authenticator. */
export async function openAccount(up, email) {
  const { id } = await ask(up, 'POST', '/accounts', { email, kind: 'individual', jurisdiction: 'CH', password: 'correct horse battery staple' });
  await ask(up, 'POST', `/accounts/${email}/verify`, { step: 'all', outcome: 'accepted', reason: 'seen in person' });
  const { secret } = await ask(up, 'POST', `/accounts/${email}/totp`);
  await ask(up, 'POST', `/accounts/${email}/totp/confirm`, { code: totp(secret, -1) });
  return new Owner(up, email, id, secret);
}

/* Records of requests from `from` on, until `done` says that there are enough.  The authority holds
 * each question open until there is something new. */
export async function recordsFrom(up, from, done, timeout_ms = 60_000) {
  const give_up = Date.now() + timeout_ms;
  const records = [];
  for (let next = from; !done(records);) {
    assert.ok(Date.now() < give_up, `only ${records.length} records came: ${JSON.stringify(records.slice(-3))}`);
    const page = await ask(up, 'GET', `/audit/tail?from=${next}&limit=1000`);
    records.push(...page.records.filter((record) => record.kind !== 'change'));
    next = page.next;
  }
  return records;
}

/* How many records there are. */
export const auditSize = async (up) => (await ask(up, 'GET', '/audit?limit=1')).size;

/* Asks again until the authority says so: what it learns from the audit log it learns a moment later. */
export async function until(up, path, is, timeout_ms = 60_000) {
  const give_up = Date.now() + timeout_ms;
  for (;;) {
    const reply = await ask(up, 'GET', path);
    if (is(reply)) return reply;
    assert.ok(Date.now() < give_up, `${path} stays ${JSON.stringify(reply)}`);
    await pause(20);
  }
}
