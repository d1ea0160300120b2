/* bench/peers/fastify.mjs: the gate's checks as a Fastify service
 *
 *     node fastify.mjs PORT FOLDER
 *
 * The best form we know: secrets as KeyObjects, made once; the body as bytes; undici's pool to the
 * upstream's Unix socket; a log line a request, buffered.
 */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Fastify from 'fastify';
import { Pool } from 'undici';

const [port, folder] = process.argv.slice(2);
const scopes = new Map([['POST /v2/auth/w/order/submit', 'orders:write'], ['GET /v2/ticker/tBTCUSD', null]]);
const RATE_PER_S = 1_000_000;

const keys = new Map(readFileSync(join(folder, 'keys'), 'utf8').trim().split('\n').map((line, index) => {
  const [id, secret] = line.split(' ');
  return [id, {
    account: String(index + 1), secret: createSecretKey(Buffer.from(secret)), nonce: 0, fullAtMs: 0,
    active: true, network: '127.', scopes: new Set(['orders:write']),
  }];
}));
const log = createWriteStream(join(folder, 'fastify.log'));
let lines = [];
let drawn = 0;
const instance = process.hrtime.bigint().toString(16).padStart(16, '0');

const upstream = new Pool('http://exchange', { socketPath: join(folder, 'upstream.sock'), connections: 64 });
const app = Fastify({
  https: { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')), minVersion: 'TLSv1.3' },
  logger: false, bodyLimit: 65536, genReqId: () => instance + (++drawn).toString(16).padStart(16, '0'),
});
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => done(null, body));

/* The status of a refusal, or 0. */
function judged(request, key) {
  const { headers } = request;
  if (key === undefined || headers['bfx-signature']?.length !== 96) return 401;
  const path = request.raw.url.split('?', 1)[0];
  const hmac = createHmac('sha384', key.secret).update(`/api${path}${headers['bfx-nonce']}`);
  if (request.body) hmac.update(request.body);
  if (!timingSafeEqual(hmac.digest(), Buffer.from(headers['bfx-signature'], 'hex'))) return 401;
  const scope = scopes.get(`${request.method} ${path}`);
  if (scope === undefined) return 404;
  if (!key.active || !request.ip.startsWith(key.network)) return 500;
  const nonce = Number(headers['bfx-nonce']);
  if (!(nonce > key.nonce)) return 500;
  key.nonce = nonce;
  const now = Date.now();
  const full = Math.max(key.fullAtMs, now) + 1000 / RATE_PER_S;
  if (full - now > 1000) return 429;
  key.fullAtMs = full;
  return scope === null || key.scopes.has(scope) ? 0 : 500;
}

app.all('/*', async (request, reply) => {
  const key = keys.get(request.headers['bfx-apikey']);
  const refusal = judged(request, key);
  reply.header('X-Request-Id', request.id);
  if (refusal !== 0) return reply.code(refusal).type('application/json').send('["error",10100,"apikey: invalid"]');
  const { statusCode, headers, body } = await upstream.request({
    method: request.method, path: request.raw.url, body: request.body ?? null,
    headers: { 'content-type': 'application/json', 'x-account': key.account, 'x-request-id': request.id },
  });
  return reply.code(statusCode).type(headers['content-type']).send(Buffer.from(await body.arrayBuffer()));
});
app.addHook('onResponse', async (request, reply) => {
  lines.push(`${request.ip} - [${new Date().toISOString()}] "${request.method} ${request.raw.url}" ${reply.statusCode} ${request.id}\n`);
  if (lines.length < 256) return;
  log.write(lines.join(''));
  lines = [];
});
await app.listen({ port: Number(port), host: '127.0.0.1' });
