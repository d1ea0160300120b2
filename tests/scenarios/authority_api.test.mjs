/* Every call of the authority's HTTP API (docs/architecture.md) over its real socket: what it
 * answers when all is well, and in which words it refuses. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { openAccount, until } from './authority.mjs';
import { request, startUp, totp } from './harness.mjs';

const email = 'api@example.com';
let up, owner, key;

before(async () => {
  up = await startUp();
  owner = await openAccount(up, email);
});
after(async () => { await up?.stop(); });

/* Sent as it is, so that bad JSON can be sent too. */
const send = (method, path, body) => request(`http://authority${path}`, {
  method, socketPath: join(up.runFolder, 'authority.sock'),
  headers: { 'content-type': 'application/json' },
  body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
});

const application = (more = {}) => ({
  environment: 'sandbox', label: `label ${Math.random()}`, scopes: ['orders:read'], confirmed_groups: ['read'],
  ip_rules: ['192.0.2.1'], ...more,
});

test('status tells version, segments, audit log and that there is no problem', async () => {
  const { status, json } = await send('GET', '/status');
  assert.equal(status, 200);
  assert.deepEqual(json.segments.map(({ environment }) => environment).sort(), ['live', 'sandbox']);
  assert.ok(json.accounts >= 3 && json.keys >= 9);
  assert.ok(json.audit.size > 0 && json.audit.on_disk !== undefined);
  assert.deepEqual(json.problems, []);
});

test('accounts are listed and shown, by id and by address', async () => {
  const { json: { accounts } } = await send('GET', '/accounts');
  const mine = accounts.find((account) => account.email === email);
  assert.deepEqual([mine.kind, mine.jurisdiction, mine.totp, mine.missing], ['individual', 'CH', 'enrolled', []]);
  for (const name of [mine.id, email, email.toUpperCase()])
    assert.equal((await send('GET', `/accounts/${name}`)).json?.id, mine.id, `${name}`);
});

test('keys are issued, listed, shown and revoked; a secret is seen once', async () => {
  const [issued, second] = await owner.issue(
    { environment: 'sandbox', scopes: ['orders:read', 'orders:write'] }, { environment: 'sandbox', scopes: ['orders:read'] });
  key = issued.key;
  const shown = (await send('GET', `/keys/${key}`)).json;
  assert.equal(shown.state, 'active');
  assert.deepEqual(shown.scopes.map(({ scope }) => scope), ['orders:read', 'orders:write']);
  const listed = (await send('GET', `/keys?account=${email}`)).json.keys;
  const all = [key, second.key];
  assert.deepEqual(listed.map(({ id }) => id), all);
  assert.ok(!JSON.stringify([shown, listed]).includes(issued.secret));
  const page = (await send('GET', `/keys?account=${email}&limit=1`)).json;
  assert.deepEqual([page.keys.map(({ id }) => id), page.next], [[all[0]], all[0]]);
  const rest = (await send('GET', `/keys?account=${email}&limit=1&after=${page.next}`)).json;
  assert.deepEqual([rest.keys.map(({ id }) => id), rest.next], [[all[1]], null]);
  assert.equal((await send('GET', '/keys?after=nonsense')).status, 400);
  const terms = { public_per_s: 30, private_per_s: 20, nonce_window: true, ends_at: '2099-01-02T03:04:05Z' };
  const set = (await send('POST', `/keys/${key}/terms`, terms)).json;
  assert.deepEqual(set.rates, { public_per_s: 30, private_per_s: 20 });
  assert.equal(set.nonce_window, true);
  assert.match(set.ends_at, /^2099-01-02T03:04:05/);
  assert.equal((await send('POST', `/keys/${key}/terms`, { ends_at: null })).json.ends_at, null);
  for (const wrong of [{}, { private_per_s: 0 }, { private_per_s: 1e9 }, { nonce_window: 'yes' }, { ends_at: 'soon' },
    { ends_at: '2020-01-01T00:00:00Z' }])
    assert.equal((await send('POST', `/keys/${key}/terms`, wrong)).status, 400, JSON.stringify(wrong));
  const revoked = (await send('POST', `/keys/${key}/revoke`, { reason: 'done with it' })).json;
  assert.equal(revoked.state, 'revoked');
  assert.equal((await send('GET', `/keys/${key}`)).json.state, 'revoked');
});

test('a flag suspends keys, its resolution gives them back', async () => {
  const [issued] = await owner.issue({ environment: 'sandbox', scopes: ['orders:read'] });
  const state = async () => (await send('GET', `/keys/${issued.key}`)).json.state;
  const flagged = await send('POST', `/accounts/${email}/flag`, { kind: 'suspicious', reason: 'odd pattern', keys: 'suspend' });
  assert.equal(flagged.status, 200, flagged.text);
  assert.ok(flagged.json.flag !== null);
  assert.equal(await state(), 'suspended');
  const resolved = await send('POST', `/accounts/${email}/unflag`, { reason: 'explained' });
  assert.equal(resolved.json.flag, null);
  assert.equal(await state(), 'active');
});

test('the audit log is filtered and paged, newest first', async () => {
  const { json: first } = await send('GET', '/audit?limit=3');
  assert.equal(first.records.length, 3);
  const { json: second } = await send('GET', `/audit?limit=3&before=${first.next}`);
  const indexes = [...first.records, ...second.records].map(({ index }) => index);
  assert.deepEqual(indexes, indexes.toSorted((a, b) => b - a));
  assert.equal(new Set(indexes).size, 6);
  const { json: { records: changes } } = await send('GET', `/audit?key=${key}`);
  assert.ok(changes.some(({ kind, what }) => kind === 'change' && /revoked/.test(what)));
  assert.deepEqual((await send('GET', '/audit?verdict=cooling-off')).json.records, []);
  const head = await until(up, '/audit/checkpoint', ({ checkpoint }) => checkpoint !== ''); // signed once a second
  assert.match(head.checkpoint, /\n\d+\n/);
  assert.match(head.verifier_key, /\+[0-9a-f]{8}\+/);
});

test('a tail wakes when a record comes, while other calls are answered', async () => {
  const { json: { size } } = await send('GET', '/audit?limit=1');
  const tail = send('GET', `/audit/tail?from=${size}`);
  assert.equal((await send('GET', '/status')).status, 200);
  await send('POST', '/accounts', { email: 'tail@example.com', kind: 'individual', jurisdiction: 'CH', password: 'correct horse battery' });
  const { json } = await tail;
  assert.ok(json.records.length > 0 && json.next > size);
});

/* method, path, body, status; each refusal names what is wrong. */
const refusals = () => [
  ['GET', '/nowhere', undefined, 404],
  ['DELETE', '/accounts', undefined, 405],
  ['POST', '/accounts', '{"email"', 400],
  ['POST', '/accounts', '[]', 400],
  ['POST', '/accounts', {}, 400],
  ['POST', '/accounts', { email: 7, kind: 'individual', jurisdiction: 'CH', password: 'long enough for all' }, 400],
  ['POST', '/accounts', { email: 'no address', kind: 'individual', jurisdiction: 'CH', password: 'long enough for all' }, 400],
  ['POST', '/accounts', { email: 'a@example.com', kind: 'friend', jurisdiction: 'CH', password: 'long enough for all' }, 400],
  ['POST', '/accounts', { email: 'a@example.com', kind: 'individual', jurisdiction: 'Atlantis', password: 'long enough for all' }, 400],
  ['POST', '/accounts', { email, kind: 'individual', jurisdiction: 'CH', password: 'long enough for all' }, 409],
  ['POST', '/accounts', `{"email":"${'x'.repeat(2_000_000)}"}`, 413],
  ['GET', '/accounts/nobody@example.com', undefined, 404],
  ['POST', `/accounts/${email}/verify`, { step: 'astrology', outcome: 'accepted' }, 400],
  ['POST', `/accounts/${email}/verify`, { step: 'identity', outcome: 'maybe' }, 400],
  ['POST', `/accounts/${email}/flag`, { kind: 'suspicious', reason: 'x', keys: 'eat' }, 400],
  ['POST', '/accounts/nobody@example.com/totp', {}, 404],
  ['POST', `/accounts/${email}/totp/confirm`, { code: '12' }, [400, 403, 409, 422]],
  ['GET', '/keys/lki_test_nonsense', undefined, 404],
  ['POST', '/keys/lki_test_nonsense/terms', { private_per_s: 9 }, 404],
  ['POST', '/keys/lki_test_nonsense/revoke', { reason: 'x' }, 404],
  ['POST', '/keys', { account: email, totp: '000000', keys: [] }, [400, 422]],
  ['POST', '/keys', { account: email, totp: totp(owner.seed, 1), keys: [application({ scopes: ['fly'] })] }, [400, 422]],
  ['POST', '/keys', { account: email, totp: totp(owner.seed, 1), keys: [application({ ip_rules: ['0.0.0.0/0'] })] }, [400, 422]],
  ['POST', '/keys', { account: email, totp: totp(owner.seed, 1), keys: [application({ confirmed_groups: [] })] }, [400, 403, 409, 422]],
  ['POST', '/keys', { account: email, totp: 'abc', keys: [application()] }, [400, 403, 422]],
  ['GET', '/audit?limit=none', undefined, 400],
  ['GET', '/audit?verdict=unheard-of', undefined, 400],
  ['GET', '/audit?environment=moon', undefined, 400],
];

test('whatever is wrong is refused in words, and nothing of it happens', async () => {
  const before = (await send('GET', '/status')).json;
  const wrong = [];
  for (const [method, path, body, status] of refusals()) {
    const reply = await send(method, path, body).catch((error) => ({ status: 0, text: String(error) }));
    if (![status].flat().includes(reply.status) || !(reply.json?.error?.message?.length > 10))
      wrong.push(`${method} ${path} ${JSON.stringify(body)?.slice(0, 90)}: ${reply.status} ${reply.text.slice(0, 200)}`);
  }
  assert.deepEqual(wrong, []);
  const now = (await send('GET', '/status')).json;
  assert.deepEqual([now.accounts, now.keys], [before.accounts, before.keys]);
});
