/* tests/scenarios/listener.mjs: one bare connection to a venue's WebSocket, and all that it hears
 *
 *     const bot = await listen(up, { environment: 'sandbox' });
 *     bot.login(key);
 *     const reply = await bot.hearUntil(({ event }) => event === 'auth');
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { nextNonce } from './harness.mjs';

const clients = fileURLToPath(new URL('../clients/', import.meta.url));
const installed = existsSync(`${clients}node_modules/ws`);
const WebSocket = installed ? createRequire(clients)('ws') : undefined;

/* Of tests that need the package. */
export const skip = installed ? false : 'npm ci --prefix tests/clients installs the clients';

/* What a client says to log in. */
export function claim({ key, secret }, { nonce = nextNonce(), payload = `AUTH${nonce}`, ...more } = {}) {
  return { event: 'auth', apiKey: key, authNonce: nonce, authPayload: payload,
    authSig: createHmac('sha384', secret).update(payload).digest('hex'), ...more };
}

export class Listener {
  constructor(up, { address = '127.0.0.1', headers = {}, environment = 'sandbox', url = up.demo[environment].ws } = {}) {
    this.socket = new WebSocket(url, { ca: up.ca, localAddress: address, headers });
    this.heard = [];
    this.wake = () => {};
    this.socket.on('message', (text) => { this.heard.push(JSON.parse(text)); this.wake(); });
    this.closed = new Promise((resolve) => { this.socket.once('close', resolve); });
    this.socket.on('close', () => { this.wake(); });
    this.socket.on('error', () => {});
  }

  say(value) { this.socket.send(JSON.stringify(value)); }

  async hear() {
    while (this.heard.length === 0) {
      assert.ok(this.socket.readyState <= 1, 'the connection ended');
      await new Promise((wake) => { this.wake = wake; });
    }
    return this.heard.shift();
  }

  async hearUntil(wanted) {
    for (;;) {
      const said = await this.hear();
      if (wanted(said)) return said;
    }
  }

  /* The answer to a login, whatever it is. */
  login(key, more) {
    this.say(claim(key, more));
    return this.hearUntil(({ event }) => event === 'auth' || event === 'error');
  }

  /* Says something on channel 0; the next message of this type, a notification of what it answers. */
  ask(type, payload, answer = `${type}-req`) {
    this.say([0, type, null, payload]);
    return this.hearUntil((said) => (Array.isArray(said) && said[0] === 0
      && (said[1] === answer || (said[1] === 'n' && said[2][1] === answer))) || said.event === 'error');
  }
}

/* Open, and greeted. */
export async function listen(up, options) {
  const listener = new Listener(up, options);
  assert.equal((await listener.hear()).version, 2);
  return listener;
}
