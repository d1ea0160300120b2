/* A key that was found in public is dead, in each worker, before its finder is answered (E1): alerts as
 * hosting services sign them, from a key list of a real server, through nginx; ids that suspend and
 * owners who lift; secrets that their holders end; and kill -9 in the middle of it. */
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { FULL, ask, openAccount, until } from './authority.mjs';
import { Browser, assertRefused, mailsTo, operatorOf, originOf } from './console.mjs';
import { request, run, startUp, totp } from './harness.mjs';
import { Passkey } from './passkey.mjs';

const GROUPS = ['read', 'trade', 'wallet', 'lending'];
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const told = []; // what the owner's webhook hears
const list = createServer((call, reply) => {
  if (call.url === '/hook') {
    let body = '';
    call.on('data', (part) => { body += part; });
    call.on('end', () => {
      told.push(JSON.parse(body));
      reply.writeHead(204).end();
      list.emit('told');
    });
    return;
  }
  reply.setHeader('ETag', '"1"');
  reply.end(JSON.stringify({ public_keys: [
    { key_identifier: 'ours', key: publicKey.export({ type: 'spki', format: 'pem' }), is_current: true },
    { key_identifier: 'retired', key: publicKey.export({ type: 'spki', format: 'pem' }), is_current: false },
  ] }));
});
let up, ada, passkey, made = 0;

before(async () => {
  list.listen(0, '127.0.0.1');
  await once(list, 'listening');
  up = await startUp();
  writeFileSync(join(up.dir, 'gitlab.token'), 'a token of gitlab\n', { mode: 0o600 });
  appendFileSync(join(up.runFolder, 'authority.yaml'), `leak:
  origins:
    - { name: github, identifier_header: Github-Public-Key-Identifier, signature_header: Github-Public-Key-Signature,
        keys: 'http://127.0.0.1:${list.address().port}/keys' }
    - { name: gitlab, token_file: '${join(up.dir, 'gitlab.token')}' }
`);
  await killed(); // it reads its settings when it starts
  ada = new Browser(up);
  await ada.signUp('ada@example.com');
  passkey = new Passkey({ origin: originOf(up), rp: 'localhost' });
  const offer = await ada.done('/factors/passkeys/options', {});
  await ada.done('/factors/passkeys', { name: 'software', attestation: passkey.attest(offer.publicKey) });
  await confirmed('/webhooks', { url: `http://127.0.0.1:${list.address().port}/hook`, events: ['key.leak'] });
  await ask(up, 'POST', '/accounts/ada@example.com/verify', { step: 'all', outcome: 'accepted', reason: 'seen in person' });
});

after(async () => {
  list.close();
  await up?.stop();
});

/* Kills the authority; returns when the one that the supervisor starts answers. */
async function killed() {
  await up.kill('authority');
  while (!await ask(up, 'GET', '/status').then(() => true, () => false)) await pause(20);
}

/* A call that the passkey confirms. */
async function confirmed(path, body) {
  const challenge = await ada.done('/challenges', { method: 'POST', path, body });
  return ada.done(path, { ...body, proof: { assertion: passkey.assert(challenge.publicKey) } });
}

async function issue() {
  made += 1;
  const body = { environment: 'sandbox', label: `bot ${made}`, scopes: FULL.filter((scope) => scope !== 'withdraw:write'),
    confirmed_groups: GROUPS, ip_rules: ['127.0.0.0/8', `10.9.8.${made}`] };
  const { key, secret } = await confirmed('/keys', body);
  await ask(up, 'POST', `/keys/${key.id}/terms`, { private_per_s: 1000 });
  return { key: key.id, secret };
}

/* As the service sends it. */
function tell(tokens, { origin = 'github', identifier = 'ours', spoil = '', url = 'https://git.example/ada/bot/blob/1/config.js', headers } = {}) {
  const body = JSON.stringify(tokens.map((token) => ({ token, type: 'latchkey_secret', url, source: 'content' })));
  return request(`${originOf(up)}/leaks/alerts/${origin}`, {
    ca: up.ca, method: 'POST', body: body + spoil,
    headers: headers ?? {
      'content-type': 'application/json', 'github-public-key-identifier': identifier,
      'github-public-key-signature': signBytes('sha256', Buffer.from(body), privateKey).toString('base64'),
    },
  });
}

const wallets = (key) => up.call('sandbox', key, 'v2/auth/r/wallets');
const REVOKED = /apikey: revoked/;

/* New connections, so that each worker has some. */
async function refusedEverywhere(key, pattern) {
  for (const reply of await Promise.all(Array.from({ length: 12 }, () => wallets(key)))) {
    assert.equal(reply.status, 500, reply.text);
    assert.match(reply.text, pattern);
  }
}

const leakMails = () => mailsTo(up, 'ada@example.com').filter((text) => /was found where others can read it/.test(text));

test('a secret in public is dead before the alert is answered, with evidence and one mail', async () => {
  const key = await issue();
  assert.equal((await wallets(key)).status, 200);
  await until(up, `/audit?key=${key.key}`, ({ records }) => records.some(({ status }) => status === 200));
  const reply = await tell([key.secret, 'ghp_not_ours']);
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(reply.json.map(({ label, token_type: type }) => [label, type]),
    [['true_positive', 'latchkey_secret'], ['false_positive', 'latchkey_secret']]);
  assert.equal(reply.json[0].token_hash, createHash('sha256').update(key.secret).digest('hex'));
  await refusedEverywhere(key, REVOKED);

  const { leaks: [{ id }] } = await ask(up, 'GET', '/leaks');
  const leak = await ask(up, 'GET', `/leaks/${id}`);
  assert.equal(leak.key, key.key);
  assert.equal(leak.reaction, 'revoked');
  assert.equal(leak.places[0].place.url, 'https://git.example/ada/bot/blob/1/config.js');
  assert.equal(createHash('sha256').update(leak.evidence).digest('hex'), leak.evidence_sha256);
  assert.equal(JSON.parse(leak.evidence).use.passed, 1, 'what was done with it before');
  assert.ok(!JSON.stringify(leak).includes(key.secret));
  const { records } = await until(up, `/audit?key=${key.key}&limit=100`,
    (found) => found.records.some(({ what }) => what === 'leak found'));
  assert.ok(JSON.stringify(records.find(({ what }) => what === 'leak found')).includes(leak.evidence_sha256), 'the audit log has the hash');

  await until(up, '/leaks', () => leakMails().length > 0);
  assert.equal((await tell([key.secret])).json[0].label, 'true_positive');
  assert.equal((await ask(up, 'GET', `/leaks/${id}`)).sightings, 2);
  assert.equal(leakMails().length, 1, 'once');
  assert.match(leakMails()[0], /https:\/\/git\.example\/ada\/bot/);
  while (told.length === 0) await once(list, 'told', { signal: AbortSignal.timeout(60_000) });
  assert.deepEqual(told.map(({ type }) => type), ['key.leak'], 'once');
  assert.ok(JSON.stringify(told[0]).includes(key.key) && !JSON.stringify(told[0]).includes(key.secret));
});

test('an alert that the service did not sign is told so and kills nothing', async () => {
  const key = await issue();
  assert.equal((await tell([key.secret], { spoil: '\n' })).status, 401);
  assert.equal((await tell([key.secret], { headers: { 'content-type': 'application/json' } })).status, 401);
  for (const identifier of ['retired', 'unheard-of']) {
    const reply = await tell([key.secret], { identifier });
    assert.equal(reply.status, 503, 'so that it is sent again');
    assert.equal(reply.headers['retry-after'], '60');
  }
  assert.equal((await tell([key.secret], { origin: 'nobody' })).status, 404);
  assert.equal((await tell([key.secret], { origin: 'gitlab', headers: { authorization: 'Bearer another' } })).status, 401);
  assert.equal((await wallets(key)).status, 200);
  assert.equal((await tell([key.secret], { origin: 'gitlab', headers: { authorization: 'Bearer a token of gitlab' } })).status, 204);
  await refusedEverywhere(key, REVOKED);
});

test('an alert of 100,000 entries is answered whole, one more is too many', async () => {
  const key = await issue(), nobodys = `lks_test_${'0'.repeat(38)}4e004qz0`;
  const tokens = Array.from({ length: 100_000 }, (_, n) => (n % 2 ? nobodys : `ghp_${n}`));
  tokens[99_999] = key.secret;
  const reply = await tell(tokens, { url: '' });
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.json.length, tokens.length);
  assert.deepEqual(reply.json.flatMap(({ label }, n) => (label === 'true_positive' ? [n] : [])), [99_999]);
  await refusedEverywhere(key, REVOKED);
  assert.equal((await tell([...tokens, 'ghp_'], { url: '' })).status, 413);
});

test('an id in public suspends until its owner lifts that, and never again', async () => {
  const key = await issue();
  assert.equal((await tell([key.key])).json[0].label, 'true_positive');
  await refusedEverywhere(key, /apikey: suspended/);
  const { leaks: [leak] } = await ada.read(`/keys/${key.key}/leaks`);
  assert.equal(leak.kind, 'key_id');
  assert.equal((await ada.post(`/keys/${key.key}/lift`, {})).status, 403, 'not without the second factor');
  const lifted = await confirmed(`/keys/${key.key}/lift`, {});
  assert.equal(lifted.state, 'active');
  assert.equal((await wallets(key)).status, 200);
  assert.equal((await tell([key.key])).status, 200);
  assert.equal((await wallets(key)).status, 200, 'the owner has decided');
  await tell([key.secret]);
  await refusedEverywhere(key, REVOKED);
  const body = {}, path = `/keys/${key.key}/lift`;
  const challenge = await ada.done('/challenges', { method: 'POST', path, body });
  assert.equal((await ada.post(path, { ...body, proof: { assertion: passkey.assert(challenge.publicKey) } })).status, 403, 'a revocation stays');
});

test('whoever holds a secret can end it, and learns nothing else', async () => {
  const key = await issue();
  const end = (body) => request(`${originOf(up)}/revoke`, { ca: up.ca, method: 'POST', body });
  const nobodys = `lks_test_${'0'.repeat(38)}4e004qz0`;
  const [ours, theirs] = [await end(` ${key.secret}\n`), await end(nobodys)];
  assert.deepEqual([ours.status, ours.text], [theirs.status, theirs.text]);
  assert.equal(ours.status, 200);
  await refusedEverywhere(key, REVOKED);
  assert.equal((await end('no secret')).status, 400);
  assert.equal((await end('x'.repeat(5000))).status, 413);
});

test('operators see and report leaks on the command line', async () => {
  const key = await issue();
  const none = await up.cli(['leak', 'report', '--url', 'https://forum.example/t/1'], { input: `lks_test_${'0'.repeat(38)}4e004qz0\n` });
  assert.deepEqual([none.code, none.stdout], [0, 'No key of ours: nothing was done.\n']);
  const wrong = await up.cli(['leak', 'report'], { input: 'a secret with a slip\n' });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /standard input has to be the secret/);
  const done = await up.cli(['leak', 'report', '--url', 'https://forum.example/t/1', '--json'], { input: `${key.secret}\n` });
  const { results: [result] } = JSON.parse(done.stdout);
  assert.equal(result.reaction, 'revoked');
  await refusedEverywhere(key, REVOKED);
  const list = (await up.cli(['leak', 'list'])).stdout;
  assert.match(list, new RegExp(`${result.evidence} .*secret .*${key.key} .*ada@example.com .*revoked`));
  const shown = (await up.cli(['leak', 'show', String(result.evidence)])).stdout;
  assert.match(shown, /https:\/\/forum\.example\/t\/1/);
  assert.match(shown, /refused since +12/);
  assert.equal((await up.cli(['leak', 'show', '999'])).code, 1);
});

test('an owner who calls has an id\'s suspension lifted with a code', async () => {
  const owner = await openAccount(up, 'bea@example.com');
  const [key] = await owner.issue({ environment: 'sandbox', scopes: ['wallets:read'] });
  await ask(up, 'POST', `/keys/${key.key}/terms`, { private_per_s: 1000 });
  assert.equal((await up.cli(['leak', 'report', '--key-id', key.key, '--origin', 'support'])).code, 0);
  await refusedEverywhere(key, /apikey: suspended/);
  const lift = (code) => up.cli(['leak', 'lift', key.key, '--totp', code]);
  assert.equal((await lift('000000')).code, 1);
  assert.match((await wallets(key)).text, /apikey: suspended/);
  const lifted = await lift(totp(owner.seed, owner.step += 1));
  assert.equal(lifted.code, 0, lifted.stderr);
  assert.equal((await wallets(key)).status, 200);
});

test('a scan that names the authority revokes what it finds', async () => {
  const [one, other] = [await issue(), await issue()];
  const folder = join(up.dir, 'published');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.js'), `\nconst secret = "${one.secret}";\nconst nobodys = "lks_test_${'0'.repeat(38)}4e004qz0";\n`);
  writeFileSync(join(folder, 'b.js'), `const id = "${other.key}";\n`);
  const socket = join(up.runFolder, 'authority.sock');
  const { code, stdout } = await up.cli(['scan', '--json', '--authority', socket, folder]);
  assert.equal(code, 1);
  assert.ok(!stdout.includes(one.secret));
  const told = stdout.trim().split('\n').map((line) => JSON.parse(line)).filter(({ type }) => type === 'told');
  assert.deepEqual(told.map(({ key_id: id, reaction }) => [id, reaction]).sort(), [[null, 'none'], [one.key, 'revoked'], [other.key, 'suspended']].sort());
  await refusedEverywhere(one, REVOKED);
  await refusedEverywhere(other, /apikey: suspended/);
  const { evidence } = told.find(({ key_id: id }) => id === one.key);
  const { places: [{ place }] } = await ask(up, 'GET', `/leaks/${evidence}`);
  assert.deepEqual([place.path, place.line], [join(folder, 'a.js'), 2]);
  assert.equal((await up.cli(['leak', 'object', String(evidence)])).stdout, readFileSync(join(folder, 'a.js'), 'utf8'));
  const again = await up.cli(['scan', '--authority', socket, folder]);
  assert.match(again.stdout, new RegExp(`${one.key}: already, known since `));
  assert.match(again.stdout, /a\.js: no key of this authority/);
  const nobody = await up.cli(['scan', '--authority', join(up.dir, 'nowhere.sock'), folder]);
  assert.equal(nobody.code, 2);
  assert.match(nobody.stderr, /did not take what was found/);
});

test('the object in which a key was found lies sealed and comes back to operators alone, each time told', async () => {
  const key = await issue(), marker = 'a sentence that stands nowhere else';
  const file = Buffer.from(`// ${marker}\nconst secret = '${key.secret}';\n`);
  const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');
  const finding = { sha256: hash(key.secret), channel: 'web', origin: 'page', place: { path: 'https://bot.example/app.js', line: 2 },
    object: { sha256: hash(file), bytes: file.length, from: 0, whole: true } };
  const found = async () => (await ask(up, 'POST', '/leaks', { findings: [finding] })).results[0];
  const { evidence: id, reaction, object_wanted: wanted } = await found();
  assert.deepEqual([reaction, wanted], ['revoked', true]);
  await refusedEverywhere(key, REVOKED);
  const socketPath = join(up.runFolder, 'authority.sock'), path = `/leaks/${id}/object`;
  const give = (body) => request(`http://authority${path}`, { socketPath, method: 'PUT', body });
  assert.equal((await up.cli(['leak', 'object', String(id)])).code, 1, 'it has not come');
  await killed();
  assert.equal((await found()).object_wanted, true, 'it is asked for again');
  assertRefused(await give('another file'), 400, 'object-other');
  assert.equal((await give(file)).status, 200);
  assert.equal((await found()).object_wanted, false);
  await killed();
  const read = await up.cli(['leak', 'object', String(id)]);
  assert.deepEqual([read.code, read.stdout], [0, file.toString()]);
  const leak = await ask(up, 'GET', `/leaks/${id}`);
  assert.equal(JSON.parse(leak.evidence).sighting.object.sha256, hash(file));
  assert.ok(!leak.evidence.includes(key.secret));

  const operator = await operatorOf(up);
  assertRefused(await operator.post(`/operator${path}`, {}), 403, 'proof-missing');
  assertRefused(await ada.post(`/operator${path}`, {}), 403, 'operator-only');
  const shown = await operator.post(`/operator${path}`, { proof: { code: await operator.freshCode() } });
  assert.equal(shown.status, 200, shown.text);
  assert.equal(shown.text, file.toString());
  assert.match(shown.headers['content-disposition'], /^attachment/);
  assert.match(shown.headers['content-security-policy'], /^sandbox/);
  const { records } = await until(up, `/audit?key=${key.key}&limit=100`,
    (now) => now.records.filter(({ what }) => what === 'leak object read').length === 2);
  assert.ok(records.filter(({ what }) => what === 'leak object read').every((record) => JSON.stringify(record).includes(hash(file))));
  const searched = await run('grep', ['-r', '-l', '-a', '-e', marker, '-e', key.secret, up.dir]);
  assert.deepEqual([searched.code, searched.stdout], [1, ''], 'in no file: database, journal, log');
});

test('kill -9 of the authority loses no alert that was answered and mails nobody twice', async () => {
  const keys = [];
  for (let n = 0; n < 6; n += 1) keys.push(await issue());
  const before = leakMails().length;
  const answered = new Set();
  const telling = keys.map(async (key) => {
    const reply = await tell([key.secret]).catch(() => ({ status: 0 }));
    if (reply.status === 200) answered.add(key);
  });
  await Promise.race(telling); // in the middle of the others
  await killed();
  await Promise.all(telling);
  for (const key of answered) await refusedEverywhere(key, REVOKED);
  for (const key of keys) assert.equal((await tell([key.secret])).json?.[0].label, 'true_positive');
  for (const key of keys) await refusedEverywhere(key, REVOKED);
  await until(up, '/leaks', () => leakMails().length >= before + keys.length);
  assert.equal(leakMails().length, before + keys.length);
  assert.equal((await up.cli(['audit', 'verify'])).code, 0);
});
