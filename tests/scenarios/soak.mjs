/* ./dev soak [seconds]: traffic, a random process killed now and then, and at the end the proof that
 * nothing acknowledged was lost.  Prints one line a kill. */
import { setTimeout as pause } from 'node:timers/promises';
import { startUp } from './harness.mjs';
import { Load } from './load.mjs';

const NAMES = ['authority', 'exchange-live', 'exchange-sandbox', 'nginx'];
const seconds = Number(process.argv[2] ?? 300);
const end = Date.now() + seconds * 1000;
const up = await startUp();
const load = new Load(up);
let kills = 0;

try {
  while (Date.now() < end) {
    await pause(Math.min(10_000, Math.max(0, end - Date.now())));
    const name = NAMES[Math.floor(Math.random() * NAMES.length)];
    const start = Date.now();
    await up.kill(name);
    await up.ready();
    kills += 1;
    console.log(`kill -9 ${name}: answers again after ${Date.now() - start} ms; ${load.requests.size} requests answered, ${load.refusals} not`);
  }
  await load.stop();
  await load.check();
  console.log(`${seconds} s, ${kills} kills, ${load.requests.size} requests answered, ${load.orders.size} orders acknowledged: nothing was lost`);
} finally {
  await load.stop();
  await up.stop();
}
