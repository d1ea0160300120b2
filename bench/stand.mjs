/* bench/stand.mjs: what the gateway benches stand on
 *
 * A temporary folder with a certificate, an authority with its segment, keys without a rate limit, a
 * cheap upstream on a Unix socket, and gateways in front of it that differ only in what is measured.
 * The cost of a gateway is the CPU time of its threads as the kernel's scheduler accounts it
 * (/proc/PID/task/TID/schedstat), since wall time on a shared machine says more about the neighbours.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const CONNECTIONS = 64;
export const POST = ['POST', '/v2/auth/w/order/submit'];
export const GET = ['GET', '/v2/ticker/tBTCUSD'];
export const build = fileURLToPath(new URL('../build', import.meta.url));
export const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
export const segment = join('/dev/shm', folder.split('/').pop(), 'sandbox.seg');
const nginx = existsSync('/usr/sbin/nginx') ? '/usr/sbin/nginx' : 'nginx';
const children = [];

export const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

const answers = (where) => new Promise((resolve) => {
  const socket = createConnection(where, () => { socket.destroy(); resolve(true); });
  socket.once('error', () => resolve(false));
});

export async function start(program, args, where, options = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], ...options });
  let words = '';
  child.stderr.on('data', (text) => { words = (words + text).slice(-2000); });
  children.push(child);
  for (let tries = 0; !(await answers(where)); tries++) {
    if (tries > 500 || child.exitCode !== null) throw new Error(`${program} does not answer: ${words}`);
    await pause(20);
  }
  return child;
}

function nginxConf(name, http, main) {
  const run = join(folder, name.replace(/\W+/g, '-'));
  mkdirSync(run);
  const file = join(run, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${run}/${kind};`).join(' ');
  writeFileSync(file, `user ${userInfo().username}; pid ${run}/pid;
error_log ${run}/error.log; daemon off; ${main}
events { worker_connections 1024; }
http { ${temporary} ${http} }`);
  return ['-c', file, '-p', run];
}

const childrenOf = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  .filter(Boolean).map(Number);

/* nginx as every side has it, so that only `extra`, `location` and `main` differ. */
export async function startNginx(name, { extra = '', location = '', main = '', workers = 1 }) {
  const port = await freePort();
  const master = await start(nginx, nginxConf(name, `
  ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
  ssl_protocols TLSv1.3; keepalive_requests 10000000; client_max_body_size 64k;
  client_body_buffer_size 64k;
  upstream exchange { server unix:${folder}/upstream.sock; keepalive 64; }
  proxy_http_version 1.1; proxy_set_header Connection "";
  ${extra}
  server { listen 127.0.0.1:${port} ssl ${workers > 1 ? 'reuseport' : ''};
    location / { ${location} proxy_pass http://exchange; } }`,
  `${main} worker_processes ${workers};`), port);
  while (childrenOf(master.pid).length < workers) await pause(5);
  return { name, port, pids: childrenOf(master.pid), master };
}

export const startPlain = (more = {}) => startNginx(more.name ?? 'plain', {
  extra: `access_log ${folder}/access.log combined;`, ...more,
});
export const startLatchkey = (more = {}) => startNginx(more.name ?? 'latchkey', {
  extra: `access_log off; latchkey_segment sandbox ${segment};`, location: 'latchkey sandbox;',
  main: `load_module ${build}/ngx_http_latchkey_module.so;`, ...more,
});

export const cpuNs = (pids) => pids.flatMap((pid) => readdirSync(`/proc/${pid}/task`)
  .map((tid) => Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')[0])))
  .reduce((sum, ns) => sum + ns, 0);

export function load(port, requests, [method, path], ...more) {
  const args = [port, join(folder, 'load-keys'), requests, method, path, ...more].map(String);
  const { status, stdout, stderr } = spawnSync(join(build, 'bench/load'), args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`load: ${stderr}`);
  return JSON.parse(stdout);
}

export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
export const us = (ns) => (ns / 1000).toFixed(1);

/* CPU time of a request in one run of the load.  A run in which the disk stalled so long that the
 * audit slots were full (503, as it must be) is said and made again: its requests were cheaper than
 * real ones.  `refused`: about how many of them must be; the first on a connection replays nothing. */
export function costOf({ name, port, pids }, what, requests, { refused = 0, more = [] } = {}) {
  for (let tries = 0; tries < 20; tries++) {
    const before = cpuNs(pids);
    const answer = load(port, requests, what, ...more);
    const cost = (cpuNs(pids) - before) / answer.requests;
    const passed = answer.statuses[200] ?? 0;
    if (passed + (answer.statuses[500] ?? 0) === requests && (refused ? Math.abs(requests - passed - refused) <= CONNECTIONS
      : passed === requests)) return { ...answer, cost };
    console.log(`  ${name}: run made again, answers were ${JSON.stringify(answer.statuses)}`);
  }
  throw new Error(`${name}: no run as it should be`);
}

/* All sides in turn, forth and back; the first round warms up.  [{ name: cost in ns }] */
export function alternate(sides, rounds, cost) {
  const all = [];
  for (let round = 0; round <= rounds; round++) {
    const costs = {};
    for (const side of round % 2 ? sides : sides.toReversed()) costs[side.name] = cost(side);
    if (round > 0) all.push(costs);
  }
  return all;
}

let authority;
const authorityStart = async (...more) => {
  authority = await start(join(build, 'latchkey'), ['authority', '--data', join(folder, 'data'), '--run', join(folder, 'run'),
    '--segments', join(segment, '..'), ...more], join(folder, 'run/authority.sock'));
};

/* The same segment under another authority. */
export async function authorityRestart(durability) {
  const ended = new Promise((resolve) => { authority.once('exit', resolve); });
  authority.kill('SIGTERM');
  await ended;
  await authorityStart('--durability', durability);
}

/* Authority (with `more` arguments), segment, upstream, and one key more than the load uses: { id, secret }
 * of that one. */
export async function stand(...more) {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
    '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem'), '-days', '2', '-subj', '/CN=localhost'],
  { stdio: 'ignore' });
  for (const name of ['data', 'run']) mkdirSync(join(folder, name), { mode: 0o700 });
  await authorityStart(...more);
  const keys = execFileSync(join(build, 'bench/publish_keys'), [segment, CONNECTIONS + 1], { encoding: 'utf8' })
    .trim().split('\n');
  writeFileSync(join(folder, 'keys'), `${keys.join('\n')}\n`, { mode: 0o600 });
  writeFileSync(join(folder, 'load-keys'), `${keys.slice(0, CONNECTIONS).join('\n')}\n`, { mode: 0o600 });
  await start(nginx, nginxConf('upstream', `access_log off; keepalive_requests 10000000;
    server { listen unix:${folder}/upstream.sock; default_type application/json; location / { return 200 '[1]'; } }`, ''),
  join(folder, 'upstream.sock'));
  const [id, secret] = keys[CONNECTIONS].split(' ');
  return { id, secret };
}

/* Runs a bench and leaves nothing behind. */
export async function bench(main) {
  try {
    await main();
  } finally {
    for (const child of children.reverse()) {
      const ended = new Promise((resolve) => { child.once('exit', resolve); });
      if (child.exitCode === null && child.kill('SIGTERM')) await ended;
    }
    rmSync(folder, { recursive: true, force: true });
    rmSync(join(segment, '..'), { recursive: true, force: true });
  }
}
