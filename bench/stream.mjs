/* bench/stream.mjs: what WebSocket connections cost the exchange
 *
 * Two exchanges of the same seed run side by side, and nobody talks to the second one: whatever it
 * costs is not the connections'.  First 10,000 connections that say nothing, then 100 more that
 * listen to 21 channels each.  Over the exchanges' own sockets: nginx and TLS have a price of
 * their own.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { latchkey } from '../tests/scenarios/harness.mjs';

const IDLE = 10_000, BUSY = 100, AT_ONCE = 50, WINDOW_MS = 10_000;
const PAIRS = ['BTCUSD', 'ETHUSD', 'ETHBTC', 'LTCUSD', 'BTCUST', 'ETHUST', 'USTUSD'];
const HELLO = 'GET /ws/2 HTTP/1.1\r\nHost: exchange\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
  + 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

const folder = mkdtempSync(join(tmpdir(), 'lk-stream-'));

class Exchange {
  constructor(name) {
    this.socket = join(folder, name, 'run/exchange-sandbox.sock');
    this.child = spawn(latchkey, ['exchange', '--environment', 'sandbox', '--seed', '7',
      '--data', join(folder, name, 'data'), '--run', join(folder, name, 'run')], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.ready = new Promise((resolve, reject) => {
      let log = '';
      this.child.stderr.on('data', (text) => { log += text; if (log.includes('ready')) resolve(); });
      this.child.once('close', () => reject(new Error(log)));
    });
  }

  get memoryKb() { return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))[1]); }

  get cpuTicks() {
    const words = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return Number(words[11]) + Number(words[12]);
  }
}

let heard = 0;

const connect = (path) => new Promise((resolve, reject) => {
  const socket = net.connect(path, () => socket.write(HELLO)).once('error', reject);
  socket.once('data', () => {
    socket.on('data', (bytes) => { heard += bytes.length; });
    resolve(socket);
  });
});

/* A text frame, masked with zeros, below 126 bytes. */
function say(socket, event) {
  const text = Buffer.from(JSON.stringify(event));
  socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]));
}

async function measure(what, sides) {
  const before = sides.map((side) => side.cpuTicks), heardBefore = heard;
  await pause(WINDOW_MS);
  const [with_, without] = sides.map((side, i) => `${side.memoryKb} kB, ${(side.cpuTicks - before[i]) * 10} ms`);
  console.log(`${what.padEnd(34)} ${with_}; control ${without} of CPU in ${WINDOW_MS / 1000} s; ${heard - heardBefore} bytes heard`);
}

const sides = [new Exchange('listened'), new Exchange('control')];
try {
  await Promise.all(sides.map(({ ready }) => ready));
  await measure('nobody', sides);
  for (let i = 0; i < IDLE; i += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, () => connect(sides[0].socket)));
  await measure(`${IDLE} that say nothing`, sides);
  for (let i = 0; i < BUSY; i += 1) {
    const socket = await connect(sides[0].socket);
    for (const pair of PAIRS) {
      for (const channel of ['ticker', 'trades']) say(socket, { event: 'subscribe', channel, symbol: `t${pair}` });
      say(socket, { event: 'subscribe', channel: 'candles', key: `trade:1m:t${pair}` });
    }
  }
  await measure(`and ${BUSY} on ${3 * PAIRS.length} channels each`, sides);
} finally {
  for (const { child } of sides) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
