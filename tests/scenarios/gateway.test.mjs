/* What a client meets at the gateway: each verdict word by word, the rates, the records, and bytes
 * that are no request. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { FULL, ask, auditSize, openAccount, recordsFrom, until } from './authority.mjs';
import { request, sign, startUp } from './harness.mjs';

const WALLETS = 'v2/auth/r/wallets';
const STATUS = 'v2/platform/status';
const SUBMIT = 'v2/auth/w/order/submit';
const LIMIT = { type: 'EXCHANGE LIMIT', symbol: 'tBTCUSD', amount: '0.001', price: '1000' };
const MARK = 'unsigned-query-mark';

let up, owner, keys, first, slow;
const sent = new Map(); // request id → what its record has to say
const secrets = new Set([MARK]); // bytes that belong nowhere

before(async () => {
  up = await startUp();
  slow = halfAHeader();
  first = await auditSize(up);
  owner = await openAccount(up, 'gate@example.com');
  const other = await openAccount(up, 'suspended@example.com');
  const sandbox = (scopes, more) => ({ environment: 'sandbox', scopes, ...more });
  const issued = await owner.issue(...Array.from({ length: 10 }, () => sandbox(FULL)),
    sandbox(['wallets:read']), sandbox(FULL, { ip_rules: ['192.0.2.1', '2001:db8::/32'] }),
    { environment: 'live', scopes: FULL });
  const names = ['trader', 'shape', 'habit', 'plain', 'plain497', 'revoked', 'nonce', 'rate', 'rated', 'fast',
    'reader', 'elsewhere', 'live'];
  keys = Object.fromEntries(names.map((name, i) => [name, issued[i]]));
  [keys.suspended] = await other.issue(sandbox(FULL));
  for (const { secret } of Object.values(keys)) secrets.add(secret);
});
after(async () => { await up?.stop(); });

/* Half a header and then nothing: nginx waits 15 s for the rest (client_header_timeout). */
function halfAHeader() {
  const started = performance.now();
  const socket = tls.connect({ host: '127.0.0.1', port: up.ports.sandbox, ca: up.ca });
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (part) => { text += part; }).on('error', () => {});
    socket.once('close', () => resolve({ text, took_ms: performance.now() - started }));
    socket.write(`GET /${STATUS} HTTP/1.1\r\nHost: x\r\n`);
  });
}

/* Remembers what the audit log has to say about a reply. */
function expectRecord(reply, verdict) {
  assert.match(reply.headers['x-request-id'] ?? '', /^[0-9a-f]{32}$/, `${reply.status} ${reply.text}`);
  assert.ok(!sent.has(reply.headers['x-request-id']), 'an id is given once');
  sent.set(reply.headers['x-request-id'], { status: reply.status, verdict });
  return reply;
}

/* A signed request whose answer and record are known. */
async function call(verdict, environment, key, path = WALLETS, body = {}, options = {}) {
  const reply = await up.call(environment, key, path, body, options);
  return expectRecord(reply, verdict);
}

async function get(verdict, environment, path, options) {
  return expectRecord(await up.get(environment, path, options), verdict);
}

function assertReply(reply, status, body) {
  assert.equal(reply.status, status, reply.text);
  assert.equal(reply.headers['content-type'], 'application/json');
  if (body instanceof RegExp) assert.match(reply.text, body);
  else assert.equal(reply.text, body);
}

const refused = (code, text) => JSON.stringify(['error', code, text]);

/* ---- who is asking ---- */

test('everything that proves nothing gets one answer', async () => {
  const key = keys.shape;
  const good = () => sign(key, WALLETS, '{}');
  const stranger = { key: `${key.key.slice(0, -6)}AAAAAA`, secret: key.secret };
  const flip = (hex) => `${hex[0] === '0' ? '1' : '0'}${hex.slice(1)}`;
  const unknown = JSON.parse(readFileSync(up.demo.ca.replace(/tls\/ca\.pem$/, 'demo.json'))).sandbox.keys[0];
  const signed = (nonce) => sign(key, WALLETS, '{}', nonce);
  const rows = [
    ['no headers on a private path', 'headers-malformed', {}],
    ['no key', 'headers-malformed', { ...good(), 'bfx-apikey': undefined }],
    ['no nonce', 'headers-malformed', { ...good(), 'bfx-nonce': undefined }],
    ['no signature', 'headers-malformed', { ...good(), 'bfx-signature': undefined }],
    ['an empty key', 'headers-malformed', { ...good(), 'bfx-apikey': '' }],
    ['an empty nonce', 'headers-malformed', signed('')],
    ['an empty signature', 'headers-malformed', { ...good(), 'bfx-signature': '' }],
    ['two keys', 'headers-malformed', { ...good(), 'bfx-apikey': [key.key, key.key] }],
    ['two nonces', 'headers-malformed', { ...good(), 'bfx-nonce': ['1', '2'] }],
    ['two signatures', 'headers-malformed', { ...good(), 'bfx-signature': ['00', '11'] }],
    ['a key with a broken checksum', 'headers-malformed', sign(stranger, WALLETS, '{}')],
    ['a key that is none', 'headers-malformed', { ...good(), 'bfx-apikey': 'x'.repeat(300) }],
    ['a short signature', 'headers-malformed', { ...good(), 'bfx-signature': 'ab' }],
    ['a signature with a digit more', 'headers-malformed', { ...good(), 'bfx-signature': 'a'.repeat(97) }],
    ['a signature that is not hex', 'headers-malformed', { ...good(), 'bfx-signature': 'g'.repeat(96) }],
    ['nonce 0', 'headers-malformed', signed('0')],
    ['a negative nonce', 'headers-malformed', signed('-1')],
    ['nonce 2^53', 'headers-malformed', signed('9007199254740992')],
    ['a nonce of words', 'headers-malformed', signed('soon')],
    ['a fractional nonce', 'headers-malformed', signed('1.5')],
    ['a nonce with a zero before it', 'headers-malformed', signed('01')],
    ['a nonce of 400 digits', 'headers-malformed', signed('9'.repeat(400))],
    ['a wrong signature', 'signature-wrong', ((h) => ({ ...h, 'bfx-signature': flip(h['bfx-signature']) }))(good())],
    ['a signature over another path', 'signature-wrong', sign(key, SUBMIT, '{}')],
    ['a signature over another body', 'signature-wrong', sign(key, WALLETS, '{"a":1}')],
    ['a wrong secret', 'signature-wrong', sign({ key: key.key, secret: unknown.secret }, WALLETS, '{}')],
  ];
  const shape = /^\{"message":"apikey: digest invalid","code":10100,"timestamp":\d{13},"nonce":"(.*)","request_id":"([0-9a-f]{32})"\}$/;
  const lengths = new Set();
  for (const [what, verdict, headers] of rows) {
    const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
    const reply = expectRecord(await up.get('sandbox', WALLETS, { method: 'POST', body: '{}', headers: given }), verdict);
    assert.equal(reply.status, 401, `${what}: ${reply.text}`);
    const [, nonce, id] = shape.exec(reply.text) ?? assert.fail(`${what}: ${reply.text}`);
    assert.equal(id, reply.headers['x-request-id']);
    const text = typeof headers['bfx-nonce'] === 'string' ? headers['bfx-nonce'] : '';
    assert.equal(nonce, text.slice(0, 32), what);
    assert.ok(Math.abs(reply.json.timestamp - Date.now()) < 60_000);
    lengths.add(reply.text.length - nonce.length);
    assert.deepEqual(Object.keys(reply.headers).sort(), ['connection', 'content-digest', 'content-length', 'content-type', 'date', 'server', 'signature', 'signature-input', 'x-request-id'], what);
  }
  assert.equal(lengths.size, 1, 'the nonce is all that tells one from another');
});

test('a key that was never issued looks like a wrong signature', async () => {
  const another = await startUp();
  const stranger = another.demo.sandbox.keys[0];
  await another.stop();
  const unknown = await call('key-unknown', 'sandbox', stranger);
  const wrong = await call('signature-wrong', 'sandbox', { key: keys.shape.key, secret: stranger.secret });
  assert.equal(unknown.status, 401);
  const masked = (reply) => reply.text.replace(/"(timestamp|nonce|request_id)":("?)\w+"?/g, '"$1":$2');
  assert.equal(masked(unknown), masked(wrong));
  assert.equal(unknown.text.length, wrong.text.length);
  assert.deepEqual(Object.keys(unknown.headers), Object.keys(wrong.headers));
});

test('a failed signature does not use up its nonce', async () => {
  const nonce = 1_000_000;
  const headers = { ...sign(keys.shape, WALLETS, '{}', nonce), 'bfx-signature': 'a'.repeat(96) };
  assert.equal((await get('signature-wrong', 'sandbox', WALLETS, { method: 'POST', body: '{}', headers })).status, 401);
  assert.equal((await call('pass', 'sandbox', keys.shape, WALLETS, {}, { nonce })).status, 200);
});

test('a key of the other environment is told so, at both doors', async () => {
  assertReply(await call('wrong-environment', 'live', keys.trader), 500,
    refused(10100, 'apikey: sandbox key refused on the live venue'));
  assertReply(await call('wrong-environment', 'sandbox', keys.live), 500,
    refused(10100, 'apikey: live key refused in the sandbox'));
});

test('the log shows such a key by its own name', async () => {
  const { records } = await until(up, `/audit?key=${keys.live.key}`, ({ records: some }) => some.some(({ kind }) => kind !== 'change'));
  assert.deepEqual(records.filter(({ kind }) => kind !== 'change').map(({ key, environment }) => [key, environment]), [[keys.live.key, 'sandbox']]);
});

test('too many failures from one address: 429, and only for that address', async () => {
  const localAddress = '127.0.0.66';
  const fail = () => up.get('sandbox', WALLETS, { method: 'POST', localAddress });
  let reply;
  for (let i = 0; i < 400 && reply?.status !== 429; i += 20) {
    const replies = await Promise.all(Array.from({ length: 20 }, fail));
    for (const one of replies) expectRecord(one, one.status === 429 ? 'failures-exceeded' : 'headers-malformed');
    reply = replies.find(({ status }) => status === 429);
  }
  assertReply(reply, 429, refused(11010, 'ratelimit: error'));
  const wait = Number(reply.headers['retry-after']); // each failure beyond the limit costs 4 s, up to 40
  assert.ok(wait >= 4 && wait <= 41, reply.headers['retry-after']);
  assert.equal(reply.headers['ratelimit-policy'], '"failures";q=10;w=1');
  assert.equal(reply.headers.ratelimit, `"failures";r=0;t=${wait}`);
  assert.equal((await call('pass', 'sandbox', keys.shape, WALLETS, {}, { localAddress })).status, 200, 'a proof is still heard');
  assert.equal((await get('headers-malformed', 'sandbox', WALLETS, { method: 'POST' })).status, 401);
});

/* ---- in the clear ---- */

test('an unencrypted request is told to use https and revokes nothing', async () => {
  const url = `${up.demo.tripwire}/${WALLETS}`;
  const headers = sign(keys.plain, WALLETS, '{}');
  const wrong = { ...headers, 'bfx-signature': 'b'.repeat(96) };
  const large = { method: 'POST', body: 'x'.repeat(65 * 1024) }; // nginx itself would say 413
  for (const options of [{}, { method: 'POST' }, { method: 'POST', body: '{}', headers: wrong }, large]) {
    assertReply(expectRecord(await request(url, options), 'plaintext'), 403, '{"message":"use https"}');
  }
  assert.equal((await call('pass', 'sandbox', keys.plain)).status, 200, 'naming a key does not end it');
});

for (const [name, where] of [['plain', 'the tripwire'], ['plain497', 'the TLS port']]) {
  test(`a signed request in the clear on ${where} revokes its key before it is answered`, async () => {
    const base = name === 'plain' ? up.demo.tripwire : `http://127.0.0.1:${up.ports.sandbox}`;
    const headers = sign(keys[name], WALLETS, '{}');
    const reply = await request(`${base}/${WALLETS}`, { method: 'POST', body: '{}', headers });
    assertReply(expectRecord(reply, 'plaintext-revoked'), 403,
      '{"message":"apikey: revoked: used over an unencrypted connection"}');
    assertReply(await call('key-revoked', 'sandbox', keys[name]), 500,
      /^\["error",10100,"apikey: revoked: used over an unencrypted connection, \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"\]$/);
    const kept = await until(up, `/keys/${keys[name].key}`, ({ state }) => state === 'revoked');
    assert.equal(kept.state, 'revoked');
  });
}

/* ---- what became of the key ---- */

test('a revoked key is told why and when', async () => {
  assert.equal((await call('pass', 'sandbox', keys.revoked)).status, 200);
  const { code } = await up.cli(['key', 'revoke', keys.revoked.key, '--reason', 'end of the row']);
  assert.equal(code, 0);
  assertReply(await call('key-revoked', 'sandbox', keys.revoked), 500,
    /^\["error",10100,"apikey: revoked: by the venue, \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"\]$/);
});

test('a key suspended with its account, and served again when the flag is resolved', async () => {
  assert.equal((await call('pass', 'sandbox', keys.suspended)).status, 200);
  const flag = ['account', 'flag', keys.suspended.account, '--kind', 'regulatory', '--reason', 'asked', '--keys', 'suspend'];
  assert.equal((await up.cli(flag)).code, 0);
  assertReply(await call('key-suspended', 'sandbox', keys.suspended), 500,
    refused(10100, 'apikey: suspended: contact support'));
  assert.equal((await up.cli(['account', 'unflag', keys.suspended.account, '--reason', 'answered'])).code, 0);
  assert.equal((await call('pass', 'sandbox', keys.suspended)).status, 200);
});

test('an address that is not on the list is named', async () => {
  assertReply(await call('address-refused', 'sandbox', keys.elsewhere), 500,
    refused(10100, 'apikey: ip not allowed: 127.0.0.1'));
  assertReply(await call('address-refused', 'sandbox', keys.elsewhere, WALLETS, {}, { headers: { 'x-forwarded-for': '192.0.2.1' } }), 500,
    refused(10100, 'apikey: ip not allowed: 127.0.0.1'));
});

test('a nonce that is not greater is told with both numbers', async () => {
  await ask(up, 'POST', `/keys/${keys.nonce.key}/terms`, { private_per_s: 1000 }); // refusals count too
  const ask_with = (verdict, nonce) => call(verdict, 'sandbox', keys.nonce, WALLETS, {}, { nonce });
  assert.equal((await ask_with('pass', 2000)).status, 200);
  for (const got of [2000, 1999, 1]) {
    assertReply(await ask_with('nonce-small', got), 500, refused(10114, `nonce: small: last 2000, got ${got}`));
  }
  const most = Number.MAX_SAFE_INTEGER; // whoever uses it has used the key for the last time
  assert.equal((await ask_with('pass', most)).status, 200);
  assertReply(await ask_with('nonce-small', most), 500, refused(10114, `nonce: small: last ${most}, got ${most}`));
});

/* ---- how often ---- */

function assertOverRate(reply, policy, limit) {
  assertReply(reply, 429, refused(11010, 'ratelimit: error'));
  assert.equal(reply.headers['retry-after'], '1');
  assert.equal(reply.headers['ratelimit-policy'], `"${policy}";q=${limit};w=1`);
  assert.equal(reply.headers.ratelimit, `"${policy}";r=0;t=1`);
}

/* Asks until it is too much, on one connection; says what came before. */
async function drain(askOnce) {
  for (let passed = 0; passed < 200; passed += 1) {
    const reply = await askOnce();
    if (reply.status !== 200) return { passed, reply };
  }
  return assert.fail('200 requests at once are never too many');
}

/* The same, each of them remembered. */
const drainNoting = (verdict, askOnce) => drain(async () => {
  const reply = await askOnce();
  return expectRecord(reply, reply.status === 200 ? 'pass' : verdict);
});

test('a burst over the rate of a key: 429 on private and on public paths', async () => {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  const own = await drainNoting('rate-exceeded', () => up.call('sandbox', keys.rate, WALLETS, {}, { agent }));
  assertOverRate(own.reply, 'private', 5);
  assert.ok(own.passed >= 5, `${own.passed} passed`);
  const open = await drainNoting('rate-exceeded', () => up.get('sandbox', STATUS, { headers: sign(keys.rate, STATUS, ''), agent }));
  agent.destroy();
  assertOverRate(open.reply, 'public', 15);
  assert.ok(open.passed >= 15, `${open.passed} passed`);
});

test('without a key the address is metered', async () => {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  const { passed, reply } = await drainNoting('address-rate-exceeded', () => up.get('sandbox', STATUS, { localAddress: '127.0.0.77', agent }));
  agent.destroy();
  assertOverRate(reply, 'public', 15);
  assert.ok(passed >= 15, `${passed} passed`);
  assert.equal((await get('pass', 'sandbox', STATUS, { localAddress: '127.0.0.78' })).status, 200);
});

/* ---- what the key may do ---- */

test('a missing scope is named', async () => {
  assertReply(await call('scope-missing', 'sandbox', keys.reader, SUBMIT, LIMIT), 500,
    refused(10001, 'api_key: permission invalid: needs orders:write'));
});

test('withdrawals wait for the mail, whose address is masked', async () => {
  const reply = await call('scope-unconfirmed', 'sandbox', keys.trader, 'v2/auth/w/withdraw', { wallet: 'exchange' });
  assertReply(reply, 500, /^\["error",10001,"api_key: permission invalid: confirm withdrawals by the link sent to [^"]+"\]$/);
  assert.ok(!reply.text.includes(owner.email), reply.text);
});

test('positions are elevated: not even a full key has them', async () => {
  assertReply(await call('scope-elevated', 'sandbox', keys.trader, 'v2/auth/r/positions'), 500,
    refused(10001, 'api_key: permission invalid: needs positions (elevated)'));
});

test('the first live order: wallets, then the sandbox, then the cooling-off', async () => {
  const order = (verdict) => call(verdict, 'live', keys.live, SUBMIT, LIMIT);
  assertReply(await order('wallets-first'), 500, refused(10001, 'order: not ready: call /v2/auth/r/wallets first'));
  assert.equal((await call('pass', 'live', keys.live)).status, 200);
  assertReply(await order('sandbox-first'), 500, refused(10001, 'order: not ready: place an order in the sandbox first'));
  const placed = await call('pass', 'sandbox', keys.trader, SUBMIT, LIMIT);
  assert.equal(placed.status, 200, placed.text);
  const { readiness } = await until(up, `/keys/${keys.live.key}`, (key) => key.readiness.sandbox_order);
  assert.deepEqual(readiness, { wallets_called: true, sandbox_order: true, cooling_over: false, ready: false });
  const reply = await order('cooling-off');
  assertReply(reply, 500, /^\["error",10001,"order: not ready: cooling-off ends in (71h 5\dm|72h 0m) \(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)"\]$/);
  const left_s = Number(reply.headers['retry-after']);
  assert.ok(left_s > 71.8 * 3600 && left_s <= 72 * 3600, `Retry-After ${left_s}`);
});

/* ---- what is asked ---- */

test('what does not exist, is retired or too large is an object with a message', async () => {
  const body = '0'.repeat(100_000);
  const unknown = '{"message":"unknown path or method"}';
  assertReply(await get('route-unknown', 'sandbox', 'v2/nonsense'), 404, unknown);
  assertReply(await get('route-unknown', 'sandbox', ''), 404, unknown);
  assertReply(await get('route-unknown', 'sandbox', WALLETS), 404, unknown);
  assertReply(await get('route-unknown', 'sandbox', STATUS, { method: 'DELETE' }), 404, unknown);
  assertReply(await call('route-unknown', 'sandbox', keys.habit, 'v2/auth/r/nonsense'), 404, unknown);
  for (const method of ['GET', 'POST']) {
    const retired = await get('route-retired', 'sandbox', 'v1/account_infos', { method });
    assertReply(retired, 410, '{"message":"endpoint retired: use /v2/"}');
    assert.equal(retired.headers.link, '</v2/>; rel="successor-version"');
  }
  for (const method of ['GET', 'POST']) {
    assertReply(await get('malformed-request', 'sandbox', `v2/%zz?${MARK}`, { method }), 400, '{"message":"malformed request"}');
  }
  assertReply(await get('route-unknown', 'sandbox', '-refused'), 404, unknown);
  const large = '{"message":"body too large"}';
  const chunked = { 'transfer-encoding': 'chunked' };
  assertReply(await get('body-too-large', 'sandbox', WALLETS, { method: 'POST', body }), 413, large);
  assertReply(await call('body-too-large', 'sandbox', keys.habit, WALLETS, body), 413, large);
  assertReply(await call('body-too-large', 'sandbox', keys.habit, WALLETS, body, { headers: chunked }), 413, large);
  assert.equal((await call('pass', 'sandbox', keys.habit, WALLETS, JSON.stringify({ pad: 'x'.repeat(65_000) }))).status, 200);
});

test('clients sign in their own ways', async () => {
  const key = keys.habit;
  const pace = () => new Promise((over) => { setTimeout(over, 210); }); // five a second
  const rows = [
    ['an empty body', WALLETS, WALLETS, ''],
    ['{}', WALLETS, WALLETS, '{}'],
    ['spaces in the JSON', WALLETS, WALLETS, '{ "a": 1, "b": 2 }'],
    ['an escaped path signed as sent', 'v2/auth/r/trades/t%42TCUSD/hist', 'v2/auth/r/trades/t%42TCUSD/hist', '{}'],
    ['an escaped path signed decoded', 'v2/auth/r/trades/t%42TCUSD/hist', 'v2/auth/r/trades/tBTCUSD/hist', '{}'],
    ['a colon escaped, signed decoded', 'v2/auth/r/order/tBTCUSD%3A1/trades', 'v2/auth/r/order/tBTCUSD:1/trades', '{}'],
    ['a query that is not signed', `v2/auth/r/trades/hist?limit=1&note=${MARK}`, 'v2/auth/r/trades/hist', '{}'],
    ['two slashes', 'v2//auth/r/wallets', 'v2//auth/r/wallets', '{}'],
    ['a body in chunks', WALLETS, WALLETS, '{"chunked":true}', { 'transfer-encoding': 'chunked' }],
  ];
  for (const [what, path, signed, body, headers] of rows) {
    await pace();
    const reply = await get('pass', 'sandbox', path, { method: 'POST', body, headers: { ...sign(key, signed, body), ...headers } });
    assert.equal(reply.status, 200, `${what}: ${reply.text}`);
  }
  await pace();
  const query = await get('signature-wrong', 'sandbox', `${WALLETS}?a=1`, { method: 'POST', body: '{}', headers: sign(key, `${WALLETS}?a=1`, '{}') });
  assert.equal(query.status, 401, 'the query is not part of what is signed');
});

test('a section in capitals is found', async () => {
  const reply = await get('pass', 'sandbox', 'v2/candles/trade:1m:tBTCUSD/HIST');
  assert.equal(reply.status, 200, reply.text);
});

test('a GET with a body is answered, and so is the next one on its connection', async () => {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  for (const path of [STATUS, 'v2/ticker/tBTCUSD', STATUS]) {
    const reply = await get('pass', 'sandbox', path, { body: '{}', headers: { 'content-length': 2 }, agent });
    assert.equal(reply.status, 200, reply.text);
  }
  agent.destroy();
});

test('identity that a client plants is not believed', async () => {
  const mine = await call('pass', 'sandbox', keys.trader, 'v2/auth/r/info/user');
  const planted = {
    'X-Latchkey-Account': '1', 'x-latchkey-key': keys.habit.key, 'X-LATCHKEY-SCOPES': 'positions:read withdraw:write',
    'X-Latchkey-Request-Id': '0'.repeat(32), 'X_Latchkey_Account': '1',
  };
  const reply = await call('pass', 'sandbox', keys.trader, 'v2/auth/r/info/user', {}, { headers: planted });
  assert.equal(reply.json[0], mine.json[0]);
  assert.equal(String(mine.json[0]), String(owner.id));
  assert.notEqual(reply.headers['x-request-id'], '0'.repeat(32));
  const caps = await call('pass', 'sandbox', keys.reader, 'v2/auth/r/permissions', {}, { headers: planted });
  assert.deepEqual(caps.json.filter(([, read, write]) => read || write), [['wallets', 1, 0]]);
  assert.equal((await get('headers-malformed', 'sandbox', WALLETS, { method: 'POST', body: '{}', headers: planted })).status, 401);
});

/* ---- the transport ---- */

test('TLS 1.3 only', async () => {
  await assert.rejects(up.get('sandbox', STATUS, { maxVersion: 'TLSv1.2' }), /protocol version|EPROTO|ECONNRESET/);
  assert.equal((await get('pass', 'sandbox', STATUS, { minVersion: 'TLSv1.3' })).status, 200);
});

test('HTTP/2: many requests on one connection, served and refused', async () => {
  const session = http2.connect(up.demo.sandbox.rest, { ca: up.ca });
  const send = (headers, body) => new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined });
    let reply, text = '';
    stream.on('response', (given) => { reply = given; }).on('error', reject);
    stream.setEncoding('utf8').on('data', (part) => { text += part; });
    stream.once('end', () => resolve({ status: reply[':status'], headers: reply, text }));
    if (body !== undefined) stream.end(body);
  });
  const post = (more, body) => send({ ':method': 'POST', ':path': `/${WALLETS}`, ...more }, body);
  const served = await post(sign(keys.reader, WALLETS, '{}'), '{}');
  assert.equal(expectRecord(served, 'pass').status, 200, served.text);
  const replies = await Promise.all([post(sign(keys.reader, WALLETS, ''), ''), post({}, '{}'),
    post({ 'bfx-apikey': 'x' }), send({ ':path': `/${STATUS}` }), send({ ':path': '/v2/nonsense' }),
    post(sign(keys.reader, WALLETS, ''), '0'.repeat(100_000))]);
  const verdicts = ['pass', 'headers-malformed', 'headers-malformed', 'pass', 'route-unknown', 'body-too-large'];
  replies.forEach((reply, i) => expectRecord(reply, verdicts[i]));
  assert.deepEqual(replies.map(({ status }) => status), [200, 401, 401, 200, 404, 413]);
  session.close();
});

test('the exchange is down: 503, and back again by itself', async () => {
  let reply;
  for (let attempt = 0; attempt < 5 && reply?.status !== 503; attempt += 1) {
    await up.kill('exchange-sandbox');
    reply = await up.get('sandbox', `${STATUS}?note=${MARK}`, { localAddress: `127.0.0.${90 + attempt}` });
    expectRecord(reply, reply.status === 503 ? 'upstream-down' : 'pass');
    await up.ready();
  }
  assertReply(reply, 503, '{"message":"temporarily_unavailable"}');
  assert.equal(reply.headers['retry-after'], '1');
  assert.equal((await get('pass', 'sandbox', STATUS)).status, 200);
});

/* ---- what is left of it ---- */

test('every request left one record, which says how it was decided and answered', async () => {
  const records = await recordsFrom(up, first,
    (some) => some.filter(({ request_id: id }) => sent.has(id)).length >= sent.size);
  const seen = new Map(records.map((record) => [record.request_id, record]));
  assert.equal(seen.size, records.length, 'one record a request');
  for (const [id, { status, verdict }] of sent) {
    assert.ok(seen.has(id), `${id} (${status} ${verdict}) has no record`);
    assert.deepEqual([seen.get(id).verdict, seen.get(id).status], [verdict, status], JSON.stringify(seen.get(id)));
    assert.ok(!seen.get(id).path.includes('?'));
    seen.delete(id);
  }
  /* What is left over nobody here has asked, but the supervisor, who looked whether all is well. */
  assert.ok([...seen.values()].every(({ method, path }) => method === 'GET' && path === `/${STATUS}`), JSON.stringify([...seen.values()]));
});

test('no secret, signature or query stands in the audit log or in a journal', async () => {
  const { directory } = (await ask(up, 'GET', '/status')).audit;
  const files = [
    ...readdirSync(directory, { recursive: true }).map((name) => join(directory, name)),
    ...readdirSync(up.runFolder).filter((name) => name.endsWith('.log')).map((name) => join(up.runFolder, name)),
  ].filter((name) => statSync(name).isFile());
  assert.ok(files.length > 5, files.join(' '));
  for (const file of files) {
    const bytes = readFileSync(file);
    for (const secret of secrets) {
      assert.ok(!bytes.includes(secret), `${secret} stands in ${file}: ${context(bytes, secret)}`);
    }
    assert.doesNotMatch(bytes.toString('latin1'), /lks_(test|live)_/, file);
  }
});

/* The line around what was found. */
function context(bytes, text) {
  const at = bytes.indexOf(text);
  return bytes.subarray(Math.max(0, at - 200), at + 100).toString('latin1');
}

/* ---- for ten seconds ---- */

/* Accepted at full speed on one connection between two refusals, ten seconds or more apart.  At each
 * of them the bucket is empty, so that a machine that stands still for a moment distorts nothing; each
 * fell somewhere between question and answer, hence the least and the most time between them. */
async function sustained(askOnce) {
  let sent = 0;
  const timed = async () => {
    sent = performance.now();
    return askOnce();
  };
  await drain(timed);
  const from = { sent, answered: performance.now() };
  for (let accepted = 0, asked = 1; ; asked += 1) {
    const reply = await timed(), answered = performance.now();
    if (reply.status === 200) accepted += 1;
    else assert.equal(reply.status, 429, reply.text);
    if (reply.status === 429 && sent - from.answered >= 10_000)
      return { accepted, asked, least_s: (sent - from.answered) / 1000, most_s: (answered - from.sent) / 1000 };
  }
}

test('ten seconds at full speed: the limit within one percent (C1)', { timeout: 240_000 }, async () => {
  const agents = [0, 1, 2].map(() => new https.Agent({ keepAlive: true, maxSockets: 1 }));
  const [own, open, nobody] = await Promise.all([
    sustained(() => up.call('sandbox', keys.fast, WALLETS, {}, { agent: agents[0] })),
    sustained(() => up.get('sandbox', STATUS, { headers: sign(keys.rated, STATUS, ''), agent: agents[1] })),
    sustained(() => up.get('sandbox', STATUS, { localAddress: '127.0.0.79', agent: agents[2] })),
  ]);
  agents.forEach((agent) => agent.destroy());
  for (const [what, { accepted, asked, least_s: least, most_s: most }, per_s] of [['private', own, 5], ['public', open, 15], ['anonymous', nobody, 15]]) {
    assert.ok(accepted >= 0.99 * least * per_s - 1 && accepted <= 1.01 * most * per_s + 1,
      `${what}: ${accepted} of ${asked} in ${least} to ${most} s`);
  }
});

test('half a header and then nothing: closed in time', { timeout: 120_000 }, async () => {
  const { text, took_ms: took } = await slow;
  assert.ok(took > 14_000 && took < 60_000, `closed after ${took} ms`);
  assert.doesNotMatch(text, /HTTP\/1.1 200/);
});

test('the log verifies', async () => {
  const { code, stdout, stderr } = await up.cli(['audit', 'verify']);
  assert.equal(code, 0, stdout + stderr);
});
