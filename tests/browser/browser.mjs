/* tests/browser/browser.mjs: a person at the console, in Debian's Chromium
 *
 *     const house = await openHouse();              // a try-out of its own and a browser
 *     const ada = await house.person();             // a window of her own: cookies, mails, authenticator
 *     await ada.go('/signup');
 *     await house.close();
 *
 * A window notes whatever a page must not do: an error in its console, a violation of the content
 * security policy, a request to another origin.  `close` fails when one did.
 */
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, statSync, watch } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { startUp, totp } from '../scenarios/harness.mjs';

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
/* How long to wait for what a page shall show: two busy cores take their time. */
const PATIENCE_MS = Number(process.env.LATCHKEY_PATIENCE_MS ?? 60_000);

/* Where `./dev shots` wants its pictures; undefined: none are taken. */
const shots = process.env.LATCHKEY_SHOTS;

export const PASSWORD = 'correct horse battery staple 7';

/* The name of the server's public key, by which Chromium may trust a certificate of ours and nobody
 * else's: so that the page is a secure context, as WebAuthn demands. */
function keyName(pem) {
  const spki = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('base64');
}

class House {
  constructor(up, browser) {
    Object.assign(this, { up, browser, people: [] });
  }

  get origin() { return `https://localhost:${this.up.ports.live}`; }

  async person({ width = 1280, height = 900, scheme = 'light' } = {}) {
    const context = await this.browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale: 'en-GB', timezoneId: 'Europe/Zurich', reducedMotion: 'reduce' });
    context.setDefaultTimeout(PATIENCE_MS);
    const person = new Person(this, context, await context.newPage());
    this.people.push(person);
    return person;
  }

  async close() {
    const faults = this.people.flatMap(({ faults: each }) => each);
    await this.browser.close();
    await this.up.stop();
    assert.deepEqual(faults, []);
  }
}

class Person {
  constructor(house, context, page) {
    Object.assign(this, { house, context, page, faults: [], steps: new Map() });
    page.on('console', (message) => {
      /* A refusal is an answer: Chromium calls each 4xx an error. */
      if (message.type() === 'error' && !/Failed to load resource: the server responded with a status of 4\d\d/.test(message.text()))
        this.faults.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => { this.faults.push(`page: ${error.stack}`); });
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== house.origin && !['data:', 'blob:'].includes(protocol)) this.faults.push(`a request to ${request.url()}`);
    });
  }

  go(path) { return this.page.goto(`${this.house.origin}/console/#${path}`); }

  /* This window gets the session of a Browser of ../scenarios/console.mjs, as if it had logged in here. */
  async enter(api) {
    await this.context.clearCookies();
    await this.context.addCookies([...api.cookies].map(([name, value]) => (
      { name, value, url: this.house.origin, secure: true, httpOnly: true, sameSite: 'Strict' })));
  }

  /* What a person would point at, by what it is called. */
  button(name, options = {}) { return this.page.getByRole('button', { name, ...options }); }
  link(name, options = {}) { return this.page.getByRole('link', { name, ...options }); }
  field(name, options = {}) { return this.page.getByLabel(name, options); }
  heading(name) { return this.page.getByRole('heading', { name }); }
  sees(text) { return this.page.getByText(text).first().waitFor(); }

  /* A code that this seed has not shown yet: each is good once.  Moves at most one step ahead. */
  async code(seed) {
    const now = Math.floor(Date.now() / 30_000), last = this.steps.get(seed) ?? 0;
    const step = Math.max(now, last + 1);
    if (step > now + 1) {
      await new Promise((resolve) => { setTimeout(resolve, (step - 1) * 30_000 - Date.now()); });
    }
    this.steps.set(seed, step);
    return totp(seed, step - Math.floor(Date.now() / 30_000));
  }

  /* One for the window: with the session that made it an authenticator goes away, too. */
  async devtools() {
    this.session ??= await this.context.newCDPSession(this.page);
    return this.session;
  }

  /* A security key that is always touched and always knows its owner (CDP WebAuthn). */
  async securityKey() {
    const session = await this.devtools();
    await session.send('WebAuthn.enable');
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options: {
      protocol: 'ctap2', transport: 'usb', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
    return { session, authenticatorId };
  }

  /* axe-core finds nothing on the page as it stands, in light and in dark. */
  async accessible(name) {
    /* Each page is a script of its own, and there is nothing on it before that has come. */
    await this.page.locator('h1').first().waitFor({ state: 'attached' });
    /* A list that is being fetched anew is paler, as a button is that can't be used. */
    await this.page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
    for (const scheme of ['light', 'dark']) {
      await this.page.emulateMedia({ colorScheme: scheme });
      /* The page's colours move over, and half way they have no contrast. */
      await this.page.evaluate(() => Promise.allSettled(document.getAnimations().filter((each) => each instanceof CSSTransition).map(({ finished }) => finished)));
      const session = await this.devtools();
      /* Not a script of the page's: the content security policy has no word in it. */
      await session.send('Runtime.evaluate', { expression: AXE });
      const { result, exceptionDetails } = await session.send('Runtime.evaluate', { returnByValue: true, awaitPromise: true,
        expression: 'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`))' });
      assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
      assert.deepEqual(result.value, [], `${name}, ${scheme}`);
    }
    await this.page.emulateMedia({ colorScheme: 'light' });
    await this.shot(name);
  }

  async shot(name) {
    if (!shots) return;
    mkdirSync(shots, { recursive: true });
    const before = this.page.viewportSize();
    for (const [width, height] of [[1280, 900], [390, 844]]) {
      for (const scheme of ['light', 'dark']) {
        await this.page.setViewportSize({ width, height });
        await this.page.emulateMedia({ colorScheme: scheme });
        await this.page.screenshot({ path: join(shots, `${name}-${width}-${scheme}.png`), fullPage: width === 390 });
      }
    }
    await this.page.setViewportSize(before);
    await this.page.emulateMedia({ colorScheme: 'light' });
  }

  /* The link in the newest mail to this address that has one for the purpose, once it is there. */
  async mailedLink(to, purpose, newer = 0) {
    const folder = join(this.house.up.runFolder, 'mail');
    const find = () => {
      const mails = readdirSync(folder).filter((name) => name.endsWith('.eml')).sort().reverse();
      for (const name of mails) {
        if (statSync(join(folder, name)).mtimeMs < newer) continue;
        const text = readFileSync(join(folder, name), 'utf8').replaceAll('\r', '').replaceAll(/=\n/g, '').replaceAll('=3D', '=');
        const found = new RegExp(`/console/#(/link/${purpose}/[\\w-]+)`).exec(text);
        if (found && text.includes(to)) return found[1];
      }
      return undefined;
    };
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = find();
        if (!found) return;
        watcher.close();
        clearTimeout(timer);
        resolve(found);
      };
      const watcher = watch(folder, look);
      const timer = setTimeout(() => { watcher.close(); reject(new Error(`no mail to ${to} with a link for ${purpose}`)); }, PATIENCE_MS);
      look();
    });
  }
}

export async function openHouse(options = {}) {
  const up = await startUp(options);
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium', headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      `--ignore-certificate-errors-spki-list=${keyName(readFileSync(join(up.dir, 'data/tls/server.pem')))}`],
  });
  return new House(up, browser);
}

/* Steps of one story: after one has failed, those behind it fail at once instead of waiting for what
 * cannot come. */
export function story() {
  let broken;
  return (name, run) => test(name, async (t) => {
    assert.equal(broken, undefined, 'an earlier step failed');
    try {
      await run(t);
    } catch (error) {
      broken = name;
      throw error;
    }
  });
}
