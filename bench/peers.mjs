/* bench/peers.mjs: what a request costs here, and what the same checks cost elsewhere
 *
 * Six gateways in one run, in front of the same upstream, with the same TLS 1.3 and the same signed
 * requests: nginx without any check (its access log written at once, as by default, and buffered), ours,
 * and the same checks as nginx with Lua, HAProxy and Fastify run them (bench/peers/).  Before anything
 * is measured, each must refuse a wrong signature, an unknown key and a nonce it has seen.
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GET, POST, alternate, bench, costOf, folder, freePort, median, stand, start, startLatchkey, startNginx, startPlain, us }
  from './stand.mjs';

const ROUNDS = 5, REQUESTS = 10_000;
const here = (name) => fileURLToPath(new URL(`peers/${name}`, import.meta.url));

const startLua = () => startNginx('nginx+Lua', {
  main: 'load_module /usr/lib/nginx/modules/ndk_http_module.so; load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;',
  extra: `access_log ${folder}/lua.log combined buffer=64k flush=1s; lua_package_path "${here('')}?.lua;;";
    lua_shared_dict states 8m; lua_shared_dict nonces 8m; lua_shared_dict rates 8m;
    init_by_lua_block { gate = require "gate"; gate.load "${folder}/keys" }
    add_header X-Request-Id $request_id always;`,
  location: 'access_by_lua_block { gate.judge() }',
});

async function startHaproxy() {
  const port = await freePort();
  const keys = readFileSync(join(folder, 'keys'), 'utf8').trim().split('\n').map((line) => line.split(' '));
  const map = (name, rows) => writeFileSync(join(folder, `${name}.map`), `${rows.map((row) => row.join(' ')).join('\n')}\n`);
  map('secrets', keys.map(([id, secret]) => [id, Buffer.from(secret).toString('base64')]));
  map('accounts', keys.map(([id], index) => [id, index + 1]));
  map('scopes', [['POST/v2/auth/w/order/submit', 'orders:write'], ['GET/v2/ticker/tBTCUSD', 'none']]);
  writeFileSync(join(folder, 'both.pem'), ['cert', 'key'].map((name) => readFileSync(join(folder, `${name}.pem`))).join(''));
  writeFileSync(join(folder, 'haproxy.cfg'), readFileSync(here('haproxy.cfg.in'), 'utf8')
    .replaceAll('@FOLDER@', folder).replaceAll('@PORT@', port));
  const child = await start('/usr/sbin/haproxy', ['-f', join(folder, 'haproxy.cfg')], port);
  return { name: 'HAProxy', port, pids: [child.pid] };
}

async function startFastify() {
  const port = await freePort();
  const child = await start(process.execPath, [here('fastify.mjs'), port, folder], port, { env: { ...process.env, NODE_ENV: 'production' } });
  return { name: 'Fastify', port, pids: [child.pid] };
}

function ask(port, { id, secret }, nonce, forged = false) {
  const [method, path] = POST;
  const body = '{"type":"EXCHANGE LIMIT"}';
  let signature = createHmac('sha384', secret).update(`/api${path}${nonce}${body}`).digest('hex');
  if (forged) signature = (signature[0] === '0' ? '1' : '0') + signature.slice(1);
  return new Promise((resolve, reject) => {
    https.request({
      port, method, path, rejectUnauthorized: false, agent: false, headers: {
        'bfx-apikey': id, 'bfx-nonce': nonce, 'bfx-signature': signature,
        'content-type': 'application/json', 'content-length': body.length,
      },
    }, (reply) => { reply.resume().on('end', () => resolve(reply.statusCode)); }).on('error', reject).end(body);
  });
}

async function mustCheck({ name, port }, key) {
  const nonce = String(Date.now() * 1000);
  assert.equal(await ask(port, key, nonce), 200, `${name}: a right signature passes`);
  assert.equal(await ask(port, key, String(Number(nonce) + 1), true), 401, `${name}: a wrong signature is refused`);
  assert.equal(await ask(port, { ...key, id: key.id.replace(/^(.{12})./, '$1-') }, nonce), 401, `${name}: an unknown key is refused`);
  assert.equal(await ask(port, key, nonce), 500, `${name}: a nonce that was used is refused`);
  assert.equal(await ask(port, key, String(Number(nonce) - 1)), 500, `${name}: a smaller nonce is refused`);
  assert.equal(await ask(port, key, String(Number(nonce) + 1)), 200, `${name}: a refused nonce is not consumed`);
}

function measure(what, sides) {
  const rounds = alternate(sides, ROUNDS, (side) => costOf(side, what, REQUESTS).cost);
  console.log(`\n${what.join(' ')}: CPU us a request, median of ${ROUNDS} (least to most); ratio to plain nginx, median of the rounds'`);
  for (const { name } of sides) {
    const costs = rounds.map((round) => round[name]);
    const ratio = median(rounds.map((round) => round[name] / round.plain));
    console.log(`  ${name.padEnd(16)} ${us(median(costs)).padStart(7)}  (${us(Math.min(...costs))} to ${us(Math.max(...costs))})`.padEnd(48)
      + `ratio ${ratio.toFixed(2)}`);
  }
}

await bench(async () => {
  const key = await stand();
  const plain = await startPlain();
  const buffered = await startNginx('plain, buffered', { extra: `access_log ${folder}/buffered.log combined buffer=64k flush=1s;` });
  const checking = [await startLatchkey(), await startLua(), await startHaproxy(), await startFastify()];
  for (const side of checking) await mustCheck(side, key);
  console.log(`each of ${checking.map(({ name }) => name).join(', ')} refuses wrong signatures, unknown keys and used nonces`);
  for (const what of [POST, GET]) measure(what, [plain, buffered, ...checking]);
});
