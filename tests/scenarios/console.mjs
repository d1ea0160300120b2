/* tests/scenarios/console.mjs: the console's API as a browser uses it, held against openapi.json
 *
 *     const ada = new Browser(up);
 *     await ada.signUp('ada@example.com');           // follows the mailed link, logs in
 *     await ada.post('/keys', {...});                // any status; the reply fits its schema
 *     const operator = await operatorOf(up);         // logged in with both factors
 *
 * Each reply of each call is validated by ajv against the schema that the document has for its
 * path, method and status, so what is described is what is sent.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Contract } from '../clients/contract.mjs';
import { request, totp } from './harness.mjs';

export const PASSWORD = 'correct horse battery staple';
export const API = '/console/api';

const contracts = new WeakMap();
async function contractOf(up) {
  if (!contracts.has(up)) {
    contracts.set(up, request(`${via(up)}${API}/openapi.json`, { ca: up.ca }).then((reply) => {
      assert.equal(reply.status, 200, reply.text);
      return new Contract(reply.json);
    }));
  }
  return contracts.get(up);
}
export { contractOf };

/* The console answers under a name; its address is what is listened on. */
const via = (up) => `https://127.0.0.1:${up.ports.live}`;
export const originOf = (up) => new URL(up.demo.console).origin;

/* Mails to an address so far, the newest last, as they were sent. */
export function mailsTo(up, email) {
  const folder = join(up.runFolder, 'mail');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith('.eml')).sort()
    .map((name) => decoded(readFileSync(join(folder, name), 'utf8')))
    .filter((text) => new RegExp(`^To:.*${email.replace(/[.+]/g, '\\$&')}`, 'im').test(text));
}

/* Quoted-printable and base64 bodies become text. */
function decoded(text) {
  const [head, ...rest] = text.split(/\r?\n\r?\n/);
  const body = rest.join('\n\n');
  if (/^content-transfer-encoding:\s*base64/im.test(head)) return `${head}\n\n${Buffer.from(body, 'base64').toString('utf8')}`;
  if (!/^content-transfer-encoding:\s*quoted-printable/im.test(head)) return `${head}\n\n${body}`;
  const bytes = body.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return `${head}\n\n${Buffer.from(bytes, 'latin1').toString('utf8')}`;
}

/* The newest mail to an address that the pattern finds, once more than `after` of them came. */
export async function mailFor(up, email, pattern, after = 0, timeout_ms = 60_000) {
  const give_up = Date.now() + timeout_ms;
  for (;;) {
    const found = mailsTo(up, email).map((text) => pattern.exec(text)).filter(Boolean);
    if (found.length > after) return found.at(-1);
    assert.ok(Date.now() < give_up, `no mail like ${pattern} to ${email}`);
    await pause(50);
  }
}

/* The token of the newest mailed link of a purpose: "email", "password", "withdrawal", "approval".
 * `after`: how many such mails there were before. */
export async function linkFor(up, email, purpose, after = 0) {
  return (await mailFor(up, email, new RegExp(`#/link/${purpose}/([\\w-]+)`), after))[1];
}

export class Browser {
  constructor(up, { agent = 'Scenario/1' } = {}) {
    Object.assign(this, { up, agent, cookies: new Map(), csrf: undefined, session: undefined, step: -1 });
  }

  get cookie() { return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '); }

  /* A call with all that a page of the console sends; `headers` overrides, undefined removes. */
  async call(method, path, body, { headers = {}, raw, check = true, ...more } = {}) {
    const all = {
      'user-agent': this.agent, cookie: this.cookie || undefined,
      ...(method !== 'GET' && { origin: originOf(this.up), 'x-latchkey-csrf': this.csrf, 'content-type': 'application/json' }),
      ...headers,
    };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    const reply = await request(`${via(this.up)}${API}${path}`, {
      ca: this.up.ca, method, headers: sent, body: raw ?? (method === 'GET' ? undefined : JSON.stringify(body ?? {})), ...more,
    });
    for (const line of reply.headers['set-cookie'] ?? []) {
      const [, name, value, rest] = /^([^=]+)=([^;]*)(.*)$/.exec(line);
      assert.match(rest, /; Secure; HttpOnly; SameSite=Strict; Path=\//);
      if (/Max-Age=0/.test(rest)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    /* A first factor raises the session, which the reply then holds. */
    for (const each of [reply.json, reply.json?.session]) {
      if (each?.csrf && each.level) [this.csrf, this.session] = [each.csrf, each];
    }
    if (check) (await contractOf(this.up)).check(method, path, reply);
    return reply;
  }

  get(path, options) { return this.call('GET', path, undefined, options); }
  post(path, body, options) { return this.call('POST', path, body, options); }

  /* The same, and it has to succeed; the reply's JSON. */
  async read(path) { return done(await this.get(path), `GET ${path}`); }
  async done(path, body, options) { return done(await this.post(path, body, options), `POST ${path}`); }

  /* A new account of this browser's owner, logged in with its password. */
  async signUp(email, { password = PASSWORD, kind = 'individual', jurisdiction = 'CH', name = 'Ada Lovelace' } = {}) {
    Object.assign(this, { email, password });
    await this.done('/signup', { email, password, kind, jurisdiction, name });
    await this.done('/links/email', { token: await linkFor(this.up, email, 'email') });
    return this.login();
  }

  /* With the second factor as well when `seed` is known. */
  async login({ email = this.email, password = this.password, seed = this.seed } = {}) {
    Object.assign(this, { email, password, seed });
    const session = await this.done('/login', { email, password });
    return session.needs_factor && seed ? this.done('/login/factor', { proof: { code: this.code() } }) : session;
  }

  /* Codes work once each: the one before, the present and the next one, then wait. */
  code() {
    const step = Math.max(this.step + 1, Math.floor(Date.now() / 30_000) - 1);
    this.step = step;
    return totp(this.seed, step - Math.floor(Date.now() / 30_000));
  }

  /* A code that is good now, waiting for the next half minute when all were used. */
  async freshCode() {
    const ahead = this.step + 1 - Math.floor(Date.now() / 30_000);
    if (ahead > 1) await pause((ahead - 1) * 30_000 - (Date.now() % 30_000) + 50);
    return this.code();
  }

  /* Authenticator app as second factor; the session is full afterwards. */
  async enrol() {
    const { secret } = await this.done('/factors/totp', {});
    this.seed = secret;
    return this.done('/factors/totp/confirm', { code: this.code() });
  }
}

function done(reply, what) {
  assert.ok(reply.status >= 200 && reply.status < 300, `${what}: ${reply.status} ${reply.text}`);
  return reply.json;
}

/* The try-out's people, logged in with both factors.  Their seeds' codes of the present and the
 * step before were used when they were made. */
async function personOf(up, { email, password, totp_secret: seed }) {
  const browser = new Browser(up);
  Object.assign(browser, { email, password, seed, step: Math.floor(Date.now() / 30_000) });
  await browser.login();
  return browser;
}
export const operatorOf = (up) => personOf(up, up.demo.operator);
export const customerOf = (up) => personOf(up, up.demo.account);

/* Whether the refusal has the code. */
export function assertRefused(reply, status, code) {
  assert.equal(reply.status, status, reply.text);
  assert.ok(reply.json.error.reasons.some((reason) => reason.code === code) || reply.json.error.code === code, reply.text);
}
