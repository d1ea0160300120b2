/* tests/scenarios/passkey.mjs: an authenticator in software, and the browser around it
 *
 *     const passkey = new Passkey({ origin: 'https://localhost:8443', rp: 'localhost' });
 *     const attestation = passkey.attest(options.publicKey);
 *     const assertion = passkey.assert(challenge.publicKey, { counter: 1 });
 *
 * Written from Web Authentication Level 2 alone, with Node's cryptography: real keys and signatures
 * (ES256), attestation "none".  It does what an honest one does unless it is told to lie: `origin`,
 * `rp`, `type`, `framed`, `flags`, `counter`, `algorithm`, `statement`, `signer` of one answer.
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/* Flags of authenticator data (6.1). */
export const PRESENT = 0x01, VERIFIED = 0x04;
const CREDENTIAL = 0x40, ES256 = -7;

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

export class Passkey {
  constructor({ origin, rp, id = randomBytes(32) }) {
    Object.assign(this, generateKeyPairSync('ec', { namedCurve: 'P-256' }), { origin, rp, id, counter: 0 });
  }

  #client(type, challenge, { origin = this.origin, framed = false }) {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: framed }));
  }

  #data(flags, { rp = this.rp, counter = (this.counter += 1) }) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(counter);
    return Buffer.concat([sha256(rp), Buffer.from([flags]), bytes]);
  }

  /* RegistrationResponseJSON. */
  attest({ challenge }, { type = 'webauthn.create', flags = PRESENT | VERIFIED, algorithm = ES256, statement = 'none', ...lies } = {}) {
    const { x, y } = this.publicKey.export({ format: 'jwk' });
    const key = cbor(new Map([[1, 2], [3, algorithm], [-1, 1], [-2, Buffer.from(x, 'base64url')], [-3, Buffer.from(y, 'base64url')]]));
    const data = Buffer.concat([this.#data(flags | CREDENTIAL, lies), Buffer.alloc(16), Buffer.from([0, this.id.length]), this.id, key]);
    return this.#answer({
      clientDataJSON: url64(this.#client(type, challenge, lies)), transports: ['internal'],
      attestationObject: url64(cbor(new Map([['fmt', statement], ['attStmt', new Map()], ['authData', data]]))),
    });
  }

  /* AuthenticationResponseJSON. */
  assert({ challenge }, { type = 'webauthn.get', flags = PRESENT | VERIFIED, signer = this.privateKey, ...lies } = {}) {
    const client = this.#client(type, challenge, lies), data = this.#data(flags, lies);
    return this.#answer({
      clientDataJSON: url64(client), authenticatorData: url64(data),
      signature: url64(sign('sha256', Buffer.concat([data, sha256(client)]), signer)),
    });
  }

  #answer(response) {
    return { id: url64(this.id), rawId: url64(this.id), type: 'public-key', clientExtensionResults: {}, response };
  }
}
