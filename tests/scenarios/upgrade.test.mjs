/* The present build on what an earlier release left (tests/fixtures): no key has ended, no nonce
 * passes again, nothing that the release before knew is forgotten, not even what only its segments
 * knew when its processes were killed (E2). */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ask, until } from './authority.mjs';
import { run, startUp, totp } from './harness.mjs';

const FIXTURE = fileURLToPath(new URL('../fixtures/release-0.1', import.meta.url));
const FAKETIME = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime/libfaketime.so.1')).find(existsSync);
const WALLETS = 'v2/auth/r/wallets';
const SUBMIT = 'v2/auth/w/order/submit';
const LIMIT = { type: 'EXCHANGE LIMIT', symbol: 'tBTCUSD', amount: '0.001', price: '1000' };
const SERVED = /^\[/;

const left = JSON.parse(readFileSync(join(FIXTURE, 'expected.json'), 'utf8'));
const { keys } = left;

/* It is an hour after the release was stopped, for the servers and for us: cooling-off and idle time
 * go on from where they were.  Only certificates are checked by the true date, so they are not. */
const offset_s = Math.round((Date.parse(left.left_at) - Date.now()) / 1000) + 3600;
const now = Date.now;
Date.now = () => now() + offset_s * 1000;
const clock = {
  LD_PRELOAD: FAKETIME, FAKETIME: `${offset_s < 0 ? '' : '+'}${offset_s}s`, FAKETIME_DONT_FAKE_MONOTONIC: '1',
  FAKETIME_CACHE_DURATION: '1000000', NO_FAKE_STAT: '1',
};

let up;

/* Unpacks what was left and starts on it.  On tmpfs the segments do not outlive the machine. */
async function start({ rebooted = false } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'lk-'));
  const segments = join('/dev/shm', basename(dir));
  mkdirSync(segments);
  for (const [folder, name] of [[dir, 'data'], ...(rebooted ? [] : [[segments, 'segments']])]) {
    const strip = name === 'data' ? [] : ['--strip-components=1'];
    const { code, stderr } = await run('tar', ['-C', folder, ...strip, '-xzf', join(FIXTURE, 'left.tar.gz'), name]);
    assert.equal(code, 0, stderr);
  }
  Object.assign(process.env, clock);
  try {
    up = await startUp({ dir });
  } finally {
    for (const name of Object.keys(clock)) delete process.env[name];
  }
}

const call = (name, path = WALLETS, body = {}, options = {}) =>
  up.call(keys[name].environment, keys[name], path, body, { rejectUnauthorized: false, ...options });

async function refused(name, pattern, path = WALLETS, body = {}) {
  const { status, text } = await call(name, path, body);
  assert.equal(status, 500, `${name}: ${text}`);
  assert.match(text, pattern, name);
}

async function served(name, path = WALLETS, body = {}) {
  const { status, text } = await call(name, path, body);
  assert.equal(status, 200, `${name}: ${text}`);
  assert.match(text, SERVED);
}

/* Fields that later releases add are theirs, at any depth; those that were there stay as they were. */
const common = (shown, was) => {
  if (Array.isArray(was) && Array.isArray(shown)) return shown.map((each, i) => common(each, was[i]));
  if (was === null || typeof was !== 'object' || shown === null || typeof shown !== 'object') return shown;
  return Object.fromEntries(Object.keys(was).map((field) => [field, common(shown[field], was[field])]));
};

/* The first release called the scopes of a key live whatever had become of the key. */
const withoutStates = (scopes) => scopes.map(({ scope, group }) => ({ scope, group }));

async function shownAsBefore(name, besides = {}) {
  const shown = await ask(up, 'GET', `/keys/${keys[name].key}`);
  for (const [field, was] of Object.entries({ ...keys[name].shown, ...besides })) {
    if (field === 'last_used_at') assert.ok(was === null || shown[field] >= was, `${name} was used at ${was}, not ${shown[field]}`);
    else if (field === 'scopes' && shown.state !== 'active') assert.deepEqual(withoutStates(shown.scopes), withoutStates(was), `${field} of ${name}`);
    else assert.deepEqual(common(shown[field], was), was, `${field} of ${name}`);
  }
}

const verify = () => up.cli(['audit', 'verify']);

/* What store and log knew: the same with the segments of the release before and without. */
function keysAreAsBefore({ besides }) {
  test('every key is shown as it was', async () => {
    for (const name of Object.keys(keys)) await shownAsBefore(name, besides[name]);
  });

  test('a nonce that was used is refused, the next one passes', async () => {
    for (const name of ['rules', 'reader', 'withdraw', 'sandboxless']) {
      const { nonce } = keys[name];
      assert.equal((await call(name, WALLETS, {}, { nonce })).text, `["error",10114,"nonce: small: last ${nonce}, got ${nonce}"]`);
      assert.equal((await call(name, WALLETS, {}, { nonce: nonce + 1 })).status, 200);
    }
  });

  test('keys in use are served, with what each may do', async () => {
    await served('active');
    await served('active', SUBMIT, LIMIT);
    await served('ready', SUBMIT, LIMIT);
    await refused('reader', /needs orders:write/, SUBMIT, LIMIT);
    await refused('elsewhere', /ip not allowed: 127/);
  });

  test('what stands between a key and its first order still does, until the same moment', async () => {
    const [date] = keys.cooling.shown.cooling_until.split('.');
    await refused('cooling', new RegExp(`cooling-off ends in 7[01]h \\d+m \\(${date}`), SUBMIT, LIMIT);
    await refused('fresh', /call \/v2\/auth\/r\/wallets first/, SUBMIT, LIMIT);
    await refused('sandboxless', /place an order in the sandbox first/, SUBMIT, LIMIT);
    await refused('withdraw', /confirm withdrawals by the link sent to e\*\*\*@example/, 'v2/auth/w/withdraw');
  });

  test('keys that had ended stay ended, and say why', async () => {
    await refused('idle', /expired: unused for 90 days/);
    await refused('revoked', /revoked: by the venue/);
    await refused('plaintext', /revoked: used over an unencrypted connection/);
    await refused('suspended', /suspended: contact support/);
  });

  test('the second factor and the master key are the same: a key can be made, a suspended one comes back', async () => {
    const { email, seed } = left.accounts[0];
    const { keys: [made] } = await ask(up, 'POST', '/keys', {
      account: email, totp: totp(seed),
      keys: [{ environment: 'sandbox', label: 'after the upgrade', scopes: ['wallets:read'], confirmed_groups: ['read'], ip_rules: ['127.0.0.1'] }],
    });
    const reply = await up.call('sandbox', { key: made.id, secret: made.secret }, WALLETS, {}, { rejectUnauthorized: false });
    assert.equal(reply.status, 200, reply.text);
    await ask(up, 'POST', '/accounts/bob@example.com/unflag', { reason: 'the court is content' });
    await served('suspended');
  });

  test('the tables were brought up to date', () => {
    assert.match(readFileSync(join(up.runFolder, 'authority.log'), 'utf8'), /store: migration 2 done/);
  });
}

async function records(name) {
  const { records: found } = await ask(up, 'GET', `/audit?key=${keys[name].key}&limit=100`);
  return found;
}

/* ---- with the segments: an upgrade ---- */

test('segments of the release before are taken over', { timeout: 60_000 }, async () => {
  await start();
  const journal = readFileSync(join(up.runFolder, 'authority.log'), 'utf8');
  assert.match(journal, /live\.seg: taken over from an earlier release: \d+ keys/);
  assert.match(journal, /sandbox\.seg: taken over from an earlier release: \d+ keys, \d+ records .*, 1 of them with an unknown outcome/);
});

keysAreAsBefore({
  besides: {
    walletful: { readiness: { ...keys.walletful.shown.readiness, wallets_called: true } },
    trips: { state: 'revoked', reason: 'used over an unencrypted connection' },
  },
});

test('what only the segment knew: a nonce, a wallets call, a revocation', async () => {
  const { nonce } = keys.unlogged;
  assert.match((await call('unlogged', WALLETS, {}, { nonce })).text, /nonce: small: last/);
  await served('unlogged');
  await refused('trips', /revoked: used over an unencrypted connection/);
  await until(up, `/keys/${keys.walletful.key}`, ({ readiness }) => readiness.wallets_called);
});

test('requests that the release before had not logged are in the log, the unanswered one too', async () => {
  const logged = (await Promise.all(['active', 'unlogged', 'walletful', 'ready', 'trips'].map(records))).flat();
  for (const id of left.unlogged) assert.equal(logged.filter(({ request_id }) => request_id === id).length, 1, id);
  const hanging = (await records('hangs')).filter(({ nonce }) => Number(nonce) === keys.hangs.nonce);
  assert.equal(hanging.length, 1);
  assert.equal(hanging[0].status, 0, 'nobody knows how it was answered');
});

test('the log verifies and goes on', async () => {
  const { code, stdout, stderr } = await verify();
  assert.equal(code, 0, stdout + stderr);
  assert.ok((await ask(up, 'GET', '/audit?limit=1')).size > left.size + left.unlogged.length);
});

test('a segment of a later layout is refused in one sentence that says what to do', async () => {
  const { dir, ports } = up;
  await up.stop({ keep: true });
  const path = join(up.segmentsFolder, 'live.seg');
  const bytes = readFileSync(path);
  bytes.writeUInt32LE(99, 8);
  writeFileSync(path, bytes);
  const other = await startUp({ dir, ports: Object.values(ports), ready: false });
  assert.equal((await other.ended).code, 1);
  assert.match(other.output, /live\.seg has layout 99 of a later release, .*: run the later release, or stop/);
  up = other;
});

/* ---- without: the machine was started anew in between ---- */

test('without its segments the release before is carried on from store and log', { timeout: 60_000 }, async () => {
  await up.stop();
  await start({ rebooted: true });
});

keysAreAsBefore({ besides: {} });

test('then, too, the log verifies and goes on', async () => {
  const { code, stdout, stderr } = await verify();
  assert.equal(code, 0, stdout + stderr);
  assert.ok((await ask(up, 'GET', '/audit?limit=1')).size > left.size);
});

after(async () => { await up?.stop(); });
