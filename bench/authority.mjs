/* bench/authority.mjs: the authority with a million keys on one account (B7)
 *
 *     node bench/authority.mjs [keys] [control keys]      default 1000000 and 1000
 *
 * Two accounts in one real database, the second one the control: each call is made for both in
 * turn, by an owner who is logged in with both factors, over the socket that nginx forwards the
 * console's calls to.  New keys are confirmed by a passkey.  Latencies are those of the client and
 * hold the whole call.  Last, the account is flagged while its neighbour goes on (A3).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask, openAccount } from '../tests/scenarios/authority.mjs';
import { latchkey } from '../tests/scenarios/harness.mjs';
import { Piece } from '../tests/scenarios/rig.mjs';
import { visit } from '../tests/scenarios/visitor.mjs';

const MANY = Number(process.argv[2] ?? 1_000_000), FEW = Number(process.argv[3] ?? 1_000);
const ROUNDS = 200, AIM_MS = 50, START_MS = 600_000;
const fill = fileURLToPath(new URL('../build/bench/authority_keys', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
const up = { runFolder: join(dir, 'run'), dataFolder: join(dir, 'data') };
const segments = join('/dev/shm', basename(dir));
const authority = new Piece('authority', () => [latchkey, 'authority', '--data', up.dataFolder, '--run', up.runFolder, '--segments', segments,
  '--keys', String(MANY + FEW + 10_000)], /authority: ready/, join(up.runFolder, 'authority.sock'));

const ms = (ns) => Number(ns) / 1e6;
const timed = async (call) => {
  const from = process.hrtime.bigint();
  const value = await call();
  return { value, took: ms(process.hrtime.bigint() - from) };
};
const start = async () => (await timed(async () => {
  await authority.start({ wait: false });
  await authority.says(/authority: ready/, { from: authority.journal.lastIndexOf('authority: ready') + 1, timeout_ms: START_MS });
})).took;

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
const shown = (times) => {
  const sorted = [...times].sort((a, b) => a - b);
  return `${[0.5, 0.99, 1].map((q) => quantile(sorted, q).toFixed(1).padStart(7)).join(' ')}`;
};
const label = (number) => `bot ${String(number).padStart(7, '0')}`;

/* Each call for both accounts in turn; a side is { visitor, count, ids, deep }. */
async function measure(what, sides, call, rounds = ROUNDS) {
  const times = sides.map(() => []);
  for (let n = 0; n < rounds; n += 1) {
    for (const [i, side] of sides.entries()) times[i].push((await timed(() => call(side, n))).took);
  }
  const late = Math.max(...times[0]) >= AIM_MS;
  console.log(`${what.padEnd(44)}${times.map(shown).join('   ')}${late ? '   over the aim at times' : ''}`);
}

/* An id whose key stands a tenth of all before the oldest one. */
async function deepOf(visitor, count) {
  const { keys: [{ id }] } = await visitor.get(`/keys?search=${encodeURIComponent(label(Math.floor(count / 10)))}`);
  return id;
}

async function sideOf(owner, count) {
  const visitor = await visit(owner);
  const { keys } = await visitor.get('/keys?limit=200');
  return { owner, visitor, count, ids: keys.map(({ id }) => id), deep: await deepOf(visitor, count) };
}

const application = (n, suffix) => ({
  environment: 'sandbox', label: `new ${n} ${suffix}`, scopes: ['orders:read'], confirmed_groups: ['read'], ip_rules: [`172.16.${n >> 8}.${n & 255}`],
});
const expect = (reply, status) => { if (reply.status !== status) throw new Error(`${reply.status} instead of ${status}: ${reply.text}`); };

async function readsMeasure(sides) {
  const get = (query) => ({ visitor, ...side }, n) => visitor.get(`/keys?${typeof query === 'string' ? query : query(side, n)}`);
  await measure('list, first page of 50', sides, get(''));
  await measure('list, page of 200', sides, get('limit=200'));
  await measure('list, page behind nine tenths', sides, get(({ deep }) => `before=${deep}`));
  await measure('list, state=revoked', sides, get('state=revoked'));
  await measure('list, state=revoked, behind nine tenths', sides, get(({ deep }) => `state=revoked&before=${deep}`));
  await measure('list, state=suspended: there is none', sides, get('state=suspended'));
  await measure('list, environment=live: there is none', sides, get('environment=live'));
  await measure('search, one label', sides, get(({ count }, n) => `search=${encodeURIComponent(label((n * 7919) % count))}`));
  await measure('search, "bot 00": label of a tenth or more', sides, get(() => 'search=bot%2000'));
  await measure('search, "bot 00", state=revoked', sides, get(() => 'search=bot%2000&state=revoked'));
  await measure('search, "bot", state=suspended: none', sides, get(() => 'search=bot&state=suspended'));
  await measure('search, a label that is none', sides, get(() => 'search=nobody'));
  await measure('search, whole key id', sides, get(({ ids }, n) => `search=${ids[n % ids.length]}`));
  await measure('search, beginning of a key id', sides, get(({ ids }, n) => `search=${ids[n % ids.length].slice(0, 13)}`));
  await measure('one key', sides, ({ visitor, ids }, n) => visitor.get(`/keys/${ids[n % ids.length]}`));
  await measure('admin socket, key list, first page of 50', sides, ({ owner }) => ask(up, 'GET', `/keys?account=${owner.email}&limit=50`));
  await measure('admin socket, key list, behind nine tenths', sides, ({ owner, deep }) => ask(up, 'GET', `/keys?account=${owner.email}&limit=50&after=${deep}`));
}

async function writesMeasure(sides) {
  await measure('check a form, label and rules free', sides, ({ visitor }, n) => visitor.post('/keys/check', application(n, 'x')));
  await measure('check a form, label and rules taken', sides, ({ visitor }, n) => visitor.post('/keys/check',
    { ...application(n, 'x'), label: label(n % 99 + 1), ip_rules: [`10.0.0.${n % 99 + 1}`] }));
  const times = sides.map(() => ({ create: [], clash: [], revoke: [] }));
  for (let n = 0; n < ROUNDS; n += 1) {
    for (const [i, side] of sides.entries()) {
      const body = application(n, 'made'), clash = { ...body, label: label(n + 1 + (n % 100 === 99)), ip_rules: [`10.0.0.${n + 1 + (n % 100 === 99)}`] };
      const good = { ...body, proof: await side.visitor.proof('/keys', body) };
      const { value, took } = await timed(() => side.visitor.call('POST', '/keys', good));
      expect(value, 201);
      times[i].create.push(took);
      const refused = await timed(() => side.visitor.call('POST', '/keys', { ...clash, proof: { code: '000000' } }));
      expect(refused.value, 409);
      times[i].clash.push(refused.took);
      const revoked = await timed(() => side.visitor.call('POST', `/keys/${value.json.key.id}/revoke`, {}));
      expect(revoked.value, 200);
      times[i].revoke.push(revoked.took);
    }
  }
  for (const [what, name] of [['create a key', 'create'], ['create, refused: label and rules are taken', 'clash'], ['revoke a key', 'revoke']])
    console.log(`${what.padEnd(44)}${times.map((side) => shown(side[name])).join('   ')}`);
}

/* The neighbour lists, and makes and revokes keys, while an operator does something to all keys. */
async function besides(what, neighbour, action) {
  const times = { list: [], create: [] };
  let ended = false, error;
  const acting = timed(action).catch((thrown) => { error = thrown; return { took: NaN }; }).finally(() => { ended = true; });
  for (let n = 0; !ended; n += 1) {
    times.list.push((await timed(() => neighbour.visitor.get('/keys'))).took);
    const body = application(5000 + n, what), proof = await neighbour.visitor.proof('/keys', body);
    const { value, took } = await timed(() => neighbour.visitor.call('POST', '/keys', { ...body, proof }));
    expect(value, 201);
    times.create.push(took);
    expect(await neighbour.visitor.call('POST', `/keys/${value.json.key.id}/revoke`, {}), 200);
  }
  const { took } = await acting;
  if (error) throw error;
  console.log(`${what}: ${(took / 1000).toFixed(1)} s; the neighbour meanwhile (p50, p99, most): list ${shown(times.list)}, create ${shown(times.create)} ms`);
}

async function run() {
  for (const folder of [up.runFolder, up.dataFolder]) mkdirSync(folder, { mode: 0o700 });
  await start();
  const many = await openAccount(up, 'many@example.com'), few = await openAccount(up, 'few@example.com');
  await authority.kill('SIGTERM');
  execFileSync(fill, [up.dataFolder, String(few.id), String(FEW)]);
  const first = await start();
  await authority.kill('SIGTERM');
  const { took: filled } = await timed(async () => execFileSync(fill, [up.dataFolder, String(many.id), String(MANY)], { stdio: ['ignore', 'ignore', 'inherit'] }));
  console.log(`${MANY} keys written in ${(filled / 1000).toFixed(0)} s, database ${(statSync(join(up.dataFolder, 'authority.db')).size / 2 ** 20).toFixed(0)} MiB`);
  const cold = await start();
  await authority.kill('SIGTERM');
  const warm = await start();
  console.log(`start until ready: ${FEW} keys ${(first / 1000).toFixed(2)} s; ${MANY + FEW} keys ${(cold / 1000).toFixed(1)} s, segments new; ${(warm / 1000).toFixed(1)} s, taken over`);
  const sides = [await sideOf({ ...many, up }, MANY), await sideOf({ ...few, up }, FEW)];
  console.log(`${'ms: p50, p99, most'.padEnd(44)}${String(MANY).padStart(23)}   ${String(FEW).padStart(23)}`);
  await readsMeasure(sides);
  await writesMeasure(sides);
  const [, neighbour] = sides;
  await besides('flag it, suspend its keys', neighbour, () => ask(up, 'POST', '/accounts/many@example.com/flag', { kind: 'suspicious', keys: 'suspend', reason: 'bench' }));
  await besides('resolve the flag', neighbour, () => ask(up, 'POST', '/accounts/many@example.com/unflag', { reason: 'bench' }));
  await besides('flag it, revoke its keys', neighbour, () => ask(up, 'POST', '/accounts/many@example.com/flag', { kind: 'suspicious', keys: 'revoke', reason: 'bench' }));
}

try {
  await run();
} catch (error) {
  console.error(authority.journal.slice(-3000));
  throw error;
} finally {
  await authority.kill('SIGTERM');
  rmSync(dir, { recursive: true, force: true });
  rmSync(segments, { recursive: true, force: true });
}
process.exit();
