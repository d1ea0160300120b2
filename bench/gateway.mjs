/* bench/gateway.mjs: what a request costs nginx with Latchkey, beside plain nginx
 *
 * Two gateways with one worker each: (a) with the module, every check, the audit record and a real
 * authority that collects it; (b) without, and with the access log on.  64 connections, each with its
 * own key, send the same requests to both in turn.
 */
import { CONNECTIONS, GET, POST, alternate, authorityRestart, bench, costOf, load, median, stand, startLatchkey, startPlain, us } from './stand.mjs';

const ROUNDS = 9, OPEN_RATE = 2000, REQUESTS = 20_000, FORGED = 60 /* more are held back */, TARGET = 1.00;

/* A refused request does not go up, so it may not cost more than one that passes.  How the kernel
 * schedules worker, load and upstream on few cores moves each run by more than a tenth of refusals
 * does, so there are many short rounds; that all are refused shows what one refusal costs. */
function refusalsMeasure(side) {
  const requests = REQUESTS / 2;
  const more = {
    'all pass': {},
    'a tenth refused': { refused: requests / 10, more: ['--replay', '10'] },
    'all refused': { refused: requests, more: ['--replay', '1'] },
  };
  const sides = Object.keys(more).map((name) => ({ ...side, name }));
  const rounds = alternate(sides, 3 * ROUNDS, (one) => costOf(one, POST, requests, more[one.name]).cost);
  const costs = sides.map(({ name }) => `${name} ${us(median(rounds.map((cost) => cost[name])))} us`).join('   ');
  const ratios = ['a tenth refused', 'all refused'].map((name) => median(rounds.map((cost) => cost[name] / cost['all pass'])).toFixed(3));
  console.log(`POST, nonces replayed  ${costs}   ratios to all pass ${ratios.join(' and ')}`);
}

function measure(words, what, sides) {
  const rounds = alternate(sides, ROUNDS, (side) => costOf(side, what, REQUESTS).cost);
  const [own, control] = ['latchkey', 'plain'].map((name) => median(rounds.map((cost) => cost[name])));
  const ratios = rounds.map((cost) => cost.latchkey / cost.plain);
  const ratio = median(ratios);
  console.log(`${words.padEnd(24)} latchkey ${us(own)} us   plain ${us(control)} us   ratio ${ratio.toFixed(3)}`
    + ` (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})   ${ratio <= TARGET ? 'within' : 'OVER'} ${TARGET.toFixed(2)}`);
}

/* What it costs to wait until the disk knows of a request, in time and not in work: each side in turn. */
async function durabilityMeasure(side) {
  const rounds = { memory: [], disk: [] };
  for (let round = 0; round < 3; round++) {
    for (const durability of Object.keys(rounds)) {
      await authorityRestart(durability);
      rounds[durability].push({ ...load(side.port, OPEN_RATE * 2, POST, '--rate', OPEN_RATE), closed: costOf(side, POST, REQUESTS) });
    }
  }
  for (const [durability, answers] of Object.entries(rounds)) {
    const of = (value) => median(answers.map(value));
    console.log(`durability ${durability.padEnd(6)}        ${Math.round(of(({ closed }) => closed.requests * 1e9 / closed.wall_ns))} requests/s, nginx ${us(of(({ closed }) => closed.cost))} us   `
      + `at ${OPEN_RATE}/s p50 ${(of((a) => a.p50_ns) / 1e6).toFixed(2)} ms   p99 ${(of((a) => a.p99_ns) / 1e6).toFixed(2)} ms`);
  }
}

await bench(async () => {
  await stand();
  const sides = [await startLatchkey(), await startPlain()];
  const forged = load(sides[0].port, FORGED, POST, '--forge');
  if (forged.statuses[200] !== undefined) throw new Error('a forged signature passed');
  console.log(`forged signatures refused before the run counts: ${JSON.stringify(forged.statuses)}`);
  console.log(`CPU time per request of one nginx worker, median of ${ROUNDS} rounds of ${REQUESTS}, `
    + `${CONNECTIONS} connections; control: the same nginx without the module, access log on`);
  measure('POST of 200 bytes', POST, sides);
  measure('GET', GET, sides);
  refusalsMeasure(sides[0]);
  await durabilityMeasure(sides[0]);
});
