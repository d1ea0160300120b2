/* The exchange alone, over its Unix socket: what only a real process can show. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const latchkey = process.env.LATCHKEY ?? 'build/latchkey';
const folder = mkdtempSync(join(tmpdir(), 'latchkey-exchange-'));
const run = join(folder, 'run');
const socketPath = join(run, 'exchange-sandbox.sock');
const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
const running = new Set();

after(() => {
  for (const child of running) child.kill('SIGKILL');
  agent.destroy();
  rmSync(folder, { recursive: true, force: true });
});

function launch(...more) {
  const child = spawn(latchkey, ['exchange', '--environment', 'sandbox', '--data',
    join(folder, 'data'), '--run', run, ...more], { stdio: ['ignore', 'ignore', 'pipe'] });
  running.add(child);
  child.said = '';
  child.stderr.on('data', (text) => { child.said += text; child.emit('said'); });
  child.ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    child.emit('said');
    return { code, signal };
  });
  return child;
}

async function start(...more) {
  const child = launch(...more);
  while (!/ready/.test(child.said)) {
    assert.ok(running.has(child), child.said);
    await once(child, 'said');
  }
  return child;
}

function ask(method, path, { account, body } = {}) {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' };
    if (account) headers['X-Latchkey-Account'] = String(account);
    const request = http.request({ socketPath, agent, method, path, headers }, (reply) => {
      let text = '';
      reply.on('data', (piece) => { text += piece; });
      reply.on('end', () => resolve({ status: reply.statusCode, text, json: JSON.parse(text) }));
      reply.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

const post = (account, path, value) =>
  ask('POST', `/v2/auth/${path}`, { account, body: JSON.stringify(value) });
const limit = (amount, price) =>
  ({ symbol: 'tBTCUSD', type: 'EXCHANGE LIMIT', amount: String(amount), price: String(price) });

test('the socket is for its user and group alone, and the folders are made', async () => {
  const exchange = await start('--market', 'off');
  assert.equal(statSync(socketPath).mode & 0o777, 0o660);
  assert.ok(existsSync(join(folder, 'data/exchange-sandbox/journal')));
  assert.deepEqual((await ask('GET', '/v2/platform/status')).json, [1]);
  exchange.kill('SIGTERM');
  assert.deepEqual(await exchange.ended, { code: 0, signal: null });
  assert.ok(!existsSync(socketPath));
});

test('kill -9 under load loses no acknowledged order', async () => {
  const acknowledged = new Map();
  for (let round = 0; round < 3; round++) {
    const exchange = await start('--market', 'off');
    let wanted = 400;
    const clients = Array.from({ length: 8 }, async (_, client) => {
      for (let i = 0; ; i++) {
        let reply;
        try {
          reply = await post(client + 1, 'w/order/submit',
            limit(client % 2 ? -0.001 : 0.001, 10000 + ((i * 7 + client) % 20)));
        } catch {
          return; // killed
        }
        assert.equal(reply.status, 200, reply.text);
        acknowledged.set(reply.json[4][0][0], client + 1);
        if (--wanted === 0) exchange.kill('SIGKILL');
      }
    });
    await Promise.all(clients);
    assert.equal((await exchange.ended).signal, 'SIGKILL');
  }
  assert.ok(acknowledged.size >= 1200);
  const exchange = await start('--market', 'off');
  const known = new Set();
  for (let account = 1; account <= 8; account++) {
    for (const [id] of (await post(account, 'r/orders', {})).json) known.add(id);
    for (const [id] of (await post(account, 'r/orders/hist', { limit: 2500 })).json) known.add(id);
    for (const [, currency, balance, , free] of (await post(account, 'r/wallets', {})).json)
      assert.ok(free >= 0 && free <= balance, currency);
  }
  for (const id of acknowledged.keys()) assert.ok(known.has(id), `order ${id} is gone`);
  exchange.kill('SIGTERM');
  assert.equal((await exchange.ended).code, 0);
});

test('a read after an acknowledged write shows it', async () => {
  const exchange = await start('--market', 'off');
  for (let i = 0; i < 50; i++) {
    const { json } = await post(20, 'w/order/submit', limit(0.01, 100 + i));
    const orders = (await post(20, 'r/orders', { id: [json[4][0][0]] })).json;
    assert.equal(orders.length, 1);
  }
  exchange.kill('SIGTERM');
  await exchange.ended;
});

test('a body over the limit is refused and the connection lives on', async () => {
  const exchange = await start('--market', 'off');
  assert.equal((await ask('POST', '/v2/auth/w/order/submit',
    { account: 1, body: ' '.repeat(70000) })).status, 413);
  assert.equal((await ask('GET', '/v2/nothing')).status, 404);
  assert.equal((await ask('GET', '/v2/ticker/tBTCUSD')).json.length, 10);

  const second = launch('--market', 'off');
  assert.equal((await second.ended).code, 1);
  assert.match(second.said, /another exchange is running/);
  exchange.kill('SIGTERM');
  await exchange.ended;
});

test('data of another version is refused in one sentence', async () => {
  writeFileSync(join(folder, 'data/VERSION'), 'latchkey data 2\n');
  const exchange = launch();
  assert.equal((await exchange.ended).code, 1);
  assert.match(exchange.said, /another version/);
});
