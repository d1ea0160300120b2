/* kill -9 in each step of key creation: either no key or a complete one (B5, B6, B7).
 *
 * A first creation is watched by strace: its system calls are the steps, from the beginning of the
 * transaction to the answer.  Then, step by step, a new creation is killed by strace at the entry of
 * that very call of that very thread, the authority is started again, and what it says is held
 * against what the client was told: a secret that was answered works; a key that is listed has all
 * of its scopes, rules, its line in the change log, its event and its mailed link; one that is not
 * listed has left nothing, and its label and rules are free.  Nothing in the product knows of this. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask, openAccount, until } from './authority.mjs';
import { totp } from './harness.mjs';
import { WALLETS, eventually, startRig } from './rig.mjs';
import { visit } from './visitor.mjs';

/* What a step may be: locks of the database, draws of secrets, its writes, the mail's wake-up, the
 * answer; and those of the thread that takes the change into the audit log. */
const REQUEST = ['fcntl', 'getrandom', 'pwrite64', 'fdatasync', 'sendto', 'sendmsg'];
const LOG = ['pwrite64', 'fdatasync', 'fsync', 'rename', 'write'];
const SCOPES = ['orders:read', 'wallets:read', 'orders:write', 'withdraw:write'];
const skip = process.getuid() === 0 ? false : 'the authority lets nobody but root trace it, and this is not root';

let rig, owner, ada, number = 0;
const told = new Map(); // label → the key as it was answered, or null
before(async () => {
  if (skip) return;
  rig = await startRig({ keys: 1, workers: 1 });
  /* 127.0.0.1 is in no country, and would put each key under review. */
  const settings = join(rig.dir, 'authority.yaml'), command = rig.authority.command;
  writeFileSync(settings, 'country: { unknown: pass }\n');
  rig.authority.command = () => [...command(), '--config', settings];
  owner = await openAccount(rig, 'ada@example.com');
  ada = await visit(owner);
});
after(async () => {
  ada?.leave();
  await rig?.stop();
});

function application() {
  number += 1;
  return {
    environment: 'sandbox', label: `kill ${number}`, scopes: SCOPES, confirmed_groups: ['read', 'trade', 'wallet'],
    ip_rules: ['127.0.0.0/8', `10.1.${number >> 8}.${number & 255}`],
  };
}

/* strace on a thread, or on all of them; resolves once it watches. */
async function strace(what, { thread, file } = {}) {
  const out = join(rig.dir, `strace-${number}`), target = thread ?? rig.authority.pid;
  const child = spawn('strace', ['-y', '-qq', ...(thread ? [] : ['-f']), '-p', target, ...(file ? ['-P', file] : []), ...what, '-o', out].map(String),
    { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (text) => { words += text; });
  const ended = new Promise((resolve) => { child.once('close', resolve); });
  const watched = () => (thread ? [thread] : readdirSync(`/proc/${rig.authority.pid}/task`));
  await eventually('strace watches', () => {
    assert.equal(child.exitCode, null, words);
    return watched().every((id) => readFileSync(`/proc/${rig.authority.pid}/task/${id}/status`, 'utf8').includes(`TracerPid:\t${child.pid}`));
  });
  const lines = () => readFileSync(out, 'utf8').split('\n').filter(Boolean);
  return {
    lines,
    end: async () => { child.kill('SIGINT'); await ended; return lines(); },
    ended: async () => { await ended; return lines(); },
  };
}

const threads = () => readdirSync(`/proc/${rig.authority.pid}/task`).map(Number).sort((a, b) => a - b);
const idOf = (line) => Number(/^\d+/.exec(line)?.[0]);
const callOf = (line) => /^(?:\d+ +)?(\w+)\(/.exec(line)?.[1];

/* The thread that serves ada's connection, which keeps it. */
async function serving() {
  const watch = await strace(['-e', 'trace=recvfrom']);
  await ada.get('/session');
  const line = (await watch.end()).find((each) => each.includes('"GET /session'));
  assert.ok(line, 'the thread was seen');
  return idOf(line);
}

/* "pwrite64 authority.db-wal", for a person. */
function words(line) {
  const file = /\(\d+<([^>]*)>/.exec(line)?.[1]?.split('/').pop() ?? '';
  const lock = /F_(RDLCK|WRLCK|UNLCK)/.exec(line)?.[0] ?? '';
  return [callOf(line), file.replace(/:\[\d+\]/, ''), lock].filter(Boolean).join(' ');
}

/* The steps to kill at.  strace counts the calls of each name for itself, hence `nth`. */
function numbered(lines) {
  const counts = new Map();
  return lines.map((line, index) => {
    const call = callOf(line), nth = (counts.get(call) ?? 0) + 1;
    counts.set(call, nth);
    return { at: index + 1, call, nth, reads: line.includes('index.sqlite') };
  }).filter(({ reads }) => !reads); // the addresses in the answer: nothing of the creation
}

const listed = async (label) => (await ada.get(`/keys?search=${encodeURIComponent(label)}`)).keys.find((key) => key.label === label);

/* After the restart: no key, or a whole one. */
async function judge(body) {
  const key = await listed(body.label), answer = told.get(body.label);
  const { problems } = await ada.post('/keys/check', body);
  if (!key) {
    assert.equal(answer, null, `the secret of ${body.label} was answered, and there is no such key`);
    assert.deepEqual(problems, [], 'label and rules are free');
  } else {
    assert.deepEqual(key.scopes.map(({ scope }) => scope).sort(), [...SCOPES].sort());
    assert.equal(key.scopes.find(({ scope }) => scope === 'withdraw:write').state, 'waiting-mail');
    assert.deepEqual([...key.ip_rules].sort(), [...body.ip_rules].sort());
    assert.deepEqual(problems.map(({ code }) => code), ['label-clash', 'ip-rules-clash']);
  }
  if (answer) {
    assert.equal(answer.id, key.id);
    assert.equal((await rig.call(answer)).status, 200, 'the answered secret signs');
  }
  const { segments } = await rig.status();
  const keys = (await ada.get('/keys?limit=1')).total + rig.keyCount;
  assert.equal(segments.find(({ environment }) => environment === 'sandbox').keys, keys, 'the segment has what the store has');
  return key !== undefined;
}

/* The call that makes a key; what its answer said. */
async function create(body, proof) {
  told.set(body.label, null);
  try {
    const { status, text, json } = await ada.call('POST', '/keys', { ...body, proof });
    assert.equal(status, 201, text);
    told.set(body.label, { id: json.key.id, key: json.key.id, secret: json.secret, account: owner.email });
  } catch (error) {
    if (error.code !== 'ECONNRESET') throw error;
  }
}

async function restarted() {
  await rig.authority.ended;
  await rig.authority.start();
  await rig.answers();
}

/* Until the log has taken everything, so that the next thing it takes is the next creation. */
async function quiet() {
  await rig.drained();
  await until(rig, '/status', ({ audit }) => audit.checkpoint_size === audit.size);
}

/* Whether the log has taken more than `size` records, and has nothing left to do. */
async function taken(size) {
  try {
    const { audit } = await rig.status();
    return audit.size > size && audit.checkpoint_size === audit.size;
  } catch { return false; }
}

/* Until strace has killed the authority; or, because no two transactions touch equally many pages,
 * until there is nothing left to do where it could: then the kill comes now.  Whether it did. */
async function killed(watch, { call }, done) {
  await eventually('strace kills it', async () => !rig.authority.runs || done());
  rig.authority.signal('SIGKILL');
  const hit = (await watch.ended()).filter(callOf).at(-1) ?? '', is = callOf(hit) === call;
  await restarted();
  return { hit, is };
}

/* One creation killed at a step of the thread; `done`: whether the thread has no step left. */
async function killedAt(step, set, thread, done) {
  const body = application(), proof = await ada.proof('/keys', body);
  const watch = await strace(['-e', `trace=${set}`, '-e', `inject=${step.call}:signal=KILL:when=${step.nth}`], { thread: await thread() });
  await create(body, proof);
  const { hit, is } = await killed(watch, step, () => done(body));
  return { hit, is, exists: await judge(body), answered: told.get(body.label) !== null };
}

const say = (what, { hit, is, exists, answered }) => console.error(
  `# ${what}: killed ${is ? 'at' : 'after the last, as it did not come;'} ${words(hit)}: ${exists ? 'a complete key' : 'no key'}, ${answered ? 'secret answered' : 'no answer'}`);

/* The steps of a creation that nothing disturbs, as the serving thread and the log's thread make
 * them.  Threads start in the same order each time, so the log's has the same place in the next
 * process. */
async function recorded() {
  const body = application(), proof = await ada.proof('/keys', body), request = await serving();
  const all = [...new Set([...REQUEST, ...LOG, 'recvfrom'])].join();
  const watch = await strace(['-e', `trace=${all}`]);
  await create(body, proof);
  await eventually('the change is marked as taken', () => watch.lines().some((line) => /rename\(.*checkpoint/.test(line)));
  const lines = (await watch.end()).filter((line) => callOf(line));
  const own = lines.filter((line) => idOf(line) === request);
  const from = own.findIndex((line) => line.includes('"POST /keys ')), steps = own.slice(from).filter((line) => REQUEST.includes(callOf(line)));
  const end = steps.findIndex((line) => line.includes('201 Created'));
  assert.ok(from >= 0 && end > 0, own.join('\n'));
  const taker = idOf(lines.find((line) => callOf(line) === 'pwrite64' && line.includes('/audit/log/')));
  const place = threads().indexOf(taker);
  assert.ok(place > 0);
  return { steps: steps.slice(0, end + 1), place, taken: lines.filter((line) => idOf(line) === taker && LOG.includes(callOf(line))) };
}

let record;
test('a creation that nothing disturbs', { timeout: 120_000, skip }, async () => {
  await rig.authority.kill();
  await restarted();
  record = await recorded();
  console.error(`# ${record.steps.length} steps of the request, ${record.taken.length} of the audit log`);
});

test('killed in each step of the request', { timeout: 600_000, skip }, async () => {
  const seen = { key: 0, none: 0, missed: 0 };
  for (const step of numbered(record.steps)) {
    const outcome = await killedAt(step, REQUEST, serving, ({ label }) => told.get(label) !== null);
    say(`step ${step.at} of ${record.steps.length}`, outcome);
    assert.equal(outcome.answered, !outcome.is, 'the answer is the last step, and did not leave');
    seen[outcome.is ? outcome.exists ? 'key' : 'none' : 'missed'] += 1;
  }
  console.error(`# ${JSON.stringify(seen)}`);
  assert.ok(seen.key > 0 && seen.none > 0 && seen.missed < record.steps.length / 5, JSON.stringify(seen));
});

test('killed in each step of its way into the audit log', { timeout: 600_000, skip }, async () => {
  for (const step of numbered(record.taken)) {
    await quiet();
    const { audit: { size } } = await rig.status();
    const outcome = await killedAt(step, LOG, () => threads()[record.place], () => taken(size + 1));
    say(`audit log, step ${step.at} of ${record.taken.length}`, outcome);
    assert.equal(outcome.exists, true, 'what goes into the log was committed');
  }
});

test('killed the moment the secret arrives', { timeout: 120_000, skip }, async () => {
  const body = application(), proof = await ada.proof('/keys', body);
  await create(body, proof);
  rig.authority.signal('SIGKILL');
  await restarted();
  assert.equal(await judge(body), true);
});

/* The command line asks over another socket, whose thread is any of some: there the calls of all
 * threads count that touch the database's log, which nobody else does before the commit. */
test('killed while the command line waits', { timeout: 600_000, skip }, async () => {
  for (const [call, nth] of [['pwrite64', 1], ['pwrite64', 20], ['fdatasync', 1], ['sendmsg', 1]]) {
    const body = application(), email = `cli${number}@example.com`, account = await openAccount(rig, email);
    const answers = call === 'sendmsg';
    await quiet();
    const { audit: { size } } = await rig.status();
    const watch = await strace(['-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${nth}`],
      answers ? {} : { file: join(rig.dataFolder, 'authority.db-wal') });
    const { code, stdout } = await rig.cli(['key', 'create', '--account', email, '--env', 'sandbox', '--label', body.label,
      '--scopes', SCOPES.join(), '--confirm', body.confirmed_groups.join(), ...body.ip_rules.flatMap((rule) => ['--ip', rule]),
      '--totp', totp(account.seed, 0), '--json']);
    assert.notEqual(code, 0, stdout);
    assert.equal(stdout, '', 'no secret was printed');
    const { hit, is } = await killed(watch, { call }, () => taken(size));
    const { keys } = await ask(rig, 'GET', `/keys?account=${email}`);
    say('command line', { hit, is, exists: keys.length === 1, answered: false });
    assert.ok(is);
    assert.equal(keys.length, call === 'pwrite64' ? 0 : 1);
    for (const key of keys) assert.deepEqual(key.scopes.map(({ scope }) => scope).sort(), [...SCOPES].sort());
    rig.keyCount += keys.length;
  }
});

test('in the end each key has its line, its event, its link, and no other has any', { timeout: 120_000, skip }, async () => {
  const rows = (sql) => execFileSync('sqlite3', ['-readonly', '-json', join(rig.dataFolder, 'authority.db'), sql], { encoding: 'utf8' });
  const many = (sql) => JSON.parse(rows(sql) || '[]');
  const names = many(`SELECT id, label FROM api_key WHERE label LIKE 'kill %' ORDER BY id`);
  const ids = names.map(({ id }) => id);
  const of = (table, column, where) => many(`SELECT ${column} AS id FROM ${table} WHERE ${where} ORDER BY ${column}`).map(({ id }) => id)
    .filter((id) => !rig.keys.some(({ key }) => key.includes(id)));
  assert.ok(ids.length > 1);
  assert.deepEqual(of('event', 'api_key', 'kind = 1'), ids, 'one event "key created" each');
  assert.deepEqual(of('link', 'api_key', `purpose = 3`), ids, 'one link for the withdrawals each');
  assert.equal(many('SELECT COUNT(*) AS n FROM api_key')[0].n, many('SELECT SUM(keys) AS n FROM api_key_count')[0].n, 'the kept counts are right');
  await quiet();
  await eventually('the change log has all', async () => {
    const { stdout } = await rig.cli(['audit', 'list', '--env', 'sandbox', '--limit', '1000000', '--json']);
    const lines = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter(({ what, after: { label } = {} }) => what === 'key issued' && /^kill /.test(label));
    return lines.length >= ids.length && assert.deepEqual(lines.map(({ after: { label } }) => label).sort(), names.map(({ label }) => label).sort()) === undefined;
  });
  for (const [label, answer] of told) {
    if (answer) assert.equal((await rig.call(answer, { path: WALLETS })).status, 200, label);
  }
  const verified = await rig.cli(['audit', 'verify']);
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
});
