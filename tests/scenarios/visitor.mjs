/* tests/scenarios/visitor.mjs: the console's API on the authority's own socket, with a passkey
 *
 *     const ada = await visit(owner);                 // an Owner of authority.mjs: both factors
 *     await ada.addPasskey();
 *     const reply = await ada.confirmed('/keys', {...});
 *
 * For rigs and benches, where no nginx stands before the portal.  Codes are accepted once each, so
 * three times in half a minute; a passkey (passkey.mjs) confirms as often as one likes.
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import { join } from 'node:path';
import { totp } from './harness.mjs';
import { Passkey } from './passkey.mjs';

const ORIGIN = 'https://localhost:8443', RP = 'localhost', PASSWORD = 'correct horse battery staple';

class Visitor {
  constructor(up) {
    Object.assign(this, { up, cookies: new Map() });
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  }

  /* Any status; rejects when the connection breaks. */
  call(method, path, body) {
    const text = method === 'GET' ? undefined : JSON.stringify(body ?? {});
    return new Promise((resolve, reject) => {
      const sent = http.request({
        socketPath: join(this.up.runFolder, 'portal.sock'), method, path, agent: this.agent,
        headers: {
          'x-latchkey-address': '127.0.0.1', 'user-agent': 'Visitor/1', cookie: [...this.cookies].map((pair) => pair.join('=')).join('; '),
          ...(text !== undefined && { origin: ORIGIN, 'x-latchkey-csrf': this.csrf ?? '', 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
      }, (reply) => {
        let words = '';
        reply.setEncoding('utf8').on('data', (part) => { words += part; }).once('error', reject);
        reply.once('end', () => {
          const json = words === '' ? undefined : JSON.parse(words);
          for (const line of reply.headers['set-cookie'] ?? []) this.cookies.set(...line.split(';')[0].split(/=(.*)/, 2));
          for (const each of [json, json?.session]) if (each?.csrf && each.level) this.csrf = each.csrf;
          resolve({ status: reply.statusCode, text: words, json });
        });
      }).once('error', reject);
      sent.end(text);
    });
  }

  async done(method, path, body) {
    const reply = await this.call(method, path, body);
    assert.ok(reply.status < 300, `${method} ${path}: ${reply.status} ${reply.text}`);
    return reply.json;
  }

  get(path) { return this.done('GET', path); }
  post(path, body) { return this.done('POST', path, body); }

  async addPasskey(proof) {
    const passkey = new Passkey({ origin: ORIGIN, rp: RP });
    const { publicKey } = await this.post('/factors/passkeys/options', { proof });
    await this.post('/factors/passkeys', { name: 'software', attestation: passkey.attest(publicKey) });
    this.passkey = passkey;
  }

  /* The passkey's proof for this very call. */
  async proof(path, body) {
    const { publicKey } = await this.post('/challenges', { method: 'POST', path, body });
    return { assertion: this.passkey.assert(publicKey) };
  }

  /* A call that the passkey confirms; any status. */
  async confirmed(path, body) { return this.call('POST', path, { ...body, proof: await this.proof(path, body) }); }

  leave() { this.agent.destroy(); }
}

/* The owner logged in with password and code, and with a passkey from there on. */
export async function visit(owner) {
  const visitor = new Visitor(owner.up);
  await visitor.post('/login', { email: owner.email, password: PASSWORD });
  await visitor.post('/login/factor', { proof: { code: totp(owner.seed, (owner.step += 1)) } });
  await visitor.addPasskey({ code: totp(owner.seed, (owner.step += 1)) });
  return visitor;
}
