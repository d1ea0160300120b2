/* tests/scenarios/harness.mjs: a real try-out in a folder of its own
 *
 *     const up = await startUp();
 *     const reply = await up.call('sandbox', up.demo.sandbox.keys[0], 'v2/auth/r/wallets');
 *     await up.stop();
 *
 * Real nginx, authority and exchanges on free ports of loopback.  Everything is awaited by event:
 * the file that `latchkey up` writes when all of it answers, the end of a process.
 */
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, watch } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const latchkey = process.env.LATCHKEY ?? join(root, 'build/latchkey');
const START_MS = 180_000;

/* Ports that nobody listens on, all different. */
export async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  })));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/* Runs a program to its end; never throws for its exit code. */
export function run(program, args, { input = '', env = {}, cwd } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env } });
    let stdout = '', stderr = '';
    child.stdout.on('data', (text) => { stdout += text; });
    child.stderr.on('data', (text) => { stderr += text; });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    child.stdin.on('error', () => {}); // a program may end without reading
    child.stdin.end(input);
  });
}

/* Resolves once `ready()` is true, looking again whenever the folder changes. */
export function awaitFolder(folder, ready, timeout = START_MS) {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (!ready()) return;
      watcher.close();
      clearTimeout(timer);
      resolve();
    };
    const watcher = watch(folder, look);
    const timer = setTimeout(() => {
      watcher.close();
      reject(new Error(`nothing came of waiting ${timeout} ms for ${folder}`));
    }, timeout);
    look();
  });
}

let lastNonce = 0;

/* Greater than all before, in microseconds. */
export function nextNonce() {
  lastNonce = Math.max(lastNonce + 1, Date.now() * 1000);
  return lastNonce;
}

/* The three headers of a signed request, as the venue's own clients make them. */
export function sign({ key, secret }, path, body = '{}', nonce = nextNonce()) {
  const text = String(nonce);
  const signature = createHmac('sha384', secret).update(`/api/${path}${text}${body}`).digest('hex');
  return { 'bfx-apikey': key, 'bfx-nonce': text, 'bfx-signature': signature };
}

/* One request on a connection of its own; `json` is undefined when the body is none. */
export function request(url, { ca, method = 'GET', headers = {}, body, ...more } = {}) {
  const { request: send } = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const sent = send(url, { ca, method, headers, agent: false, ...more }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (part) => { text += part; }).on('error', reject);
      reply.once('end', () => {
        let json;
        try { json = JSON.parse(text); } catch { /* not JSON: `text` says what it is */ }
        resolve({ status: reply.statusCode, headers: reply.headers, text, json });
      });
    }).once('error', reject);
    sent.end(body);
  });
}

/* The code that an authenticator with this seed shows (RFC 6238), `steps` steps from `now_ms`. */
export function totp(seed, steps = 0, now_ms = Date.now()) {
  const bits = [...seed.replace(/=+$/, '')]
    .map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now_ms / 30_000) + steps));
  const digest = createHmac('sha1', secret).update(counter).digest();
  const offset = digest[19] & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/* Children of a process by name of their log, as `latchkey up` starts them. */
function childrenOf(pid) {
  const found = {};
  for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')) {
    if (child === '') continue;
    const words = readFileSync(`/proc/${child}/cmdline`, 'utf8').split('\0');
    const environment = words[words.indexOf('--environment') + 1];
    if (words.includes('authority')) found.authority = Number(child);
    else if (words.includes('exchange')) found[`exchange-${environment}`] = Number(child);
    else if (words[0].startsWith('nginx: master') || words[0].endsWith('nginx')) found.nginx = Number(child);
  }
  return found;
}

/* When a file was last written; undefined when it is not there. */
const modified = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs;

/* Shared memory of its own, beside the folder's name. */
const segmentsOf = (dir) => join('/dev/shm', basename(dir));

class Up {
  constructor(dir, args, ports, child) {
    Object.assign(this, { dir, args, ports, child });
    this.runFolder = join(dir, 'run');
    this.segmentsFolder = segmentsOf(dir);
    this.stale = modified(this.demoFile); // left by a supervisor that was killed
    this.output = '';
    child.stdout.on('data', (text) => { this.output += text; });
    child.stderr.on('data', (text) => { this.output += text; });
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
  }

  get demoFile() { return join(this.runFolder, 'demo.json'); }
  get pids() { return childrenOf(this.child.pid); }

  /* Waits until everything answers, at the start or again after a process was killed. */
  async ready() {
    const failed = this.ended.then(({ code }) => {
      throw new Error(`latchkey up ended with ${code}:\n${this.output}\n${this.logs()}`);
    });
    const written = () => ![undefined, this.stale].includes(modified(this.demoFile));
    await Promise.race([failed, awaitFolder(this.runFolder, written)]);
    failed.catch(() => {}); // from here on its end is for the test to judge
    this.demo = JSON.parse(readFileSync(this.demoFile, 'utf8'));
    this.ca = readFileSync(this.demo.ca);
    return this;
  }

  logs() {
    return readdirSync(this.runFolder).filter((name) => name.endsWith('.log'))
      .map((name) => `--- ${name}\n${readFileSync(join(this.runFolder, name), 'utf8').slice(-3000)}`)
      .join('\n');
  }

  /* An unsigned request to a venue. */
  get(environment, path, options = {}) {
    return request(`${this.demo[environment].rest}/${path}`, { ca: this.ca, ...options });
  }

  /* A signed one. */
  call(environment, key, path, body = {}, options = {}) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const headers = { 'content-type': 'application/json', ...sign(key, path, text, options.nonce) };
    return request(`${this.demo[environment].rest}/${path}`, {
      ca: this.ca, method: 'POST', body: text, ...options, headers: { ...headers, ...options.headers },
    });
  }

  /* The command line, as the operator of this try-out. */
  cli(args, options = {}) {
    return run(latchkey, args, {
      ...options, env: { LATCHKEY_SOCKET: join(this.runFolder, 'authority.sock'), ...options.env },
    });
  }

  /* Kills one of the processes and waits until the supervisor has noticed. */
  async kill(name) {
    const before = modified(this.demoFile);
    process.kill(this.pids[name], 'SIGKILL');
    await awaitFolder(this.runFolder, () => modified(this.demoFile) !== before);
  }

  async stop({ signal = 'SIGINT', keep = false } = {}) {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    const ended = await this.ended;
    if (!keep) {
      for (const folder of [this.dir, this.segmentsFolder]) rmSync(folder, { recursive: true, force: true });
    }
    return ended;
  }
}

/* Starts `latchkey up`.  `dir` takes over the folder of an earlier one; `ready: false` returns at
 * once, for starts that must fail. */
export async function startUp({ args = [], dir, ports, ready = true, env = {} } = {}) {
  const folder = dir ?? mkdtempSync(join(tmpdir(), 'lk-'));
  const [live, sandbox, tripwire] = ports ?? await freePorts(3);
  const child = spawn(latchkey, [
    'up', '--data', join(folder, 'data'), '--run', join(folder, 'run'),
    '--segments', segmentsOf(folder), '--live-port', live, '--sandbox-port', sandbox,
    '--tripwire-port', tripwire,
    ...(process.env.LATCHKEY_MODULE ? ['--module', process.env.LATCHKEY_MODULE] : []), ...args,
  ].map(String), { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const up = new Up(folder, args, { live, sandbox, tripwire }, child);
  if (!ready) return up;
  await awaitFolder(folder, () => existsSync(up.runFolder) || child.exitCode !== null);
  return up.ready();
}
