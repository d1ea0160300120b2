/* A hundred slow clients: headers byte by byte, bodies byte by byte, answers that nobody reads.  Others
 * are served meanwhile as before, and no audit slot is held for a request that is not all there. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import tls from 'node:tls';
import { sign } from './harness.mjs';
import { WALLETS, eventually, seeded, startRig } from './rig.mjs';

const SLOW = 100, DRIP_MS = 100, SECONDS = 4;

let rig, random;
const state = { goes_on: true, closed: 0 };
before(async () => {
  random = seeded('slow');
  rig = await startRig({ keys: 16 });
});
after(async () => {
  state.goes_on = false;
  await rig?.stop();
});

function signed(body) {
  const headers = { host: 'x', 'content-type': 'application/json', 'content-length': body.length, ...sign(random.pick(rig.keys.slice(8)), WALLETS, body) };
  return `POST /${WALLETS} HTTP/1.1\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
}

/* A byte now and then, from somewhere in the request on. */
async function drip(socket, text, from) {
  socket.write(text.slice(0, from));
  for (let at = from; at < text.length - 1 && state.goes_on; at += 1) {
    await pause(DRIP_MS / 2 + random.below(DRIP_MS));
    socket.write(text[at]);
  }
}

/* Asks for much, again and again, and takes nothing. */
async function hoard(socket) {
  socket.pause();
  const text = `GET /v2/${'x'.repeat(300)} HTTP/1.1\r\nhost: x\r\n\r\n`.repeat(20);
  for (let n = 0; n < 50 && state.goes_on; n += 1) {
    socket.write(text);
    await pause(DRIP_MS);
  }
}

function slowClient(kind) {
  const socket = tls.connect({ host: '127.0.0.1', port: rig.ports.sandbox, ca: rig.ca, checkServerIdentity: () => undefined });
  socket.on('error', () => {});
  socket.once('close', () => { state.closed += 1; });
  return new Promise((resolve) => {
    socket.once('secureConnect', () => {
      const text = signed(JSON.stringify({ padding: 'y'.repeat(200) }));
      if (kind === 'headers') resolve({ socket, done: drip(socket, text, 1 + random.below(60)) });
      else if (kind === 'body') resolve({ socket, done: drip(socket, text, text.indexOf('\r\n\r\n') + 5) });
      else resolve({ socket, done: hoard(socket) });
    });
  });
}

/* How long answers take to one who is not slow; microseconds, sorted. */
async function latencies(agent, count) {
  const took = [];
  for (let n = 0; n < count; n += 1) {
    const started = performance.now();
    const reply = await rig.call(rig.keys[0], { agent });
    took.push(performance.now() - started);
    assert.equal(reply.status, 200, reply.text);
  }
  return took.sort((a, b) => a - b);
}

test(`${SLOW} slow clients hold up nobody and hold no slot`, { timeout: 240_000 }, async (t) => {
  const agent = rig.agent();
  await latencies(agent, 50);
  const alone = await latencies(agent, 300);
  const slow = await Promise.all(Array.from({ length: SLOW }, (_, n) => slowClient(['headers', 'body', 'reader'][n % 3])));
  await pause(500);
  const beside = [];
  for (const end = Date.now() + SECONDS * 1000; Date.now() < end;) {
    beside.push(...await latencies(agent, 50));
    /* What waits up to 20 ms for the collector comes and goes; a reader holds one at most. */
    await eventually('slots are free', async () => {
      const { segments } = await rig.status();
      const { slots_free: free, slots_total: total } = segments.find(({ environment }) => environment === 'sandbox');
      return total - free < SLOW / 2;
    }, 10_000); // well within the time that a slow body takes
  }
  beside.sort((a, b) => a - b);
  t.diagnostic(`median alone ${alone[150].toFixed(2)} ms, beside them ${beside[beside.length >> 1].toFixed(2)} ms; `
    + `slowest ${alone.at(-1).toFixed(1)} and ${beside.at(-1).toFixed(1)} ms; ${state.closed} were shown out`);
  assert.ok(beside[beside.length >> 1] < 20 * alone[150] + 20, 'answers take as long as ever');
  assert.deepEqual(await rig.problems(), []);
  state.goes_on = false;
  for (const { socket, done } of slow) {
    await done;
    socket.destroy();
  }
  await rig.drained();
  assert.equal((await rig.cli(['audit', 'verify'])).code, 0);
});

/* It passed as a public request, and the worker died of the list of headers that such a one has not. */
test('a request of HTTP/0.9 is refused and kills nobody', { timeout: 120_000 }, async () => {
  const workers = rig.nginx.children.join();
  const socket = tls.connect({ host: '127.0.0.1', port: rig.ports.sandbox, ca: rig.ca, checkServerIdentity: () => undefined });
  let text = '';
  socket.on('data', (part) => { text += part; }).on('error', () => {});
  socket.write('GET /v2/platform/status\r\n');
  await new Promise((closed) => { socket.once('close', closed); });
  assert.match(text, /request/);
  assert.equal(rig.nginx.children.join(), workers);
});
