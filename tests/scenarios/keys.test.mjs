/* A key's whole life over the console's own calls: each way to be refused one, the secret that is
 * shown once, the mail for withdrawals, less at once, more with the second factor, a new secret, the
 * end (B1, B3-B7, C2, C7, E4). */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask } from './authority.mjs';
import { Browser, assertRefused, linkFor } from './console.mjs';
import { startUp } from './harness.mjs';

const WALLETS = 'v2/auth/r/wallets', SUBMIT = 'v2/auth/w/order/submit', WITHDRAW = 'v2/auth/w/withdraw';
const LIMIT = { type: 'EXCHANGE LIMIT', symbol: 'tBTCUSD', amount: '0.001', price: '1000' };
const DRAFT = { environment: 'sandbox', label: 'market maker', scopes: ['wallets:read', 'orders:read'], confirmed_groups: ['read'], ip_rules: ['127.0.0.0/8', '::1'] };
const secrets = []; // all that were ever shown
let up, ada, bob, cyd, key;

/* Verified, logged in with both factors; two codes are good at once. */
async function person(email) {
  const browser = new Browser(up);
  await browser.signUp(email);
  await ask(up, 'POST', `/accounts/${email}/verify`, { step: 'all', outcome: 'accepted', reason: 'seen in person' });
  await browser.enrol();
  return browser;
}

/* What an answer with a secret says; the secret is kept, to be looked for later. */
function shown({ key, secret }) {
  assert.match(secret, /^lks_test_[0-9A-Za-z]{46}$/);
  secrets.push(secret);
  return { key: key.id, secret };
}
const made = async (who, draft) => shown(await who.done('/keys', { ...DRAFT, ...draft, proof: { code: await who.freshCode() } }));
const PAID = { wallet: 'exchange', method: 'bitcoin', amount: '1', address: 'x' };

/* 200, or the venue's words. */
async function call(signer, path = WALLETS, body = {}) {
  const { status, text } = await up.call('sandbox', signer, path, body);
  return status === 200 ? 200 : text;
}

before(async () => {
  up = await startUp();
  [ada, bob, cyd] = await Promise.all(['ada', 'bob', 'cyd'].map((name) => person(`${name}@example.com`)));
});
after(async () => { await up?.stop(); });

test('a session without the second factor gets no key, whatever it says (B1)', async () => {
  const half = new Browser(up);
  await half.login({ email: ada.email, password: ada.password });
  for (const reply of [await half.get('/keys'), await half.post('/keys', { ...DRAFT, proof: { code: ada.code() } })]) assert.equal(reply.status, 403, reply.text);
  ada.step -= 1; // nobody looked at it
});

test('what is wrong with an application is named, and nothing is made (B3, B4)', async () => {
  const proof = { code: '000000' };
  for (const [change, code, field] of [
    [{ confirmed_groups: [] }, 'group-unconfirmed', 'confirmed_groups'],
    [{ scopes: ['wallets:read', 'orders:write'] }, 'group-unconfirmed', 'confirmed_groups'],
    [{ scopes: [] }, 'scope-none', 'scopes'],
    [{ scopes: ['all'] }, 'scope-unknown', 'scopes'],
    [{ scopes: ['positions:read'], confirmed_groups: ['read'] }, 'scope-elevated', 'scopes'],
    [{ label: ' ' }, 'label-length', 'label'],
    [{ label: 'x'.repeat(300) }, 'label-length', 'label'],
    [{ label: 'a\u202eb' }, 'label-characters', 'label'],
    [{ environment: 'test' }, 'environment-unknown', 'environment'],
    [{ ip_rules: [] }, 'ip-rule', 'ip_rules'],
  ]) {
    const reply = await ada.post('/keys', { ...DRAFT, ...change, proof });
    assert.ok(reply.status === 400 || reply.status === 403, reply.text);
    assert.ok(reply.json.error.reasons.some((reason) => reason.code === code && reason.field === field), reply.text);
  }
  for (const rule of ['0.0.0.0/0', '::/0', '256.1.1.1', '10.0.0.0/33', '10.0.0.1/8/8', '10.0.0', 'localhost', '::ffff:0:0/96', '2001:db8::/129', '10.0.0.1 ', '']) {
    const reply = await ada.post('/keys', { ...DRAFT, ip_rules: ['10.0.0.1', rule], proof });
    const reason = reply.json.error.reasons.find((each) => each.code === 'ip-rule');
    assert.ok(reply.status === 400 && reason.field === 'ip_rules.1' && reason.message.includes(rule), `${rule}: ${reply.text}`);
  }
  assert.deepEqual((await ada.read('/keys')).keys, []);
});

test('a wrong, a stale and a replayed code make no key (B5)', async () => {
  const stale = ada.code();
  for (const code of ['000000', '12345', stale.split('').reverse().join('')]) assert.equal((await ada.post('/keys', { ...DRAFT, proof: { code } })).status >= 400, true);
  key = shown(await ada.done('/keys', { ...DRAFT, proof: { code: stale } }));
  assert.equal((await ada.post('/keys', { ...DRAFT, label: 'second', ip_rules: ['10.0.0.2'], proof: { code: stale } })).status, 403);
  assert.equal(await call(key), 200);
  assert.equal((await ada.read('/keys')).keys.length, 1);
});

test('no two usable keys share a label or a set of addresses, however it is written (B7)', async () => {
  const proof = { code: '000000' };
  assertRefused(await ada.post('/keys', { ...DRAFT, label: 'MARKET Maker', ip_rules: ['10.0.0.2'], proof }), 409, 'label-clash');
  for (const ip_rules of [['::1', '127.0.0.0/8'], ['127.0.0.0/8', '::1/128'], ['127.0.0.0/8', '0:0:0:0:0:0:0:1'], ['::ffff:127.0.0.0/104', '::1']])
    assertRefused(await ada.post('/keys', { ...DRAFT, label: 'second', ip_rules, proof }), 409, 'ip-rules-clash');
});

test('withdrawals wait for the mailed link, which is the owner\'s, works once and is sent again a few times (C2)', async () => {
  const teller = await made(bob, { scopes: ['wallets:read', 'withdraw:write'], confirmed_groups: ['read', 'wallet'] });
  const scope = async () => (await bob.read(`/keys/${teller.key}`)).scopes.find((each) => each.scope === 'withdraw:write').state;
  const first = await linkFor(up, bob.email, 'withdrawal');
  assert.equal(await scope(), 'waiting-mail');
  assert.match(await call(teller, WITHDRAW, PAID), /confirm withdrawals by the link/);
  assertRefused(await ada.post('/links/withdrawal', { token: first }), 403, 'link-foreign');
  assertRefused(await bob.post('/links/withdrawal', { token: `${first.slice(0, -1)}${first.endsWith('A') ? 'B' : 'A'}` }), 403, 'link-unknown');
  const again = [];
  for (let i = 0; i < 5; i++) again.push(await bob.post(`/keys/${teller.key}/withdrawal-mail`));
  assert.deepEqual(again.slice(0, 4).map(({ status }) => status), [200, 200, 200, 200]);
  assertRefused(again[4], 429, 'mail-throttled');
  assert.ok(Number(again[4].headers['retry-after']) > 0);
  assert.equal((await bob.post('/links/withdrawal', { token: first })).status, 200);
  assert.equal(await scope(), 'live');
  assertRefused(await bob.post('/links/withdrawal', { token: first }), 403, 'link-used');
  assert.doesNotMatch(String(await call(teller, WITHDRAW, PAID)), /confirm withdrawals/);
});

test('less holds at once, more takes the second factor (C7)', async () => {
  const bot = await made(bob, { label: 'bot', scopes: ['wallets:read', 'orders:write'], confirmed_groups: ['read', 'trade'], ip_rules: ['127.0.0.0/8', '10.0.0.1'] });
  assert.equal(await call(bot, SUBMIT, LIMIT), 200);
  assert.deepEqual(await bob.done(`/keys/${bot.key}/check`, { ip_rules: ['10.0.0.1'] }), { problems: [], tightens: true });
  await bob.done(`/keys/${bot.key}/tighten`, { scopes: ['wallets:read'] });
  assert.match(await call(bot, SUBMIT, LIMIT), /orders:write/);
  assert.equal(await call(bot), 200);
  await bob.done(`/keys/${bot.key}/tighten`, { ip_rules: ['10.0.0.1'] });
  assert.match(await call(bot), /127\.0\.0\.1/);
  for (const [change, code] of [[{ scopes: ['wallets:read', 'orders:write'] }, 'scope-added'], [{ ip_rules: ['10.0.0.0/24'] }, 'ip-rules-wider'], [{ public_per_s: 1000 }, 'rate-higher']])
    assert.equal((await bob.post(`/keys/${bot.key}/tighten`, change)).json.error.reasons[0].code, code);
  assert.equal((await bob.post(`/keys/${bot.key}/loosen`, { ip_rules: ['127.0.0.1'] })).status >= 400, true);
  assert.equal((await bob.post(`/keys/${bot.key}/loosen`, { ip_rules: ['127.0.0.1'], proof: { code: '000000' } })).status, 403);
  await bob.done(`/keys/${bot.key}/loosen`, { ip_rules: ['127.0.0.1'], proof: { code: await bob.freshCode() } });
  assert.equal(await call(bot), 200);
});

test('a new secret takes the place of the old, which lives as long as its owner chose', async () => {
  const old = await made(cyd, { label: 'rotated', ip_rules: ['127.0.0.0/9'] });
  for (const old_days of [-1, 8, 1.5, 'x']) assert.equal((await cyd.post(`/keys/${old.key}/rotate`, { old_days, proof: { code: '000000' } }, { check: false })).status, 400);
  const young = shown(await cyd.done(`/keys/${old.key}/rotate`, { old_days: 7, proof: { code: await cyd.freshCode() } }));
  assert.deepEqual([await call(old), await call(young)], [200, 200]);
  const { ends_at, replaced_by } = await cyd.read(`/keys/${old.key}`);
  assert.equal(replaced_by, young.key);
  assert.ok(Math.abs(new Date(ends_at) - Date.now() - 7 * 86_400_000) < 600_000);
  const reply = await up.call('sandbox', old, WALLETS);
  assert.ok(reply.headers['latchkey-key-expires'], 'the answer says when it ends');
  assertRefused(await cyd.post(`/keys/${old.key}/tighten`, { scopes: ['wallets:read'] }), 403, 'key-rotated');
  await cyd.done(`/keys/${old.key}/revoke`, { reason: 'moved' });
  assert.match(await call(old), /revoked/);
  assert.equal(await call(young), 200);
});

test('a revoked key is dead, frees its label and addresses, and comes back by nothing (E4)', async () => {
  await ada.done(`/keys/${key.key}/revoke`, { reason: 'no need' });
  assert.match(await call(key), /revoked/);
  for (const [what, body] of [['rename', { label: 'x' }], ['tighten', { scopes: ['wallets:read'] }], ['loosen', { ip_rules: ['10.0.0.0/8'], proof: { code: '000000' } }], ['rotate', { old_days: 1, proof: { code: '000000' } }]])
    assert.equal((await ada.post(`/keys/${key.key}/${what}`, body)).status >= 400, true, what);
  assert.equal(await call(await made(ada, {})), 200);
  assert.match(await call(key), /revoked/);
});

test('another account sees and moves nothing of it', async () => {
  const { keys: [{ id }] } = await ada.read('/keys');
  for (const reply of [await bob.get(`/keys/${id}`), await bob.post(`/keys/${id}/revoke`, {}), await bob.post(`/keys/${id}/rename`, { label: 'mine' }), await bob.post(`/keys/${id}/check`, {})])
    assertRefused(reply, 404, 'key-missing');
});

test('no secret stands anywhere but in the answer that showed it (B6)', async () => {
  assert.ok(secrets.length >= 5);
  const bytes = secrets.map((secret) => Buffer.from(secret.slice(9)));
  const places = [up.dir, up.segmentsFolder].flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map(({ name, parentPath, path }) => join(parentPath ?? path, name)));
  for (const pid of Object.values(up.pids)) places.push(`/proc/${pid}/cmdline`, `/proc/${pid}/environ`);
  assert.ok(places.length > 30);
  for (const place of places) {
    const content = readFileSync(place);
    for (const each of bytes) assert.ok(!content.includes(each), `a secret is in ${place}`);
  }
  for (const who of [ada, bob, cyd]) {
    for (const path of ['/keys', '/notices', '/history', '/session'])
      for (const secret of secrets) assert.ok(!(await who.get(path)).text.includes(secret.slice(9)));
  }
});
