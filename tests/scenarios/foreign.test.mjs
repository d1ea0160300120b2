/* The audit log of a running system before verifiers that are not ours: Go's sumdb packages,
 * OpenSSL and @sigstore/verify must believe what is true, and none of them what was tampered with.
 * Beside them the witness, which notices what no verifier of a log alone can: a tail cut off. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, createPublicKey } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { awaitFolder, latchkey, run, startUp } from './harness.mjs';

/* The library's own entrance takes Sigstore bundles only; these two of its modules are the check of
 * a checkpoint and of an inclusion proof. */
const sigstore = createRequire(new URL('../foreign/package.json', import.meta.url));
const { verifyCheckpoint } = sigstore('@sigstore/verify/dist/tlog/checkpoint.js');
const { verifyMerkleInclusion } = sigstore('@sigstore/verify/dist/tlog/merkle.js');

const REQUESTS = 600; // more than two bundles of 256
let up, audit, older, copy, state, witness, go, key, witnessKey;

const file = (name) => join(up.dir, name);
const sizeOf = (path) => (existsSync(path) ? Number(readFileSync(path, 'utf8').split('\n')[1]) : 0);

/* A copy as somebody else would take it: without the index, which is private and being written. */
function take(folder) {
  cpSync(audit, folder, { recursive: true, filter: (name) => !name.includes('index.sqlite') });
}

/* Signed requests by every key at once, each in its own order. */
async function traffic(count) {
  const callers = ['live', 'sandbox'].flatMap((environment) =>
    up.demo[environment].keys.map((pair) => ({ environment, pair })));
  const each = Math.ceil(count / callers.length);
  const replies = await Promise.all(callers.map(async ({ environment, pair }) => {
    let reply;
    for (let i = 0; i < each; i++) reply = await up.call(environment, pair, 'v2/auth/r/wallets');
    return reply;
  }));
  return replies[0];
}

/* Every record of the log is signed once its size stands still in the checkpoint. */
async function signed(least) {
  await awaitFolder(audit, () => sizeOf(join(audit, 'checkpoint')) >= least);
  const { stdout } = await up.cli(['status', '--json']);
  const { size } = JSON.parse(stdout).audit;
  await awaitFolder(audit, () => sizeOf(join(audit, 'checkpoint')) >= size);
  return size;
}

function startWitness() {
  return spawn(latchkey, ['witness', '--audit', audit, '--state', state, '--key', key],
    { stdio: 'ignore' });
}

const ended = (child) => new Promise((resolve) => {
  if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
  else child.once('exit', resolve);
});

before(async () => {
  up = await startUp();
  audit = join(up.dir, 'data', 'audit');
  [older, copy, state, go] = ['older', 'copy', 'state', 'verify'].map(file);
  key = file('log.pub');
  witnessKey = join(state, 'key.pub');
  const built = await run('go', ['build', '-o', go, fileURLToPath(new URL('../foreign/verify.go', import.meta.url))],
    { env: { GO111MODULE: 'off', GOFLAGS: '', GOPATH: '/usr/share/gocode', GOCACHE: file('go-cache') } });
  assert.equal(built.code, 0, built.stderr);

  await signed(1);
  cpSync(join(audit, 'key.pub'), key); // as on the first day
  mkdirSync(state);
  witness = startWitness();
  await traffic(REQUESTS / 2);
  await signed(REQUESTS / 2);
  take(older);
  await traffic(REQUESTS / 2);
  const size = await signed(REQUESTS);
  take(copy);
  await awaitFolder(state, () => sizeOf(join(state, 'checkpoint')) >= size);
});

after(async () => {
  if (witness) {
    witness.kill('SIGKILL');
    await ended(witness);
  }
  await up?.stop();
});

/* ---- the verifiers: each resolves to true or false ---- */

const accepts = async (program, args) => (await run(program, args)).code === 0;
const goLog = (folder) => accepts(go, ['log', key, folder]);
const goRecord = (proof) => accepts(go, ['record', key, proof, witnessKey]);
const goGrowth = (checkpoint, growth) => accepts(go, ['growth', key, checkpoint, growth]);
const ours = (proof) => accepts(latchkey, ['audit', 'check', proof, '--key', key, '--witness', witnessKey]);

const publicBytes = () => Buffer.from(readFileSync(key, 'utf8').trim().split('+').slice(2).join('+'), 'base64').subarray(1);
const publicDer = () => Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicBytes()]);

async function openssl(checkpoint) {
  const body = checkpoint.slice(0, checkpoint.indexOf('\n\n') + 1);
  const line = checkpoint.split('\n').find((l) => l.startsWith('— latchkey/audit '));
  writeFileSync(file('body'), body);
  writeFileSync(file('signature'), Buffer.from(line.split(' ')[2], 'base64').subarray(4));
  writeFileSync(file('key.der'), publicDer());
  return accepts('openssl', ['pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-inkey', file('key.der'),
    '-rawin', '-in', file('body'), '-sigfile', file('signature')]);
}

/* A tlog-proof as @sigstore/verify wants an entry of a log. */
function npm(path) {
  const text = readFileSync(path, 'utf8');
  const split = text.indexOf('\n\n');
  const [, extra, index, ...hashes] = text.slice(0, split).split('\n');
  const publicKey = createPublicKey({ key: publicDer(), format: 'der', type: 'spki' });
  const logID = createHash('sha256')
    .update(Buffer.concat([Buffer.from('latchkey/audit\n\x01'), publicBytes()])).digest();
  const entry = {
    canonicalizedBody: Buffer.from(extra.replace('extra ', ''), 'base64'),
    inclusionProof: {
      logIndex: index.replace('index ', ''),
      hashes: hashes.map((hash) => Buffer.from(hash, 'base64')),
      checkpoint: { envelope: text.slice(split + 2) },
    },
  };
  try {
    verifyMerkleInclusion(entry, verifyCheckpoint(entry, [{ logID, publicKey, baseURL: 'latchkey/audit' }]));
    return true;
  } catch (error) {
    assert.equal(error.name, 'VerificationError', error.stack);
    return false;
  }
}

/* ---- what is tampered with ---- */

let scratches = 0;

/* A copy of the log with one of its files changed. */
function tampered(name, change) {
  const folder = file(`tampered-${scratches++}`);
  cpSync(copy, folder, { recursive: true });
  const content = change(readFileSync(join(folder, name)));
  if (content === undefined) rmSync(join(folder, name));
  else writeFileSync(join(folder, name), content);
  return folder;
}

function flip(bytes, at) {
  const changed = Buffer.from(bytes);
  changed[at] ^= 1;
  return changed;
}

/* Two neighbours of a bundle change places. */
function swap(bundle) {
  const end = (at) => at + 2 + bundle.readUInt16BE(at);
  const first = end(0), second = end(first);
  return Buffer.concat([bundle.subarray(first, second), bundle.subarray(0, first), bundle.subarray(second)]);
}

async function prove(record, ...more) {
  const path = file(`${record}.tlog-proof`);
  const { code, stderr } = await run(latchkey, ['audit', 'prove', String(record), copy, '--checkpoint',
    join(state, 'checkpoint'), '--out', path, ...more]);
  assert.equal(code, 0, stderr);
  return path;
}

function spoilt(path, from, to) {
  const text = readFileSync(path, 'utf8');
  const changed = text.replace(from, to);
  assert.notEqual(changed, text);
  writeFileSync(file('spoilt'), changed);
  return file('spoilt');
}

/* Another character of base64. */
const other = (c) => (c === 'A' ? 'B' : 'A');

test('Go derives the signed root from the entries, and from no others', async () => {
  const { code, stdout, stderr } = await run(go, ['log', key, copy]);
  const [, size, root] = readFileSync(join(copy, 'checkpoint'), 'utf8').split('\n');
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${size} ${root}\n`);
  assert.ok(size > 512);
  assert.ok(await goLog(older));

  const cut = `tile/entries/${String(Math.floor(size / 256)).padStart(3, '0')}.p/${size % 256}`;
  assert.ok(!await goLog(tampered('tile/entries/000', (bundle) => flip(bundle, 1000))), 'one byte');
  assert.ok(!await goLog(tampered('tile/entries/001', swap)), 'swapped records');
  assert.ok(!await goLog(tampered(cut, () => undefined)), 'a bundle missing');
  assert.ok(!await goLog(tampered(cut, (bundle) => bundle.subarray(0, 2 + bundle.readUInt16BE(0)))), 'cut tail');
  assert.ok(!await goLog(tampered('checkpoint', (text) => String(text).replace(`\n${size}\n`, `\n${size - 1}\n`))));
});

test('Go, npm and we agree on proofs of records, and refuse the same spoilt ones', async () => {
  const size = sizeOf(join(copy, 'checkpoint'));
  for (let index = 0; index < size; index += 83) {
    const path = await prove(index);
    assert.ok(await goRecord(path), `Go, record ${index}`);
    assert.ok(await ours(path), `latchkey, record ${index}`);
    assert.ok(npm(path), `@sigstore/verify, record ${index}`);
  }
  const path = await prove(300), neighbour = readFileSync(await prove(301), 'utf8');
  const cases = {
    'one byte of the record': [/extra (.{40})(.)/, (_, start, c) => `extra ${start}${other(c)}`],
    'another index': ['index 300', 'index 301'],
    'one byte of a hash': [/(index 300\n.{10})(.)/, (_, start, c) => `${start}${other(c)}`],
    'a swapped record': [/extra .*/, /extra .*/.exec(neighbour)[0]],
    'a smaller tree': [`\n${size}\n`, `\n${size - 1}\n`],
    'another root': [/(audit\n\d+\n)(.)/, (_, start, c) => `${start}${other(c)}`],
    'one byte of the signature': [/(— latchkey\/audit .{30})(.)/, (_, start, c) => `${start}${other(c)}`],
  };
  for (const [name, [from, to]] of Object.entries(cases)) {
    const bad = spoilt(path, from, to);
    assert.ok(!await goRecord(bad), `Go believes ${name}`);
    assert.ok(!await ours(bad), `latchkey believes ${name}`);
    assert.ok(!npm(bad), `@sigstore/verify believes ${name}`);
  }
  const uncosigned = spoilt(path, /(— latchkey\/witness .{30})(.)/, (_, start, c) => `${start}${other(c)}`);
  assert.ok(!await goRecord(uncosigned) && !await ours(uncosigned));
});

test('the request that a customer quotes is proved through the authority and from a copy', async () => {
  const reply = await traffic(1);
  const id = reply.headers['x-request-id'];
  const { code, stdout, stderr } = await up.cli(['audit', 'prove', id]);
  assert.equal(code, 0, stderr);
  writeFileSync(file('living'), stdout);
  const checked = await run(latchkey, ['audit', 'check', file('living'), '--key', key, '--json']);
  assert.equal(checked.code, 0, checked.stderr);
  const { record } = JSON.parse(checked.stdout);
  assert.equal(record.request_id, id);
  assert.equal(record.path, '/v2/auth/r/wallets');
  assert.ok(npm(file('living')));
  assert.ok(await accepts(go, ['record', key, file('living')]));
  assert.ok(await accepts(latchkey, ['audit', 'prove', id, audit]));
  assert.equal((await run(latchkey, ['audit', 'prove', id, copy])).code, 1, 'the copy is older');
  assert.equal((await up.cli(['audit', 'prove', '999999'])).code, 1);
  assert.equal((await up.cli(['audit', 'prove', 'nonsense'])).code, 2);
});

test('a record is proved after its bundle was retired, to whoever has it', async () => {
  const bundle = readFileSync(join(copy, 'tile/entries/000'));
  const folder = tampered('tile/entries/000', () => undefined);
  const args = ['audit', 'prove', '0', folder, '--out', file('retired')];
  assert.ok(await accepts(latchkey, args));
  const check = ['audit', 'check', file('retired'), '--key', key];
  assert.equal((await run(latchkey, check)).code, 4);
  writeFileSync(file('record'), bundle.subarray(2, 2 + bundle.readUInt16BE(0)));
  assert.equal((await run(latchkey, [...check, '--record', file('record')])).code, 0);
  writeFileSync(file('record'), flip(readFileSync(file('record')), 20));
  assert.equal((await run(latchkey, [...check, '--record', file('record')])).code, 4);
});

test('Go agrees that the log only grew, and not that it shrank', async () => {
  const growth = await run(latchkey, ['audit', 'growth', join(older, 'checkpoint'), copy]);
  assert.equal(growth.code, 0, growth.stderr);
  writeFileSync(file('growth'), growth.stdout);
  assert.ok(await goGrowth(join(older, 'checkpoint'), file('growth')));
  assert.ok(!await goGrowth(join(copy, 'checkpoint'), file('growth')));
  const bad = spoilt(file('growth'), /(old \d+\n.{10})(.)/, (_, start, c) => `${start}${other(c)}`);
  assert.ok(!await goGrowth(join(older, 'checkpoint'), bad));
  const shrunk = await run(latchkey, ['audit', 'growth', join(copy, 'checkpoint'), older]);
  assert.equal(shrunk.code, 4, shrunk.stderr);
});

test('OpenSSL verifies the signature over the checkpoint and over nothing else', async () => {
  const checkpoint = readFileSync(join(copy, 'checkpoint'), 'utf8');
  const [, size, root] = checkpoint.split('\n');
  const olderRoot = readFileSync(join(older, 'checkpoint'), 'utf8').split('\n')[2];
  assert.ok(await openssl(checkpoint));
  assert.ok(await openssl(readFileSync(join(state, 'checkpoint'), 'utf8')), 'the cosigned one too');
  assert.ok(!await openssl(checkpoint.replace(root[5], other(root[5]))), 'one byte');
  assert.ok(!await openssl(checkpoint.replace(`\n${size}\n`, `\n${size - 1}\n`)), 'cut tail');
  assert.ok(!await openssl(checkpoint.replace(root, olderRoot)), 'other records');
});

test('the witness cosigns what grows, also after it was killed', async () => {
  witness.kill('SIGKILL');
  await ended(witness);
  witness = startWitness();
  await traffic(20);
  const size = await signed(sizeOf(join(copy, 'checkpoint')) + 20);
  await awaitFolder(state, () => sizeOf(join(state, 'checkpoint')) >= size);
  witness.kill('SIGTERM');
  assert.equal(await ended(witness), 0);
  const { code, stdout } = await run(latchkey, ['witness', '--status', '--state', state]);
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(`records +${size}\n`));
});

test('a cut tail verifies by itself, and not against what the witness remembers', async () => {
  const verify = ['audit', 'verify', older, '--key', key];
  assert.ok(await accepts(latchkey, verify));
  const against = [...verify, '--checkpoint', join(state, 'checkpoint'), '--witness', witnessKey];
  const found = await run(latchkey, against);
  assert.equal(found.code, 4, found.stdout);
  assert.match(found.stdout, /records-missing|checkpoint-older/);
  assert.ok(await accepts(latchkey, ['audit', 'verify', audit, '--key', key, ...against.slice(5)]));
  const uncosigned = [...verify, '--checkpoint', join(older, 'checkpoint'), '--witness', witnessKey];
  assert.equal((await run(latchkey, uncosigned)).code, 4);
});

test('the witness refuses a log that was cut or changed, and keeps the evidence', async () => {
  const before = readFileSync(join(state, 'checkpoint'), 'utf8');
  const look = (folder) => run(latchkey, ['witness', '--once', '--audit', folder, '--state', state]);
  const cut = await look(older);
  assert.equal(cut.code, 4);
  assert.match(cut.stderr, /ALARM.*cut off/);
  assert.equal((await look(tampered('checkpoint', (text) => flip(text, 20)))).code, 4);
  assert.equal((await look(tampered('checkpoint', () => undefined))).code, 4);
  assert.equal(readFileSync(join(state, 'checkpoint'), 'utf8'), before);
  const { code, stdout } = await run(latchkey, ['witness', '--status', '--state', state]);
  assert.equal(code, 4);
  assert.match(stdout, /ALARM.*cut off/);
  assert.ok(readFileSync(join(state, 'alarm'), 'utf8').includes(`\n${sizeOf(join(older, 'checkpoint'))}\n`));
  assert.equal((await look(audit)).code, 0, 'the true log is still cosigned');
  assert.equal((await look(join(up.dir, 'run'))).code, 4, 'a folder without a log');
});

test('a witness elsewhere reads the log from a copy over HTTP, and asks for hashes only', async () => {
  const asked = [];
  const server = http.createServer((request, response) => {
    const path = join(copy, decodeURIComponent(request.url));
    asked.push(request.url);
    if (existsSync(path)) response.end(readFileSync(path));
    else response.writeHead(404).end();
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${server.address().port}`;
  const { code, stderr } = await run(latchkey, ['witness', '--once', '--audit', url, '--key', key,
    '--state', file('elsewhere'), '--name', 'elsewhere.example/witness']);
  await new Promise((closed) => server.close(closed));
  assert.equal(code, 0, stderr);
  assert.equal(sizeOf(file('elsewhere/checkpoint')), sizeOf(join(copy, 'checkpoint')));
  assert.ok(asked.every((name) => name === '/checkpoint' || /^\/tile\/\d/.test(name)), asked.join(' '));
});

test('a witness reads the living log through nginx, and is patient while the authority is down', async () => {
  const look = (...more) => run(latchkey, ['witness', '--once', '--audit',
    `https://127.0.0.1:${up.ports.live}/log`, '--state', file('through'), ...more]);
  const { code, stderr } = await look('--ca', up.demo.ca);
  assert.equal(code, 0, stderr);
  assert.ok(sizeOf(file('through/checkpoint')) >= sizeOf(join(copy, 'checkpoint')));
  assert.equal(readFileSync(file('through/log.pub'), 'utf8'), readFileSync(key, 'utf8'));
  assert.equal((await look()).code, 1, 'a certificate of nobody');
  process.kill(up.pids.authority, 'SIGSTOP');
  try {
    assert.equal((await look('--ca', up.demo.ca)).code, 1, 'not to be reached is no alarm');
  } finally {
    process.kill(up.pids.authority, 'SIGCONT');
  }
  assert.ok(!existsSync(file('through/alarm')));
});
