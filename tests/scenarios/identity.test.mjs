/* tests/scenarios/identity.test.mjs: what an upstream is told about who asks
 *
 * An echo takes the place of the sandbox exchange: it answers with the headers that reached it.
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openAccount } from './authority.mjs';
import { startUp } from './harness.mjs';

const WALLETS = 'v2/auth/r/wallets', STATUS = 'v2/platform/status';
let up, echo, owner, mine, other;

before(async () => {
  up = await startUp();
  owner = await openAccount(up, 'echo@example.com');
  [mine, other] = await owner.issue(...[1, 2].map(() => ({ environment: 'sandbox', scopes: ['wallets:read', 'account:write'] })));
  const socket = join(up.runFolder, 'exchange-sandbox.sock');
  renameSync(socket, `${socket}.aside`);
  echo = http.createServer((request, reply) => {
    request.resume().on('end', () => { reply.end(JSON.stringify({ headers: request.rawHeaders })); });
  });
  await new Promise((listening) => { echo.listen(socket, listening); });
  // Workers keep connections to the exchange; new ones have none.
  const { nginx } = up.pids;
  const workers = () => readFileSync(`/proc/${nginx}/task/${nginx}/children`, 'utf8').trim().split(' ');
  const old = workers();
  process.kill(nginx, 'SIGHUP');
  for (const give_up = Date.now() + 10_000; workers().some((pid) => old.includes(pid)); await pause(20)) assert.ok(Date.now() < give_up);
});
after(async () => { echo?.close(); await up?.stop(); });

/* What arrived under names that start so, as [name, value]. */
function arrived({ json }, start) {
  const pairs = json.headers.flatMap((name, i) => (i % 2 ? [] : [[name.toLowerCase(), json.headers[i + 1]]]));
  return pairs.filter(([name]) => name.startsWith(start)).sort();
}
const told = (reply, key) => [['x-latchkey-account', String(owner.id)], ['x-latchkey-key', key],
  ['x-latchkey-request-id', reply.headers['x-request-id']], ['x-latchkey-scopes', 'wallets:read account:write']];

test('a proof ends at the gateway, and the identity stands in its place', async () => {
  for (const planted of [{}, { 'X-Latchkey-Account': '1', 'x-latchkey-key': other.key, 'X-LATCHKEY-OTHER': 'x' }]) {
    const reply = await up.call('sandbox', mine, WALLETS, {}, { headers: { ...planted, 'x-kept': 'yes' } });
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(arrived(reply, 'x-latchkey-'), told(reply, mine.key));
    assert.deepEqual(arrived(reply, 'bfx-'), []);
    assert.deepEqual(arrived(reply, 'x-kept'), [['x-kept', 'yes']]);
  }
});

test('a public request is told by its id alone', async () => {
  const reply = await up.get('sandbox', STATUS, { headers: { 'X-Latchkey-Account': '1' } });
  assert.deepEqual(arrived(reply, 'x-latchkey-'), [['x-latchkey-request-id', reply.headers['x-request-id']]]);
});

test('beside a token a key header names nobody', async () => {
  const [token] = (await up.call('sandbox', mine, 'v2/auth/w/token', { scope: 'api', writePermission: true })).json;
  const reply = await up.get('sandbox', WALLETS, { method: 'POST', body: '{}', headers: { 'bfx-token': token, 'bfx-apikey': other.key } });
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(arrived(reply, 'x-latchkey-').slice(0, 2), told(reply, mine.key).slice(0, 2));
  assert.deepEqual(arrived(reply, 'bfx-'), []);
});
