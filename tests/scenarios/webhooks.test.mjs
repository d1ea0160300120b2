/* Webhooks from the console to a receiver of an owner's own, which believes nothing but what the
 * library of Standard Webhooks has verified. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { Browser, assertRefused, customerOf } from './console.mjs';
import { startUp } from './harness.mjs';

const { Webhook } = createRequire(new URL('../clients/package.json', import.meta.url))('standardwebhooks');
const calls = []; // {headers, body}
let answers = []; // statuses of the next calls; 204 behind them
let up, owner, hook, secret, receiver, url;

/* The call with this number, counted from 0, once it has come. */
async function call(index) {
  while (calls.length <= index) await once(receiver, 'taken', { signal: AbortSignal.timeout(120_000) });
  return calls[index];
}

const verified = ({ headers, body }) => new Webhook(secret).verify(body, headers);
const deliveries = async () => (await owner.read(`/webhooks/${hook.id}/deliveries`)).deliveries;

/* The delivery log once its newest line is in this state. */
async function logged(state) {
  for (const until = Date.now() + 60_000; ;) {
    const all = await deliveries();
    if (all[0]?.state === state) return all;
    assert.ok(Date.now() < until, `no delivery is ${state}: ${JSON.stringify(all)}`);
  }
}

before(async () => {
  receiver = http.createServer((request, response) => {
    let body = '';
    request.on('data', (text) => { body += text; });
    request.on('end', () => {
      response.writeHead(answers.shift() ?? 204, { location: url }).end();
      calls.push({ headers: request.headers, body });
      receiver.emit('taken');
    });
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  url = `http://127.0.0.1:${receiver.address().port}/hook`;
  up = await startUp();
  owner = await customerOf(up);
});
after(async () => {
  await up?.stop();
  receiver.close();
});

test('a webhook needs a second factor, a sensible address and known events', async () => {
  assert.equal((await new Browser(up).get('/webhooks')).status, 401);
  assert.equal((await owner.post('/webhooks', { url })).status, 403);
  assert.equal((await owner.post('/webhooks', { url, proof: { code: '000000' } })).status, 403);
  for (const bad of ['ftp://127.0.0.1/', 'https://user:word@example.com/', 'https://example.com/#x', 'nothing', ''])
    assertRefused(await owner.post('/webhooks', { url: bad, proof: { code: '000000' } }), 400, 'url-malformed');
  assertRefused(await owner.post('/webhooks', { url, events: ['login'], proof: { code: '000000' } }), 400, 'event-unknown');
  ({ webhook: hook, secret } = await owner.done('/webhooks', { url, events: ['key.created', 'key.revoked'], proof: { code: await owner.freshCode() } }));
  assert.match(secret, /^whsec_[\w+/]{43}=$/);
  const listed = await owner.read('/webhooks');
  assert.deepEqual(listed.webhooks, [hook]);
  assert.ok(!JSON.stringify(listed).includes(secret));
});

test('a test event arrives signed, and the log says so', async () => {
  await owner.done(`/webhooks/${hook.id}/test`);
  const first = await call(0);
  const event = verified(first);
  assert.deepEqual([event.type, event.data], ['webhook.test', { url }]);
  assert.throws(() => new Webhook(secret).verify(`${first.body} `, first.headers));
  const [delivery] = await logged('delivered');
  assert.deepEqual([delivery.event, delivery.attempts, delivery.status, delivery.error], ['webhook.test', 1, 204, null]);
});

test('a receiver that fails gets the same event again; redirects are not followed', async () => {
  answers = [302];
  await owner.done(`/webhooks/${hook.id}/test`);
  const refused = await call(1);
  const [waiting] = await logged('waiting');
  assert.equal(waiting.status, 302);
  assert.match(waiting.error, /redirect/);
  const again = await call(2);
  assert.equal(again.headers['webhook-id'], refused.headers['webhook-id']);
  assert.deepEqual(verified(again), verified(refused));
  const [delivery] = await logged('delivered');
  assert.equal(delivery.attempts, 2);
});

test('an event is sent once more when its owner asks', async () => {
  const [{ id }] = await deliveries();
  await owner.done(`/webhooks/${hook.id}/deliveries/${id}/resend`);
  assert.equal((await call(3)).headers['webhook-id'], (await call(2)).headers['webhook-id']);
  assertRefused(await owner.post(`/webhooks/${hook.id}/deliveries/${id + 999}/resend`), 404, 'delivery-missing');
});

test('a key that ends is told, as it was asked for, and stands among the notices', async () => {
  const { key } = up.demo.sandbox.keys.findLast(({ account }) => account === owner.email);
  const { code, stderr } = await up.cli(['key', 'revoke', key, '--reason', 'not needed any more']);
  assert.equal(code, 0, stderr);
  const event = verified(await call(4));
  assert.deepEqual([event.type, event.data.id, event.data.reason], ['key.revoked', key, 'not needed any more']);
  const { notices, unread } = await owner.read('/notices');
  assert.deepEqual([notices[0].kind, notices[0].key, notices[0].read], ['key.revoked', key, false]);
  assert.ok(unread > 0);
  await owner.done('/notices/read', { up_to: notices[0].id });
  assert.equal((await owner.read('/notices')).unread, 0);
});

test('a removed webhook is gone', async () => {
  assert.equal((await owner.post(`/webhooks/${hook.id}/remove`, {})).status, 403);
  await owner.done(`/webhooks/${hook.id}/remove`, { proof: { code: await owner.freshCode() } });
  assert.deepEqual((await owner.read('/webhooks')).webhooks, []);
  assertRefused(await owner.post(`/webhooks/${hook.id}/test`), 404, 'webhook-missing');
});
