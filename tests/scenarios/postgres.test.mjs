/* The store on a real PostgreSQL server, in a folder of its own and on a Unix socket: the unit tests
 * that reach the store, each in a schema of its own, and the authority, whose server dies. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FULL, ask, openAccount } from './authority.mjs';
import { latchkey, request, run } from './harness.mjs';
import { Piece, eventually } from './rig.mjs';

/* Every unit test above the store; those of one driver alone bring their own database. */
const unitTests = readdirSync(join(dirname(latchkey), 'tests'))
  .filter((name) => /^(store|authority|portal)_\w+_test$/.test(name) && !/^store_driver_\w+_test$/.test(name));

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));
const versions = '/usr/lib/postgresql';
const bin = join(versions, readdirSync(versions).at(-1), 'bin');
/* The server refuses to run as root. */
const [uid, gid] = userInfo().uid === 0
  ? ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres'])))
  : [userInfo().uid, userInfo().gid];
const as = userInfo().uid === 0 ? ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'] : [];

let folder, server, uri;
const control = (...words) => {
  const [program, ...args] = [...as, join(bin, words[0]), ...words.slice(1)];
  return execFileSync(program, args, { cwd: server, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
};
/* Processes are killed here, no power is cut: without fsync all of it takes a third of the time. */
const serverStart = () => control('pg_ctl', '-D', join(server, 'data'), '-w', '-l', join(server, 'log'), '-o',
  `-k ${server} -c listen_addresses= -c max_connections=40 -c fsync=off`, 'start');
const serverStop = (mode) => control('pg_ctl', '-D', join(server, 'data'), '-w', '-m', mode, 'stop');
const sql = (text) => control('psql', '-h', server, '-U', 'latchkey', '-d', 'latchkey', '-At', '-c', text).trim();

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'lk-'));
  server = mkdtempSync(join(tmpdir(), 'lk-pg-'));
  chownSync(server, uid, gid);
  control('initdb', '-D', join(server, 'data'), '-U', 'latchkey', '--locale=C', '-E', 'UTF8', '-A', 'trust');
  serverStart();
  control('createdb', '-h', server, '-U', 'latchkey', 'latchkey');
  uri = `postgresql:///latchkey?host=${server}&user=latchkey`;
});
after(() => {
  if (existsSync(join(server, 'data/postmaster.pid'))) serverStop('immediate');
  for (const each of [folder, server, join('/dev/shm', basename(folder))]) rmSync(each, { recursive: true, force: true });
});

test('what the store promises holds on PostgreSQL', { concurrency: 4 }, async (t) => {
  assert.ok(unitTests.length > 50);
  await Promise.all(unitTests.map((name) => t.test(name, async () => {
    const { code, stdout, stderr } = await run(join(dirname(latchkey), 'tests', name), [], { env: { LATCHKEY_TEST_DATABASE: uri, LATCHKEY_FIXTURES: fixtures } });
    assert.equal(code, 0, stdout + stderr);
  })));
});

const authorityOf = (name, database) => new Piece(name, () => [latchkey, 'authority', '--data', join(folder, name), '--run', join(folder, `${name}-run`),
  '--segments', join('/dev/shm', basename(folder)), '--keys', '100', '--database', database], /authority: ready/);
const upOf = (name) => ({ runFolder: join(folder, `${name}-run`) });

test('an authority keeps its people there, and outlives its server', async () => {
  mkdirSync(join(folder, 'one'), { mode: 0o700 });
  const authority = authorityOf('one', uri), up = upOf('one');
  await authority.start();
  try {
    const owner = await openAccount(up, 'ada@example.com');
    const [key] = await owner.issue({ environment: 'sandbox', scopes: FULL });
    assert.equal(sql(`SELECT count(*) FROM api_key WHERE id = '${key.key.slice(9, 25)}' AND state = 1`), '1');
    assert.equal(sql(`SELECT count(*) FROM api_key WHERE position('${key.secret.slice(9, 49)}'::bytea IN secret_sealed) > 0`), '0');

    await authority.kill();
    await authority.start();
    assert.equal((await ask(up, 'GET', `/keys/${key.key}`)).state, 'active');

    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'latchkey'");
    assert.equal((await ask(up, 'GET', `/keys/${key.key}`)).state, 'active', 'a connection that ended between two calls costs nothing');

    serverStop('immediate');
    const reply = await request('http://authority/accounts', { socketPath: join(up.runFolder, 'authority.sock') });
    assert.equal(reply.status, 503, reply.text);
    serverStart();
    await eventually('the store answers again', async () =>
      (await request('http://authority/accounts', { socketPath: join(up.runFolder, 'authority.sock') })).status === 200);
    await ask(up, 'POST', `/keys/${key.key}/revoke`, { reason: 'owner' });
    assert.equal((await ask(up, 'GET', `/keys/${key.key}`)).state, 'revoked');
  } finally {
    await authority.kill('SIGTERM');
  }
});

test('two authorities never share one database', async () => {
  for (const name of ['first', 'second']) mkdirSync(join(folder, name), { mode: 0o700 });
  sql('CREATE SCHEMA shared');
  const [first, second] = ['first', 'second'].map((name) => authorityOf(name, `${uri}&options=-csearch_path%3Dshared`));
  await first.start();
  try {
    await second.start({ wait: false });
    assert.notEqual((await second.ended).code, 0);
    assert.match(second.journal, /held by another authority: stop that one first/);
  } finally {
    await first.kill('SIGTERM');
  }
});

test('a database that cannot do is refused in words', async () => {
  control('createdb', '-h', server, '-U', 'latchkey', '--template=template0', '--encoding=LATIN1', '--locale=C', 'latin');
  mkdirSync(join(folder, 'third'), { mode: 0o700 });
  for (const [database, words] of [
    [`postgresql:///latin?host=${server}&user=latchkey`, /--locale=C --encoding=UTF8/],
    [`postgresql://latchkey:hunter2@/latchkey?host=${server}`, /passfile=/],
    [`postgresql:///latchkey?host=${folder}`, /PostgreSQL: /],
    ['postgresql:///latchkey?hots=x', /invalid URI query parameter/]]) {
    const authority = authorityOf('third', database);
    await authority.start({ wait: false });
    assert.notEqual((await authority.ended).code, 0);
    assert.match(authority.journal, words);
    assert.ok(!authority.journal.includes('hunter2'));
  }
});
