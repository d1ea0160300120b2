/* The operator's life on the command line: an account, its steps, a second factor, keys, their
 * requests in the audit log, and the proof that nobody altered it. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createRequire } from 'node:module';
import { latchkey, run, startUp, totp } from './harness.mjs';
import { recordsFrom } from './authority.mjs';
import { mailFor } from './console.mjs';

const { parse } = createRequire(new URL('../clients/package.json', import.meta.url))('csv-parse/sync');

const email = 'ada@example.com';
let up, seed, key;

/* A command that must end with `code`; with --json its document is parsed. */
async function expect(code, args, options) {
  const ended = await up.cli(args, options);
  assert.equal(ended.code, code, `latchkey ${args.join(' ')}\n${ended.stdout}${ended.stderr}`);
  if (args.includes('--json')) ended.json = ended.stdout === '' ? undefined : JSON.parse(ended.stdout);
  return ended;
}

const create = (...more) => ['key', 'create', '--account', email, '--env', 'sandbox', ...more];

before(async () => { up = await startUp(); });
after(async () => { await up?.stop(); });

test('help teaches, and a typo is answered with the word that was meant', async () => {
  const { stdout } = await expect(0, ['key', 'create', '--help']);
  assert.match(stdout, /Examples:\n {2}#/);
  assert.match((await expect(2, ['account', 'crate'])).stderr, /did you mean "latchkey account create"/);
  assert.match((await expect(2, ['key', 'list', '--acount', 'x'])).stderr, /did you mean --account/);
});

test('without an authority: exit 3, the socket is named and how to start one', async () => {
  const { stderr } = await expect(3, ['status', '--socket', '/nonexistent/authority.sock']);
  assert.match(stderr, /\/nonexistent\/authority\.sock.*latchkey up/);
});

test('an account is opened once; its password never stands on the command line', async () => {
  const args = ['account', 'create', email, '--jurisdiction', 'CH', '--password-stdin', '--json'];
  const { json } = await expect(0, args, { input: 'correct horse battery staple\n' });
  assert.equal(json.email, email);
  assert.ok(json.missing.length > 0);
  const again = await expect(1, args, { input: 'correct horse battery staple\n' });
  assert.ok(again.json.error.message.length > 0);
});

test('a key is refused while steps are missing, and they are named', async () => {
  const { stderr } = await expect(1, create('--label', 'early', '--scopes', 'wallets:read',
    '--confirm', 'read', '--ip', '127.0.0.1', '--totp', '000000'));
  assert.match(stderr, /identity/);
});

test('steps are accepted, a second factor is enrolled and confirmed', async () => {
  const { json } = await expect(0, ['account', 'verify', email, '--reason', 'seen in person', '--json']);
  assert.deepEqual(json.missing.filter((step) => !/totp|factor/.test(step)), []);
  const enrolment = await expect(0, ['totp', 'enrol', email]);
  assert.match(enrolment.stdout, /▀/);
  seed = /Seed: ([A-Z2-7]+)/.exec(enrolment.stdout)[1];
  await expect(1, ['totp', 'confirm', email, '--code', '000000']);
  const confirmed = await expect(0, ['totp', 'confirm', email, '--code', totp(seed, -1), '--json']);
  assert.equal(confirmed.json.totp, 'enrolled');
});

test('a key: the secret once, then listed and shown without it', async () => {
  const { json } = await expect(0, create('--label', 'ada one', '--full', '--ip', '127.0.0.1', '--totp', totp(seed), '--json'));
  [key] = json.keys.map(({ id, secret }) => ({ key: id, secret }));
  assert.match(key.secret, /^lks_test_/);
  const listed = await expect(0, ['key', 'list', '--account', email]);
  const shown = await expect(0, ['key', 'show', key.key]);
  assert.match(listed.stdout, /ada one/);
  assert.match(shown.stdout, /orders:write/);
  assert.ok(!`${listed.stdout}${shown.stdout}`.includes(key.secret));
});

test('a code is accepted once', async () => {
  const { stderr } = await expect(1, create('--label', 'ada two', '--full', '--ip', '127.0.0.2', '--totp', totp(seed)));
  assert.match(stderr, /code/i);
});

test('its requests stand in the audit log, refused ones too', async () => {
  assert.equal((await up.call('sandbox', key, 'v2/auth/r/wallets')).status, 200);
  assert.equal((await up.call('sandbox', key, 'v2/auth/r/wallets', {}, { nonce: 1 })).status, 500);
  await recordsFrom(up, 0, (records) => records.filter((record) => record.key === key.key).length === 2);
  const rows = await up.cli(['audit', 'list', '--key', key.key, '--json']);
  const records = rows.stdout.trim().split('\n').map((line) => JSON.parse(line))
    .filter(({ kind }) => kind !== 'change').sort((a, b) => a.at.localeCompare(b.at));
  assert.deepEqual(records.map(({ verdict }) => verdict), ['pass', 'nonce-small']);
  assert.deepEqual(records.map(({ path }) => path), ['/v2/auth/r/wallets', '/v2/auth/r/wallets']);
  assert.ok(records.every(({ method, latency_us: us }) => method === 'POST' && us > 0));
  const filtered = await expect(0, ['audit', 'list', '--key', key.key, '--verdict', 'nonce-small', '--since', '5m']);
  assert.equal(filtered.stdout.trim().split('\n').length, 2, filtered.stdout);
});

test('audit tail shows a request as it happens', async () => {
  const { spawn } = await import('node:child_process');
  const tail = spawn(latchkey, ['audit', 'tail', '--key', key.key, '--from', '0', '--json'],
    { env: { ...process.env, LATCHKEY_SOCKET: join(up.runFolder, 'authority.sock') } });
  const lines = (async function* read() {
    let text = '';
    for await (const part of tail.stdout) {
      text += part;
      while (text.includes('\n')) {
        const record = JSON.parse(text.slice(0, text.indexOf('\n')));
        if (record.kind !== 'change') yield record;
        text = text.slice(text.indexOf('\n') + 1);
      }
    }
  })();
  /* Two workers may hand in their records in either order. */
  const first = [(await lines.next()).value.verdict, (await lines.next()).value.verdict];
  assert.deepEqual(first.sort(), ['nonce-small', 'pass']);
  const { headers } = await up.call('sandbox', key, 'v2/auth/r/permissions');
  assert.equal((await lines.next()).value.request_id, headers['x-request-id']);
  tail.kill();
});

/* Rows as a program that is not ours reads them. */
const table = (text) => parse(text, { columns: true, record_delimiter: '\r\n' });
const audit = () => join(up.dir, 'data/audit');

test('audit export writes every record of a search, the same from the authority and from the folder', async () => {
  const odd = '/v2/auth/r/=cmd|%22,%0d%0a;x';
  await up.get('sandbox', odd.slice(1));
  await recordsFrom(up, 0, (records) => records.some((record) => record.path?.includes('=cmd')));
  const file = join(up.dir, 'all.csv');
  await expect(0, ['audit', 'export', '--until', '2100-01-01', '--output', file]);
  const rows = table(readFileSync(file, 'utf8'));
  assert.deepEqual(rows.map(({ index }) => Number(index)), rows.map((row, i) => i));
  assert.ok(rows.some(({ kind, change }) => kind === 'change' && JSON.parse(change).what === 'key issued'));
  assert.equal(rows.find(({ path }) => path.includes('=cmd')).path, '/v2/auth/r/=cmd|",%0D%0A;x');
  const mine = ['--key', key.key, '--format', 'jsonl'];
  const lines = (text) => text.trim().split('\n').map((line) => JSON.parse(line)).filter(({ kind }) => kind !== 'change');
  const living = lines((await expect(0, ['audit', 'export', ...mine])).stdout);
  const folder = lines((await expect(0, ['audit', 'export', '--audit', audit(), ...mine])).stdout);
  assert.deepEqual(living, folder);
  const csv = table((await expect(0, ['audit', 'export', '--key', key.key])).stdout).filter(({ kind }) => kind === 'request');
  assert.deepEqual(csv.map((row) => row.request_id), living.map((record) => record.request_id));
  assert.deepEqual(csv.map((row) => Number(row.nonce)), living.map((record) => record.nonce));
  const refused = await expect(0, ['audit', 'export', '--key', key.key, '--verdict', 'nonce-small']);
  assert.equal(table(refused.stdout).length, 1);
});

test('an export that cannot be complete leaves no file', async () => {
  const file = join(up.dir, 'none.csv');
  await expect(1, ['audit', 'export', '--verdict', 'no-such-verdict', '--output', file]);
  await expect(3, ['audit', 'export', '--socket', '/nonexistent/authority.sock', '--output', file]);
  await expect(1, ['audit', 'export', '--audit', '/nonexistent', '--output', file]);
  await expect(2, ['audit', 'export', '--audit', audit(), '--account', 'ada@example.com', '--output', file]);
  assert.deepEqual(readdirSync(up.dir).filter((name) => name.startsWith('none')), []);
});

test('a spoilt search index is made again while the authority runs, and not behind its back', async () => {
  const before = (await up.cli(['audit', 'list', '--key', key.key, '--json'])).stdout;
  writeFileSync(join(audit(), 'index.sqlite'), 'spoilt');
  assert.match((await expect(1, ['audit', 'reindex', '--audit', audit()])).stderr, /has the audit log open/);
  await expect(0, ['audit', 'reindex']);
  assert.equal((await up.cli(['audit', 'list', '--key', key.key, '--json'])).stdout, before);
  assert.equal(readFileSync(join(audit(), 'index.sqlite')).subarray(0, 6).toString(), 'SQLite');
});

test('what is too young or no moment is not retired', async () => {
  assert.match((await expect(0, ['audit', 'retire', '--before', '1h'])).stdout, /nothing to retire/);
  await expect(2, ['audit', 'retire', '--before', 'yesterday']);
  await expect(1, ['audit', 'retire', '--before', '2100-01-01', '--dry-run']);
  const keep = await run(latchkey, ['authority', '--segments', '/nonexistent', '--audit-keep', '0']);
  assert.equal(keep.code, 2);
  assert.match(keep.stderr, /forever nor 1 to/);
});

test('a revoked key is refused by the next request and stays listed', async () => {
  await expect(0, ['key', 'revoke', key.key, '--reason', 'end of the test']);
  const refused = await up.call('sandbox', key, 'v2/auth/r/wallets');
  assert.equal(refused.status, 500);
  assert.match(refused.text, /apikey: revoked: by the venue, /);
  assert.match((await expect(0, ['key', 'show', key.key])).stdout, /revoked[^]*end of the test/);
  await expect(1, ['key', 'revoke', 'lki_test_nosuchkey', '--reason', 'typo']);
});

/* A verified account with a key of its own; `code` is one that was not used yet. */
async function owned(owner) {
  await expect(0, ['account', 'create', owner, '--jurisdiction', 'CH', '--password-stdin'], { input: 'correct horse battery staple\n' });
  await expect(0, ['account', 'verify', owner, '--reason', 'seen in person']);
  const { json: enrolment } = await expect(0, ['totp', 'enrol', owner, '--json']);
  const now_ms = Date.now(), code = (steps) => totp(enrolment.secret, steps, now_ms);
  await expect(0, ['totp', 'confirm', owner, '--code', code(-1)]);
  const { json } = await expect(0, ['key', 'create', '--account', owner, '--env', 'sandbox', '--label', 'bot', '--scopes', 'wallets:read,orders:read',
    '--confirm', 'read', '--ip', '127.0.0.0/8', '--totp', code(0), '--json']);
  return { ...json.keys[0], code: code(1) };
}

test('a key is renamed, tightened, and loosened with its owner’s code', async () => {
  const { id, code } = await owned('keys@example.com');
  assert.match((await expect(0, ['key', 'rename', id, 'grid bot'])).stdout, /label +grid bot/);
  await expect(1, ['key', 'rename', 'lki_test_nosuchkey', 'x']);
  const { stderr } = await expect(1, ['key', 'scopes', id, '--scopes', 'wallets:read,orders:write', '--confirm', 'trade']);
  assert.match(stderr, /adding some needs the second factor/);
  const fewer = await expect(0, ['key', 'scopes', id, '--scopes', 'wallets:read', '--json']);
  assert.deepEqual(fewer.json.scopes.map(({ scope }) => scope), ['wallets:read']);
  const more = ['key', 'scopes', id, '--scopes', 'wallets:read,orders:read', '--confirm', 'read', '--totp'];
  await expect(1, [...more, '000000']);
  const { json } = await expect(0, [...more, code, '--json']);
  assert.deepEqual(json.scopes.map(({ scope }) => scope).sort(), ['orders:read', 'wallets:read']);
});

test('a key is rotated with its owner’s code; the new secret is shown once', async () => {
  const { id, secret, code } = await owned('rotation@example.com');
  await expect(2, ['key', 'rotate', id, '--old-days', '8', '--totp', code]);
  assert.match((await expect(1, ['key', 'rotate', id, '--totp', 'abcdef'])).stderr, /six digits/);
  const { stdout } = await expect(0, ['key', 'rotate', id, '--totp', code]);
  const [, next] = /^key +(\S+)/m.exec(stdout), [, fresh] = /^secret +(\S+)/m.exec(stdout);
  assert.equal((await up.call('sandbox', { key: next, secret: fresh }, 'v2/auth/r/wallets')).status, 200);
  assert.match((await up.call('sandbox', { key: id, secret }, 'v2/auth/r/wallets')).text, /replaced by a new key/);
  assert.ok(!(await expect(0, ['key', 'show', next])).stdout.includes(fresh));
});

test('reviews are listed, shown and decided', async () => {
  assert.match((await expect(0, ['review', 'list'])).stdout, /REVIEW +KIND/);
  await expect(1, ['review', 'show', '999']);
  await expect(2, ['review', 'decide', '1', '--outcome', 'perhaps']);
  const { stderr } = await expect(1, ['review', 'decide', '999', '--outcome', 'rejected', '--reason', 'x']);
  assert.match(stderr, /no such review/);
});

test('mails of a try-out are listed and shown', async () => {
  const folder = join(up.runFolder, 'mail');
  await mailFor(up, 'keys@example.com', /^Subject: /m);
  const listed = await expect(0, ['mail', 'list', '--folder', folder]);
  assert.match(listed.stdout, /NUMBER +DATE +TO +SUBJECT/);
  const [, number] = /^ *(\d+) .*keys@example\.com/m.exec(listed.stdout);
  assert.match((await expect(0, ['mail', 'show', '--folder', folder, '--number', number])).stdout, /^To +.*keys@example\.com>\nSubject +\S/m);
  assert.match((await expect(0, ['mail', 'show', '--folder', folder])).stdout, /^From/);
  assert.match((await expect(1, ['mail', 'show', '--folder', folder, '--number', '100000'])).stderr, /no mail 100000/);
  await expect(1, ['mail', 'list', '--folder', '/nonexistent']);
});

test('a flag keeps an account from new keys until it is resolved', async () => {
  await expect(0, ['account', 'flag', email, '--kind', 'suspicious', '--reason', 'odd logins', '--keys', 'leave']);
  const { stderr } = await expect(1, create('--label', 'flagged', '--full', '--ip', '127.0.0.3', '--totp', totp(seed, 1)));
  assert.match(stderr, /under review \(suspicious\)/);
  const { json } = await expect(0, ['account', 'unflag', email, '--reason', 'was travelling', '--json']);
  assert.equal(json.flag, null);
});

test('status is well, and says so with its exit code', async () => {
  const { json } = await expect(0, ['status', '--json']);
  assert.deepEqual(json.problems, []);
  assert.equal(json.segments.length, 2);
});

test('the audit log verifies, running and as a copy; an altered copy does not', async () => {
  assert.match((await expect(0, ['audit', 'verify'])).stdout, /verified/);
  const { json } = await expect(0, ['status', '--json']);
  const copy = join(up.dir, 'copy');
  await up.stop({ keep: true });
  cpSync(json.audit.directory, copy, { recursive: true });
  const whole = await run(latchkey, ['audit', 'verify', copy, '--json']);
  assert.equal(whole.code, 0, whole.stdout + whole.stderr);
  assert.ok(JSON.parse(whole.stdout).verified);
  const log = readdirSync(join(copy, 'log')).map((name) => join(copy, 'log', name))
    .find((name) => readFileSync(name).includes('/v2/auth/r/permissions'));
  const bytes = readFileSync(log);
  bytes[bytes.indexOf('/v2/auth/r/permissions') + 1] ^= 1;
  writeFileSync(log, bytes);
  const altered = await run(latchkey, ['audit', 'verify', copy, '--json']);
  assert.equal(altered.code, 4, altered.stdout + altered.stderr);
  assert.ok(JSON.parse(altered.stdout).findings.length > 0);
});
