/* The venue's WebSocket through the gateway: what stands around it.  What is said on it by stock
 * clients is in tests/clients, word by word in tests/venue. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startUp } from './harness.mjs';
import { Listener, listen as listenTo, skip } from './listener.mjs';

let up;
before(async () => { if (!skip) up = await startUp(); });
after(async () => { await up?.stop(); });

const listen = (options) => listenTo(up, options);

/* Resolves with the status of the handshake. */
const opened = ({ socket }) => new Promise((resolve) => {
  socket.once('open', () => resolve(101));
  socket.once('unexpected-response', (_, reply) => { resolve(reply.statusCode); socket.terminate(); });
});

test('sequence numbers have no gap, and the time stands last', { skip }, async () => {
  const bot = await listen();
  bot.say({ event: 'conf', flags: 65536 + 32768 + 131072 });
  assert.deepEqual(await bot.hear(), { event: 'conf', status: 'OK', flags: 229376 });
  bot.say({ event: 'subscribe', channel: 'book', symbol: 'tBTCUSD', len: '250' });
  bot.say({ event: 'subscribe', channel: 'book', symbol: 'tETHUSD', prec: 'R0' });
  bot.say({ event: 'subscribe', channel: 'ticker', symbol: 'tBTCUSD' });
  for (let sequence = 1; sequence <= 60; sequence += 1) {
    const said = await bot.hearUntil((json) => Array.isArray(json));
    assert.equal(said.at(-2), sequence);
    assert.ok(said.at(-1) > 1.6e12);
  }
  bot.socket.close(1000);
  assert.equal(await bot.closed, 1000);
});

test('the upgrade is in the audit log while the connection goes on', { skip }, async () => {
  const bot = await listen({ address: '127.0.0.9', headers: { 'X-Latchkey-Address': '192.0.2.1' } });
  let record;
  do {
    const { stdout } = await up.cli(['audit', 'list', '--path', '/ws/2', '--json']);
    record = stdout.split('\n').filter(Boolean).flatMap((line) => JSON.parse(line))
      .find(({ address }) => address === '127.0.0.9');
  } while (record === undefined);
  assert.equal(record.status, 101);
  assert.equal(record.method, 'GET');
  assert.equal(record.verdict, 'pass');
  assert.equal(record.environment, 'sandbox');
  bot.say({ event: 'ping' });
  assert.equal((await bot.hear()).event, 'pong');
  bot.socket.terminate();
});

test('a page of the console hears the public channels, and nobody logs in there', { skip }, async () => {
  const origin = `https://127.0.0.1:${up.ports.live}`;
  const url = `${origin.replace('https', 'wss')}/console/ws/2`;
  for (const headers of [{}, { origin: 'https://evil.example' }, { origin: `${origin}.evil.example` }, { origin: 'null' }]) {
    assert.equal(await opened(new Listener(up, { url, headers })), 403, JSON.stringify(headers));
  }
  const page = await listen({ url, headers: { origin, 'X-Latchkey-Address': '127.0.0.1', 'X-Latchkey-Account': '1001' } });
  page.say({ event: 'subscribe', channel: 'candles', key: 'trade:1m:tBTCUSD' });
  assert.equal((await page.hearUntil(({ event }) => event === 'subscribed')).channel, 'candles');
  assert.ok((await page.hearUntil(Array.isArray))[1].length > 100);
  assert.equal((await page.login(up.demo.sandbox.keys[0])).status, 'FAILED');
  page.socket.terminate();
});

test('an address may open twenty connections in a minute, and another its own', { skip }, async () => {
  const address = '127.0.0.77', bots = [], ends = [];
  for (let batch = 0; batch < 3; batch += 1) { // fewer than 15 a second, which the gate allows an address
    const next = Array.from({ length: 12 }, () => new Listener(up, { address, environment: 'live' }));
    bots.push(...next);
    ends.push(...await Promise.all(next.map(opened)));
    await pause(1100);
  }
  assert.ok(ends.filter((status) => status === 101).length >= 20, ends.join());
  assert.ok(ends.includes(429), ends.join());
  assert.ok(ends.every((status) => [101, 429].includes(status)), ends.join());
  await listen({ address: '127.0.0.78', environment: 'live' });
  for (const { socket } of bots) socket.terminate();
});

/* What is no upgrade counts as well, and its refusal can be read. */
for (const [environment, path] of [['sandbox', 'ws/2'], ['live', 'ws/2'], ['live', 'console/ws/2']]) {
  test(`whoever opens too many on /${path} of ${environment} is told when to come again, and may`, { skip }, async () => {
    const options = { localAddress: `127.0.3.${environment.length + path.length}`, headers: { origin: `https://127.0.0.1:${up.ports.live}` } };
    let reply, asked = 0;
    do {
      assert.ok((asked += 1) < 100, 'nothing is limited');
      await pause(90); // the gate allows an address 15 a second
      reply = await up.get(environment, path, options);
    } while (reply.status === 426);
    assert.equal(reply.status, 429);
    assert.equal(reply.headers['retry-after'], '3');
    assert.equal(reply.headers['content-type'], 'application/json');
    if (path === 'ws/2') {
      assert.equal(reply.text, '["error",11010,"ratelimit: error"]');
      assert.match(reply.headers['x-request-id'], /^[0-9a-f]{32}$/);
    } else {
      assert.equal(reply.json.error.code, 'too-many');
    }
    await pause(1000 * Number(reply.headers['retry-after']));
    assert.equal((await up.get(environment, path, options)).status, 426);
  });
}

test('what is no upgrade is told so', { skip }, async () => {
  const reply = await up.get('sandbox', 'ws/2', { localAddress: '127.0.0.79' });
  assert.equal(reply.status, 426);
  assert.equal(reply.headers.upgrade, 'websocket');
});

test('a reload of nginx ends no connection', { skip }, async () => {
  const bot = await listen({ address: '127.0.0.80' });
  process.kill(up.pids.nginx, 'SIGHUP');
  for (let i = 0; i < 20; i += 1) {
    const next = await listen({ address: `127.0.1.${i}` }); // by and by, new workers take them
    next.socket.terminate();
    bot.say({ event: 'ping', cid: i });
    assert.equal((await bot.hear()).cid, i);
  }
  bot.socket.terminate();
});

test('an exchange that stops says so before it hangs up', { skip }, async () => {
  const bot = await listen({ address: '127.0.0.81' });
  process.kill(up.pids['exchange-sandbox'], 'SIGTERM');
  assert.deepEqual(await bot.hear(), { event: 'info', code: 20051, msg: 'Stopping. Please try to reconnect' });
  assert.equal(await bot.closed, 1012);
});
