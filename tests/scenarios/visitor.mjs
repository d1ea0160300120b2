/* tests/scenarios/visitor.mjs: the console's API on the authority's own socket, with a passkey
 *
 *     const ada = await visit(owner);                 // an Owner of authority.mjs: both factors
 *     await ada.addPasskey();
 *     const reply = await ada.confirmed('/keys', {...});
 *
 * For rigs and benches, where no nginx stands before the portal.  Codes are accepted once each, so
 * three times in half a minute; a passkey confirms as often as one likes.  Real keys and signatures
 * (ES256), attestation "none".
 */
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import http from 'node:http';
import { join } from 'node:path';
import { totp } from './harness.mjs';

const ORIGIN = 'https://localhost:8443', RP = 'localhost', PASSWORD = 'correct horse battery staple';
const PRESENT = 0x01, VERIFIED = 0x04, CREDENTIAL = 0x40;

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const url64 = (bytes) => Buffer.from(bytes).toString('base64url');

/* CBOR of what WebAuthn needs (RFC 8949): numbers, texts, bytes, maps. */
function head(major, n) {
  if (n < 24) return Buffer.from([major << 5 | n]);
  return n < 256 ? Buffer.from([major << 5 | 24, n]) : Buffer.from([major << 5 | 25, n >> 8, n & 255]);
}
function cbor(value) {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flat().map(cbor)]);
}

class Passkey {
  constructor() {
    Object.assign(this, generateKeyPairSync('ec', { namedCurve: 'P-256' }), { id: randomBytes(32), counter: 0 });
  }

  #client(type, challenge) {
    return Buffer.from(JSON.stringify({ type, challenge, origin: ORIGIN, crossOrigin: false }));
  }

  #data(flags) {
    this.counter += 1;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    return Buffer.concat([sha256(RP), Buffer.from([flags]), counter]);
  }

  attest({ challenge }) {
    const { x, y } = this.publicKey.export({ format: 'jwk' });
    const key = cbor(new Map([[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(x, 'base64url')], [-3, Buffer.from(y, 'base64url')]]));
    const data = Buffer.concat([this.#data(PRESENT | VERIFIED | CREDENTIAL), Buffer.alloc(16), Buffer.from([0, this.id.length]), this.id, key]);
    return this.#answer({
      clientDataJSON: url64(this.#client('webauthn.create', challenge)), transports: ['internal'],
      attestationObject: url64(cbor(new Map([['fmt', 'none'], ['attStmt', new Map()], ['authData', data]]))),
    });
  }

  assert({ challenge }) {
    const client = this.#client('webauthn.get', challenge), data = this.#data(PRESENT | VERIFIED);
    return this.#answer({
      clientDataJSON: url64(client), authenticatorData: url64(data),
      signature: url64(sign('sha256', Buffer.concat([data, sha256(client)]), this.privateKey)),
    });
  }

  #answer(response) {
    return { id: url64(this.id), rawId: url64(this.id), type: 'public-key', clientExtensionResults: {}, response };
  }
}

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
    const passkey = new Passkey();
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
