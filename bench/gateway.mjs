/* bench/gateway.mjs: what a request costs nginx with Latchkey, beside plain nginx
 *
 * Two gateways with one worker each proxy the same upstream over a Unix socket, with the same TLS
 * 1.3: (a) with the module, every check, the audit record and a real authority that collects it;
 * (b) without, and with the access log on.  64 connections, each with its own key, send the same
 * requests to both in turn.  The cost is the worker's CPU time as the kernel's scheduler accounts it
 * (/proc/PID/schedstat), since wall time on a shared machine says more about the neighbours.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROUNDS = 7, REQUESTS = 20_000, CONNECTIONS = 64, TARGET = 1.10;
const build = fileURLToPath(new URL('../build', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
const segments = join('/dev/shm', folder.split('/').pop());
const children = [];

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

const answers = (where) => new Promise((resolve) => {
  const socket = createConnection(where, () => { socket.destroy(); resolve(true); });
  socket.once('error', () => resolve(false));
});

async function start(program, args, where) {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (text) => { words = (words + text).slice(-2000); });
  children.push(child);
  for (let tries = 0; !(await answers(where)); tries++) {
    if (tries > 500 || child.exitCode !== null) throw new Error(`${program} does not answer: ${words}`);
    await pause(20);
  }
  return child;
}

function nginxConf(name, http, main = '') {
  const run = join(folder, name);
  mkdirSync(run);
  const file = join(run, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${run}/${kind};`).join(' ');
  writeFileSync(file, `${main} user ${userInfo().username}; worker_processes 1; pid ${run}/pid;
error_log ${run}/error.log; daemon off;
events { worker_connections 1024; }
http { ${temporary} ${http} }`);
  return ['-c', file, '-p', run];
}

/* The same in both, so that only the module and the access log differ. */
const gateway = (port, extra, location) => `
  ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
  ssl_protocols TLSv1.3; keepalive_requests 10000000; client_max_body_size 64k;
  client_body_buffer_size 64k;
  upstream exchange { server unix:${folder}/upstream.sock; keepalive 64; }
  proxy_http_version 1.1; proxy_set_header Connection "";
  ${extra}
  server { listen 127.0.0.1:${port} ssl; location / { ${location} proxy_pass http://exchange; } }`;

const workerOf = (master) => Number(
  readFileSync(`/proc/${master.pid}/task/${master.pid}/children`, 'utf8').trim().split(' ')[0]);
const cpuNs = (pid) => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);

function load(port, method, path, ...more) {
  const args = [port, join(folder, 'keys'), REQUESTS, method, path, ...more].map(String);
  const { status, stdout, stderr } = spawnSync(join(build, 'bench/load'), args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`load: ${stderr}`);
  return JSON.parse(stdout);
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/* CPU time of one run of the load.  A run in which the disk stalled so long that the audit slots
 * were full (503, as it must be) is said and made again: its requests were cheaper than real ones. */
function costOf({ name, port, worker }, method, path) {
  for (let tries = 0; tries < 20; tries++) {
    const before = cpuNs(worker);
    const { requests, statuses } = load(port, method, path);
    const cost = (cpuNs(worker) - before) / requests;
    if (statuses[200] === requests) return cost;
    console.log(`  ${name}: run made again, answers were ${JSON.stringify(statuses)}`);
  }
  throw new Error(`${name}: no run without refusals`);
}

async function measure(method, path, sides) {
  const rounds = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const cost = {};
    for (const side of round % 2 ? sides : sides.toReversed()) cost[side.name] = costOf(side, method, path);
    if (round > 0) rounds.push(cost); // the first warms up
  }
  const [own, control] = ['latchkey', 'plain'].map((name) => median(rounds.map((cost) => cost[name])));
  const ratio = median(rounds.map((cost) => cost.latchkey / cost.plain));
  console.log(`${method.padEnd(4)} ${path.padEnd(28)} latchkey ${(own / 1000).toFixed(2)} us   plain `
    + `${(control / 1000).toFixed(2)} us   ratio ${ratio.toFixed(3)}   ${ratio <= TARGET ? 'within' : 'OVER'} ${TARGET}`);
  return ratio;
}

async function main() {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem'), '-days', '2', '-subj', '/CN=localhost'],
  { stdio: 'ignore' });
  const [ownPort, plainPort] = [await freePort(), await freePort()];
  const nginx = existsSync('/usr/sbin/nginx') ? '/usr/sbin/nginx' : 'nginx';
  for (const name of ['data', 'run']) mkdirSync(join(folder, name), { mode: 0o700 });
  await start(join(build, 'latchkey'), ['authority', '--data', join(folder, 'data'), '--run', join(folder, 'run'),
    '--segments', segments], join(folder, 'run/authority.sock'));
  const segment = join(segments, 'sandbox.seg');
  const keys = execFileSync(join(build, 'bench/publish_keys'), [segment, CONNECTIONS], { encoding: 'utf8' });
  writeFileSync(join(folder, 'keys'), keys, { mode: 0o600 });
  await start(nginx, nginxConf('upstream', `access_log off; keepalive_requests 10000000;
    server { listen unix:${folder}/upstream.sock; default_type application/json; location / { return 200 '[1]'; } }`),
  join(folder, 'upstream.sock'));
  const plain = await start(nginx, nginxConf('plain', gateway(plainPort, `access_log ${folder}/access.log combined;`, '')),
    plainPort);
  const own = await start(nginx, nginxConf('own', gateway(ownPort,
    `access_log off; latchkey_segment sandbox ${segment};`, 'latchkey sandbox;'),
  `load_module ${build}/ngx_http_latchkey_module.so;`), ownPort);
  const sides = [{ name: 'latchkey', port: ownPort, worker: workerOf(own) },
    { name: 'plain', port: plainPort, worker: workerOf(plain) }];

  const forged = load(ownPort, 'POST', '/v2/auth/w/order/submit', '--forge');
  if (forged.statuses[200] !== undefined) throw new Error('a forged signature passed');
  console.log(`forged signatures refused before the run counts: ${JSON.stringify(forged.statuses)}`);
  console.log(`CPU time per request of one nginx worker, median of ${ROUNDS} rounds of ${REQUESTS}, `
    + `${CONNECTIONS} connections; control: the same nginx without the module, access log on`);
  await measure('POST', '/v2/auth/w/order/submit', sides);
  await measure('GET', '/v2/ticker/tBTCUSD', sides);
}

try {
  await main();
} finally {
  for (const child of children.reverse()) {
    const ended = new Promise((resolve) => { child.once('exit', resolve); });
    if (child.exitCode === null && child.kill('SIGTERM')) await ended;
  }
  rmSync(folder, { recursive: true, force: true });
  rmSync(segments, { recursive: true, force: true });
}
