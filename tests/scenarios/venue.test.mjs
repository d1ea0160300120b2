/* The gate in front of another venue's API: packaging/examples/own-venue as it stands, but for
 * ports and paths.  And whose word about the client's address is believed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { FULL, auditSize, openAccount, recordsFrom } from './authority.mjs';
import { awaitFolder, freePorts, latchkey, request, run, startUp } from './harness.mjs';

const example = fileURLToPath(new URL('../../packaging/examples/own-venue', import.meta.url));
const module = process.env.LATCHKEY_MODULE ?? join(latchkey, '../ngx_http_latchkey_module.so');
let up, keys, venue, seen, nginx, folder, ports, first;
const wanted = new Map(); // request id → verdict, address or more that its record has

/* The example's file with the paths and ports of this run. */
function configuration(text) {
  return text.replace(/^load_module .*$/m, `load_module "${module}";`)
    .replace(/^user .*$/m, `user ${userInfo().username};`).replace(/^pid .*$/m, `pid ${folder}/nginx.pid;`)
    .replace(/^error_log .*$/m, `error_log ${folder}/error.log notice;`)
    .replaceAll('/run/latchkey/segments', up.segmentsFolder).replace('/etc/latchkey/gateway.key', `${up.dir}/data/gateway.key`).replaceAll('/etc/nginx/server', `${up.dir}/data/tls/server`)
    .replaceAll('127.0.0.1:9000', `127.0.0.1:${venue.address().port}`).replace('worker_processes 2', 'worker_processes 1')
    .replace(/listen (8\d\d\d)/g, (_, port) => `listen ${ports[port]}`);
}

before(async () => {
  up = await startUp();
  first = await auditSize(up);
  const owner = await openAccount(up, 'own@example.com');
  const issued = await owner.issue({ environment: 'sandbox', scopes: FULL },
    { environment: 'sandbox', scopes: ['wallets:read'] },
    { environment: 'sandbox', scopes: FULL, ip_rules: ['198.51.100.0/24', '2001:db8::/32'] });
  keys = { full: issued[0], reader: issued[1], elsewhere: issued[2], owner };
  seen = [];
  venue = http.createServer((r, reply) => {
    let body = '';
    r.on('data', (part) => { body += part; });
    r.on('end', () => {
      seen.push({ method: r.method, url: r.url, headers: r.headers, body });
      reply.setHeader('content-type', 'application/json').end(JSON.stringify({ account: r.headers['x-latchkey-account'] ?? null }));
    });
  });
  await new Promise((listening) => { venue.listen(0, '127.0.0.1', listening); });
  folder = mkdtempSync(join(tmpdir(), 'lk-venue-'));
  cpSync(example, join(folder, 'own-venue'), { recursive: true });
  const [a, b, c, d] = await freePorts(4);
  ports = { 8443: a, 8444: b, 8445: c, 8080: d };
  writeFileSync(join(folder, 'nginx.conf'), configuration(readFileSync(join(example, 'nginx.conf'), 'utf8')));
  nginx = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'], { stdio: ['ignore', 'ignore', 'pipe'] });
  nginx.ended = new Promise((resolve) => { nginx.once('close', resolve); });
  nginx.stderr.on('data', (text) => process.stderr.write(text));
  await Promise.race([awaitFolder(folder, () => existsSync(join(folder, 'nginx.pid'))), nginx.ended.then((code) => { throw new Error(`nginx ended with ${code}`); })]);
});
after(async () => {
  nginx?.kill('SIGTERM');
  await nginx?.ended;
  venue?.closeAllConnections();
  venue?.close();
  await up?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

let nonce = Date.now() * 1000;
function signed({ key, secret }, path, body = '') {
  nonce += 1;
  return { 'acme-apikey': key, 'acme-nonce': String(nonce), 'acme-signature': createHmac('sha384', secret).update(`${path}${nonce}${body}`).digest('hex') };
}

async function call(expected, method, path, { port = 8443, headers = {}, ...more } = {}) {
  const reply = await request(`https://127.0.0.1:${ports[port]}${path}`, { ca: up.ca, method, headers, ...more });
  wanted.set(reply.headers['x-request-id'], expected);
  return reply;
}

test('a signed request of the other venue arrives with the identity of its account', async () => {
  const reply = await call({ verdict: 'pass', status: 200, path: '/balances' }, 'GET', '/balances?all=1', {
    headers: { ...signed(keys.full, '/balances'), 'x-latchkey-account': '1' } });
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.json.account, String(keys.owner.id));
  const { headers, url } = seen.at(-1);
  assert.equal(url, '/balances?all=1');
  assert.equal(headers['x-latchkey-key'], keys.full.key);
  assert.match(headers['x-latchkey-scopes'], /wallets:read/);
  assert.equal(headers['x-latchkey-request-id'], reply.headers['x-request-id']);
});

test('scopes, order words and unknown paths are those of the table', async () => {
  const body = '{"pair":"BTC-USD"}';
  const order = await call({ verdict: 'pass' }, 'POST', '/orders', { body, headers: signed(keys.full, '/orders', body) });
  assert.equal(order.status, 200, order.text);
  assert.equal(seen.at(-1).body, body);
  assert.equal((await call({ verdict: 'pass' }, 'DELETE', '/orders/7', { headers: signed(keys.full, '/orders/7') })).status, 200);
  const missing = await call({ verdict: 'scope-missing' }, 'GET', '/orders', { headers: signed(keys.reader, '/orders') });
  assert.deepEqual(missing.json, ['error', 10001, 'api_key: permission invalid: needs orders:read']);
  assert.equal((await call({ verdict: 'pass' }, 'GET', '/ticker/BTC-USD')).json.account, null);
  assert.equal((await call({ verdict: 'headers-malformed' }, 'GET', '/balances')).status, 401);
  const before = seen.length;
  for (const path of ['/nope', '/orders/..', '/ticker/a%2Fb', '/ticker/./x', '/v2/platform/status']) {
    assert.equal((await call({ verdict: 'route-unknown' }, 'GET', '/', { path })).status, 404, path);
  }
  assert.equal(seen.length, before, 'nothing refused went up');
});

test('an announced end is on each reply, and at the sunset it is the end', async () => {
  const gone = await call({ verdict: 'route-retired' }, 'GET', '/rates/BTC-USD');
  assert.equal(gone.status, 410);
  assert.deepEqual(gone.json, { message: 'endpoint retired: use /ticker' });
  assert.deepEqual([gone.headers.deprecation, gone.headers.sunset, gone.headers.link],
    ['@1546300800', 'Wed, 01 Jan 2020 00:00:00 GMT', '</ticker>; rel="successor-version"']);
  const still = await call({ verdict: 'pass' }, 'GET', '/quotes/BTC-USD');
  assert.equal(still.status, 200);
  assert.deepEqual([still.headers.deprecation, still.headers.sunset, still.headers.link],
    ['@1767225600', 'Thu, 01 Jan 2099 00:00:00 GMT', '</ticker>; rel="successor-version"']);
  const retired = await call({ verdict: 'route-retired' }, 'PUT', '/chat/a/b');
  assert.deepEqual([retired.status, retired.json.message, retired.headers.link], [410, 'endpoint retired', undefined]);
});

test('a dry run decides, says and records, and lets pass as nobody', async () => {
  const wrong = { ...signed(keys.full, '/elsewhere'), 'x-latchkey-account': '1' };
  const reply = await call({ verdict: 'signature-wrong', status: 200, dry_run: true }, 'GET', '/quotes/BTC-USD', { headers: wrong });
  assert.deepEqual([reply.status, reply.json.account, reply.headers['latchkey-verdict']], [200, null, 'not-authentic']);
  assert.equal(reply.headers.deprecation, '@1767225600', 'refused ones say it too');
  assert.equal(seen.at(-1).headers['acme-signature'], wrong['acme-signature'], 'the upstream can still check for itself');
  const good = await call({ verdict: 'pass', dry_run: true }, 'GET', '/quotes/BTC-USD', { headers: signed(keys.full, '/quotes/BTC-USD') });
  assert.deepEqual([good.json.account, good.headers['latchkey-verdict']], [String(keys.owner.id), 'pass']);
});

/* ---- addresses ---- */

const from = (address) => ({ 'x-forwarded-for': address });
const balances = (more) => ({ ...more, headers: { ...signed(keys.elsewhere, '/balances'), ...more?.headers } });

test('X-Forwarded-For is not believed unless it is configured', async () => {
  const reply = await call({ verdict: 'address-refused', address: '127.0.0.1' }, 'GET', '/balances', balances({ headers: from('198.51.100.7') }));
  assert.deepEqual(reply.json, ['error', 10100, 'apikey: ip not allowed: 127.0.0.1']);
});

test('a configured proxy is believed, and nobody else', async () => {
  const through = (address, more) => balances({ port: 8444, headers: from(address), ...more });
  for (const [said, address] of [['198.51.100.7', '198.51.100.7'], ['::ffff:198.51.100.8', '198.51.100.8'], ['2001:db8::7', '2001:db8::7']]) {
    const reply = await call({ verdict: 'pass', address }, 'GET', '/balances', through(said));
    assert.equal(reply.status, 200, `${said}: ${reply.text}`);
  }
  const other = await call({ verdict: 'address-refused', address: '203.0.113.9' }, 'GET', '/balances', through('::ffff:203.0.113.9'));
  assert.deepEqual(other.json, ['error', 10100, 'apikey: ip not allowed: 203.0.113.9']);
  const stranger = await call({ verdict: 'address-refused', address: '127.0.0.9' }, 'GET', '/balances', through('198.51.100.7', { localAddress: '127.0.0.9' }));
  assert.deepEqual(stranger.json, ['error', 10100, 'apikey: ip not allowed: 127.0.0.9']);
});

/* One signed request after a PROXY header. */
function proxied(header, localAddress) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: '127.0.0.1', port: ports[8445], localAddress }, () => {
      socket.write(header);
      const secure = tls.connect({ socket, ca: up.ca, servername: 'localhost', checkServerIdentity: () => undefined }, () => {
        const lines = Object.entries(signed(keys.elsewhere, '/balances')).map(([name, value]) => `${name}: ${value}\r\n`).join('');
        secure.write(`GET /balances HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${lines}\r\n`);
      });
      let text = '';
      secure.setEncoding('utf8').on('data', (part) => { text += part; }).once('error', reject).once('close', () => resolve(text));
    }).once('error', reject);
  });
}

/* Version 2 of the protocol, for IPv4 (HAProxy, proxy-protocol.txt, section 2.2). */
function version2(address) {
  const quad = (text) => text.split('.').map(Number);
  return Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11, 0, 12,
    ...quad(address), ...quad('192.0.2.1'), 0x30, 0x39, 0x01, 0xbb]);
}

test('the PROXY protocol, both versions, from a configured proxy only', async () => {
  const rows = [
    ['PROXY TCP4 198.51.100.20 192.0.2.1 12345 443\r\n', undefined, '198.51.100.20', 'pass', 200],
    ['PROXY TCP6 2001:db8::20 2001:db8::1 12345 443\r\n', undefined, '2001:db8::20', 'pass', 200],
    ['PROXY TCP6 ::ffff:198.51.100.21 2001:db8::1 12345 443\r\n', undefined, '198.51.100.21', 'pass', 200],
    [version2('198.51.100.22'), undefined, '198.51.100.22', 'pass', 200],
    [version2('203.0.113.22'), undefined, '203.0.113.22', 'address-refused', 500],
    [version2('198.51.100.23'), '127.0.0.9', '127.0.0.9', 'address-refused', 500],
  ];
  for (const [header, localAddress, address, verdict, status] of rows) {
    const reply = await proxied(header, localAddress);
    assert.match(reply, new RegExp(`^HTTP/1.1 ${status}`), `${address}: ${reply}`);
    wanted.set(/x-request-id: (\w+)/i.exec(reply)[1], { verdict, address });
    await new Promise((over) => { setTimeout(over, 210); }); // five a second
  }
});

test('every one of them left the record that it should', async () => {
  const records = await recordsFrom(up, first, (some) => some.filter(({ request_id: id }) => wanted.has(id)).length >= wanted.size);
  const byId = new Map(records.map((record) => [record.request_id, record]));
  for (const [id, expected] of wanted) {
    const record = byId.get(id);
    for (const [name, value] of Object.entries({ dry_run: record.path.startsWith('/quotes/'), ...expected })) {
      assert.equal(record[name], value, `${name} of ${JSON.stringify(record)}`);
    }
  }
  const { stdout } = await up.cli(['audit', 'list', '--path', '/quotes/*']);
  assert.match(stdout, /signature-wrong \(dry run\)/);
});

test('what is wrong with a configuration is said with its line', async () => {
  const good = readFileSync(join(folder, 'nginx.conf'), 'utf8');
  const routes = readFileSync(join(example, 'routes'), 'utf8');
  const bad = join(folder, 'bad.conf'), badRoutes = join(folder, 'bad.routes');
  const lineOf = (text, word) => text.slice(0, text.indexOf(word)).split('\n').length;
  const check = async (from_, to, ...words) => {
    const text = good.replace(from_, to);
    assert.notEqual(text, good);
    writeFileSync(bad, text);
    const { stderr } = await run('nginx', ['-t', '-p', folder, '-c', bad]);
    for (const word of words) assert.ok(stderr.includes(typeof word === 'function' ? word(text) : word), `${to}: ${stderr}`);
  };
  const at = (word) => (text) => `in ${bad}:${lineOf(text, word)}`;
  const live = /latchkey_segment live [^\n]*/, sandbox = /latchkey_segment sandbox [^\n]*/;
  await check(live, 'latchkey_segment live;', '"latchkey_segment live" lacks the path', at('latchkey_segment live'));
  await check(live, 'latchkey_segment live here.seg;', '"here.seg" is not an absolute path', at('here.seg'));
  await check(live, 'latchkey_segment test /x;', '"test" is neither "live" nor "sandbox"', at('segment test'));
  await check(sandbox, '', '"latchkey sandbox" has no segment', 'latchkey_segment sandbox PATH;', at('latchkey sandbox;'));
  await check('latchkey sandbox;', 'latchkey sandbx;', '"latchkey sandbx" is none of off, live, sandbox and tripwire', at('sandbx'));
  await check('latchkey sandbox;', 'latchkey sandbox; latchkey live;', '"latchkey" directive is said twice here', at('latchkey live;'));
  await check('latchkey_dry_run on', 'latchkey_dry_run maybe', 'it must be "on" or "off"', at('maybe'));
  await check('own-venue/routes', 'own-venue/none', 'the routes in', 'cannot be read', at('own-venue/none'));
  await check(/listen \d+ ssl http2/, (text) => text.replace(' ssl http2', ''), '[warn]', 'listens without "ssl"', at('latchkey sandbox;'));
  await check(/listen (\d+);/, 'listen $1 ssl;', '[warn]', '"latchkey tripwire" in a server that listens with "ssl"', at('latchkey tripwire'));
  await check(/error_page 400 [^\n]*/, '', '[warn]', 'no error_page for 400 413 414 502 503 504', at('latchkey sandbox;'));
  mkdirSync(join(folder, 'empty'), { recursive: true });
  await check('own-venue/routes', 'empty', 'is no file of at most', at('empty;'));
  writeFileSync(badRoutes, routes.replace('orders:write   order', 'orders:wrte    order'));
  await check('own-venue/routes', badRoutes, `${badRoutes}:${lineOf(routes, 'ORDER_NEW')}: "orders:wrte" is no scope`, at('bad.routes'));
  const { stderr } = await run('nginx', ['-t', '-p', folder, '-c', join(folder, 'nginx.conf')]);
  assert.doesNotMatch(stderr, /latchkey.* in /, 'the example itself is without a warning');
});
