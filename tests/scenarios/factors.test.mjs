/* Second factors through nginx and the portal (A2, B1, B5): each way to be refused, by its code.
 *
 * The server's clock stands still in the middle of a step of the authenticator's codes, so that the
 * codes one and two steps away are known, and is put on where time has to pass.  Passkeys are made
 * by passkey.mjs, which knows of the server only what the standard says.  The codes that were met
 * are compared with the table of docs/console.md, in both directions. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask, until } from './authority.mjs';
import { Browser, PASSWORD, assertRefused, mailFor, originOf } from './console.mjs';
import { startUp, totp } from './harness.mjs';
import { PRESENT, Passkey } from './passkey.mjs';

/* Debian's package faketime, whatever this machine's architecture is called. */
const FAKETIME = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime/libfaketime.so.1')).find(existsSync);
const STEP_MS = 30_000, MINUTE_MS = 60_000, PASSKEYS_MOST = 16, CODES = 10;
const DRAW = '/factors/recovery-codes'; // confirmed, and refused without a trace: good to try answers on

let up, now_ms = Math.floor(Date.now() / STEP_MS) * STEP_MS + STEP_MS / 2;
const met = new Set();

const standing = () => ({
  TZ: 'UTC', LD_PRELOAD: FAKETIME, FAKETIME: new Date(now_ms).toISOString().slice(0, 19).replace('T', ' '),
  FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_CACHE_DURATION: '1000000', NO_FAKE_STAT: '1',
});

/* The same try-out, its clock put on. */
async function later(ms, ...people) {
  const { dir, ports } = up;
  assert.equal((await up.stop({ keep: true })).code, 0);
  now_ms += ms;
  up = await startUp({ dir, ports: Object.values(ports), env: standing() });
  for (const person of people) person.up = up;
}

function refused(reply, status, code) {
  met.add(code);
  assertRefused(reply, status, code);
}

/* A verified customer without a factor, logged in. */
class Person extends Browser {
  static async of(email) {
    await ask(up, 'POST', '/accounts', { email, kind: 'individual', jurisdiction: 'CH', password: PASSWORD });
    await ask(up, 'POST', `/accounts/${email}/verify`, { step: 'all', outcome: 'accepted', reason: 'seen in person' });
    const person = new Person(up);
    await person.login({ email, password: PASSWORD });
    return person;
  }

  /* The authenticator's code, `steps` from the server's present. */
  code(steps = 0) { return totp(this.seed, steps, now_ms); }

  /* The first half of a login; the second one is the test's. */
  async knock() {
    const other = new Person(up);
    Object.assign(other, { email: this.email, password: this.password, seed: this.seed });
    await other.done('/login', { email: this.email, password: this.password });
    return other;
  }

  enter(proof) { return this.post('/login/factor', { proof }); }

  async enrolApp(steps = -1) {
    this.seed = (await this.done('/factors/totp', {})).secret;
    return this.done('/factors/totp/confirm', { code: this.code(steps) });
  }

  /* What the server offers for a new passkey, with an authenticator that would take it. */
  async offer(proof) {
    const { publicKey } = await this.done('/factors/passkeys/options', { proof });
    return { publicKey, passkey: new Passkey({ origin: originOf(up), rp: publicKey.rp.id }) };
  }

  async addPasskey(proof) {
    const { publicKey, passkey } = await this.offer(proof);
    const reply = await this.done('/factors/passkeys', { name: 'software', attestation: passkey.attest(publicKey) });
    this.passkey ??= passkey;
    return reply;
  }

  async challenge(path, body = {}) { return (await this.done('/challenges', { method: 'POST', path, body })).publicKey; }

  /* The passkey's proof for a call; it may lie. */
  async proof(path, body, lies) { return { assertion: this.passkey.assert(await this.challenge(path, body), lies) }; }
}

const KEY = {
  environment: 'sandbox', label: 'bot', scopes: ['account:read', 'orders:write'], confirmed_groups: ['read', 'trade'],
  ip_rules: ['127.0.0.0/8'],
};

let ada, bob;

before(async () => {
  assert.ok(FAKETIME, 'libfaketime is not there: apt-get install faketime');
  up = await startUp({ env: standing() });
  ada = await Person.of('ada@example.com');
  bob = await Person.of('bob@example.com');
});
after(async () => { await up?.stop(); });

test('a passkey is registered when all that the browser says fits', async () => {
  const lies = [
    [{ origin: 'https://evil.example' }, 403, 'passkey-origin'],
    [{ origin: originOf(up).replace('https:', 'http:') }, 403, 'passkey-origin'],
    [{ origin: `${originOf(up)}0` }, 403, 'passkey-origin'],
    [{ framed: true }, 403, 'passkey-framed'],
    [{ type: 'webauthn.get' }, 403, 'passkey-type'],
    [{ rp: 'evil.example' }, 403, 'passkey-rp'],
    [{ flags: 0 }, 403, 'passkey-absent'],
    [{ flags: PRESENT }, 403, 'passkey-unverified'],
    [{ algorithm: -36 }, 403, 'passkey-algorithm'],
    [{ statement: 'tpm' }, 403, 'passkey-attestation'],
  ];
  for (const [lie, status, code] of lies) {
    const { publicKey, passkey } = await ada.offer();
    refused(await ada.post('/factors/passkeys', { name: 'x', attestation: passkey.attest(publicKey, lie) }), status, code);
  }
  const { publicKey, passkey } = await ada.offer();
  const attestation = passkey.attest(publicKey);
  refused(await ada.post('/factors/passkeys', { name: 'x'.repeat(65), attestation }), 400, 'passkey-name');
  const broken = { ...attestation, response: { ...attestation.response, attestationObject: 'AA' } };
  refused(await ada.post('/factors/passkeys', { name: 'x', attestation: broken }), 400, 'passkey-malformed');
  refused(await ada.post('/factors/passkeys', { name: 'x', attestation }), 403, 'challenge-unknown'); // the broken one spent it
  refused(await ada.post('/challenges', { method: 'POST', path: DRAW, body: {} }), 403, 'passkey-none');
  const added = await ada.addPasskey();
  assert.equal(added.recovery_codes.length, CODES);
  assert.equal(ada.session.level, 'full');
});

test('a registered passkey is nobody else’s, and one account has sixteen at most', async () => {
  const { passkeys: [own] } = await ada.read('/factors'), { publicKey } = await bob.offer();
  refused(await bob.post('/factors/passkeys', { name: 'x', attestation: ada.passkey.attest(publicKey) }), 409, 'passkey-exists');
  const again = { challenge: (await ada.offer(await ada.proof('/factors/passkeys/options', {}))).publicKey.challenge };
  refused(await ada.post('/factors/passkeys', { name: 'x', attestation: ada.passkey.attest(again) }), 409, 'passkey-exists');
  for (let count = 1; count < PASSKEYS_MOST; count++) await ada.addPasskey(await ada.proof('/factors/passkeys/options', {}));
  const more = await ada.post('/factors/passkeys/options', { proof: await ada.proof('/factors/passkeys/options', {}) });
  refused(more, 403, 'passkeys-many');
  refused(await ada.post('/factors/passkeys/nothing/remove', { proof: await ada.proof('/factors/passkeys/nothing/remove', {}) }), 404, 'passkey-missing');
  const { passkeys } = await ada.read('/factors');
  /* Not by its place in the list: that goes by the clock, which may be set back. */
  const path = `/factors/passkeys/${passkeys.find(({ id }) => id !== own.id).id}/remove`;
  await ada.done(path, { proof: await ada.proof(path, {}) });
});

test('a passkey confirms nothing for another site, unseen or unverified', async () => {
  await bob.addPasskey();
  for (const [lie, code] of [
    [{ origin: 'https://evil.example' }, 'passkey-origin'], [{ framed: true }, 'passkey-framed'],
    [{ type: 'webauthn.create' }, 'passkey-type'], [{ rp: 'evil.example' }, 'passkey-rp'],
    [{ flags: 0 }, 'passkey-absent'], [{ flags: PRESENT }, 'passkey-unverified'],
    [{ signer: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }, 'passkey-signature'],
  ]) {
    refused(await ada.post(DRAW, { proof: await ada.proof(DRAW, {}, lie) }), 403, code);
  }
  const foreign = { assertion: bob.passkey.assert(await ada.challenge(DRAW)) };
  refused(await ada.post(DRAW, { proof: foreign }), 403, 'passkey-unknown');
  refused(await ada.post(DRAW, { proof: { assertion: {} } }), 400, 'passkey-malformed');
  refused(await ada.post(DRAW, {}), 403, 'proof-missing');
  await ada.done(DRAW, { proof: await ada.proof(DRAW, {}) }); // none of that was held against it
});

test('a signature is good for the key that was asked for, and once', async () => {
  for (const other of [
    { ...KEY, scopes: [...KEY.scopes, 'withdraw:write'], confirmed_groups: ['read', 'trade', 'wallet'] },
    { ...KEY, environment: 'live' }, { ...KEY, label: 'bot 2' }, { ...KEY, ip_rules: ['10.0.0.0/8'] },
    { ...KEY, scopes: [...KEY.scopes].reverse() },
  ]) {
    refused(await ada.post('/keys', { ...other, proof: await ada.proof('/keys', KEY) }), 403, 'challenge-operation');
  }
  refused(await ada.post('/webhooks', { url: 'https://example.com/', events: ['key.created'], proof: await ada.proof('/keys', KEY) }), 403, 'challenge-operation');
  assert.equal((await ada.read('/keys')).total, 0);
  const proof = await ada.proof('/keys', KEY);
  const { key } = await ada.done('/keys', { ...KEY, proof });
  refused(await ada.post('/keys', { ...KEY, label: 'twin', ip_rules: ['10.0.0.0/8'], proof }), 403, 'challenge-unknown');
  const drawn = await ada.proof(DRAW, {});
  await ada.done(DRAW, { proof: drawn });
  refused(await ada.post(DRAW, { proof: drawn }), 403, 'challenge-unknown');
  refused(await ada.post(`/keys/${key.id}/rotate`, { old_days: 7, proof: await ada.proof(`/keys/${key.id}/rotate`, { old_days: 0 }) }), 403, 'challenge-operation');
  refused(await ada.post('/challenges', { method: 'GET', path: '/keys' }), 400, 'operation-malformed');
});

test('a challenge belongs to the session that asked for it', async () => {
  const second = await ada.knock();
  refused(await second.post('/challenges', { method: 'POST', path: '/keys', body: KEY }), 403, 'factor-owed');
  const login = { assertion: ada.passkey.assert(await second.challenge('/login/factor')) };
  refused(await (await ada.knock()).enter(login), 403, 'challenge-foreign');
  second.passkey = ada.passkey;
  assert.equal((await second.enter(await second.proof('/login/factor', {}))).status, 200);
  refused(await second.post(DRAW, { proof: await ada.proof(DRAW, {}) }), 403, 'challenge-foreign');
  refused(await bob.post(DRAW, { proof: await ada.proof(DRAW, {}) }), 403, 'challenge-foreign');
  await second.done('/logout');
});

test('a counter that goes back blocks the passkey, and its owner is told', async () => {
  await bob.addPasskey(await bob.proof('/factors/passkeys/options', {}));
  await bob.done(DRAW, { proof: await bob.proof(DRAW, {}, { counter: 100 }) });
  refused(await bob.post(DRAW, { proof: await bob.proof(DRAW, {}, { counter: 100 }) }), 403, 'passkey-suspicious');
  refused(await bob.post(DRAW, { proof: await bob.proof(DRAW, {}, { counter: 101 }) }), 403, 'passkey-suspicious');
  assert.deepEqual((await bob.read('/factors')).passkeys.map(({ suspicious }) => suspicious).sort(), [false, true]);
  await mailFor(up, bob.email, /a copy of it seems to exist/);
});

test('codes drift by one step, not by two, and work once each', async () => {
  const eve = await Person.of('eve@example.com');
  refused(await eve.post('/factors/totp/confirm', { code: '000000' }), 409, 'totp-none');
  eve.seed = (await eve.done('/factors/totp', {})).secret;
  for (const steps of [-2, 2]) refused(await eve.post('/factors/totp/confirm', { code: eve.code(steps) }), 403, 'totp-wrong');
  for (const code of ['12345', '1234567', 'abcdef', '']) refused(await eve.post('/factors/totp/confirm', { code }), 400, 'totp-malformed');
  await eve.done('/factors/totp/confirm', { code: eve.code(-1) });
  refused(await eve.post('/factors/totp', { proof: { code: eve.code() } }), 409, 'totp-enrolled');
  for (const steps of [0, 1]) {
    assert.equal((await (await eve.knock()).enter({ code: eve.code(steps) })).status, 200);
    refused(await (await eve.knock()).enter({ code: eve.code(steps) }), 403, 'totp-replayed');
  }
  refused(await (await eve.knock()).enter({ code: eve.code(-1) }), 403, 'totp-replayed'); // an older one that is in reach
  refused(await (await ada.knock()).enter({ code: '000000' }), 403, 'totp-none');
});

test('guesses are slowed down for who has the password, and for nobody else', async () => {
  const fay = await Person.of('fay@example.com'), gus = await Person.of('gus@example.com');
  await fay.enrolApp();
  await gus.enrolApp();
  const guesser = await fay.knock();
  for (let i = 0; i < 5; i++) refused(await guesser.enter({ code: fay.code(2 + i) }), 403, 'totp-wrong');
  const blocked = await guesser.enter({ code: fay.code() });
  refused(blocked, 429, 'proof-throttled');
  assert.equal(Number(blocked.headers['retry-after']), 61);
  refused(await guesser.enter({ recovery_code: '0abc-1def-2ghj-3kmn' }), 429, 'proof-throttled'); // one count for both
  assert.equal((await (await gus.knock()).enter({ code: gus.code() })).status, 200); // another account's
  /* A stranger without the password never gets to guess: the codes stay free. */
  const stranger = new Person(up);
  for (let i = 0; i < 4; i++) {
    assertRefused(await stranger.post('/login', { email: gus.email, password: 'a wrong password' }), 403, 'login-wrong');
    assertRefused(await stranger.enter({ code: '000000' }), 401, 'session-missing');
  }
  assert.equal((await (await gus.knock()).enter({ code: gus.code(1) })).status, 200);
  await later(MINUTE_MS + 1000, fay, guesser);
  assert.equal((await guesser.enter({ code: fay.code() })).status, 200);
});

test('recovery codes are shown once, work once each, and are counted down', async () => {
  const hal = await Person.of('hal@example.com');
  const { recovery_codes: codes } = await hal.enrolApp();
  assert.equal(new Set(codes).size, CODES);
  for (const code of codes) assert.match(code, /^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
  for (const path of ['/factors', '/session', '/account', '/history', '/notices']) {
    const { text } = await hal.get(path);
    for (const code of codes) assert.ok(!text.includes(code), `${path} tells a recovery code`);
  }
  const lost = await hal.knock();
  assert.equal((await lost.enter({ recovery_code: codes[0].toUpperCase().replaceAll('-', ' ') })).status, 200);
  assert.equal((await lost.read('/factors')).recovery_codes, CODES - 1);
  await mailFor(up, hal.email, /a recovery code was used, 9 are left/);
  refused(await (await hal.knock()).enter({ recovery_code: codes[0] }), 403, 'recovery-wrong');
  refused(await (await hal.knock()).enter({ recovery_code: 'lost' }), 400, 'recovery-malformed');
  refused(await lost.post('/keys', { ...KEY, proof: { recovery_code: codes[1] } }), 403, 'recovery-login-only');
  refused(await lost.post('/factors/totp/remove', { proof: { recovery_code: codes[1] } }), 403, 'recovery-login-only');
  await lost.addPasskey({ recovery_code: codes[1] }); // in place of the lost phone
  assert.equal((await lost.read('/factors')).recovery_codes, CODES - 2);
  const { recovery_codes: fresh } = await lost.done(DRAW, { proof: await lost.proof(DRAW, {}) });
  refused(await (await hal.knock()).enter({ recovery_code: codes[2] }), 403, 'recovery-wrong'); // void
  assert.equal((await (await hal.knock()).enter({ recovery_code: fresh[0] })).status, 200);
});

test('the last factor stays while there are keys', async () => {
  const ivy = await Person.of('ivy@example.com');
  await ivy.enrolApp();
  await ivy.done('/keys', { ...KEY, proof: { code: ivy.code() } });
  refused(await ivy.post('/factors/totp/remove', { proof: { code: ivy.code(1) } }), 403, 'factor-last');
  assert.equal((await ivy.read('/factors')).totp.state, 'enrolled'); // and the code was not spent
  await ivy.done(DRAW, { proof: { code: ivy.code(1) } });
});

test('an answer that takes more than five minutes is too late', async () => {
  const challenge = await ada.challenge(DRAW);
  await later(5 * MINUTE_MS - 1000, ada);
  const inTime = await ada.challenge(DRAW);
  await ada.done(DRAW, { proof: { assertion: ada.passkey.assert(challenge) } });
  await later(5 * MINUTE_MS, ada);
  refused(await ada.post(DRAW, { proof: { assertion: ada.passkey.assert(inTime) } }), 403, 'challenge-expired');
});

test('an operator removes what an owner has lost, and the owner is told', async () => {
  const { email, password, totp_secret: seed } = up.demo.operator;
  const operator = new Person(up), jon = await Person.of('jon@example.com');
  await operator.login({ email, password, seed });
  await jon.enrolApp();
  await jon.addPasskey({ code: jon.code() });
  const { id } = await jon.read('/account');
  const path = `/operator/accounts/${id}/factors`;
  assertRefused(await jon.post(`${path}/totp/remove`, { reason: 'me' }), 403, 'operator-only');
  assertRefused(await operator.post(`${path}/totp/remove`, { reason: '' }), 400, 'reason-missing');
  assertRefused(await operator.post(`${path}/nothing/remove`, { reason: 'asked' }), 404, 'factor-missing');
  assertRefused(await operator.post(`/operator/accounts/${operator.session.account.id}/factors/totp/remove`, { reason: 'mine' }), 403, 'review-own');
  const after = await operator.done(`${path}/totp/remove`, { reason: 'came to the desk with a passport' });
  assert.equal(after.factors.totp.state, 'none');
  assert.equal(after.factors.passkeys.length, 1);
  assertRefused(await jon.get('/session'), 401, 'session-missing');
  await mailFor(up, jon.email, /authenticator app removed by the venue because it was lost/);
  const isRemoval = ({ kind, what }) => kind === 'change' && what === 'lost factor removed';
  const log = await until(up, `/audit?account=${id}&limit=50`, ({ records }) => records.some(isRemoval));
  const { who, before: was, after: became } = log.records.find(isRemoval);
  assert.equal(who, `operator ${operator.session.account.id}`);
  assert.equal(was.factor, 'totp');
  assert.deepEqual(became, { reason: 'came to the desk with a passport', sessions_ended: 1 });
  /* The other one at the command line; with the last one the recovery codes are gone. */
  const [passkey] = after.factors.passkeys;
  const listed = await up.cli(['factor', 'list', jon.email]);
  assert.match(listed.stdout, new RegExp(`${passkey.id} +software`));
  const removed = await up.cli(['factor', 'remove', jon.email, passkey.id, '--reason', 'the bag was stolen']);
  assert.equal(removed.code, 0, removed.stderr);
  assert.doesNotMatch(removed.stdout, /second operator/);
  assert.match((await up.cli(['factor', 'list', jon.email])).stdout, /Recovery codes left: 0/);
  const session = await jon.done('/login', { email: jon.email, password: PASSWORD });
  assert.deepEqual([session.level, session.needs_factor], ['password', false]);
  await jon.enrolApp(1);
  assert.equal(jon.session.level, 'full');
});

test('docs/console.md lists the refusals that were met, and no others', () => {
  const text = readFileSync(new URL('../../docs/console.md', import.meta.url), 'utf8');
  const [, section] = text.split('\n## Second factors\n'), [table] = section.split('\n## ');
  const documented = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
  assert.deepEqual(documented.toSorted(), [...met].toSorted());
});
