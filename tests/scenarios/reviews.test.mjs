/* What people decide: papers, other countries, signatories, elevated scopes and flags, each refused,
 * waiting, accepted and rejected, over the portal's socket as nginx would call it (A1, A3, A4, A5, D5). */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import { Contract } from '../clients/contract.mjs';
import { writeCountries } from '../country_file.mjs';
import { ask } from './authority.mjs';
import { assertRefused } from './console.mjs';
import { latchkey, request, totp } from './harness.mjs';

const HOME = '192.0.2.1', AWAY = '198.51.100.1'; // in CH, as all accounts are, and in DE
const ORIGIN = 'https://localhost:8443', PASSWORD = 'correct horse battery staple';

const folder = mkdtempSync(join(tmpdir(), 'lk-reviews-'));
const place = { runFolder: join(folder, 'run'), evidence: join(folder, 'data', 'evidence'), mail: join(folder, 'mail') };
let child, contract;

async function until(what, done) {
  for (const give_up = Date.now() + 60_000; ;) {
    const found = await done();
    if (found) return found;
    assert.ok(Date.now() < give_up, `no ${what}`);
    await pause(50);
  }
}

async function start() {
  child = spawn(latchkey, ['authority', '--data', join(folder, 'data'), '--run', place.runFolder, '--segments', join(folder, 'segments'),
    '--config', join(folder, 'authority.yaml')], { stdio: ['ignore', 'ignore', 'inherit'] });
  await until('authority', async () => {
    assert.equal(child.exitCode, null, 'the authority has ended');
    return existsSync(join(place.runFolder, 'authority.sock')) && ask(place, 'GET', '/status').then(() => true, () => false);
  });
}

async function kill() {
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  child.kill('SIGKILL');
  await ended;
}

before(async () => {
  mkdirSync(place.mail);
  writeCountries(join(folder, 'country.mmdb'), { '192.0.2.0/24': 'CH', '198.51.100.0/24': 'DE' });
  writeFileSync(join(folder, 'authority.yaml'), `public_url: ${ORIGIN}
mail:
  from: keys@latchkey.example
  folder: ${place.mail}
country:
  database: ${join(folder, 'country.mmdb')}
reviews:
  two_person: true
  approvals: 2
`);
  await start();
  contract = new Contract((await request('http://portal/openapi.json', {
    socketPath: join(place.runFolder, 'portal.sock'), headers: { 'x-latchkey-address': HOME } })).json);
});
after(async () => {
  if (child?.exitCode === null) await kill();
  rmSync(folder, { recursive: true, force: true });
});

class Person {
  constructor(email) { Object.assign(this, { email, address: HOME, step: -2 }); }

  async call(method, path, body, { raw, headers = {} } = {}) {
    const reply = await request(`http://portal${path}`, {
      method, socketPath: join(place.runFolder, 'portal.sock'), body: raw ?? (method === 'GET' ? undefined : JSON.stringify(body ?? {})),
      headers: {
        'x-latchkey-address': this.address, 'user-agent': 'Scenario/1', origin: ORIGIN, 'content-type': 'application/json',
        ...(this.cookie && { cookie: this.cookie, 'x-latchkey-csrf': this.csrf }), ...headers,
      },
    });
    for (const line of reply.headers['set-cookie'] ?? [])
      if (line.startsWith('__Host-latchkey=')) [this.cookie] = line.split(';');
    if (reply.json?.csrf) this.csrf = reply.json.csrf;
    if (!raw && !reply.headers['content-disposition']) contract.check(method, path, reply);
    return reply;
  }
  get(path) { return this.call('GET', path); }
  post(path, body) { return this.call('POST', path, body); }
  async done(path, body) {
    const reply = await this.post(path, body);
    assert.ok(reply.status < 300, `POST ${path}: ${reply.status} ${reply.text}`);
    return reply.json;
  }
  async read(path) {
    const reply = await this.get(path);
    assert.equal(reply.status, 200, reply.text);
    return reply.json;
  }

  /* Codes work once each: those of three half minutes are good at any time. */
  code() {
    this.step += 1;
    return totp(this.seed, this.step);
  }

  async open({ kind = 'individual', role = 'customer' } = {}) {
    const account = await ask(place, 'POST', '/accounts', { email: this.email, kind, role, jurisdiction: 'CH', name: this.email.split('@')[0], password: PASSWORD });
    this.id = account.id;
    await this.done('/login', { email: this.email, password: PASSWORD });
    return this;
  }
  async enrol() {
    this.seed = (await this.done('/factors/totp', {})).secret;
    await this.done('/factors/totp/confirm', { code: this.code() });
    await this.read('/session'); // the new session's CSRF value
  }

  upload(step, bytes, type, name = 'paper') {
    return this.call('POST', `/verification/${step}/documents`, undefined, { raw: bytes, headers: { 'content-type': type, 'x-file-name': encodeURIComponent(name) } });
  }
  key(scopes, groups, label) {
    return this.post('/keys', { environment: 'live', label, scopes, confirmed_groups: groups, ip_rules: [`10.0.0.${label.length}`], proof: { code: this.code() } });
  }
}

const PDF = Buffer.from('%PDF-1.7\n1 0 obj<<>>endobj\nxref\n0 1\ntrailer<<>>\nstartxref\n31\n%%EOF\n');
function crc(bytes) {
  let c = ~0;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return ~c >>> 0;
}
function chunk(name, data) {
  const out = Buffer.concat([Buffer.alloc(4), Buffer.from(name), data, Buffer.alloc(4)]);
  out.writeUInt32BE(data.length, 0);
  out.writeUInt32BE(crc(out.subarray(4, -4)), out.length - 4);
  return out;
}
const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])),
  chunk('IDAT', deflateSync(Buffer.from([0, 255]))), chunk('IEND', Buffer.alloc(0))]);

const ada = new Person('ada@example.com'), bob = new Person('bob@example.com'), desk = new Person('desk@example.com');
const olga = new Person('olga@venue.example'), oskar = new Person('oskar@venue.example');

/* The newest review that is open and of a kind. */
const openReview = async (kind) => (await olga.read(`/operator/reviews?state=open&kind=${kind}`)).reviews[0];
const decide = (operator, review, outcome, reason = 'looked at') => operator.post(`/operator/reviews/${review.id}/decide`, { outcome, reason });
const stateOf = async (person, key) => (await person.read(`/keys/${key.id}`)).state;

test('people and operators arrive', async () => {
  for (const person of [olga, oskar]) {
    await person.open({ role: 'operator' });
    await person.enrol();
  }
  await ada.open();
  await ada.enrol();
  assertRefused(await ada.get('/operator/reviews'), 403, 'operator-only');
});

test('no key before the papers are accepted, and each step says where it stands', async () => {
  const refused = await ada.key(['wallets:read'], ['read'], 'early');
  assertRefused(refused, 403, 'step-missing');
  assert.deepEqual(refused.json.error.reasons.filter(({ code }) => code === 'step-missing').length, 2);
  ada.step -= 1; // nothing else was missing, so the code was not looked at
  assertRefused(await ada.post('/verification/identity/submit'), 403, 'documents-missing');
  for (const step of ['identity', 'address']) {
    assert.equal((await ada.upload(step, PNG, 'image/png', 'Päss/port.png'.replace('/', '-'))).status, 201);
    await ada.done(`/verification/${step}/submit`);
  }
  const { steps } = await ada.read('/verification');
  assert.deepEqual(steps.map(({ state }) => state), ['submitted', 'submitted']);
  assert.equal(steps[0].documents[0].name, 'Päss-port.png');
  const reviews = (await olga.read('/operator/reviews?kind=document')).reviews;
  assert.equal(reviews.length, 2);
  assertRefused(await decide(olga, reviews[1], 'rejected', ''), 400, 'reason-missing');
  assert.equal((await decide(olga, reviews[1], 'rejected', 'blurred')).json.state, 'rejected');
  assert.equal((await decide(olga, reviews[0], 'accepted')).json.state, 'accepted');
  assertRefused(await decide(oskar, reviews[0], 'rejected'), 409, 'review-over');
  const [identity] = (await ada.read('/verification')).steps;
  assert.deepEqual([identity.state, identity.reason], ['rejected', 'blurred']);
  assert.equal((await ada.upload('identity', PDF, 'application/pdf')).status, 201);
  await ada.done('/verification/identity/submit');
  await decide(oskar, await openReview('document'), 'accepted');
  assert.equal((await ada.read('/verification')).complete, true);
});

test('a document is served to its owner and operators, to be saved and not to be run', async () => {
  const [{ documents: [{ id }] }] = (await ada.read('/verification')).steps;
  for (const [person, path] of [[ada, '/verification'], [olga, '/operator']]) {
    const reply = await person.get(`${path}/documents/${id}`);
    assert.equal(reply.status, 200);
    assert.match(reply.headers['content-disposition'], /^attachment; filename\*=UTF-8''P%C3%A4ss/i);
    assert.equal(reply.headers['content-type'], 'image/png');
    assert.equal(reply.headers['x-content-type-options'], 'nosniff');
    assert.match(reply.headers['content-security-policy'], /sandbox/);
  }
  await bob.open();
  assertRefused(await bob.get(`/verification/documents/${id}`), 404, 'document-missing');
  assertRefused(await ada.post(`/verification/documents/${id}/remove`), 409, 'document-submitted');
  for (const name of readdirSync(place.evidence)) assert.equal(readFileSync(join(place.evidence, name)).includes('PNG'), false, 'sealed');
});

test('what is no whole document is refused, and nothing of it stays', async () => {
  const count = readdirSync(place.evidence).length;
  assertRefused(await bob.upload('identity', PNG, 'image/jpeg'), 400, 'document-content');
  assertRefused(await bob.upload('identity', Buffer.from('<svg onload=alert(1)>'), 'image/png'), 400, 'document-content');
  assertRefused(await bob.upload('identity', Buffer.concat([PNG, Buffer.from('PK\x03\x04')]), 'image/png'), 400, 'document-content');
  assertRefused(await bob.upload('identity', PNG.subarray(0, -1), 'image/png'), 400, 'document-content');
  assertRefused(await bob.upload('identity', PNG, 'image/svg+xml'), 400, 'document-type');
  assertRefused(await bob.upload('identity', PNG, 'image/png', '../x'), 400, 'document-name');
  assertRefused(await bob.upload('identity', Buffer.concat([PDF.subarray(0, 9), Buffer.alloc(8 << 20, 32), PDF]), 'application/pdf'), 400, 'document-large');
  assertRefused(await bob.upload('incorporation', PNG, 'image/png'), 400, 'step-not-owed');
  const kept = await bob.upload('identity', PNG, 'image/png');
  assert.equal(kept.status, 201);
  await bob.done(`/verification/documents/${kept.json.id}/remove`);
  assert.equal(readdirSync(place.evidence).length, count);
});

const traced = { skip: process.getuid() === 0 ? false : 'the authority lets nobody but root trace it, and this is not root' };

test('a full disk refuses the upload in words and leaves nothing', traced, async () => {
  const count = readdirSync(place.evidence).length;
  const tracer = spawn('strace', ['-f', '-p', child.pid, '-e', 'trace=write', '-e', 'inject=write:error=ENOSPC', '-o', '/dev/null'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => { tracer.once('exit', resolve); });
  await new Promise((resolve) => { tracer.stderr.once('data', resolve); });
  const reply = await bob.upload('identity', PNG, 'image/png');
  tracer.kill('SIGINT');
  await ended;
  assertRefused(reply, 403, 'disk-full');
  assert.equal(readdirSync(place.evidence).length, count);
});

test('after kill -9 a document is whole or not there', async () => {
  const kept = (await bob.upload('identity', PDF, 'application/pdf')).json;
  await kill();
  writeFileSync(join(place.evidence, '0'.repeat(32)), 'written, but its row was not');
  writeFileSync(join(place.evidence, `${'1'.repeat(32)}.new`), 'not even named');
  await start();
  assert.deepEqual(readdirSync(place.evidence).filter((name) => /^[01]{32}/.test(name)), []);
  assert.equal((await bob.get(`/verification/documents/${kept.id}`)).text, PDF.toString());
});

let home, away;
test('a key asked for from another country waits, and the operator decides', async () => {
  home = (await ada.key(['wallets:read'], ['read'], 'home')).json.key;
  assert.equal(home.state, 'active');
  ada.address = AWAY;
  away = (await ada.key(['wallets:read'], ['read'], 'away-')).json.key;
  ada.address = HOME;
  assert.equal(away.state, 'suspended');
  assert.deepEqual(away.holds.map(({ reason }) => reason), ['location']);
  const review = await openReview('location');
  assert.deepEqual(review.detail, { address: AWAY, agent: 'Scenario/1', country: 'DE', jurisdiction: 'CH' });
  assert.equal(review.key.id, away.id);
  assert.equal((await decide(olga, review, 'accepted')).json.state, 'accepted');
  assert.equal(await stateOf(ada, away), 'active');
  await ask(place, 'POST', `/accounts/${bob.email}/verify`, { step: 'all', outcome: 'accepted', reason: 'seen' });
  await bob.enrol();
  bob.address = AWAY;
  const lost = (await bob.key(['wallets:read'], ['read'], 'lost')).json.key;
  await decide(olga, await openReview('location'), 'rejected', 'nobody we know');
  assert.equal(await stateOf(bob, lost), 'revoked');
});

test('a key rotated from another country waits, too, and the review says from which browser', async () => {
  const cleo = await new Person('cleo@example.com').open();
  await ask(place, 'POST', '/accounts/cleo@example.com/verify', { step: 'all', outcome: 'accepted', reason: 'seen in person' });
  await cleo.enrol();
  const { key } = (await cleo.key(['wallets:read'], ['read'], 'moved')).json;
  cleo.address = AWAY;
  const rotated = await cleo.done(`/keys/${key.id}/rotate`, { old_days: 0, proof: { code: cleo.code() } });
  cleo.address = HOME;
  assert.equal(rotated.key.state, 'suspended');
  const review = await openReview('location');
  assert.equal(review.detail.agent, 'Scenario/1');
  await decide(olga, review, 'accepted');
  assert.equal(await stateOf(cleo, rotated.key), 'active');
});

async function linkOf(email) {
  return until(`mail to ${email}`, () => {
    for (const name of readdirSync(place.mail).filter((file) => file.endsWith('.eml'))) {
      const text = readFileSync(join(place.mail, name), 'utf8').replace(/=\r?\n/g, '');
      const found = /#\/link\/approval\/([\w-]{43})/.exec(text);
      if (found && new RegExp(`^To:.*${email}`, 'm').test(text)) return found[1];
    }
    return undefined;
  });
}

test('a corporation shows its papers and lists its signatories, k of whom approve a key', async () => {
  await desk.open({ kind: 'corporate' });
  await desk.enrol();
  const early = await desk.key(['orders:write'], ['trade'], 'early');
  assert.deepEqual(early.json.error.reasons.filter(({ code }) => code === 'step-missing').length, 4);
  desk.step -= 1;
  assertRefused(await desk.post('/verification/signatories/submit'), 403, 'signatories-missing');
  assertRefused(await desk.post('/verification/signatories', { signatories: [{ name: 'A', email: 'a@desk.example' }, { name: 'B', email: 'A@desk.example' }] }), 400, 'signatory-twice');
  await desk.done('/verification/signatories', { signatories: ['ann', 'ben', 'cem'].map((name) => ({ name, email: `${name}@desk.example` })) });
  for (const step of ['identity', 'address', 'incorporation']) await desk.upload(step, PDF, 'application/pdf');
  for (const step of ['identity', 'address', 'incorporation', 'signatories']) {
    await desk.done(`/verification/${step}/submit`);
    assert.equal((await decide(oskar, await openReview('document'), 'accepted')).json.state, 'accepted');
  }
  const key = (await desk.key(['orders:write'], ['trade'], 'desk')).json.key;
  assert.deepEqual([key.state, key.holds[0].reason], ['suspended', 'approval']);
  assertRefused(await decide(olga, await openReview('approval'), 'accepted'), 403, 'approval-signatories');
  const nobody = new Person();
  const [ann, ben, cem] = await Promise.all(['ann', 'ben', 'cem'].map((name) => linkOf(`${name}@desk.example`)));
  const page = await nobody.done('/links/approval/view', { token: ann });
  assert.deepEqual([page.signatory, page.needed, page.listed, page.accepted, page.key.scopes], ['ann', 2, 3, 0, ['orders:write']]);
  await nobody.done('/links/approval', { token: ann, decision: 'approve' });
  assertRefused(await nobody.post('/links/approval', { token: ann, decision: 'approve' }), 403, 'link-used');
  assert.equal(await stateOf(desk, key), 'suspended');
  await nobody.done('/links/approval', { token: ben, decision: 'reject' });
  assert.equal(await stateOf(desk, key), 'suspended');
  await nobody.done('/links/approval', { token: cem, decision: 'approve' });
  assert.equal(await stateOf(desk, key), 'active');
  assert.equal((await olga.read(`/operator/accounts/${desk.id}`)).reviews.find(({ kind }) => kind === 'approval').votes.length, 3);
});

test('elevated scopes are asked for with the second factor and granted by two operators', async () => {
  const { id } = (await desk.read('/keys')).keys[0];
  assertRefused(await desk.post(`/keys/${id}/elevate`, { scopes: ['orders:read'], reason: 'all', proof: { code: '000000' } }), 400, 'scope-not-elevated');
  const { review } = await desk.done(`/keys/${id}/elevate`, { scopes: ['positions:read'], reason: 'hedging', proof: { code: desk.code() } });
  assert.equal((await decide(olga, { id: review }, 'accepted')).json.state, 'seconding');
  assertRefused(await decide(olga, { id: review }, 'accepted'), 403, 'review-seconding');
  const has = async () => (await desk.read(`/keys/${id}`)).scopes.some(({ scope, state }) => scope === 'positions:read' && state === 'live');
  assert.equal((await desk.read(`/keys/${id}`)).scopes.find(({ scope }) => scope === 'positions:read').state, 'requested');
  assert.equal(await has(), false);
  assert.equal((await decide(oskar, { id: review }, 'accepted')).json.state, 'accepted');
  assert.equal(await has(), true);
  await olga.done(`/operator/keys/${id}/ungrant`, { reason: 'over' });
  assert.equal(await has(), false);
  await olga.done(`/operator/keys/${id}/grant`, { scopes: ['positions:read'], reason: 'again' });
  const open = await openReview('elevation');
  assert.equal(open.state, 'seconding');
  await decide(oskar, open, 'rejected', 'not now');
  assert.equal(await has(), false);
});

test('a flag takes two operators, suspends what the first hold had not, and is resolved by two', async () => {
  const flag = { kind: 'suspicious', keys: 'suspend', reason: 'odd logins' };
  assertRefused(await olga.post(`/operator/accounts/${olga.id}/flag`, flag), 403, 'review-own');
  assert.equal((await olga.done(`/operator/accounts/${ada.id}/flag`, flag)).flag, null);
  assertRefused(await olga.post(`/operator/accounts/${ada.id}/flag`, flag), 403, 'review-seconding');
  assertRefused(await oskar.post(`/operator/accounts/${ada.id}/flag`, { ...flag, keys: 'revoke' }), 409, 'proposal-waiting');
  assert.equal(await stateOf(ada, home), 'active');
  await decide(oskar, await openReview('flag'), 'accepted');
  assert.equal(await stateOf(ada, home), 'suspended');
  assertRefused(await ada.key(['wallets:read'], ['read'], 'flagged'), 403, 'account-flagged');
  await olga.done(`/operator/accounts/${ada.id}/unflag`, { reason: 'explained' });
  assert.equal(await stateOf(ada, home), 'suspended');
  assert.equal((await oskar.done(`/operator/accounts/${ada.id}/unflag`, { reason: 'explained' })).flag, null);
  assert.equal(await stateOf(ada, home), 'active');
});

test('a lost factor takes two operators, and its owner sees that somebody asks', async () => {
  const path = `/operator/accounts/${bob.id}/factors/totp/remove`;
  const proposed = await olga.done(path, { reason: 'a call' });
  assert.equal(proposed.factors.totp.state, 'enrolled');
  assert.ok((await bob.read('/notices')).notices.some(({ words }) => /removal of a lost second factor/.test(words)));
  const review = await openReview('factor');
  assert.deepEqual([review.state, review.detail.factor], ['seconding', 'totp']);
  await decide(oskar, review, 'rejected', 'it was not Bob');
  assert.equal((await olga.read(`/operator/accounts/${bob.id}`)).factors.totp.state, 'enrolled');
  await olga.done(path, { reason: 'came in person' });
  assert.equal((await oskar.done(path, { reason: 'I saw him, too' })).factors.totp.state, 'none');
  assertRefused(await bob.get('/session'), 401, 'session-missing');
});

test('operators find accounts and keys, and end a key', async () => {
  const found = async (text) => (await olga.read(`/operator/accounts?search=${encodeURIComponent(text)}`)).accounts.map(({ email }) => email);
  assert.deepEqual(await found('ada@'), ['ada@example.com']);
  assert.deepEqual(await found(String(bob.id)), ['bob@example.com']);
  assert.deepEqual(await found('OSK'), ['oskar@venue.example']);
  assert.deepEqual(await found('nobody'), []);
  assert.equal((await olga.read(`/operator/keys?account=${ada.id}`)).total, 2);
  assert.equal((await olga.read(`/operator/keys?search=${home.id}`)).keys[0].id, home.id);
  assertRefused(await olga.post(`/operator/keys/${home.id}/revoke`, { reason: '' }), 400, 'reason-missing');
  assert.equal((await olga.done(`/operator/keys/${home.id}/revoke`, { reason: 'asked for' })).state, 'revoked');
});

test('the free database that comes with a try-out knows where real addresses are', async () => {
  const database = join(dirname(latchkey), 'country.mmdb'), file = join(folder, 'authority.yaml');
  assert.ok(existsSync(database), `${database} is missing: ./dev test puts it there`);
  await kill();
  writeFileSync(file, readFileSync(file, 'utf8').replace(/database: .*/, `database: ${database}`));
  await start();
  const person = await new Person('tourist@example.com').open();
  for (const [address, country] of [['130.59.31.80', 'CH'], ['8.8.8.8', 'US'], ['2001:41d0::1', 'FR'], ['10.0.0.1', null]]) {
    person.address = address;
    await person.done('/login', { email: person.email, password: PASSWORD });
    const [newest] = (await person.read('/history')).events;
    assert.deepEqual([newest.address, newest.country], [address, country]);
  }
});
