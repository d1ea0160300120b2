/* What an operator runs beside the gateway: metrics, dashboard and alerts, the journal as JSON, the
 * units of systemd, users of their own for each process. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FULL, openAccount, until } from './authority.mjs';
import { awaitFolder, freePorts, latchkey, request, run, startUp } from './harness.mjs';

const packaging = fileURLToPath(new URL('../../packaging', import.meta.url));
const read = (name) => readFileSync(join(packaging, name), 'utf8');
const has = (program) => { try { execFileSync('which', [program]); return true; } catch { return false; } };

let up, key, stranger;
before(async () => {
  up = await startUp({ env: { LATCHKEY_JOURNAL: 'json' } });
  const owner = await openAccount(up, 'metrics@example.com');
  [key] = await owner.issue({ environment: 'sandbox', scopes: FULL });
  stranger = { ...key, secret: key.secret.replace(/.$/, '_') };
});
after(async () => { await up?.stop(); });

/* Series by their full name, labels in the order they are written. */
async function metrics() {
  const reply = await up.get('live', 'metrics');
  assert.equal(reply.status, 200, reply.text);
  assert.match(reply.headers['content-type'], /^text\/plain; version=0\.0\.4/);
  const series = new Map();
  for (const line of reply.text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name, value] = /^([a-z_]+(?:\{(?:[a-z]+="[^"\\]*",?)+\})?) (\S+)$/.exec(line) ?? assert.fail(line);
    assert.ok(!series.has(name) && Number.isFinite(Number(value)), line);
    series.set(name, Number(value));
  }
  return { series, text: reply.text };
}

const decisions = (verdict) => `latchkey_decisions_total{environment="sandbox",verdict="${verdict}"}`;
const duration = (outcome, part) => `latchkey_request_duration_seconds_${part}{environment="sandbox",outcome="${outcome}"}`;

test('each request is counted once, by verdict and latency, when its record is on disk', async () => {
  const { series: first } = await metrics();
  for (let i = 0; i < 3; i++) assert.equal((await up.call('sandbox', key, 'v2/auth/r/wallets')).status, 200);
  assert.equal((await up.call('sandbox', key, 'v2/auth/r/wallets', {}, { nonce: 1 })).json[1], 10114);
  assert.equal((await up.call('sandbox', stranger, 'v2/auth/r/wallets')).status, 401);
  let last = first;
  const grown = (name) => last.get(name) - first.get(name);
  const counted = () => grown(duration('passed', 'count')) + grown(duration('refused', 'count'));
  for (const give_up = Date.now() + 60_000; counted() < 5; last = (await metrics()).series) assert.ok(Date.now() < give_up, `${counted()}`);
  assert.equal(grown(decisions('pass')), 3);
  assert.equal(grown(decisions('nonce-small')), 1);
  assert.equal(grown(decisions('signature-wrong')), 1);
  assert.equal(grown(duration('passed', 'count')), 3);
  assert.equal(grown(duration('refused', 'count')), 2);
  assert.ok(grown(duration('passed', 'sum')) > 0);
});

test('buckets add up, and the state of slots, log and segments is told', async () => {
  const { series, text } = await metrics();
  for (const outcome of ['passed', 'refused']) {
    const bound = /le="([^"]+)"/;
    const buckets = [...series].filter(([name]) => name.startsWith('latchkey_request_duration_seconds_bucket')
      && name.includes(`environment="sandbox",outcome="${outcome}"`));
    assert.equal(buckets.at(-1)[0].match(bound)[1], '+Inf');
    assert.ok(buckets.every(([, count], i) => i === 0 || count >= buckets[i - 1][1]));
    assert.equal(buckets.at(-1)[1], series.get(duration(outcome, 'count')));
  }
  assert.ok(series.get('latchkey_audit_slots{environment="sandbox",state="free"}') > 0);
  assert.ok(series.get('latchkey_gateway_workers{environment="sandbox"}') >= 1);
  assert.ok(series.get('latchkey_segment_keys{environment="sandbox"}') >= 1);
  assert.equal(series.get('latchkey_audit_failing'), 0);
  await until(up, '/status', ({ audit }) => audit.checkpoint_size === audit.size);
  const signed = (await metrics()).series;
  assert.equal(signed.get('latchkey_audit_records'), signed.get('latchkey_audit_checkpoint_records'));
  if (has('promtool')) {
    const { code, stdout, stderr } = await run('promtool', ['check', 'metrics'], { input: text });
    assert.equal(code, 0, stdout + stderr);
  }
});

test('a witness sees head and hashes through nginx, and nothing that is private', async () => {
  const state = mkdtempSync(join(tmpdir(), 'witness-'));
  try {
    const address = `https://127.0.0.1:${up.ports.live}/log`;
    const looked = await run(latchkey, ['witness', '--once', '--audit', address, '--ca', up.demo.ca, '--state', state]);
    assert.equal(looked.code, 0, looked.stderr);
  } finally {
    rmSync(state, { recursive: true });
  }
  assert.match((await up.get('live', 'log/checkpoint')).text, /^latchkey\/audit\n\d+\n/);
  for (const path of ['log/tile/entries/000', 'log/tile/entries/000.p/1', 'log/tile/0/../../audit.key', 'log/00000000.log', 'log/', 'log/index.sqlite', 'log/tile/0/%2e%2e/checkpoint'])
    assert.notEqual((await up.get('live', path)).status, 200, path);
  const { code, stdout } = await run('curl', ['-s', '-o', '-', '-w', '%{http_code}', '--unix-socket', join(up.runFolder, 'gateway.sock'), 'http://x/keys']);
  assert.equal(code, 0);
  assert.match(stdout, /404$/);
});

test('dashboard and alerts ask for series that are there', async () => {
  const { series } = await metrics();
  const known = new Set([...series.keys()].map((name) => name.replace(/\{.*/, '')));
  const dashboard = JSON.parse(read('monitoring/grafana-dashboard.json'));
  const queries = [...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...read('monitoring/latchkey-alerts.yml').matchAll(/expr: (.*)/g)].map(String);
  assert.ok(queries.length > 15);
  for (const query of queries)
    for (const [name] of query.matchAll(/latchkey_[a-z_]+/g)) assert.ok(known.has(name), `${name} in ${query}`);
  for (const [, verdict] of queries.join('\n').matchAll(/verdict="([a-z-]+)"/g)) assert.ok(series.has(decisions(verdict)), verdict);
  if (has('promtool')) {
    const { code, stdout, stderr } = await run('promtool', ['check', 'rules', join(packaging, 'monitoring/latchkey-alerts.yml')]);
    assert.equal(code, 0, stdout + stderr);
  }
});

test('the journal is one JSON object a line', () => {
  const logs = readdirSync(up.runFolder).filter((name) => /^(authority|exchange-.*)\.log$/.test(name));
  assert.equal(logs.length, 3);
  for (const name of logs) {
    const lines = readFileSync(join(up.runFolder, name), 'utf8').trim().split('\n');
    for (const line of lines) {
      const { at, level, part, message } = JSON.parse(line);
      assert.ok(Date.parse(at) > 0 && ['error', 'warn', 'info'].includes(level) && part && message, line);
    }
  }
});

test('systemd accepts the units, and finds them tight', { skip: !has('systemd-analyze') && 'no systemd-analyze here' }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'units-'));
  try {
    cpSync(join(packaging, 'systemd'), folder, { recursive: true });
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.service'))) {
      const unit = join(folder, name);
      writeFileSync(unit, readFileSync(unit, 'utf8').replaceAll('/usr/bin/latchkey', latchkey));
      const named = name.replace('@.', '@live.');
      const verified = await run('systemd-analyze', ['verify', '--man=no', join(folder, named)]);
      assert.doesNotMatch(verified.stderr, new RegExp(`${name.split('.')[0]}.*(Unknown|not executable|Failed|ignoring)`), verified.stderr);
      const exposure = await run('systemd-analyze', ['security', '--offline=yes', '--threshold=15', join(folder, named)]);
      assert.equal(exposure.code, 0, exposure.stdout.split('\n').slice(-3).join('\n'));
      const flags = /ExecStart=([^\n]*(?:\\\n[^\n]*)*)/.exec(readFileSync(unit, 'utf8'))[1].match(/--[a-z-]+/g);
      const { stdout: help } = await run(latchkey, [/latchkey (\w+)/.exec(readFileSync(unit, 'utf8').split('ExecStart=')[1])[1], '--help']);
      for (const flag of flags) assert.ok(help.includes(flag), `${flag} in ${name}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/* As the units have it: authority, exchange and nginx's workers are three users, and what one may
 * not do the kernel refuses.  Changing users takes root. */
test('each process has a user of its own', { skip: process.getuid() !== 0 && 'needs root' }, async () => {
  const folder = mkdtempSync('/tmp/lk-users-'), [AUTHORITY, EXCHANGE] = [64701, 64702];
  const [gateway, group] = ['-u', '-g'].map((which) => Number(execFileSync('id', [which, 'www-data'])));
  const made = (name, uid, mode, gid = group) => {
    mkdirSync(join(folder, name));
    chownSync(join(folder, name), uid, gid);
    chmodSync(join(folder, name), mode);
    return join(folder, name);
  };
  const as = (uid, gid = uid) => ['--reuid', uid, '--regid', gid, '--clear-groups'].map(String);
  const children = [];
  const start = (name, command, args) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', openSync(join(folder, `${name}.log`), 'w')] });
    children.push(child);
    return child;
  };
  try {
    chmodSync(folder, 0o755);
    const data = made('data', AUTHORITY, 0o700, AUTHORITY), orders = made('orders', EXCHANGE, 0o700, EXCHANGE);
    const runs = made('run', AUTHORITY, 0o2750), venue = made('venue', EXCHANGE, 0o2750), segments = made('segments', AUTHORITY, 0o2750);
    const door = join(made('door', AUTHORITY, 0o2750, 65534), 'authority.sock');
    for (const file of [latchkey, process.env.LATCHKEY_MODULE]) cpSync(file, join(folder, basename(file)));
    const program = join(folder, basename(latchkey));
    start('authority', 'setpriv', [...as(AUTHORITY), program, 'authority', '--data', data, '--run', runs,
      '--segments', segments, '--gateway-user', 'www-data', '--keys', '1000', '--scanner-user', 'nobody', '--scanner-socket', door]);
    start('exchange', 'setpriv', [...as(EXCHANGE), program, 'exchange', '--environment', 'sandbox', '--data', orders,
      '--run', venue, '--gateway-user', 'www-data', '--market', 'off']);
    await awaitFolder(runs, () => existsSync(join(runs, 'authority.sock')));
    await awaitFolder(venue, () => existsSync(join(venue, 'exchange-sandbox.sock')));
    const [port] = await freePorts(1);
    writeFileSync(join(folder, 'nginx.conf'), `load_module ${join(folder, basename(process.env.LATCHKEY_MODULE))};
      user www-data; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log notice; events {}
      http { latchkey_segment sandbox ${segments}/sandbox.seg; access_log off;
        server { listen 127.0.0.1:${port}; latchkey tripwire; location / { } } }`);
    start('nginx', '/usr/sbin/nginx', ['-c', join(folder, 'nginx.conf')]);
    await awaitFolder(folder, () => existsSync(join(folder, 'nginx.pid')) && readFileSync(join(folder, 'nginx.pid'), 'utf8') !== '');
    const curl = (uid, gid, socket, path) => run('setpriv', [...as(uid, gid), 'curl', '-s', '-o', '-', '-w', ' %{http_code}', '--unix-socket', socket, `http://x${path}`]);
    const exchange = join(venue, 'exchange-sandbox.sock'), console_ = join(runs, 'authority.sock'), numbers = join(runs, 'gateway.sock');
    assert.match((await curl(gateway, group, exchange, '/v2/platform/status')).stdout, / 200$/);
    assert.match((await curl(gateway, group, numbers, '/metrics')).stdout, / 200$/);
    assert.match((await curl(gateway, group, console_, '/status')).stdout, / 000$/, 'the gateway is no operator');
    assert.match((await curl(EXCHANGE, group, numbers, '/metrics')).stdout, / 403$/, 'its group is not enough');
    assert.match((await curl(65534, 65534, exchange, '/v2/platform/status')).stdout, / 000$/);
    assert.match((await curl(65534, 65534, door, '/status')).stdout, / 404$/, 'a scanner is no operator');
    assert.match((await curl(65534, 65534, door, '/leaks')).stdout, / 404$/, 'and learns nothing');
    assert.match((await run('setpriv', [...as(65534), 'curl', '-s', '-w', ' %{http_code}', '--unix-socket', door, '-d', '{}', 'http://x/leaks'])).stdout, /findings-count.* 400$/);
    assert.match((await curl(EXCHANGE, EXCHANGE, door, '/leaks')).stdout, / 000$/);
    const key = 'lki_test_yn8bSnYaGdC8kiho1zVmhT';
    const reply = await request(`http://127.0.0.1:${port}/v2/auth/r/wallets`, { method: 'POST', headers: { 'bfx-apikey': key } });
    assert.equal(reply.status, 403, reply.text);
    const id = reply.headers['x-request-id'];
    const listed = async () => JSON.parse((await run('curl', ['-s', '--unix-socket', console_, 'http://x/audit?limit=100'])).stdout).records;
    let records = [];
    for (const give_up = Date.now() + 60_000; !records.some(({ request_id }) => request_id === id); records = await listed())
      assert.ok(Date.now() < give_up, `no record ${id} of ${JSON.stringify(records)}`);
  } finally {
    const ended = children.map((child) => new Promise((resolve) => { child.once('close', resolve); child.kill('SIGTERM'); if (child.exitCode !== null) resolve(); }));
    await Promise.all(ended);
    rmSync(folder, { recursive: true });
  }
});
