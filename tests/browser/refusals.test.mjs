/* What the console refuses, and that it says why: whoever is not verified, has no second factor or is
 * flagged; forms filled in badly; codes and links that are wrong, old, used or somebody else's; and
 * calls that another page, or a page without the session's CSRF value, would make. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask } from '../scenarios/authority.mjs';
import { Browser, linkFor } from '../scenarios/console.mjs';
import { startUp, totp } from '../scenarios/harness.mjs';
import { openHouse } from './browser.mjs';

/* Debian's package faketime, whatever this machine's architecture is called. */
const FAKETIME = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime/libfaketime.so.1')).find(existsSync);
const ADDRESSES = ['127.0.0.0/8'];
const READ = { environment: 'sandbox', scopes: ['wallets:read'], confirmed_groups: ['read'] };

let house;
before(async () => { house = await openHouse(); });
after(async () => { await house?.close(); });

/* A person with an account, who has come this far: `api` calls as her browser does, `window` is hers
 * and holds the same session. */
async function visitor(name, { verified = false, factor = false, ...account } = {}) {
  const email = `${name}@example.com`, api = new Browser(house.up);
  await api.signUp(email, { name, ...account });
  if (factor) await api.enrol();
  if (verified) await ask(house.up, 'POST', `/accounts/${email}/verify`, { step: 'all', outcome: 'accepted', reason: 'seen in person' });
  const window = await house.person();
  await window.enter(api);
  return { email, api, window };
}

const keyWith = async (api, more) => ({ ...READ, ip_rules: ADDRESSES, ...more, proof: { code: await api.freshCode() } });

/* A call from a script of the page itself; the session's CSRF value only when it is given. */
function called(window, method, path, { body, headers = {} } = {}) {
  return window.page.evaluate(async ([method, path, body, headers]) => {
    const reply = await fetch(`./api${path}`, {
      method, headers: method === 'GET' ? {} : { 'Content-Type': 'application/json', ...headers }, body: method === 'GET' ? undefined : JSON.stringify(body ?? {}),
    });
    return { status: reply.status, text: await reply.text() };
  }, [method, path, body, headers]);
}

const refused = (reply, status, code) => {
  assert.equal(reply.status, status, reply.text);
  assert.match(reply.text, new RegExp(`"${code}"`));
};

async function seesMissing(window, ...words) {
  await window.go('/keys/new');
  await window.sees('Keys cannot be made yet');
  const said = await window.page.locator('main').innerText();
  for (const each of words) assert.match(said, each);
  assert.equal(await window.button('Next').count(), 0, 'no form to fill in');
}

test('without any second factor the pages of keys are shut, and so are their calls (B1)', async () => {
  const { window } = await visitor('nofactor', { verified: true });
  await window.go('/keys');
  await window.heading('A second factor comes first').waitFor();
  await window.accessible('refused-factor');
  refused(await called(window, 'GET', '/keys'), 403, 'factor-missing');
  await window.link('Set up a second factor').click();
  await window.page.getByRole('heading', { name: 'Security', exact: true }).waitFor();
});

test('with a second factor, the password alone opens nothing (B1)', async () => {
  const { api, email } = await visitor('halfway', { verified: true, factor: true });
  const window = await house.person();
  await window.go('/keys');
  await window.field('Email').fill(email);
  await window.field('Password', { exact: true }).fill(api.password);
  await window.button('Log in').click();
  await window.field('Code from your authenticator app').waitFor();
  for (const path of ['/keys', '/account', '/factors', '/sessions', '/verification']) refused(await called(window, 'GET', path), 403, 'factor-needed');
  await window.go('/keys');
  await window.field('Code from your authenticator app').waitFor();
  await window.field('Code from your authenticator app').fill(await api.freshCode());
  await window.button('Log in', { exact: true }).click();
  await window.heading('API keys').waitFor();
});

test('a wrong password and an unknown account are answered alike', async () => {
  const { email } = await visitor('known');
  const said = [];
  for (const [each, password] of [[email, 'this is not the one'], ['stranger@example.com', 'this is not the one']]) {
    const window = await house.person();
    await window.go('/login');
    await window.field('Email').fill(each);
    await window.field('Password', { exact: true }).fill(password);
    await window.button('Log in').click();
    said.push(await window.page.getByRole('alert').innerText());
  }
  assert.equal(said[0], said[1]);
});

test('who is not verified makes no key, and sees what is missing (A1)', async () => {
  const { api, window } = await visitor('unverified', { factor: true });
  await seesMissing(window, /identity document/i, /address/i);
  await window.accessible('key-new-missing');
  refused(await api.post('/keys', await keyWith(api, { label: 'too early' })), 403, 'step-missing');
});

test('a company needs its certificate and its signatories as well (A4)', async () => {
  const { email, api, window } = await visitor('corporate', { factor: true, kind: 'corporate' });
  for (const step of ['identity', 'address']) await ask(house.up, 'POST', `/accounts/${email}/verify`, { step, outcome: 'accepted', reason: 'seen in person' });
  await seesMissing(window, /certificate/i, /signator/i);
  refused(await api.post('/keys', await keyWith(api, { label: 'too early' })), 403, 'step-missing');
  await window.go('/verification');
  await window.heading(/Certificate/i).waitFor();
  await window.heading(/signator/i).first().waitFor();
  await window.accessible('verification-corporate');
});

test('a flagged account makes no key, and its owner is told (A3)', async () => {
  const { email, api, window } = await visitor('flagged', { verified: true, factor: true });
  await ask(house.up, 'POST', `/accounts/${email}/flag`, { kind: 'suspicious', keys: 'leave', reason: 'ticket 4711' });
  await seesMissing(window, /flag|review|venue/i);
  refused(await api.post('/keys', await keyWith(api, { label: 'flagged' })), 403, 'account-flagged');
});

test('the form says what is wrong with a key before anything is made (B3, B4, B7)', async () => {
  const { api, window } = await visitor('clumsy', { verified: true, factor: true });
  await api.done('/keys', await keyWith(api, { label: 'First' }));
  await window.go('/keys/new');
  const error = (words) => window.page.locator('.field-error', { hasText: words }).first().waitFor();
  await window.button('Next').click();
  await error(/label/i);
  await window.field('Label').fill('FIRST');
  await error(/label/i);
  await window.field('Label').fill('Second');
  await window.button('Next').click();
  await window.heading('What may it do?').waitFor();
  await window.button('Next').click();
  await error(/permission|scope/i);
  await window.page.getByRole('checkbox', { name: /wallets:read/ }).check();
  await window.button('Next').click();
  await error(/Tick this to confirm the group/);
  await window.page.getByRole('checkbox', { name: /^I confirm/ }).check();
  await window.button('Next').click();
  await window.heading('From where?').waitFor();
  await window.button('Next').click();
  await error(/address/i);
  const rule = window.field('Address 1', { exact: true });
  for (const wrong of ['example.com', '1.2.3.4/33', '0.0.0.0/0', '!10.0.0.1', ADDRESSES[0]]) {
    await rule.fill('192.0.2.1');
    await window.page.waitForFunction(() => [...document.querySelectorAll('.field-error')].every((each) => each.textContent === ''));
    await rule.fill(wrong);
    await error(/\w/);
  }
  refused(await api.post('/keys', await keyWith(api, { label: 'Second', confirmed_groups: [], ip_rules: ['192.0.2.1'] })), 403, 'group-unconfirmed');
  assert.equal((await api.read('/keys')).total, 1);
});

test('codes that are wrong, old or used make no key, nor does a recovery code (B5)', async () => {
  const { api, window } = await visitor('codes', { verified: true });
  const { recovery_codes: recovery } = await api.enrol();
  await window.enter(api);
  const ask = (label, proof) => api.post('/keys', { ...READ, label, ip_rules: ['192.0.2.7'], proof });
  refused(await ask('a', { recovery_code: recovery[0] }), 403, 'recovery-login-only');
  refused(await ask('b', {}), 400, 'proof-malformed');
  refused(await ask('c', { code: totp(api.seed, -20) }), 403, 'totp-wrong');
  const code = await api.freshCode();
  await api.done('/keys', { ...READ, label: 'd', ip_rules: ADDRESSES, proof: { code } });
  refused(await ask('e', { code }), 403, 'totp-replayed');
  assert.equal((await api.read('/keys')).total, 1);
  await window.go('/keys');
  await window.link('d', { exact: true }).click();
  await window.button('Rotate…').click();
  await window.field('Code from your authenticator app').fill(code);
  await window.button('Rotate').last().click();
  await window.page.getByRole('dialog').locator('.field-error').filter({ hasText: /code/i }).waitFor();
  await window.accessible('proof-replayed');
});

test('a link works once, for its own account only', async () => {
  const { email, api, window } = await visitor('owner', { verified: true, factor: true });
  const other = await visitor('other', { verified: true, factor: true });
  await window.go(`/link/email/${await linkFor(house.up, email, 'email')}`);
  await window.button('Confirm my address').click();
  await window.page.getByRole('alert').filter({ hasText: /used/i }).waitFor();
  await window.go('/link/email/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
  await window.button('Confirm my address').click();
  await window.page.getByRole('alert').filter({ hasText: /link/i }).waitFor();
  const { key } = await api.done('/keys', { ...await keyWith(api, { label: 'pays' }), scopes: ['withdraw:write'], confirmed_groups: ['wallet'] });
  const link = await linkFor(house.up, email, 'withdrawal');
  await other.window.go(`/link/withdrawal/${link}`);
  await other.window.button('Confirm withdrawals').click();
  await other.window.page.getByRole('alert').filter({ hasText: /account/i }).waitFor();
  await other.window.accessible('link-foreign');
  assert.equal((await api.read(`/keys/${key.id}`)).scopes[0].state, 'waiting-mail');
  await window.go(`/link/withdrawal/${link}`);
  await window.button('Confirm withdrawals').click();
  await window.heading('Withdrawals are confirmed').waitFor();
});

test('a customer sees no page of the operators, and no key of somebody else', async () => {
  const { window, api } = await visitor('curious', { verified: true, factor: true });
  const foreign = house.up.demo.sandbox.keys[0].key;
  for (const path of ['/operator/reviews', '/operator/accounts', `/operator/keys/${foreign}`]) {
    refused(await api.get(path), 403, 'operator-only');
    await window.go(path);
    await window.heading('For operators').or(window.heading('There is no such page')).waitFor();
  }
  await window.go(`/keys/${foreign}`);
  await window.page.getByRole('alert').filter({ hasText: /has no key/i }).waitFor();
});

test('neither another page nor a call without the CSRF value changes anything', async () => {
  const { window, api } = await visitor('target');
  await window.go('/sessions');
  await window.heading('Sessions and password').waitFor();
  refused(await called(window, 'POST', '/logout'), 403, 'csrf');
  refused(await called(window, 'POST', '/logout', { headers: { 'X-Latchkey-CSRF': 'A'.repeat(43) } }), 403, 'csrf');
  /* Same site, another origin: the cookie is sent, so only Origin and CSRF value protect. */
  const other = await house.person();
  await other.enter(api);
  await other.page.goto(`https://localhost:${house.up.ports.sandbox}/v2/platform/status`);
  await other.page.evaluate((address) => fetch(address, { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{}' }).catch(() => {}), `${house.origin}/console/api/logout`);
  assert.ok(other.faults.splice(0).every((fault) => /a request to|console: /.test(fault)));
  await window.page.reload();
  await window.heading('Sessions and password').waitFor();
  await api.read('/session');
});

test('a link that was left too long says so, and what to do', async () => {
  assert.ok(FAKETIME, 'libfaketime is not there: apt-get install faketime');
  const late = new Browser(house.up), email = 'late@example.com';
  await late.done('/signup', { email, password: 'correct horse battery staple', kind: 'individual', jurisdiction: 'CH', name: 'Late' });
  const token = await linkFor(house.up, email, 'email');
  const { dir, ports } = house.up;
  await house.up.stop({ keep: true });
  house.up = await startUp({ dir, ports: Object.values(ports), env: {
    LD_PRELOAD: FAKETIME, FAKETIME: '+8d', FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_CACHE_DURATION: '1000000', NO_FAKE_STAT: '1' } });
  const window = await house.person();
  await window.go(`/link/email/${token}`);
  await window.button('Confirm my address').click();
  await window.page.getByRole('alert').filter({ hasText: /expired|too old|end/i }).waitFor();
  await window.accessible('link-expired');
});
