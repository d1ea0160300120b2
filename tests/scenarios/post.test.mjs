/* Mail through a real SMTP server with STARTTLS, a certificate authority of its own and a login: a
 * server that puts off, one that breaks off in the middle, an authority that is killed with mail in
 * its queue, and a clock that moves on until keys near their end. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask, openAccount } from './authority.mjs';
import { freePorts, latchkey, run } from './harness.mjs';

const { SMTPServer } = createRequire(new URL('../clients/package.json', import.meta.url))('smtp-server');
const FAKETIME = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime/libfaketime.so.1')).find(existsSync);
const PASSWORD = 'open sesame';
const WAIT_MS = 120_000;

const dir = mkdtempSync(join(tmpdir(), 'latchkey-post-'));
const place = { runFolder: join(dir, 'run') };
let port, server, authority;

/* ---- a mail server ---- */

const letters = []; // {to, user, secure, message}
let waiting = [];
let last; // key
let refusals = 0; // letters that are still put off with 451
let breaks = 0; // letters that are still broken off in the middle

function taken(letter) {
  letters.push(letter);
  waiting = waiting.filter((look) => !look(letter));
}

/* The first letter, also of those that have come already, whose text matches. */
function letter(pattern) {
  const found = letters.find(({ message }) => pattern.test(message));
  if (found) return Promise.resolve(found);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no letter ${pattern}; the authority said:\n${authority.said}`)), WAIT_MS);
    waiting.push((one) => {
      if (!pattern.test(one.message)) return false;
      clearTimeout(timer);
      resolve(one);
      return true;
    });
  });
}

async function serverStart() {
  server = new SMTPServer({
    key: readFileSync(join(dir, 'server.key')), cert: readFileSync(join(dir, 'server.pem')),
    authMethods: ['PLAIN', 'LOGIN'], logger: false,
    onAuth({ username, password }, session, done) {
      if (username === 'latchkey' && password === PASSWORD) done(null, { user: username });
      else done(new Error('wrong password'));
    },
    onRcptTo(address, session, done) {
      if (address.address.startsWith('nobody')) {
        done(Object.assign(new Error('no such mailbox'), { responseCode: 550 }));
      } else if (refusals > 0) {
        refusals -= 1;
        done(Object.assign(new Error('greylisted, come back'), { responseCode: 451 }));
      } else done();
    },
    onData(stream, session, done) {
      let message = '';
      stream.on('data', (text) => { message += text; });
      stream.once('data', () => {
        if (breaks === 0) return;
        breaks -= 1;
        for (const connection of server.connections) connection._socket.destroy();
      });
      stream.on('end', () => {
        taken({ to: session.envelope.rcptTo.map(({ address }) => address), user: session.user, secure: session.secure, message });
        done(null, 'queued');
      });
    },
  });
  server.on('error', () => {}); // a connection that it broke itself
  await new Promise((listening) => server.listen(port, '127.0.0.1', listening));
}

const serverStop = () => new Promise((closed) => server.close(closed));

/* ---- an authority ---- */

async function authorityStart(offset) {
  const env = offset && {
    LD_PRELOAD: FAKETIME, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1', NO_FAKE_STAT: '1',
  };
  const child = spawn(latchkey, ['authority', '--data', join(dir, 'data'), '--run', place.runFolder,
    '--segments', join(dir, 'segments'), '--config', join(dir, 'authority.yaml')], { env: { ...process.env, ...env } });
  authority = child;
  child.said = '';
  child.ended = new Promise((resolve) => child.once('close', resolve));
  await new Promise((resolve, reject) => {
    child.stderr.on('data', (text) => {
      child.said += text;
      if (child.said.includes('authority: ready')) resolve();
    });
    child.once('close', () => reject(new Error(child.said)));
  });
}

async function authorityEnd(signal = 'SIGTERM') {
  authority.kill(signal);
  await authority.ended;
}

async function openssl(...args) {
  const { code, stderr } = await run('openssl', args, { cwd: dir });
  assert.equal(code, 0, stderr);
}

before(async () => {
  [port] = await freePorts(1);
  for (const name of ['data', 'run', 'segments']) mkdirSync(join(dir, name), { mode: 0o700 });
  await openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '3650',
    '-subj', '/CN=A CA of its own', '-keyout', 'ca.key', '-out', 'ca.pem');
  await openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost',
    '-keyout', 'server.key', '-out', 'server.csr');
  writeFileSync(join(dir, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  await openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '3650',
    '-extfile', 'names', '-out', 'server.pem');
  writeFileSync(join(dir, 'password'), `${PASSWORD}\n`);
  chmodSync(join(dir, 'password'), 0o600);
  writeFileSync(join(dir, 'authority.yaml'), `public_url: https://keys.venue.example
mail:
  from: keys@venue.example
  server: smtp://127.0.0.1:${port}
  user: latchkey
  password_file: ${join(dir, 'password')}
  ca: ${join(dir, 'ca.pem')}
`);
  await serverStart();
  await authorityStart();
});
after(async () => {
  if (authority?.exitCode === null) await authorityEnd();
  await serverStop();
  rmSync(dir, { recursive: true });
});

const key = (label) => ({ environment: 'live', label, scopes: ['orders:read'] });

test('a letter travels encrypted, after a login, to the owner alone', async () => {
  const owner = await openAccount(place, 'ada@example.com');
  await owner.issue(key('first bot'));
  const { to, user, secure, message } = await letter(/first bot/);
  assert.deepEqual([to, user, secure], [['ada@example.com'], 'latchkey', true]);
  assert.match(message, /^From: <keys@venue\.example>\r\n/m);
  assert.match(message, /^Auto-Submitted: auto-generated\r\n/m);
  assert.match(message, /https:\/\/keys\.venue\.example\/console\//);
});

test('a server that puts off gets the letter again, one that breaks off in the middle too', async () => {
  const owner = await openAccount(place, 'bob@example.com');
  refusals = 1;
  await owner.issue(key('second bot'));
  await letter(/second bot/);
  assert.equal(refusals, 0);
  assert.match(authority.said, /attempt 1: 451/);
  breaks = 1;
  await owner.issue(key('third bot'));
  await letter(/third bot/);
  assert.equal(breaks, 0);
});

test('a letter that the server will never take is given up, and status says so', async () => {
  const stranger = await openAccount(place, 'nobody@example.com');
  await stranger.issue(key('lost'));
  const until = Date.now() + WAIT_MS;
  let status;
  do status = await ask(place, 'GET', '/status'); while (status.mail.given_up === 0 && Date.now() < until);
  assert.equal(status.mail.given_up, 1);
  assert.ok(status.problems.some(({ code }) => code === 'mail-given-up'));
});

test('mail in the queue of an authority that is killed arrives once it is back', async () => {
  const owner = await openAccount(place, 'eve@example.com');
  await serverStop();
  [last] = await owner.issue(key('fifth bot'));
  await authorityEnd('SIGKILL');
  assert.ok(!letters.some(({ message }) => /fifth bot/.test(message)));
  await serverStart();
  await authorityStart();
  await letter(/fifth bot/);
});

test('a key that nobody uses is warned of before its end, once', async () => {
  assert.ok(FAKETIME, 'libfaketime is not there: apt-get install faketime');
  await authorityEnd();
  await authorityStart('+80d');
  const { message } = await letter(/stops working[^]*first bot/);
  assert.match(message, /one request keeps it alive/);
  await letter(/stops working[^]*fifth bot/);
  const warnings = () => letters.filter((one) => /stops working/.test(one.message)).length;
  const count = warnings();
  await authorityEnd();
  await authorityStart('+80d');
  await ask(place, 'POST', `/keys/${last.key}/revoke`, { reason: 'not needed any more' });
  await letter(/was revoked|not needed any more/); // behind the warnings, if there were any
  assert.equal(warnings(), count);
});
