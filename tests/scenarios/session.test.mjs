/* An account over the venue's WebSocket, through the gateway: who gets in, what ends it, and what is
 * kept of it.  A bare client says what stock clients cannot be made to say; those trade over it in
 * tests/clients, and each word of it is in tests/venue. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FULL, ask, openAccount, until } from './authority.mjs';
import { nextNonce, startUp } from './harness.mjs';
import { listen as listenTo, skip } from './listener.mjs';

const WALLETS = 'v2/auth/r/wallets';
const ORDER = { type: 'EXCHANGE LIMIT', symbol: 'tBTCUSD', amount: '0.01', price: '1000' };
const NAMES = ['trader', 'reader', 'revoked', 'silent', 'ending', 'minter', 'recorded', 'rated', 'narrowed'];

let up, keys, connections = 0;
before(async () => {
  if (skip) return;
  up = await startUp();
  const owner = await openAccount(up, 'stream@example.com');
  const scopes = (name) => (name === 'reader' ? ['orders:read', 'wallets:read'] : FULL);
  const issued = await owner.issue(...NAMES.map((name) => ({ environment: 'sandbox', scopes: scopes(name) })));
  keys = Object.fromEntries(NAMES.map((name, i) => [name, issued[i]]));
  for (const name of NAMES.filter((each) => each !== 'rated')) await set(keys[name], { private_per_s: 1000 });
});
after(async () => { await up?.stop(); });

const set = (key, terms) => ask(up, 'POST', `/keys/${key.key}/terms`, terms);
/* An address of its own for each, as one may open only so many. */
const listen = (options) => listenTo(up, { address: `127.0.2.${connections += 1}`, ...options });
const revoke = (key) => ask(up, 'POST', `/keys/${key.key}/revoke`, { reason: 'owner' });
const isRequest = ({ kind }) => kind !== 'change';
const isAuth = ({ event }) => event === 'auth';

/* Logged in, its snapshots heard: the last of them is the balance. */
async function enter(key, more, options) {
  const bot = await listen(options);
  const { status, msg } = await bot.login(key, more);
  assert.equal(status, 'OK', msg);
  await bot.hearUntil((said) => said[1] === 'bu');
  return bot;
}

/* It is told why, and the connection ends. */
async function isCut(bot, words) {
  const told = await bot.hearUntil(isAuth);
  assert.equal(told.status, 'FAILED');
  assert.match(told.msg, words);
  assert.equal(await bot.closed, 1008);
  assert.deepEqual(bot.heard, []);
}

test('a wrong signature and an unknown key are refused in the same words, and may try again', { skip }, async () => {
  const bot = await listen();
  const wrong = await bot.login({ ...keys.trader, secret: 'wrong' });
  const unknown = await bot.login({ ...keys.trader, key: 'lki_test_EXAMPLE0EXAMPLE000000' });
  assert.deepEqual(wrong, { event: 'auth', status: 'FAILED', chanId: 0, code: 10100, msg: 'apikey: digest invalid' });
  assert.deepEqual(unknown, wrong);
  assert.deepEqual(await bot.ask('on', ORDER), { event: 'error', msg: 'auth: invalid', code: 10100 });
  const right = await bot.login(keys.trader);
  assert.deepEqual([right.status, right.chanId, right.caps.orders], ['OK', 0, { read: 1, write: 1 }]);
  assert.equal((await bot.login(keys.trader)).msg, 'auth: dup');
  bot.socket.close(1000);
});

test('REST and WebSocket count the nonces of a key together', { skip }, async () => {
  const bot = await listen();
  const used = nextNonce();
  assert.equal((await up.call('sandbox', keys.trader, WALLETS, {}, { nonce: used })).status, 200);
  const small = await bot.login(keys.trader, { nonce: used });
  assert.deepEqual([small.status, small.code], ['FAILED', 10114]);
  assert.match(small.msg, /nonce: small/);
  const next = nextNonce();
  assert.equal((await bot.login(keys.trader, { nonce: next })).status, 'OK');
  assert.match((await up.call('sandbox', keys.trader, WALLETS, {}, { nonce: next })).text, /nonce: small/);
  assert.equal((await up.call('sandbox', keys.trader, WALLETS)).status, 200);
  bot.socket.close(1000);
});

test('a live key does not enter the sandbox', { skip }, async () => {
  const bot = await listen();
  const reply = await bot.login(up.demo.live.keys[0]);
  assert.equal(reply.status, 'FAILED');
  assert.match(reply.msg, /live key refused in the sandbox/);
  bot.socket.close(1000);
});

test('a key that may only read hears its account and changes nothing', { skip }, async () => {
  const bot = await listen();
  const { caps } = await bot.login(keys.reader);
  assert.deepEqual([caps.orders, caps.wallets, caps.funding], [{ read: 1, write: 0 }, { read: 1, write: 0 }, { read: 0, write: 0 }]);
  await bot.hearUntil((said) => said[1] === 'bu');
  for (const [type, payload] of [['on', { ...ORDER, cid: 7 }], ['oc', { id: 1 }], ['ox_multi', [['on', ORDER]]]]) {
    const [, , [, , , , info, , status, text]] = await bot.ask(type, payload);
    assert.equal(status, 'ERROR');
    assert.match(text, /permission invalid: needs orders:write/);
    if (type === 'on') assert.equal(info[2], 7);
  }
  const { json } = await up.call('sandbox', keys.trader, 'v2/auth/w/order/submit', ORDER);
  assert.equal((await bot.hearUntil((said) => said[1] === 'on'))[2][0], json[4][0][0]);
  await up.call('sandbox', keys.trader, 'v2/auth/w/order/cancel', { id: json[4][0][0] });
  bot.socket.close(1000);
});

test('a revoked key is told and cut at once, hears nothing more, and its orders go if it asked for that', { skip }, async () => {
  const bot = await enter(keys.revoked, { dms: 4 });
  bot.say({ event: 'subscribe', channel: 'book', symbol: 'tBTCUSD' });
  await bot.hearUntil(({ event }) => event === 'subscribed');
  const [, , [, , , , [id]]] = await bot.ask('on', ORDER);
  const started = performance.now();
  await revoke(keys.revoked);
  /* The account trades on by another key: what it does is none of this connection's business now. */
  const { json } = await up.call('sandbox', keys.trader, 'v2/auth/w/order/submit', ORDER);
  const later = json[4][0][0];
  const heard = [];
  for (let said; !isAuth(said ?? {}); heard.push(said)) said = await bot.hear();
  console.error(`# told ${(performance.now() - started).toFixed(0)} ms after the revocation was asked for`);
  assert.match(heard.at(-1).msg, /^apikey: revoked: by its owner/);
  assert.ok(!heard.some((said) => said[0] === 0 && said[2]?.[0] === later));
  assert.equal(await bot.closed, 1008);
  const { json: left } = await up.call('sandbox', keys.trader, 'v2/auth/r/orders');
  assert.ok(!left.some(([each]) => each === id));
  const back = await listen();
  assert.match((await back.login(keys.revoked)).msg, /^apikey: revoked/);
  back.socket.close(1000);
});

test('a revoked key that says and hears nothing is cut as well', { skip }, async () => {
  const bot = await enter(keys.silent);
  await revoke(keys.silent);
  await isCut(bot, /^apikey: revoked: by its owner/);
});

test('a key that loses a read scope hears nothing more by it, from that moment on', { skip }, async () => {
  const key = keys.narrowed, bot = await enter(key), open = [];
  for (const channel of [{ channel: 'book', symbol: 'tBTCUSD' }, { channel: 'book', symbol: 'tETHUSD', prec: 'R0' }, { channel: 'ticker', symbol: 'tBTCUSD' }]) {
    bot.say({ event: 'subscribe', ...channel });
    open.push((await bot.hearUntil(({ event }) => event === 'subscribed')).chanId);
  }
  const books = open.slice(0, 2), ended = [], left = FULL.filter((scope) => scope !== 'depth:read');
  const { code, stderr } = await up.cli(['key', 'scopes', key.key, '--scopes', left.join()]);
  assert.equal(code, 0, stderr);
  while (ended.length < 4) {
    const said = await bot.hear();
    if (said.event) ended.push(said);
  }
  const why = 'api_key: permission invalid: needs depth:read';
  assert.deepEqual(ended.sort((a, b) => a.chanId - b.chanId || (a.event < b.event ? -1 : 1)), books.flatMap((chanId) => [
    { event: 'error', msg: why, code: 10300, chanId }, { event: 'unsubscribed', status: 'OK', chanId }]));
  bot.say({ event: 'subscribe', channel: 'book', symbol: 'tBTCUSD' });
  const heard = [];
  do heard.push(await bot.hear()); while (heard.at(-1).event !== 'error');
  assert.deepEqual([heard.at(-1).code, heard.at(-1).msg], [10300, why]);
  assert.ok(!heard.some((said) => books.includes(said[0])), 'no book is told any more');
  /* Nor the account's orders, once those may not be read. */
  const narrowed = await up.cli(['key', 'scopes', key.key, '--scopes', 'orders:write,wallets:read']);
  assert.equal(narrowed.code, 0, narrowed.stderr);
  const [, , note] = await bot.ask('on', { ...ORDER, type: 'EXCHANGE MARKET' });
  assert.equal(note[6], 'SUCCESS', note[7]);
  const news = [];
  do news.push(await bot.hear()); while (news.at(-1)[1] !== 'bu');
  assert.deepEqual([...new Set(news.filter((said) => said[0] === 0).map((said) => said[1]))], ['wu', 'bu']);
  bot.socket.close(1000);
});

test('an announced end ends connections', { skip }, async () => {
  const bot = await enter(keys.ending);
  await set(keys.ending, { ends_at: new Date(Date.now() + 1500).toISOString() });
  await isCut(bot, /^apikey: (revoked|expired)/);
});

test('a token opens a connection as far as it reaches, and takes it along', { skip }, async () => {
  const mint = async (more) => (await up.call('sandbox', keys.minter, 'v2/auth/w/token', { scope: 'api', ...more })).json[0];
  const reader = await mint({ caps: ['o', 'w'] });
  const bot = await listen();
  bot.say({ event: 'auth', token: reader });
  const { status, caps } = await bot.hearUntil(isAuth);
  assert.deepEqual([status, caps.orders], ['OK', { read: 1, write: 0 }]);
  assert.match((await bot.ask('on', ORDER))[2][7], /needs orders:write/);
  assert.deepEqual((await up.call('sandbox', keys.minter, 'v2/auth/w/token/del', { token: reader })).json, [1]);
  await isCut(bot, /^token: invalid/);
  const nobody = await listen();
  nobody.say({ event: 'auth', token: reader });
  assert.equal((await nobody.hearUntil(isAuth)).msg, 'token: invalid');
  nobody.socket.close(1000);
});

test('each operation stands in the audit log once, as it was decided', { skip }, async () => {
  const key = keys.recorded;
  const bot = await listen();
  await bot.login({ ...key, secret: 'wrong' });
  assert.equal((await bot.login(key)).status, 'OK');
  const [, , [, , , , [id]]] = await bot.ask('on', ORDER);
  await bot.ask('ou', { id, price: '1001' });
  await bot.ask('oc', { id });
  await bot.ask('oc', { id }); // gone already: it passes the gate and fails behind it
  await bot.ask('ox_multi', [['on', ORDER], ['on', ORDER]], 'on-req');
  await bot.ask('oc_multi', { all: 1 });
  await bot.ask('calc', [['balance'], ['wallet_exchange_USD']], 'bu');
  await bot.ask('fon', { type: 'LIMIT', symbol: 'fUSD', amount: '1e9', rate: '0.001', period: 2 });
  await bot.ask('foc', { id: 1 });
  await bot.ask('n', { type: 'ucm-test', info: {} }, 'ucm-test');
  await bot.ask('nonsense', {});
  bot.say({ event: 'unauth' });
  assert.equal((await bot.hearUntil(({ event }) => event === 'unauth')).status, 'OK');
  const count = (words) => words.reduce((counts, word) => ({ ...counts, [word]: (counts[word] ?? 0) + 1 }), {});
  const wanted = {
    'event/auth signature-wrong 401': 1, 'event/auth pass 200': 1, 'input/on pass 200': 1, 'input/ou pass 200': 1, 'input/oc pass 200': 1,
    'input/oc pass 500': 1, 'input/ox_multi pass 200': 1, 'input/oc_multi pass 200': 1, 'input/calc pass 200': 1,
    'input/fon pass 500': 1, 'input/foc pass 500': 1, 'input/n pass 200': 1,
  };
  const total = Object.values(wanted).reduce((sum, n) => sum + n, 0);
  await until(up, `/audit?key=${key.key}&limit=1000`, ({ records }) => records.filter(isRequest).length >= total);
  const { code, stdout, stderr } = await up.cli(['audit', 'list', '--key', key.key, '--limit', '1000', '--json']);
  assert.equal(code, 0, stderr);
  const records = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter(isRequest);
  assert.deepEqual(count(records.map(({ path, verdict, status }) => `${path.replace('/ws/2/', '')} ${verdict} ${status}`)), wanted);
  assert.equal(new Set(records.map(({ request_id: each }) => each)).size, records.length);
  for (const record of records) {
    assert.equal(record.method, 'WS');
    assert.equal(record.environment, 'sandbox');
    assert.match(record.address, /^127\.0\.2\./);
  }
  assert.equal((await up.cli(['audit', 'verify'])).code, 0);
  bot.socket.close(1000);
});

test('what is said on a connection counts for the rate of its key, with REST', { skip }, async () => {
  const bot = await enter(keys.rated);
  const limited = (text) => /ratelimit: error/.test(text);
  let said, asked = 0;
  do {
    assert.ok((asked += 1) < 1000, 'nothing is limited');
    for (let i = 0; i < 10; i += 1) bot.say([0, 'oc', null, { id: i + 1 }]);
    for (let i = 0; i < 10; i += 1) said = await bot.hearUntil(([, type]) => type === 'n');
  } while (!limited(said[2][7]));
  assert.equal(said[2][6], 'ERROR');
  let reply;
  do {
    for (let i = 0; i < 10; i += 1) bot.say([0, 'oc', null, { id: i + 1 }]);
    reply = await up.call('sandbox', keys.rated, WALLETS);
    assert.ok([200, 429].includes(reply.status), reply.text);
  } while (reply.status !== 429);
  assert.ok(limited(reply.text));
  assert.ok(bot.socket.readyState === 1, 'a limit ends no connection');
  bot.socket.close(1000);
});
