/* tests/scenarios/rig.mjs: a gateway in pieces, for scenarios that break them
 *
 *     const rig = await startRig({ keys: 16 });
 *     const reply = await rig.call(rig.keys[0]);
 *     await rig.authority.kill(); await rig.authority.start();
 *     await rig.stop();
 *
 * The real authority and the real nginx, with the product's own nginx.conf, but the scenario itself
 * starts and kills them, at once and as often as it likes, and wraps them in what breaks them.  In
 * the exchange's place stands a witness, who notes each request that reached it; or, with
 * `exchange: [options]`, the real exchange, another piece.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FULL, ask, openAccount, until } from './authority.mjs';
import { freePorts, latchkey, request, run, sign } from './harness.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const module = process.env.LATCHKEY_MODULE ?? join(root, 'build/ngx_http_latchkey_module.so');
export const load = join(dirname(latchkey), 'bench/load');
export const WALLETS = 'v2/auth/r/wallets';
const KEYS_AT_ONCE = 16, START_MS = 60_000;

/* The seed of this run: said at its start, and taken from LATCHKEY_SEED to repeat one. */
export function seeded(test) {
  const seed = Number(process.env.LATCHKEY_SEED ?? Math.floor(Math.random() * 2 ** 32)) >>> 0;
  console.error(`# ${test}: seed ${seed} (LATCHKEY_SEED=${seed} repeats it)`);
  let state = seed;
  /* mulberry32, public domain. */
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return { seed, next, below: (n) => Math.floor(next() * n), pick: (list) => list[Math.floor(next() * list.length)] };
}

/* Asks again until `is` holds; for what no event tells. */
export async function eventually(what, is, timeout_ms = 60_000) {
  const give_up = Date.now() + timeout_ms;
  for (;;) {
    const seen = await is();
    if (seen) return seen;
    assert.ok(Date.now() < give_up, `not within ${timeout_ms} ms: ${what}`);
    await pause(20);
  }
}

/* One of the rig's processes: a group of its own, its journal kept. */
export class Piece {
  constructor(name, command, ready, socket) {
    Object.assign(this, { name, command, ready, socket, journal: '', child: undefined, listeners: new Set() });
  }

  get pid() { return this.child?.pid; }
  get runs() { return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null; }

  /* `wrap` stands before the command: strace, faketime. */
  async start({ wrap = [], env = {}, wait = true } = {}) {
    const [program, ...args] = [...wrap, ...this.command()];
    if (this.socket) rmSync(this.socket, { force: true });
    const from = this.journal.length;
    this.child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: { ...process.env, ...env } });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.journal += text;
        for (const listener of this.listeners) listener();
      });
    }
    this.ended = new Promise((resolve) => { this.child.once('exit', (code, signal) => resolve({ code, signal })); });
    if (wait) {
      await Promise.race([this.says(this.ready, { from }), this.ended.then(({ code, signal }) => {
        throw new Error(`${this.name} ended at its start (${code ?? signal}): ${this.journal.slice(from)}`);
      })]);
    }
  }

  /* Resolves once the journal has it, from `from` on. */
  says(pattern, { from = 0, timeout_ms = START_MS } = {}) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(this.journal.slice(from));
        if (!found) return;
        clearTimeout(timer);
        this.listeners.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.listeners.delete(look);
        reject(new Error(`${this.name} never said ${pattern}: ${this.journal.slice(from).slice(-2000)}`));
      }, timeout_ms);
      this.listeners.add(look);
      look();
    });
  }

  signal(signal) { if (this.runs) process.kill(this.pid, signal); }

  /* The whole group, so that neither workers nor what wraps them stay behind. */
  async kill(signal = 'SIGKILL') {
    if (!this.child) return undefined;
    const runs = this.runs;
    if (runs && signal !== 'SIGKILL') process.kill(this.pid, signal);
    else try { process.kill(-this.pid, signal); } catch { /* all gone */ }
    return this.ended;
  }

  get children() {
    try {
      return readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
    } catch { return []; }
  }
}

/* The gateway keeps what proves a request to itself, so that clients say their nonce here once more. */
const WITNESSED = 'x-witnessed-nonce';
export function signed(key, path, body, nonce) {
  const headers = sign(key, path, body, nonce);
  return { 'content-type': 'application/json', ...headers, [WITNESSED]: headers['bfx-nonce'] };
}

/* In the exchange's place: notes who came with which nonce, answers `[1]`. */
class Witness {
  constructor() {
    this.seen = new Map(); // "key nonce" → how often it came
    this.ids = new Set();
    this.delay_ms = 0;
    this.#make();
  }

  #make() {
    this.server = http.createServer((request_, response) => {
      const { 'x-latchkey-request-id': id, 'x-latchkey-key': key, [WITNESSED]: nonce } = request_.headers;
      const name = `${key} ${nonce}`;
      this.ids.add(id);
      if (key && nonce) this.seen.set(name, (this.seen.get(name) ?? 0) + 1);
      const answer = () => response.end('[1]');
      request_.resume().once('end', () => (this.delay_ms ? setTimeout(answer, this.delay_ms) : answer()));
    });
    this.server.keepAliveTimeout = 0;
  }

  listen(path) { return new Promise((resolve) => { this.server.listen(path, resolve); }); }
  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => { this.server.close(resolve); });
  }

  /* After a close: another server, as after a restart. */
  reopen(path) {
    this.#make();
    return this.listen(path);
  }

  assertOnce() {
    assert.ok(this.seen.size > 0, 'the witness has seen something');
    const twice = [...this.seen].filter(([, count]) => count > 1);
    assert.deepEqual(twice, [], 'a nonce was accepted twice');
  }
}

class Rig {
  constructor({ workers, keys, keysEach = KEYS_AT_ONCE, exchange, edit, capacity, prepare, firstStart, nginxReady, nginxEnv }) {
    this.dir = mkdtempSync(join(tmpdir(), 'lk-'));
    this.runFolder = join(this.dir, 'run');
    this.dataFolder = join(this.dir, 'data');
    this.segmentsFolder = join('/dev/shm', basename(this.dir));
    Object.assign(this, { workers, keyCount: keys, keysEach, edit, capacity, prepare, firstStart, nginxEnv });
    for (const folder of [this.runFolder, this.dataFolder]) mkdirSync(folder, { mode: 0o700 });
    const socket = join(this.runFolder, 'exchange-sandbox.sock');
    if (exchange) {
      this.exchange = new Piece('exchange', () => [latchkey, 'exchange', '--environment', 'sandbox', '--data', this.dataFolder,
        '--run', this.runFolder, '--segments', this.segmentsFolder, ...exchange], /ready/, socket);
    } else this.witness = new Witness();
    this.agents = [];
    this.authority = new Piece('authority', () => [latchkey, 'authority', '--data', this.dataFolder, '--run', this.runFolder,
      '--segments', this.segmentsFolder, '--keys', String(this.capacity)], /authority: ready/, join(this.runFolder, 'authority.sock'));
    this.nginx = new Piece('nginx', () => ['/usr/sbin/nginx', '-p', this.runFolder, '-c', join(this.runFolder, 'nginx.conf'),
      '-e', 'stderr', '-g', 'daemon off;'], nginxReady ?? /start worker processes/);
  }

  async open() {
    this.prepare?.(this);
    const [live, sandbox, tripwire] = await freePorts(3);
    this.ports = { live, sandbox, tripwire };
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout',
      join(this.dir, 'server.key'), '-out', join(this.dir, 'server.pem'), '-days', '2', '-subj', '/CN=localhost',
      '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'ignore' });
    this.ca = readFileSync(join(this.dir, 'server.pem'));
    execFileSync(latchkey, ['gateway-key', 'create', join(this.dataFolder, 'gateway.key')], { stdio: 'ignore' });
    this.#conf();
    await this.witness?.listen(join(this.runFolder, 'exchange-sandbox.sock'));
    await this.firstStart?.(this.authority);
    await this.authority.start();
    await this.#issue();
    await this.exchange?.start();
    await this.nginx.start({ env: this.nginxEnv });
    await this.answers();
    return this;
  }

  #conf() {
    const names = { BIND: '127.0.0.1', LIVE_PORT: this.ports.live, SANDBOX_PORT: this.ports.sandbox, TRIPWIRE_PORT: this.ports.tripwire,
      DATA: this.dataFolder, RUN: this.runFolder, SEGMENTS: this.segmentsFolder, MODULE: module, TLS: this.dir,
      CONSOLE: this.dir, ABOUT: this.dir, USER: userInfo().username };
    let conf = readFileSync(join(root, 'packaging/nginx.conf.in'), 'utf8')
      .replace(/@([A-Z_]+)@/g, (_, name) => names[name] ?? assert.fail(`nginx.conf.in knows @${name}@`))
      .replace(/worker_processes \d+;/, `worker_processes ${this.workers};`);
    if (this.edit) conf = this.edit(conf, this);
    writeFileSync(join(this.runFolder, 'nginx.conf'), conf);
  }

  /* Rates are not what is tested here, so they are raised out of the way in the database. */
  async #issue() {
    this.keys = [];
    for (let n = 0; this.keys.length < this.keyCount; n += 1) {
      const owner = await openAccount(this, `rig${n}@example.com`);
      const count = Math.min(this.keysEach, this.keyCount - this.keys.length);
      this.keys.push(...await owner.issue(...Array.from({ length: count }, () => ({ environment: 'sandbox', scopes: FULL }))));
    }
    await this.authority.kill('SIGTERM');
    execFileSync('sqlite3', [join(this.dataFolder, 'authority.db'),
      'UPDATE api_key SET public_per_s = 100000, private_per_s = 100000']);
    await this.authority.start();
  }

  /* Until the gateway answers, other than that it cannot. */
  answers(timeout_ms = 60_000) {
    return eventually('the gateway answers', async () => {
      try {
        return (await request(`https://127.0.0.1:${this.ports.sandbox}/v2/platform/status`, { ca: this.ca })).status !== 503;
      } catch { return false; }
    }, timeout_ms);
  }

  agent() {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    this.agents.push(agent);
    return agent;
  }

  /* A signed request; the options are those of `request`. */
  call(key, { path = WALLETS, body = '{}', nonce, headers, ...more } = {}) {
    return request(`https://127.0.0.1:${this.ports.sandbox}/${path}`, {
      ca: this.ca, method: 'POST', body, timeout: 20_000,
      headers: { ...signed(key, path, body, nonce), ...headers }, ...more,
    });
  }

  /* The same in the clear, which ends the key (C5). */
  callPlain(key, { path = WALLETS, body = '{}' } = {}) {
    return request(`http://127.0.0.1:${this.ports.tripwire}/${path}`, {
      method: 'POST', body, headers: { 'content-type': 'application/json', ...sign(key, path, body) },
    });
  }

  cli(args) {
    return run(latchkey, args, { env: { LATCHKEY_SOCKET: join(this.runFolder, 'authority.sock') } });
  }

  status() { return ask(this, 'GET', '/status'); }
  async problems() { return (await this.status()).problems; }

  /* Until the collector has all records and the log has them on disk. */
  async drained() {
    await until(this, '/status', ({ segments }) => segments.every(({ slots_free: free, slots_total: total }) => free === total));
  }

  async records() {
    const { code, stdout, stderr } = await this.cli(['audit', 'list', '--env', 'sandbox', '--limit', '1000000', '--json']);
    assert.equal(code, 0, stderr);
    return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter(({ kind }) => kind !== 'change');
  }

  /* Everything that was answered, and everything that reached the witness, is in the log once, and
   * the log verifies. */
  async assertRecorded(answered) {
    await this.drained();
    const wanted = [...new Set([...answered, ...this.witness.ids])];
    let count, lost;
    /* Records of a slab whose owner has just been found dead are on their way, though nobody claims
     * the slab any more. */
    for (const give_up = Date.now() + 60_000; ;) {
      count = new Map();
      for (const { request_id: id } of await this.records()) count.set(id, (count.get(id) ?? 0) + 1);
      lost = wanted.filter((id) => !count.has(id));
      if (lost.length === 0 || Date.now() > give_up) break;
      await pause(200);
    }
    assert.deepEqual(lost, [], `${lost.length} requests are not in the log`);
    assert.deepEqual([...count].filter(([, n]) => n > 1), [], 'a request is in the log twice');
    const verified = await this.cli(['audit', 'verify']);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  }

  segment(environment = 'sandbox') { return join(this.segmentsFolder, `${environment}.seg`); }

  async stop({ before } = {}) {
    for (const agent of this.agents) agent.destroy();
    await this.nginx.kill();
    await this.exchange?.kill();
    await this.authority.kill();
    await this.witness?.close();
    before?.();
    for (const folder of [this.dir, this.segmentsFolder]) rmSync(folder, { recursive: true, force: true });
  }
}

export async function startRig({ workers = 2, keys = 16, capacity = 1000, ...more } = {}) {
  const rig = new Rig({ workers, keys, capacity, ...more });
  try {
    return await rig.open();
  } catch (error) {
    console.error(`# nginx: ${rig.nginx.journal}\n# authority: ${rig.authority.journal}\n# exchange: ${rig.exchange?.journal}`);
    await rig.stop();
    throw error;
  }
}
