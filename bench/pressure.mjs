/* bench/pressure.mjs: the gateway under pressure, beside plain nginx where that has the same thing
 *
 *   workers     CPU of a request with one worker and with two, and what they answer in a second
 *   open loop   requests due at half of the greatest rate, whatever comes back: latencies from the
 *               moment at which each was due
 *   revocation  a key is revoked by the command line while 16 connections of both workers use it as
 *               fast as they can: was anything sent after the command had returned let through?
 */
import { spawn } from 'node:child_process';
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openAccount } from '../tests/scenarios/authority.mjs';
import { run } from '../tests/scenarios/harness.mjs';
import { POST, alternate, bench, build, costOf, folder, median, stand, startLatchkey, startPlain, us } from './stand.mjs';

const ROUNDS = 5, REQUESTS = 20_000, OPEN_S = 5, REVOCATIONS = 10, CONNECTIONS = 16, REFUSALS = 2_000;
const perS = ({ requests, wall_ns: wall }) => requests / wall * 1e9;

/* The load takes a core of its own, so answers a second say how many cores are there; the CPU of a
 * request says what a second worker costs the first one. */
function workersMeasure(sides) {
  const rounds = alternate(sides, ROUNDS, (side) => costOf(side, POST, REQUESTS));
  const [one, two] = sides.map(({ name }) => rounds.map((round) => round[name]));
  const cost = [one, two].map((runs) => median(runs.map((run) => run.cost)));
  const scaling = median(one.map((run, i) => 2 * run.cost / two[i].cost));
  console.log(`workers: CPU of a request ${us(cost[0])} us with one, ${us(cost[1])} us with two: two do ${scaling.toFixed(2)} times the `
    + `work of one on cores of their own; answered here, load and upstream on the same cores: `
    + `${median(one.map(perS)).toFixed(0)} and ${median(two.map(perS)).toFixed(0)} a second`);
  return median(one.map(perS));
}

function openLoopMeasure(sides, most) {
  const rate = Math.round(most / 2);
  const rounds = alternate(sides, ROUNDS, (side) => costOf(side, POST, rate * OPEN_S, { more: ['--rate', rate] }));
  for (const { name } of sides) {
    const point = (p) => us(median(rounds.map((round) => round[name][p])));
    console.log(`open loop, ${rate} a second: ${name.padEnd(9)} p50 ${point('p50_ns')}  p99 ${point('p99_ns')}  p99.9 ${point('p999_ns')}  `
      + `most ${point('most_ns')} us`);
  }
  console.log(`open loop: p99.9 over plain nginx's, median of ${ROUNDS}: `
    + median(rounds.map((round) => round.latchkey.p999_ns / round.plain.p999_ns)).toFixed(2));
}

const socketsOf = (pid) => readdirSync(`/proc/${pid}/fd`).filter((fd) => {
  try { return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:'); } catch { return false; }
}).length;

const ended = (child) => new Promise((resolve, reject) => {
  let text = '';
  child.stdout.on('data', (part) => { text += part; });
  child.once('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`ended with ${code}`))));
});

const operator = {
  runFolder: join(folder, 'run'),
  cli: (args) => run(join(build, 'latchkey'), args, { env: { LATCHKEY_SOCKET: join(folder, 'run/authority.sock') } }),
};

async function revokedOnce({ port, pids: workers }, { key, secret }) {
  const file = join(folder, 'one-key');
  writeFileSync(file, `${key} ${secret}\n`.repeat(CONNECTIONS), { mode: 0o600 });
  await operator.cli(['key', 'set', key, '--private-rate', '100000', '--nonce-window', 'on']);
  const before = workers.map(socketsOf);
  const running = ended(spawn(join(build, 'bench/load'), [port, file, 10_000_000, ...POST, '--revoked', REFUSALS].map(String), { stdio: ['ignore', 'pipe', 'inherit'] }));
  await pause(500);
  const used = workers.filter((pid, i) => socketsOf(pid) > before[i]).length;
  const asked = process.hrtime.bigint();
  const { code, stderr } = await operator.cli(['key', 'revoke', key, '--reason', 'bench']);
  const returned = process.hrtime.bigint();
  if (code !== 0) throw new Error(stderr);
  const answer = JSON.parse(await running);
  return { used, rate: perS(answer), refused: answer.revoked,
    took: Number(returned - asked), late: answer.last_passed_ns - Number(returned), first: answer.first_revoked_ns - Number(returned) };
}

async function revocationMeasure(side) {
  const owner = await openAccount(operator, 'bench@example.com');
  const keys = await owner.issue(...Array.from({ length: REVOCATIONS }, () => ({ environment: 'sandbox', scopes: ['orders:write'] })));
  const runs = [];
  for (const key of keys) runs.push(await revokedOnce(side, key));
  const late = runs.filter((one) => one.late > 0).length;
  console.log(`revocation: ${REVOCATIONS} keys, each under ${median(runs.map((one) => one.rate)).toFixed(0)} requests a second on `
    + `${Math.min(...runs.map((one) => one.used))} of ${side.pids.length} workers; the command took ${us(median(runs.map((one) => one.took)))} us; `
    + `sent after it had returned and let through: in ${late} runs of ${REVOCATIONS} (the last that passed was sent `
    + `${us(-Math.max(...runs.map((one) => one.late)))} to ${us(-Math.min(...runs.map((one) => one.late)))} us before it returned); `
    + `refused: at least ${Math.min(...runs.map((one) => one.refused))} in each`);
  if (late > 0) process.exitCode = 1;
}

await bench(async () => {
  await stand();
  const one = await startLatchkey(), two = await startLatchkey({ name: 'two workers', workers: 2 });
  const most = workersMeasure([one, two]);
  openLoopMeasure([one, await startPlain()], most);
  await revocationMeasure(two);
});
