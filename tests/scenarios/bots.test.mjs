/* What a bot may count on: nonces in any order for a key with a window, rates of its own, tokens that
 * are never more than their key, depth apart from the rest, an order in the sandbox that opens the
 * live venue at once, and an end that was announced. */
import assert from 'node:assert/strict';
import https from 'node:https';
import { after, before, test } from 'node:test';
import { FULL, ask, openAccount, until } from './authority.mjs';
import { request, sign, startUp } from './harness.mjs';

const WALLETS = 'v2/auth/r/wallets', ORDERS = 'v2/auth/r/orders', SUBMIT = 'v2/auth/w/order/submit';
const BOOK = 'v2/book/tBTCUSD/P0';
const LIMIT = { type: 'EXCHANGE LIMIT', symbol: 'tBTCUSD', amount: '0.001', price: '1000' };

let up, keys;
before(async () => {
  up = await startUp();
  const owner = await openAccount(up, 'bots@example.com');
  const issued = await owner.issue({ environment: 'sandbox', scopes: FULL }, { environment: 'sandbox', scopes: FULL },
    { environment: 'sandbox', scopes: ['account:write', 'wallets:read', 'orders:read', 'orders:write'] },
    { environment: 'sandbox', scopes: ['orders:read', 'wallets:read'] });
  const other = await openAccount(up, 'newcomer@example.com');
  issued.push(...await other.issue({ environment: 'live', scopes: FULL }, { environment: 'sandbox', scopes: FULL }));
  keys = Object.fromEntries(['window', 'rated', 'minter', 'ticker', 'live', 'ending'].map((name, i) => [name, issued[i]]));
  for (const key of [keys.minter, keys.live]) await set(key, { private_per_s: 1000 });
});
after(async () => { await up?.stop(); });

const set = (key, terms) => ask(up, 'POST', `/keys/${key.key}/terms`, terms);
const withToken = (environment, token, path, body = {}) => up.call(environment, keys.minter, path, body, { headers: { 'bfx-token': token } });

test('with a window, requests side by side pass in any order, each nonce once', async () => {
  await set(keys.window, { nonce_window: true, private_per_s: 1000 });
  const base = Date.now() * 1000, agent = new https.Agent({ keepAlive: true, maxSockets: 16 });
  const send = (nonce) => request(`https://127.0.0.1:${up.ports.sandbox}/${WALLETS}`, {
    ca: up.ca, method: 'POST', body: '{}', agent,
    headers: { 'content-type': 'application/json', ...sign(keys.window, WALLETS, '{}', base + nonce) },
  });
  const order = Array.from({ length: 400 }, (_, i) => 1000 * (i - i % 8 + (i * 5 + 3) % 8)); // turned round in eights
  const replies = [];
  for (let at = 0; at < order.length; at += 64) // less than the 127 that a window remembers
    replies.push(...await Promise.all(order.slice(at, at + 64).map(send)));
  assert.deepEqual(replies.filter(({ status }) => status !== 200).map(({ text }) => text), []);
  for (const { status, json } of await Promise.all(order.slice(-24).map(send))) {
    assert.equal(status, 500);
    assert.deepEqual(json.slice(0, 2), ['error', 10114]);
  }
  const old = await send(-1);
  assert.match(old.text, /nonce: small: last \d+, got \d+/);
  await set(keys.window, { nonce_window: false });
  assert.equal((await send(order.length * 1000 + 5)).status, 200);
  assert.equal((await send(order.length * 1000 + 4)).json[1], 10114);
  agent.destroy();
});

test('a key has the rate that an operator gave it', async () => {
  await set(keys.rated, { private_per_s: 40, nonce_window: true }); // an overtaken nonce would be refused, and pay
  const burst = await Promise.all(Array.from({ length: 60 }, () => up.call('sandbox', keys.rated, WALLETS)));
  const passed = burst.filter(({ status }) => status === 200).length;
  const limited = burst.filter(({ status }) => status === 429);
  assert.ok(passed >= 40 && passed + limited.length === burst.length, `${passed} passed, ${limited.length} did not`);
  for (const { headers } of limited) assert.match(headers['ratelimit-policy'], /q=40;w=1/);
  const shown = await ask(up, 'GET', `/keys/${keys.rated.key}`);
  assert.equal(shown.rates.private_per_s, 40);
});

/* Wrongly signed, from the addresses of one guesser; resolves with the answer. */
function guess(agent, localAddress) {
  return request(`https://127.0.0.1:${up.ports.sandbox}/${WALLETS}`, {
    ca: up.ca, method: 'POST', body: '{}', agent, localAddress,
    headers: { 'content-type': 'application/json', ...sign(keys.rated, WALLETS, '{}'), 'bfx-signature': 'c'.repeat(96) },
  });
}

test('who guesses has to wait, and the owner next door does not', async () => {
  const localAddress = '127.0.0.67';
  const agent = new https.Agent({ keepAlive: true, maxSockets: 400 });
  const connect = agent.createConnection;
  let free = 0, open = 0, reply;
  agent.createConnection = (...args) => connect.apply(agent, args).once('secureConnect', () => { open += 1; });
  while ((reply = await guess(agent, localAddress)).status === 401 && free < 10_000) free += 1;
  assert.equal(reply.status, 429);
  assert.ok(free >= 60, `${free} were free`);
  /* Deep in debt: each of these waits for seconds, and there are more of them than may wait. */
  const guesses = Array.from({ length: 300 }, () => guess(agent, localAddress));
  const ends = [];
  let openAtFirst; // connections, when the first of those that waited was let go
  await new Promise((resolve) => {
    for (const one of guesses)
      one.then(({ headers }) => {
        if (headers.connection !== 'close') openAtFirst ??= open;
        if (ends.push(headers.connection) === 300 - 2 * 64) resolve();
      });
  });
  assert.ok(ends.some((connection) => connection === 'close'), 'whoever is one too many is shown the door');
  const good = await up.call('sandbox', keys.ticker, WALLETS, {}, { localAddress });
  assert.equal(good.status, 200, 'a proof is heard at once');
  assert.ok(300 - ends.length > 0, 'the owner came last');
  assert.ok((await Promise.all(guesses)).every(({ status }) => status === 429));
  /* Whoever comes after others were let go takes their place; so this shows something only where all
   * had come before, which they do unless the machine is very busy. */
  if (openAtFirst >= 300)
    assert.ok(ends.filter((connection) => connection !== 'close').length <= 2 * 64, 'a worker holds 64 of one address');
  agent.destroy();
});

test('what is refused before the rate is looked at counts on it', async () => {
  const same = () => up.call('sandbox', keys.ticker, WALLETS, {}, { nonce: 1 });
  const replies = await Promise.all(Array.from({ length: 60 }, same));
  const limited = replies.filter(({ status }) => status === 429);
  assert.ok(limited.length > 0 && replies.every(({ status }) => status === 429 || status === 500));
  assert.match(limited[0].headers['ratelimit-policy'], /"private";q=5;w=1/);
  const localAddress = '127.0.0.68', nowhere = () => up.get('sandbox', 'v2/nowhere', { localAddress });
  const lost = await Promise.all(Array.from({ length: 120 }, nowhere));
  assert.ok(lost.some(({ status }) => status === 404) && lost.every(({ status }) => status === 404 || status === 429));
  assert.match(lost.find(({ status }) => status === 429).headers['ratelimit-policy'], /"public";q=15;w=1/);
  const clear = () => request(`http://127.0.0.1:${up.ports.tripwire}/${WALLETS}`, { localAddress: '127.0.0.69' });
  const plain = await Promise.all(Array.from({ length: 120 }, clear));
  assert.ok(plain.some(({ status }) => status === 403) && plain.some(({ status }) => status === 429));
});

test('a token is never more than its key, and dies with it', async () => {
  const make = async (more) => (await up.call('sandbox', keys.minter, 'v2/auth/w/token', { scope: 'api', ...more }));
  const [reader] = (await make({ caps: ['o', 'w'] })).json, [writer] = (await make({ caps: ['o', 'f', 'wd'], writePermission: true })).json;
  assert.match(reader, /-caps:o:w-read$/);
  assert.match(writer, /-caps:o:f:wd-write$/);
  assert.equal((await withToken('sandbox', reader, WALLETS)).status, 200);
  assert.match((await withToken('sandbox', reader, SUBMIT, LIMIT)).text, /needs orders:write/);
  assert.equal((await withToken('sandbox', writer, SUBMIT, LIMIT)).status, 200);
  assert.match((await withToken('sandbox', writer, WALLETS)).text, /needs wallets:read/);
  assert.match((await withToken('sandbox', writer, 'v2/auth/r/funding/offers')).text, /needs funding:read/, 'the key has no funding');
  assert.match((await withToken('sandbox', writer, 'v2/auth/w/token', { scope: 'api' })).text, /needs account:write/);
  const foreign = await withToken('live', reader, WALLETS);
  assert.equal(foreign.status, 401);
  assert.equal(foreign.json.message, 'token: invalid');
  for (const [wrong, words] of [[{ scope: 'x' }, /scope: invalid/], [{ ttl: 0 }, /ttl: invalid/], [{ ttl: 86401 }, /ttl: invalid/], [{ caps: ['z'] }, /caps: invalid/], [{ caps: ['wd'] }, /writePermission/], [{ _cust_ip: 'here' }, /_cust_ip: invalid/]])
    assert.match((await make(wrong)).text, words, JSON.stringify(wrong));
  const [bound] = (await make({ caps: ['w'], _cust_ip: '10.9.8.3' })).json;
  assert.equal((await withToken('sandbox', bound, WALLETS)).status, 401, 'another address');
  assert.deepEqual((await up.call('sandbox', keys.minter, 'v2/auth/w/token/del', { token: bound })).json, [1]);
  const plain = await request(`http://127.0.0.1:${up.ports.tripwire}/${WALLETS}`, { method: 'POST', headers: { 'bfx-token': reader } });
  assert.equal(plain.status, 403);
  assert.equal((await ask(up, 'GET', `/keys/${keys.minter.key}`)).state, 'active');
  /* Requests by token stand in the log under the key. */
  await until(up, `/audit?key=${keys.minter.key}&status=200`, ({ records }) => records.some(({ path, nonce }) => path === `/${WALLETS}` && !nonce));
  await ask(up, 'POST', `/keys/${keys.minter.key}/revoke`, { reason: 'owner' });
  assert.match((await withToken('sandbox', writer, ORDERS)).text, /apikey: revoked/);
});

test('a token ends when its time is over', async () => {
  let served = 0;
  /* A busy machine may take longer to ask than a short time lasts; then a longer one is tried. */
  for (let ttl = 2; served === 0; ttl *= 2) {
    assert.ok(ttl <= 64, 'a token was never served');
    const started = performance.now();
    const [token] = (await up.call('sandbox', keys.window, 'v2/auth/w/token', { scope: 'api', ttl, caps: ['w'] })).json;
    let reply;
    do {
      reply = await withToken('sandbox', token, WALLETS);
      served += reply.status === 200;
      assert.ok(performance.now() - started < ttl * 1000 + 60_000, 'it is over and still served');
    } while (reply.status === 200 || reply.status === 429);
    const took = performance.now() - started;
    assert.equal(reply.json.message, 'token: invalid', reply.text);
    assert.ok(took >= ttl * 1000 - 50, `refused after ${took} ms of ${ttl} s`); // 50: two clocks
  }
});

test('depth is apart from ticker and trades', async () => {
  const ticker = (key) => up.call('sandbox', key, 'v2/ticker/tBTCUSD', '', { method: 'GET' });
  const book = (environment, key) => up.call(environment, key, BOOK, '', { method: 'GET' });
  assert.equal((await ticker(keys.ticker)).status, 200);
  assert.match((await book('sandbox', keys.ticker)).text, /needs depth:read/);
  assert.equal((await book('sandbox', keys.rated)).status, 200);
  assert.equal((await up.get('sandbox', BOOK)).status, 200, 'open in the sandbox');
  assert.equal((await up.get('live', 'v2/ticker/tBTCUSD')).status, 200);
  assert.equal((await up.get('live', BOOK)).status, 401, 'keyed on the live venue');
  assert.equal((await book('live', keys.live)).status, 200);
});

test('an order in the sandbox counts on the live venue within 100 ms', async () => {
  assert.equal((await up.call('live', keys.live, WALLETS)).status, 200);
  const first = await up.call('live', keys.live, SUBMIT, LIMIT);
  assert.match(first.text, /place an order in the sandbox first/);
  const several = await up.call('sandbox', keys.ending, 'v2/auth/w/order/multi', { ops: [['oc', { id: 1 }]] });
  assert.equal(several.status, 200, 'well, although the operation in it failed');
  await until(up, `/audit?key=${keys.ending.key}`, ({ records }) => records.some(({ request_id: id }) => id === several.headers['x-request-id']));
  assert.match((await up.call('live', keys.live, SUBMIT, LIMIT)).text, /place an order in the sandbox first/);
  const placed = await up.call('sandbox', keys.ending, SUBMIT, LIMIT);
  assert.equal(placed.status, 200, placed.text);
  const started = performance.now();
  let reply, took;
  do {
    reply = await up.call('live', keys.live, SUBMIT, LIMIT);
    took = performance.now() - started;
  } while (/place an order in the sandbox first/.test(reply.text) || reply.status === 429);
  assert.match(reply.text, /cooling-off ends in 7[12]h/);
  console.error(`# carried over after at most ${took.toFixed(0)} ms`);
  const { readiness } = await ask(up, 'GET', `/keys/${keys.live.key}`);
  assert.deepEqual(readiness, { wallets_called: true, sandbox_order: true, cooling_over: false, ready: false });
});

test('an announced end is told ahead and holds', async () => {
  const ends = (in_ms) => set(keys.ending, { ends_at: new Date(Date.now() + in_ms).toISOString() });
  await ends(3_600_000);
  const told = await up.call('sandbox', keys.ending, WALLETS);
  assert.equal(told.status, 200);
  await ends(3000); // brought forward, so that nothing has to be asked in time
  const reply = await until(up, `/keys/${keys.ending.key}`, ({ state }) => state !== 'active', 90_000).catch((error) => error);
  const refused = await up.call('sandbox', keys.ending, WALLETS);
  assert.match(refused.text, /apikey: revoked: by the venue/, JSON.stringify(reply));
});
