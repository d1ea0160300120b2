/* The browser's door: signing up, logging in, sessions, and each way to be refused there (B1). */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { API, Browser, PASSWORD, assertRefused, contractOf, customerOf, linkFor, mailFor, operatorOf, originOf } from './console.mjs';
import { request, startUp } from './harness.mjs';

/* Debian's package faketime, whatever this machine's architecture is called. */
const FAKETIME = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime/libfaketime.so.1')).find(existsSync);

let up, ada;

before(async () => { up = await startUp(); });
after(async () => { await up?.stop(); });

/* Straight to the socket, as nginx would for a client at `address`. */
function behindNginx(method, path, { address = '192.0.2.1', body, headers = {} } = {}) {
  return request(`http://portal${path}`, {
    method, socketPath: join(up.runFolder, 'portal.sock'), body: body && JSON.stringify(body),
    headers: { 'x-latchkey-address': address, ...(body && { origin: originOf(up), 'content-type': 'application/json' }), ...headers },
  });
}

test('an account begins with the mailed link, and not before', async () => {
  ada = new Browser(up);
  const application = { email: 'Ada@Example.com', password: PASSWORD, kind: 'individual', jurisdiction: 'ch', name: 'Ada Lovelace' };
  const asked = await ada.post('/signup', application);
  assert.equal(asked.status, 202, asked.text);
  assertRefused(await ada.post('/login', { email: 'ada@example.com', password: PASSWORD }), 403, 'login-wrong');
  const token = await linkFor(up, 'ada@example.com', 'email');
  assert.deepEqual(await ada.done('/links/email', { token }), { email: 'ada@example.com' });
  assertRefused(await ada.post('/links/email', { token }), 403, 'link-used');
  assertRefused(await ada.post('/links/email', { token: 'x'.repeat(43) }), 403, 'link-unknown');
  const session = await ada.login({ email: 'ada@example.com', password: PASSWORD });
  assert.equal(session.level, 'password');
  assert.equal(session.account.name, 'Ada Lovelace');
  assert.equal((await ada.read('/account')).email_confirmed !== null, true);
});

test('signing up again gets the same answer, and the owner a mail that says so', async () => {
  const stranger = new Browser(up);
  const application = { email: 'ada@example.com', password: 'another password', kind: 'individual', jurisdiction: 'CH', name: 'Eve' };
  const fresh = await stranger.post('/signup', { ...application, email: 'new@example.com' });
  const taken = await stranger.post('/signup', application);
  assert.equal(taken.status, fresh.status);
  assert.equal(taken.text, fresh.text);
  await linkFor(up, 'new@example.com', 'email');
  await mailFor(up, 'ada@example.com', /an account already/);
  assertRefused(await stranger.post('/login', { email: 'ada@example.com', password: 'another password' }), 403, 'login-wrong');
});

test('what is wrong with an application is said all at once, by field', async () => {
  const reply = await new Browser(up).post('/signup', { email: 'nobody', password: 'short', kind: 'alien', jurisdiction: 'XX', name: '' });
  assert.equal(reply.status, 400);
  assert.deepEqual(reply.json.error.reasons.map(({ field }) => field).sort(), ['email', 'jurisdiction', 'kind', 'name', 'password']);
});

test('an unknown account and a wrong password are answered in the same bytes', async () => {
  const browser = new Browser(up);
  const unknown = await browser.post('/login', { email: 'nobody@example.com', password: PASSWORD });
  const wrong = await browser.post('/login', { email: 'ada@example.com', password: `${PASSWORD}!` });
  const shape = ({ status, text, headers: { date, ...headers } }) => ({ status, text, headers });
  assert.deepEqual(shape(unknown), shape(wrong));
  assertRefused(wrong, 403, 'login-wrong');
});

test('without a session nobody is anybody', async () => {
  const browser = new Browser(up);
  for (const path of ['/session', '/account', '/sessions', '/history']) assertRefused(await browser.get(path), 401, 'session-missing');
  browser.cookies.set('__Host-latchkey', 'A'.repeat(43));
  assertRefused(await browser.get('/session'), 401, 'session-missing');
  assertRefused(await browser.post('/logout'), 401, 'session-missing');
});

test('a change needs the own origin, the CSRF value and a JSON body', async () => {
  for (const origin of [undefined, 'null', 'https://evil.example', originOf(up).replace('https:', 'http:'), `${originOf(up)}.evil.example`]) {
    assertRefused(await ada.post('/sessions/end-others', {}, { headers: { origin } }), 403, 'origin');
    assertRefused(await new Browser(up).post('/login', { email: 'ada@example.com', password: PASSWORD }, { headers: { origin } }), 403, 'origin');
  }
  for (const csrf of [undefined, '', 'A'.repeat(43), `${ada.csrf}x`]) {
    assertRefused(await ada.post('/sessions/end-others', {}, { headers: { 'x-latchkey-csrf': csrf } }), 403, 'csrf');
  }
  for (const type of [undefined, 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    assertRefused(await ada.post('/sessions/end-others', {}, { headers: { 'content-type': type } }), 415, 'not-json');
  }
  assertRefused(await ada.post('/sessions/end-others', {}, { raw: '[1]' }), 400, 'not-json');
  assertRefused(await ada.post('/sessions/end-others', {}, { raw: `{"a":"${'x'.repeat(300_000)}"}` }), 413, 'too-large');
  assert.equal((await ada.post('/sessions/end-others')).status, 200);
});

test('a token that was planted before the login is worth nothing after it', async () => {
  const victim = new Browser(up);
  await victim.login({ email: 'ada@example.com', password: PASSWORD });
  const planted = victim.cookies.get('__Host-latchkey');
  await victim.login({ email: 'ada@example.com', password: PASSWORD });
  assert.notEqual(victim.cookies.get('__Host-latchkey'), planted);
  const thief = new Browser(up);
  thief.cookies.set('__Host-latchkey', planted);
  assertRefused(await thief.get('/session'), 401, 'session-missing');
  await victim.done('/logout');
});

/* Both with their second factor: a code works once, so these two stay logged in. */
let customer, other;

test('the second factor is owed before anything else, and gives another token', async () => {
  const half = new Browser(up);
  const { email, password } = up.demo.account;
  const session = await half.done('/login', { email, password });
  assert.equal(session.needs_factor, true);
  for (const path of ['/account', '/sessions', '/history']) assertRefused(await half.get(path), 403, 'factor-needed');
  assertRefused(await half.post('/login/factor', { proof: { code: '000000' } }), 403, 'totp-wrong');
  assertRefused(await half.post('/login/factor', {}), 403, 'proof-missing');
  const before = half.cookies.get('__Host-latchkey'), { csrf } = half;
  const full = await customerOf(up);
  customer = full;
  assert.equal(full.session.level, 'full');
  assert.notEqual(full.csrf, csrf);
  await full.done('/sessions/end-others');
  assertRefused(await half.get('/session'), 401, 'session-missing');
  assert.ok(before);
  assert.equal((await full.read('/account')).role, 'customer');
});

test('an operator is one by role', async () => {
  const operator = await operatorOf(up);
  other = operator;
  assert.equal(operator.session.account.role, 'operator');
  assert.equal(operator.session.level, 'full');
});

test('sessions are listed, ended one by one and all at once', async () => {
  const other = new Browser(up, { agent: 'Second/2 é' });
  await other.login({ email: 'ada@example.com', password: PASSWORD });
  const { sessions } = await ada.read('/sessions');
  const [newest] = sessions;
  assert.match(newest.agent, /^Second\/2 \?+$/); // what is not ASCII is not shown
  assert.equal(newest.address, '127.0.0.1');
  assert.equal(sessions.filter(({ current }) => current).length, 1);
  assertRefused(await ada.post(`/sessions/${'x'.repeat(22)}/end`), 404, 'session-missing');
  await ada.done(`/sessions/${newest.id}/end`);
  assertRefused(await other.get('/session'), 401, 'session-missing');
  const foreign = await customerSession();
  assertRefused(await ada.post(`/sessions/${foreign}/end`), 404, 'session-missing');
});

async function customerSession() {
  const { email, password } = up.demo.account;
  const browser = new Browser(up);
  return (await browser.done('/login', { email, password })).id;
}

test('another password ends all other sessions and is said by mail', async () => {
  const other = new Browser(up);
  await other.login({ email: 'ada@example.com', password: PASSWORD });
  assertRefused(await ada.post('/password', { current: 'wrong password', password: 'a new password' }), 403, 'password-wrong');
  assertRefused(await ada.post('/password', { current: PASSWORD, password: 'short' }), 400, 'password-length');
  await ada.done('/password', { current: PASSWORD, password: 'a new password' });
  assertRefused(await other.get('/session'), 401, 'session-missing');
  assert.equal((await ada.get('/session')).status, 200);
  assertRefused(await other.post('/login', { email: 'ada@example.com', password: PASSWORD }), 403, 'login-wrong');
});

test('a forgotten password is replaced over the mailed link, once', async () => {
  const browser = new Browser(up);
  const unknown = await browser.post('/password/forgot', { email: 'nobody@example.com' });
  const known = await browser.post('/password/forgot', { email: 'ada@example.com' });
  assert.deepEqual([unknown.status, unknown.text], [known.status, known.text]);
  const token = await linkFor(up, 'ada@example.com', 'password');
  assertRefused(await browser.post('/links/password', { token, password: 'short' }), 400, 'password-length');
  assertRefused(await browser.post('/links/email', { token }), 403, 'link-unknown');
  await browser.done('/links/password', { token, password: 'remembered now' });
  assertRefused(await browser.post('/links/password', { token, password: 'remembered now' }), 403, 'link-used');
  assertRefused(await ada.get('/session'), 401, 'session-missing');
  await ada.login({ email: 'ada@example.com', password: 'remembered now' });
});

test('history shows what was done, from where', async () => {
  const { events } = await ada.read('/history');
  const kinds = new Set(events.map(({ kind }) => kind));
  for (const kind of ['login', 'login.failed', 'password.changed', 'password.forgot']) assert.ok(kinds.has(kind), `${kind} in ${[...kinds]}`);
  assert.ok(events.every(({ address }) => address === '127.0.0.1'));
  assert.ok(events.some(({ agent }) => agent === 'Scenario/1'));
  assert.equal((await ada.read(`/history?before=${events.at(-1).id}`)).next, null);
  assertRefused(await ada.get('/history?before=x'), 400, 'not-a-number');
});

test('strangers are slowed down, and a browser that was here before is not', async () => {
  const guess = (address) => behindNginx('POST', '/login', { address, body: { email: 'ada@example.com', password: 'a bad guess' } });
  let last;
  for (let i = 0; i < 7; i++) last = await guess('198.51.100.1');
  assertRefused(last, 429, 'login-throttled');
  assert.ok(Number(last.headers['retry-after']) > 0);
  for (let i = 2; (await guess(`198.51.100.${i}`)).status !== 429; i++) assert.ok(i < 60, 'guesses from everywhere are never slowed');
  const elsewhere = await behindNginx('POST', '/login', { address: '203.0.113.9', body: { email: 'ada@example.com', password: 'remembered now' } });
  assertRefused(elsewhere, 429, 'login-throttled'); // the account, from a browser that nobody knows
  await ada.login(); // the owner's own one
  const nobody = await behindNginx('POST', '/login', { address: '203.0.113.9', body: { email: 'other@example.com', password: 'a bad guess' } });
  assertRefused(nobody, 403, 'login-wrong');
});

test('two hundred logins at once stall nobody who is in already', async () => {
  let left = 200, ahead = 0;
  const logins = Array.from({ length: 200 }, (_, i) => behindNginx('POST', '/login', {
    address: `10.1.${i >> 4}.${i & 15}`, body: { email: `crowd${i}@example.com`, password: PASSWORD },
  }).then((reply) => { left -= 1; return reply.status; }));
  for (let i = 0; i < 50; i++) {
    assert.equal((await ada.get('/session')).status, 200);
    ahead = left;
  }
  assert.ok(ahead > 0, 'the logins were done before fifty other calls');
  console.error(`# 50 calls of a session went by while ${ahead} of 200 logins waited`);
  assert.deepEqual([...new Set(await Promise.all(logins))], [403]);
});

test('only nginx says where a call comes from', async () => {
  const { sessions } = await ada.read('/sessions');
  assert.ok(sessions.length > 0);
  const liar = await ada.get('/session', { headers: { 'x-latchkey-address': '192.0.2.99' } });
  assert.equal(liar.json.address, '127.0.0.1');
  for (const address of ['', 'nowhere', '192.0.2.1, 192.0.2.2']) {
    assert.equal((await behindNginx('GET', '/session', { address })).json.error.code, 'address');
  }
});

test('what is not there, too large or away is said in the same form', async () => {
  assertRefused(await ada.get('/nothing'), 404, 'path');
  assertRefused(await ada.get('/login'), 405, 'method');
  const reply = await ada.get('/openapi.json');
  assert.equal(reply.json.openapi, '3.1.0');
  assert.equal(reply.headers['cache-control'], 'no-store');
  assert.equal(reply.headers['x-content-type-options'], 'nosniff');
  assert.equal((await ada.read('/countries')).countries.length, 250);
  const big = await request(`https://127.0.0.1:${up.ports.live}${API}/login`, { ca: up.ca, method: 'POST', headers: { 'content-length': String(20e6) } });
  assert.equal(big.status, 413);
  assert.equal(big.json.error.code, 'too-large');
});

/* ---- The sandbox's market on the console's page ---- */

test('who is logged in trades in the sandbox, within the own account', async () => {
  const { markets, presets, clock, preset } = await customer.read('/sandbox');
  assert.ok(markets.some(({ symbol, base, quote }) => symbol === 'tBTCUSD' && base === 'BTC' && quote === 'USD'));
  assert.ok(presets.includes('flash-crash') && presets.includes(preset));
  assert.equal(clock.mode, 'real');
  const usd = ({ wallets }) => wallets.find(({ type, currency }) => type === 'exchange' && currency === 'USD');
  const before = usd(await customer.read('/sandbox/wallets'));
  const placed = await customer.done('/sandbox/orders', { symbol: 'tBTCUSD', type: 'EXCHANGE LIMIT', amount: '0.01', price: '100', flags: 4096 });
  assert.deepEqual([placed.status, placed.amount, placed.price, placed.flags], ['ACTIVE', 0.01, 100, 4096]);
  assert.deepEqual((await customer.read('/sandbox/orders')).orders.map(({ id }) => id), [placed.id]);
  assert.equal(usd(await customer.read('/sandbox/wallets')).available, before.available - 1);
  assert.deepEqual((await other.read('/sandbox/orders')).orders, []);
  assertRefused(await other.post(`/sandbox/orders/${placed.id}/cancel`), 403, 'sandbox-refused');
  assertRefused(await customer.post('/sandbox/orders/x/cancel'), 404, 'sandbox-order');
  assert.equal((await customer.done(`/sandbox/orders/${placed.id}/cancel`)).id, placed.id);
  assert.deepEqual((await customer.read('/sandbox/orders')).orders, []);
  const give_up = Date.now() + 60_000;
  for (const what of ['sandbox order asked for', 'sandbox order cancelled']) {
    let found = false;
    while (!found) {
      assert.ok(Date.now() < give_up, `no change "${what}" in the log`);
      found = (await other.read('/operator/audit?status=0')).records.some((record) => record.what === what);
    }
  }
});

test('what the sandbox refuses is told in the words of the venue', async () => {
  const order = { symbol: 'tBTCUSD', type: 'EXCHANGE LIMIT', amount: '0.01', price: '100' };
  for (const [wrong, words] of [[{ amount: '0' }, /amount: invalid/], [{ amount: '1000000', price: '50000' }, /Invalid order/], [{ symbol: 'tNOPE' }, /symbol: invalid/], [{ amount: [1] }, /amount: invalid/]]) {
    const reply = await customer.post('/sandbox/orders', { ...order, ...wrong });
    assertRefused(reply, 403, 'sandbox-refused');
    assert.match(reply.json.error.message, words);
  }
  assertRefused(await customer.post('/sandbox/control/replay', { name: 'x' }), 404, 'sandbox-command');
  assert.equal((await customer.post('/sandbox/control/..%2F..%2F..%2F..%2Foperator%2Fsandbox%2Freset', {}, { check: false })).status, 404);
});

test('the control panel bends the market, and everybody sees how', async () => {
  assert.equal((await customer.done('/sandbox/control/clock', { mode: 'freeze' })).clock.mode, 'frozen');
  const { clock, injections } = await customer.done('/sandbox/control/inject', { kind: 'halt', symbol: 'tETHUSD', for_ms: 60_000 });
  assert.equal(clock.rate, 0);
  assert.deepEqual(injections.map(({ kind, symbol }) => [kind, symbol]), [['halt', 'tETHUSD']]);
  assert.equal((await other.read('/sandbox')).injections.length, 1);
  await customer.done('/sandbox/control/clear', {});
  assert.equal((await customer.done('/sandbox/control/preset', { preset: 'quiet' })).preset, 'quiet');
  assert.equal((await customer.done('/sandbox/control/clock', { mode: 'real' })).injections.length, 0);
  const many = await Promise.all(Array.from({ length: 40 }, () => customer.post('/sandbox/control/clear', {})));
  assert.ok(many.some(({ status }) => status === 200) && many.some(({ status, headers }) => status === 429 && headers['retry-after']), many.map(({ status }) => status).join());
});

test('no secret reaches a journal', async () => {
  const journal = up.logs();
  assert.ok(!journal.includes(PASSWORD) && !journal.includes('remembered now'));
  for (const value of ada.cookies.values()) assert.ok(!journal.includes(value));
  assert.ok((await contractOf(up)).seen.size > 20);
});

/* The same try-out, started again with its clock ahead. */
async function ahead(offset) {
  const { dir, ports } = up;
  assert.ok(FAKETIME, 'libfaketime is not there: apt-get install faketime');
  assert.equal((await up.stop({ keep: true })).code, 0);
  up = await startUp({ dir, ports: Object.values(ports), env: offset && {
    LD_PRELOAD: FAKETIME, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_CACHE_DURATION: '1000000', NO_FAKE_STAT: '1',
  } });
  ada.up = up;
}

test('a session outlives a restart of the authority, and ends when it was idle for half an hour', async () => {
  await ada.read('/session');
  await ahead('+20m');
  await ada.read('/session'); // counts as used
  await ahead('+45m');
  await ada.read('/session');
  await ahead('+80m');
  assertRefused(await ada.get('/session'), 401, 'session-missing');
  await ada.login();
});
