/* Bytes that are no request, and workers that come and go: the gateway answers or closes within a
 * bound, no worker dies of it, and whatever was answered stands in the log. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, readlinkSync, unlinkSync } from 'node:fs';
import http2 from 'node:http2';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import tls from 'node:tls';
import { FULL, ask, auditSize, openAccount, recordsFrom, until } from './authority.mjs';
import { run, sign, startUp } from './harness.mjs';

const WALLETS = 'v2/auth/r/wallets';
const STATUS = 'v2/platform/status';
const SUBMIT = 'v2/auth/w/order/submit';
const BOUND_MS = 12_000; // less than the 15 s that nginx waits for a header

let up, keys;

before(async () => {
  up = await startUp();
  const owner = await openAccount(up, 'wire@example.com');
  keys = await owner.issue(...Array.from({ length: 6 }, () => ({ environment: 'sandbox', scopes: FULL })));
});
after(async () => { await up?.stop(); });

/* Direct children of nginx's master. */
function workers() {
  const master = up.pids.nginx;
  return readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').trim().split(' ').map(Number).sort();
}

/* An address that has asked for nothing yet: anonymous rates are per address. */
let hosts = 0;
function freshAddress() {
  hosts += 1;
  return `127.7.${hosts >> 8}.${hosts & 255}`;
}

const isServed = async () => (await up.get('sandbox', STATUS, { localAddress: freshAddress() })).status === 200;

function connect(port, { plain = false, alpn } = {}) {
  const options = { host: '127.0.0.1', port, localAddress: freshAddress() };
  return plain ? net.connect(options)
    : tls.connect({ ...options, ca: up.ca, ALPNProtocols: alpn });
}

/* What comes back for these bytes until the gateway closes the connection, or until it is `enough`:
 * whoever does not send the body he announced is listened to for a while after the answer. */
function answerTo(bytes, { port = up.ports.sandbox, leave = false, bound = BOUND_MS, enough, ...more } = {}) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, more);
    const parts = [];
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`neither an end nor a close within ${bound} ms: ${Buffer.concat(parts).toString('latin1')}`));
    }, bound);
    const over = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(Buffer.concat(parts).toString('latin1'));
    };
    socket.on('data', (part) => {
      parts.push(part);
      if (enough?.test(Buffer.concat(parts).toString('latin1'))) over();
    }).on('error', over).once('end', over).once('close', over);
    socket.once(more.plain ? 'connect' : 'secureConnect', () => {
      socket.write(bytes);
      if (leave) socket.end();
    });
  });
}

const close = 'Host: x\r\nConnection: close\r\n';
const post = (more, body = '') => `POST /${WALLETS} HTTP/1.1\r\n${close}${more}\r\n${body}`;
const signed = (body) => Object.entries(sign(keys[0], WALLETS, body)).map(([name, value]) => `${name}: ${value}\r\n`).join('');

const chunked = 'Transfer-Encoding: chunked\r\n\r\n';
const large = `11170\r\n${'y'.repeat(0x11170)}\r\n0\r\n\r\n`;

const rows = () => [
  ['a line of words', 'Good morning, gateway\r\n\r\n', 400],
  ['zeros', Buffer.alloc(3000), 400],
  ['a method in small letters', `get /${STATUS} HTTP/1.1\r\n${close}\r\n`, 400],
  ['a version of the future', `GET /${STATUS} HTTP/9.9\r\n${close}\r\n`, 400],
  ['a NUL in the path', `GET /v2/\0 HTTP/1.1\r\n${close}\r\n`, 400],
  ['an escaped NUL in the path', `GET /v2/%00 HTTP/1.1\r\n${close}\r\n`, 400],
  ['a path above the root', `GET /../../etc/passwd HTTP/1.1\r\n${close}\r\n`, 400],
  ['no host', `GET /${STATUS} HTTP/1.1\r\nConnection: close\r\n\r\n`, 400],
  ['a NUL in a header', `GET /${STATUS} HTTP/1.1\r\n${close}x: a\0b\r\n\r\n`, 400],
  ['a header of 40 KB', `GET /${STATUS} HTTP/1.1\r\n${close}x: ${'y'.repeat(40_000)}\r\n\r\n`, 400],
  ['200 headers of 1 KB', `GET /${STATUS} HTTP/1.1\r\n${close}${`x: ${'y'.repeat(1000)}\r\n`.repeat(200)}\r\n`, 400],
  ['a path of 40 KB', `GET /${'p'.repeat(40_000)} HTTP/1.1\r\n${close}\r\n`, 400],
  ['a path of 2 KB, escaped', `GET /v2/${'%41'.repeat(2000)} HTTP/1.1\r\n${close}\r\n`, 404],
  ['a length of words', post('Content-Length: many\r\n'), 400],
  ['a negative length', post('Content-Length: -5\r\n'), 400],
  ['two lengths', post('Content-Length: 1\r\nContent-Length: 2\r\n', 'ab'), 400],
  ['a length and chunks', post('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'), 400],
  ['another transfer encoding', post('Transfer-Encoding: gzip\r\n', 'x'), 400],
  ['a length of 2^70', post(`${signed('')}Content-Length: 1180591620717411303424\r\n`), 400],
  ['a chunk of no size', post(`${signed('{}')}Transfer-Encoding: chunked\r\n`, 'zz\r\n{}\r\n0\r\n\r\n'), 400],
  ['a chunk that overflows', post(`${signed('{}')}Transfer-Encoding: chunked\r\n`, 'fffffffffffffffff\r\n{}\r\n'), 400],
  ['a body over the limit, never sent', post(`${signed('')}Content-Length: 70000\r\n`), 413, { enough: /"}$/ }],
  ['a public request with a chunk over the limit', `GET /${STATUS} HTTP/1.1\r\n${close}${chunked}${large}`, 413],
  ['a public request with a chunk of no size', `GET /${STATUS} HTTP/1.1\r\n${close}${chunked}zz\r\n`, 400],
  ['half a header, then gone', `POST /${WALLETS} HTTP/1.1\r\nHost`, undefined, { leave: true }],
  ['half a body, then gone', post(`${signed('{}')}Content-Length: 1000\r\n`, '{"half":'), undefined, { leave: true }],
  ['nothing at all', '', undefined, { leave: true }],
  ['plain words on the TLS port', 'Good morning, gateway\r\n\r\n', 400, { plain: true }],
  ['a body over the limit in the clear', post(`${signed('')}Content-Length: 70000\r\n`), 403, { plain: true, enough: /"}$/ }],
  ['a chunk over the limit in the clear', post(`${signed('')}${chunked.slice(0, -2)}`, large), 403, { plain: true }],
  ['a chunk of no size in the clear', post(`${signed('')}${chunked.slice(0, -2)}`, 'zz\r\n'), 400, { plain: true }],
  ['half a TLS greeting', Buffer.from('160301ffff01000000', 'hex'), undefined, { plain: true, leave: true }],
  ['words on the tripwire', 'Good morning, tripwire\r\n\r\n', 400, { plain: true, port: up.ports.tripwire }],
  ['a NUL on the tripwire', 'GET /\0 HTTP/1.1\r\n\r\n', 400, { plain: true, port: up.ports.tripwire }],
  ['HTTP/2 that is none', `GET /${STATUS} HTTP/1.1\r\n${close}\r\n`, undefined, { alpn: ['h2'] }],
  ['HTTP/2 with data on no stream', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x01\0\0\0\0\0\0x', 'latin1'), undefined, { alpn: ['h2'] }],
];

test('bytes that are no request: an answer or a close, and no worker dies of it', async () => {
  const pids = workers(), first = await auditSize(up), ids = new Set();
  for (const [what, bytes, status, options] of rows()) {
    const text = await answerTo(bytes, options);
    assert.deepEqual(workers(), pids, `${what}: a worker died`);
    if (status === undefined) {
      assert.doesNotMatch(text, /HTTP\/1.1 200/, what);
      continue;
    }
    assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `), `${what}: ${text.slice(0, 300)}`);
    assert.match(text, /\r\n\r\n\{"message":"[a-z ]+"\}$/, `${what}: ${text}`);
    const [, id] = /X-Request-Id: ([0-9a-f]{32})\r\n/.exec(text) ?? assert.fail(`${what}: ${text}`);
    ids.add(id);
  }
  assert.ok(await isServed());
  const own = (records) => records.filter(({ request_id: id }) => ids.has(id));
  const records = await recordsFrom(up, first, (some) => own(some).length >= ids.size);
  assert.ok(own(records).every(({ status }) => status >= 400 && status < 500));
});

test('a signed body in many small pieces is one body', async () => {
  const body = JSON.stringify({ note: 'x'.repeat(200) });
  /* Each piece is sent alone: the next one follows when this one has left. */
  const drip = async (stream) => {
    for (const letter of body) await new Promise((left) => { stream.write(letter, () => setImmediate(left)); });
  };
  const socket = connect(up.ports.sandbox);
  socket.setNoDelay(true);
  const one = new Promise((resolve, reject) => {
    socket.once('data', (text) => resolve(text.toString('latin1'))).once('error', reject);
  });
  const headers = (key) => Object.entries(sign(key, WALLETS, body)).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(`POST /${WALLETS} HTTP/1.1\r\n${close}${headers(keys[5])}Content-Length: ${body.length}\r\n\r\n`);
  await drip(socket);
  assert.match(await one, /^HTTP\/1\.1 200 /);

  const session = http2.connect(`https://127.0.0.1:${up.ports.sandbox}`, { ca: up.ca });
  const stream = session.request({ ':method': 'POST', ':path': `/${WALLETS}`, ...sign(keys[5], WALLETS, body) });
  const two = new Promise((resolve, reject) => {
    stream.once('response', resolve).once('error', reject).resume();
  });
  await drip(stream);
  stream.end();
  assert.equal((await two)[':status'], 200);
  session.close();
});

test('requests in one piece are answered one by one', async () => {
  const one = `GET /${STATUS} HTTP/1.1\r\nHost: x\r\n\r\n`;
  const text = await answerTo(`${one}${post('Content-Length: 2\r\nConnection: keep-alive\r\n', '{}').replace('Connection: close\r\n', '')}${one}GET /nonsense HTTP/1.1\r\n${close}\r\n`);
  assert.deepEqual([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status), ['200', '401', '200', '404'], text);
  assert.equal(new Set([...text.matchAll(/X-Request-Id: (\w+)/g)].map(([, id]) => id)).size, 4);
});

/* Sends an order and is gone, by a half-closed or a reset connection. */
function leave(headers, body, how) {
  const socket = connect(up.ports.sandbox);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return new Promise((resolve) => {
    socket.on('error', () => {}).once('close', resolve);
    socket.write(`POST /${SUBMIT} HTTP/1.1\r\nHost: x\r\n${lines}Content-Length: ${body.length}\r\n\r\n${body}`,
      () => (how % 4 === 1 ? socket.end() : socket.destroy()));
    socket.resume();
  });
}

/* The same by a stream of HTTP/2 that is reset. */
function leaveStream(headers, body) {
  const session = http2.connect(up.demo.sandbox.rest, { ca: up.ca });
  const stream = session.request({ ':method': 'POST', ':path': `/${SUBMIT}`, ...headers });
  return new Promise((resolve) => {
    stream.on('error', () => {}).once('close', () => session.close(resolve));
    stream.end(body, () => stream.close(http2.constants.NGHTTP2_CANCEL));
  });
}

/* Runs requests without a pause, each on a connection of its own, until told to stop. */
function keepAsking() {
  let running = true;
  const replies = [];
  const loop = async (key) => {
    while (running) {
      if (key) await pause(220); // five a second (C1)
      replies.push(key ? await up.call('sandbox', key, WALLETS)
        : await up.get('sandbox', STATUS, { localAddress: freshAddress() }));
    }
  };
  const loops = [...keys.slice(1, 4), undefined, undefined].map(loop);
  return { replies, stop: async () => { running = false; await Promise.all(loops); return replies; } };
}

async function awaitWorkers(changed) {
  const give_up = Date.now() + 60_000;
  while (!changed(workers())) {
    assert.ok(Date.now() < give_up, `workers stay ${workers()}`);
    await pause(20);
  }
}

/* Three times, each until the old workers have ended and the new ones have answered. */
async function reloadUnder(load) {
  for (let i = 0; i < 3; i += 1) {
    const old = workers();
    const { code, stderr } = await run('nginx', ['-p', up.runFolder, '-c', join(up.runFolder, 'nginx.conf'), '-s', 'reload']);
    assert.equal(code, 0, stderr);
    await awaitWorkers((pids) => pids.length === old.length && pids.every((pid) => !old.includes(pid)));
    const seen = load.replies.length;
    while (load.replies.length < seen + 20) await pause(10);
  }
}

test('nginx -s reload under load: no request fails, none is unrecorded, nothing is forgotten', async () => {
  const first = await auditSize(up), before_pids = workers(), [key, , , , revoked] = keys;
  const nonce = Date.now() * 1000;
  assert.equal((await up.call('sandbox', key, WALLETS, {}, { nonce })).status, 200);
  assert.equal((await up.cli(['key', 'revoke', revoked.key, '--reason', 'before the reload'])).code, 0);
  const load = keepAsking();
  let replies;
  try {
    await reloadUnder(load);
  } finally {
    replies = await load.stop();
  }
  assert.ok(workers().every((pid) => !before_pids.includes(pid)));
  const wrong = replies.filter(({ status }) => status !== 200);
  assert.deepEqual(wrong.map(({ status, text }) => [status, text]), [], `${wrong.length} of ${replies.length}`);
  const ids = new Set(replies.map(({ headers }) => headers['x-request-id']));
  assert.equal(ids.size, replies.length);
  const own = (records) => records.filter(({ request_id: id }) => ids.has(id));
  const records = own(await recordsFrom(up, first, (some) => own(some).length >= ids.size));
  assert.equal(records.length, ids.size);
  assert.ok(records.every(({ status, verdict }) => status === 200 && verdict === 'pass'));
  assert.match((await up.call('sandbox', key, WALLETS, {}, { nonce })).text, /nonce: small/);
  assert.match((await up.call('sandbox', revoked, WALLETS)).text, /apikey: revoked/);
});

test('clients that leave without waiting: an order that was placed has its record', async () => {
  const first = await auditSize(up), asked = new Map();
  const pids = workers();
  for (let cid = 1; cid <= 12; cid += 1) {
    const key = keys[1 + (cid % 3)];
    const body = JSON.stringify({ type: 'EXCHANGE LIMIT', symbol: 'tBTCUSD', amount: '0.001', price: '1000', cid });
    const headers = sign(key, SUBMIT, body);
    asked.set(cid, Number(headers['bfx-nonce']));
    await (cid % 2 ? leave : leaveStream)(headers, body, cid);
  }
  assert.deepEqual(workers(), pids);
  const sentinel = await up.get('sandbox', STATUS, { localAddress: freshAddress() });
  await pause(1000 / 5); // a private call is due again
  const open = await up.call('sandbox', keys[1], 'v2/auth/r/orders');
  assert.equal(open.status, 200, open.text);
  const placed = open.json.map(([, , cid]) => cid);
  assert.ok(placed.length > 0, 'some were quick enough');
  const last = [sentinel, open].map(({ headers }) => headers['x-request-id']);
  const records = await recordsFrom(up, first, (some) => last.every((id) => some.some(({ request_id: own }) => own === id)));
  for (const [cid, nonce] of asked) {
    const own = records.filter((record) => record.nonce === nonce);
    assert.ok(own.length <= 1, JSON.stringify(own));
    if (placed.includes(cid)) assert.deepEqual(own.map(({ verdict }) => verdict), ['pass'], `order ${cid}`);
  }
});

/* The worker at the other end of a connection. */
function workerOf(socket) {
  const hex = (port) => port.toString(16).toUpperCase().padStart(4, '0');
  const line = readFileSync('/proc/net/tcp', 'utf8').split('\n').map((text) => text.trim().split(/\s+/))
    .find(([, local, remote]) => local?.endsWith(`:${hex(up.ports.sandbox)}`) && remote.endsWith(`:${hex(socket.localPort)}`));
  const link = `socket:[${line[9]}]`;
  return workers().find((pid) => readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try { return readlinkSync(`/proc/${pid}/fd/${fd}`) === link; } catch { return false; }
  }));
}

test('kill -9 of a worker: the request it held is recorded as unknown, and service goes on', async () => {
  const first = await auditSize(up), [key] = keys, exchange = up.pids['exchange-sandbox'];
  const slotsInUse = ({ segments }) => {
    const { slots_total: total, slots_free: free } = segments.find(({ environment }) => environment === 'sandbox');
    return total - free;
  };
  const body = '{"held":1}';
  const headers = Object.entries(sign(key, WALLETS, body)).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  await until(up, '/status', (status) => slotsInUse(status) === 0);
  process.kill(exchange, 'SIGSTOP'); // the request is passed on and stays without an answer
  const socket = connect(up.ports.sandbox);
  const closed = new Promise((resolve) => { socket.once('close', resolve).on('error', () => {}); });
  socket.write(`POST /${WALLETS} HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`);
  await until(up, '/status', (status) => slotsInUse(status) === 1);
  const pid = workerOf(socket), before_pids = workers();
  process.kill(pid, 'SIGKILL');
  await closed;
  process.kill(exchange, 'SIGCONT');
  await awaitWorkers((pids) => pids.length === before_pids.length && !pids.includes(pid));
  for (let i = 0; i < 8; i += 1) assert.ok(await isServed());
  const records = await recordsFrom(up, first, (some) => some.some(({ status }) => status === 0));
  const unknown = records.filter(({ status }) => status === 0);
  assert.deepEqual(unknown.map(({ path, method, verdict }) => [method, path, verdict]), [['POST', `/${WALLETS}`, 'pass']]);
  const nonce = Date.now() * 1000;
  assert.equal((await up.call('sandbox', key, WALLETS, {}, { nonce })).status, 200);
});

test('whoever sends half a body and no more takes no audit slot from others', async () => {
  const [key] = keys, total = 40;
  const headers = Object.entries(sign(key, WALLETS, '{"held":1}')).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const sockets = Array.from({ length: total }, () => connect(up.ports.sandbox));
  await Promise.all(sockets.map((socket) => new Promise((resolve) => {
    socket.write(`POST /${WALLETS} HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: 10\r\nExpect: 100-continue\r\n\r\n`);
    socket.once('data', resolve).on('error', () => {});
  })));
  await until(up, '/status', ({ segments }) => segments.every(({ slots_total: all, slots_free: free }) => all === free));
  const first = await auditSize(up);
  for (const socket of sockets) socket.destroy();
  const left = ({ path, status, verdict }) => path === `/${WALLETS}` && status === 400 && verdict === 'malformed-request';
  assert.equal((await recordsFrom(up, first, (some) => some.filter(left).length >= total)).filter(left).length, total);
});

test('the authority hangs: what cannot be recorded is refused, what was answered is recorded', async () => {
  const first = await auditSize(up), { authority } = up.pids;
  const { segments } = await ask(up, 'GET', '/status');
  const { slots_total: slots } = segments.find(({ environment }) => environment === 'sandbox');
  const asked = slots + 200; // more than there is room for, on one connection, so at one worker
  process.kill(authority, 'SIGSTOP');
  let text;
  try {
    const one = `GET /${STATUS} HTTP/1.1\r\nHost: x\r\n\r\n`;
    text = await answerTo(one.repeat(asked - 1) + one.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'), { bound: 180_000 });
  } finally {
    process.kill(authority, 'SIGCONT');
  }
  const replies = [...text.matchAll(/HTTP\/1\.1 (\d+) [^]*?X-Request-Id: (\w+)\r\n/g)].map(([, status, id]) => ({ status, id }));
  assert.equal(replies.length, asked, 'each request is answered');
  const refused = replies.filter(({ status }) => status === '503');
  assert.ok(refused.length >= 200, `${refused.length} of ${asked} refused, ${slots} slots`);
  assert.ok(text.includes('{"message":"temporarily_unavailable"}'));
  assert.ok(replies.every(({ status }) => ['200', '429', '503'].includes(status)));
  assert.equal(new Set(replies.map(({ id }) => id)).size, asked);
  const ids = new Set(replies.filter(({ status }) => status !== '503').map(({ id }) => id));
  const own = (records) => records.filter(({ request_id: id }) => ids.has(id));
  assert.equal(own(await recordsFrom(up, first, (some) => own(some).length >= ids.size)).length, ids.size);
  assert.ok(await isServed(), 'and goes on');
});

test('the segment is removed: nothing passes until the authority has brought all of it back', async () => {
  const first = await auditSize(up), [key, , , , revoked] = keys;
  /* Slots of the slabs that workers have claimed: as many as now when all of them are back. */
  const claimed = async () => (await ask(up, 'GET', '/status')).segments
    .find(({ environment }) => environment === 'sandbox').slots_total;
  const all = await claimed();
  const nonce = Date.now() * 1000;
  const last = await up.call('sandbox', key, WALLETS, {}, { nonce });
  assert.equal(last.status, 200, last.text);
  const ids = new Set([last.headers['x-request-id']]);
  for (let i = 0; i < 20; i += 1) ids.add((await up.get('sandbox', STATUS, { localAddress: freshAddress() })).headers['x-request-id']);
  const authority = up.pids.authority;
  process.kill(authority, 'SIGSTOP'); // it would make another one within a second
  unlinkSync(join(up.segmentsFolder, 'sandbox.seg'));
  /* Each worker looks once a second; until then it goes by the segment it has.  Several refusals in a row
     may all be one worker's, so they must go on for some such looks. */
  const give_up = Date.now() + 60_000;
  let refused = 0;
  let served = Date.now();
  while (refused < 8 || Date.now() - served < 4_000) {
    const reply = await up.get('sandbox', STATUS, { localAddress: freshAddress() });
    refused = reply.status === 503 ? refused + 1 : 0;
    if (refused === 0) served = Date.now();
    assert.ok(reply.status === 503 || reply.status === 200, reply.text);
    if (reply.status === 503) assert.equal(reply.text, '{"message":"temporarily_unavailable"}');
    else ids.add(reply.headers['x-request-id']);
    assert.ok(Date.now() < give_up, 'requests are still served without a segment');
  }
  assert.equal((await up.call('sandbox', key, WALLETS)).status, 503);
  assert.equal((await up.get('live', STATUS, { localAddress: freshAddress() })).status, 200, 'the other environment is well');
  process.kill(authority, 'SIGCONT');
  const own = (records) => records.filter(({ request_id: id }) => ids.has(id));
  assert.equal(own(await recordsFrom(up, first, (some) => own(some).length >= ids.size)).length, ids.size);
  const healed = Date.now() + 60_000;
  for (let served = 0; served < 8 || await claimed() < all;) {
    served = await isServed() ? served + 1 : 0;
    assert.ok(Date.now() < healed, 'requests are still refused');
  }
  assert.match((await up.call('sandbox', key, WALLETS, {}, { nonce })).text, /nonce: small/);
  assert.equal((await up.call('sandbox', key, WALLETS)).status, 200);
  assert.match((await up.call('sandbox', revoked, WALLETS)).text, /apikey: revoked/);
  assert.deepEqual((await ask(up, 'GET', '/status')).problems, []);
});

test('the log verifies', async () => {
  const { code, stdout, stderr } = await up.cli(['audit', 'verify']);
  assert.equal(code, 0, stdout + stderr);
});
