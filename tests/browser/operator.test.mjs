/* The operator's way: what waits, with its evidence, decided with a reason and seen by its owner:
 * papers, a key from another country, elevated permissions, a flag by one and by two; and what an
 * operator looks up: accounts, keys, requests, changes, whether all works. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ask } from '../scenarios/authority.mjs';
import { Browser, operatorOf } from '../scenarios/console.mjs';
import { request, run, totp } from '../scenarios/harness.mjs';
import { openHouse, story } from './browser.mjs';
import { PDF, PNG } from './papers.mjs';

const EMAIL = 'ada@example.com';
const WALLETS = 'v2/auth/r/wallets';
const step = story();

let house, api, desk, ada, operator, bot;

before(async () => {
  house = await openHouse();
  [operator, ada] = await Promise.all([house.person(), house.person()]);
  desk = await operatorOf(house.up);
  await operator.enter(desk);
  api = new Browser(house.up);
  await api.signUp(EMAIL);
  await api.enrol();
  await ada.enter(api);
});
after(async () => { await house?.close(); });

/* A paper handed in and submitted, as the page of the verification does it. */
async function handIn(name, { bytes, type, file }) {
  const headers = { 'content-type': type, 'x-file-name': encodeURIComponent(file) };
  const reply = await api.call('POST', `/verification/${name}/documents`, undefined, { raw: bytes, headers });
  assert.equal(reply.status, 201, reply.text);
  await api.done(`/verification/${name}/submit`);
}

async function makeKey(label, address, more = {}) {
  const { key, secret } = await api.done('/keys', { environment: 'sandbox', label, scopes: ['wallets:read'], confirmed_groups: ['read'],
    ip_rules: [address], ...more, proof: { code: await api.freshCode() } });
  return { key: key.id, secret };
}

const wallets = (key) => house.up.call('sandbox', key, WALLETS);

/* The dialog that says what will happen is the last word. */
async function agree(window, action) {
  await window.page.getByRole('alertdialog').getByRole('button', { name: action, exact: true }).click();
}

async function openReview(name) {
  await operator.go('/operator/reviews');
  await operator.page.getByRole('link', { name }).first().click();
  await operator.heading('Decision').waitFor();
}

async function decide(outcome, reason) {
  await operator.field('Reason').fill(reason);
  await operator.button(`${outcome}…`).click();
  await agree(operator, outcome);
}

/* The try-out with other settings: its supervisor starts the authority again. */
async function settings(text) {
  const file = join(house.up.runFolder, 'authority.yaml');
  writeFileSync(file, `${readFileSync(file, 'utf8').replace(/^country:\n( .*\n)*/m, '')}${text}`);
  await house.up.kill('authority');
  for (const give_up = Date.now() + 60_000; ;) {
    const reply = await api.get('/session', { check: false });
    if (reply.status === 200) return;
    assert.ok(Date.now() < give_up, `${reply.text}\n${house.up.logs()}`);
    await pause(50);
  }
}

step('a second operator and an owner are not of the same kind: the menu tells', async () => {
  await ada.go('/verification');
  await ada.heading('Verification').waitFor();
  assert.equal(await ada.link('Reviews').count(), 0);
  await operator.go('/operator/reviews');
  await operator.sees('Nothing to decide');
  await operator.accessible('operator-reviews-none');
});

step('papers wait with their evidence, and are accepted', async () => {
  await handIn('identity', { bytes: PNG, type: 'image/png', file: 'passport.png' });
  await handIn('address', { bytes: PDF, type: 'application/pdf', file: 'bill, März.pdf' });
  await operator.button('Try again').or(operator.page.getByRole('combobox', { name: 'State' })).first().waitFor();
  await operator.page.reload();
  await operator.page.getByRole('link', { name: /identity/i }).waitFor();
  await operator.accessible('operator-reviews');
  await openReview(/identity/i);
  const picture = operator.page.getByRole('img', { name: /passport\.png/ });
  await picture.waitFor();
  assert.ok(await picture.evaluate((image) => image.decode().then(() => image.naturalWidth > 0)), 'the picture is shown');
  await operator.accessible('operator-review');
  await decide('Accept', '');
  await operator.sees('It is decided');
  await operator.page.locator('main').getByText('Accepted', { exact: true }).first().waitFor();
});

step('papers are rejected with a reason, which the owner reads and answers', async () => {
  await openReview(/address/i);
  const saved = operator.page.waitForEvent('download');
  await operator.link('bill, März.pdf').click();
  assert.deepEqual(readFileSync(await (await saved).path()), PDF);
  assert.ok(await operator.button('Reject…').isDisabled(), 'a rejection needs a reason');
  await decide('Reject', 'The bill is older than three months.');
  await operator.sees('It is decided');
  await ada.go('/keys');
  await ada.go('/verification');
  await ada.sees(/older than three months/);
  await ada.accessible('verification-rejected');
  await handIn('address', { bytes: PDF, type: 'application/pdf', file: 'newer.pdf' });
  await openReview(/address/i);
  await decide('Accept', '');
  await operator.sees('It is decided');
  await ada.page.reload();
  await ada.sees('Verification is complete');
});

step('a key asked for from another country waits, and its owner sees why (A5)', async () => {
  const database = join(house.up.dir, 'country.mmdb');
  const made = await run(process.execPath, [new URL('../country_file.mjs', import.meta.url).pathname, database, '127.0.0.0/8=DE']);
  assert.equal(made.code, 0, made.stderr);
  await settings(`country:\n  database: '${database}'\n`);
  bot = await makeKey('Elsewhere', '127.0.0.0/8');
  assert.match((await wallets(bot)).text, /suspended/);
  await ada.go(`/keys/${bot.key}`);
  await ada.sees(/another country/);
  await ada.accessible('key-held');
  await openReview(/Elsewhere/);
  await operator.accessible('operator-review-location');
  await decide('Accept', 'She told us of the journey.');
  await operator.sees('It is decided');
  const reply = await wallets(bot);
  assert.equal(reply.status, 200, reply.text);
  await settings('country:\n  unknown: pass\n');
});

step('elevated permissions are asked for, granted for a time, and taken back (D5)', async () => {
  await ada.go(`/keys/${bot.key}`);
  await ada.page.reload();
  await ada.page.getByRole('checkbox', { name: /positions:read/ }).check();
  await ada.field('What you need them for').fill('To close positions at night.');
  await ada.button('Ask…').click();
  await ada.field('Code from your authenticator app').fill(await api.freshCode());
  await ada.page.getByRole('dialog').getByRole('button', { name: /Ask/ }).click();
  await ada.page.getByRole('dialog').waitFor({ state: 'hidden' });
  await openReview(/positions:read/);
  await operator.sees('To close positions at night.');
  await decide('Accept', 'Agreed on the telephone.');
  await operator.sees('It is decided');
  await operator.go(`/operator/keys/${bot.key}`);
  await operator.sees('until');
  await operator.accessible('operator-key');
  await operator.field('Why the elevated permissions end').fill('The quarter is over.');
  await operator.button('Take them back…').click();
  await agree(operator, 'Take them back');
  await operator.sees('The elevated permissions are taken back.');
});

step('a published id suspends its key, operators see the evidence, and its owner lifts it (E1)', async () => {
  await operator.go('/operator/leaks');
  await operator.sees('No key was found in public');
  const file = `const key = '${bot.key}';\n`, sha256 = createHash('sha256').update(file).digest('hex');
  const { results: [{ evidence }] } = await ask(house.up, 'POST', '/leaks', { findings: [{ key_id: bot.key, object: { sha256, bytes: file.length, from: 0, whole: true }, details: { refs: 'refs/heads/main' }, channel: 'git', origin: 'https://git.example/ada/bot',
    place: { path: 'src/config.js', commit: '0123456789abcdef0123456789abcdef01234567', line: 7 }, excerpt: `const key = '${bot.key}';`, seen_at: null }] });
  const kept = await request(`http://authority/leaks/${evidence}/object`, { method: 'PUT', socketPath: join(house.up.runFolder, 'authority.sock'), body: file });
  assert.equal(kept.status, 200, kept.text);
  assert.match((await wallets(bot)).text, /suspended/);
  await ask(house.up, 'PUT', '/leaks/sources', { sources: [
    { name: 'code', kind: 'git', error: '', caught_up_at: new Date().toISOString(), looked: 3, found: 1, missed: 0 },
    { name: 'packages', kind: 'npm', error: 'the feed: the server answers 503', caught_up_at: null }] });
  await operator.page.reload();
  await operator.link('Elsewhere').waitFor();
  await operator.heading('Watched sources').waitFor();
  await operator.sees('the server answers 503');
  await operator.accessible('operator-leaks');
  await operator.link('Elsewhere').click();
  await operator.sees('src/config.js');
  await operator.sees('refs/heads/main');
  await operator.button('Save what it was found in…').click();
  await operator.field('Code from your authenticator app').fill(await desk.freshCode());
  const [saved] = await Promise.all([operator.page.waitForEvent('download'), operator.page.getByRole('dialog').getByRole('button', { name: 'Save the file' }).click()]);
  assert.equal(saved.suggestedFilename(), `leak-${evidence}.bin`);
  assert.equal(readFileSync(await saved.path(), 'utf8'), file);
  await operator.page.getByText('What it says').click();
  await operator.sees(/"place"/);
  await operator.accessible('operator-leak');
  await ada.go(`/keys/${bot.key}`);
  await ada.page.reload(); // it may have been open before
  await ada.heading('Its id was found in public').waitFor();
  await ada.accessible('key-leak');
  await ada.button('Lift the suspension…').click();
  await ada.field('Code from your authenticator app').fill(await api.freshCode());
  await ada.page.getByRole('dialog').getByRole('button', { name: 'Lift the suspension' }).click();
  await ada.sees('The suspension is lifted.');
  assert.equal((await wallets(bot)).status, 200);
  await ada.button('Lift the suspension…').waitFor({ state: 'hidden' });
});

step('a flag suspends the keys, and lifting it lets them go (A3)', async () => {
  await operator.go('/operator/accounts');
  /* The list is asked for a moment after the last letter, and is paler until it comes. */
  const found = operator.page.waitForResponse((answer) => answer.url().includes('search=ada'));
  await operator.field('Search').fill('ada@');
  await found;
  await operator.link(EMAIL).waitFor();
  await operator.accessible('operator-accounts');
  await operator.link(EMAIL).click();
  await operator.heading('Flag this account').waitFor();
  await operator.accessible('operator-account');
  await operator.field('Reason').fill('Log-ins from three countries in an hour.');
  await operator.button('Flag the account…').click();
  await operator.accessible('operator-flag');
  await agree(operator, 'Flag the account');
  await operator.sees('The account is flagged.');
  assert.match((await wallets(bot)).text, /suspended/);
  await ada.go('/keys/new');
  await ada.sees('Keys cannot be made yet');
  assert.ok(!(await ada.page.content()).includes('three countries'), 'the reason is for operators');
  await operator.field('Why the flag can go').fill('It was the owner, on a train.');
  await operator.button('Lift the flag…').click();
  await agree(operator, 'Lift it');
  await operator.sees('The flag is lifted.');
  assert.equal((await wallets(bot)).status, 200);
});

step('with the two-person rule one operator proposes and another one decides', async () => {
  await settings('country:\n  unknown: pass\nreviews:\n  two_person: true\n');
  const [second, other] = [await secondOperator(), await house.person()];
  await other.enter(second);
  await operator.page.reload();
  await operator.field('Reason').fill('Asked for by the regulator.');
  await operator.button('Flag the account…').click();
  await agree(operator, 'Flag the account');
  await operator.sees('It is proposed.');
  assert.equal((await wallets(bot)).status, 200, 'one alone does nothing');
  await openReview(/Set a flag/);
  await decide('Accept', 'Me again.');
  await operator.page.locator('main').getByRole('alert').first().waitFor();
  await other.go('/operator/reviews');
  await other.link('Set a flag').click();
  await other.sees('Asked for by the regulator.');
  await other.accessible('operator-review-second');
  await other.field('Reason').fill('I have seen the letter.');
  await other.button('Accept…').click();
  await agree(other, 'Accept');
  await other.sees('It is decided');
  assert.match((await wallets(bot)).text, /suspended/);
});

/* Another operator, with an authenticator of its own. */
async function secondOperator() {
  const email = 'second@example.com', password = 'correct horse battery staple';
  await ask(house.up, 'POST', '/accounts', { email, kind: 'individual', jurisdiction: 'CH', password, role: 'operator' });
  const { secret } = await ask(house.up, 'POST', `/accounts/${email}/totp`);
  await ask(house.up, 'POST', `/accounts/${email}/totp/confirm`, { code: totp(secret, -1) });
  const browser = new Browser(house.up);
  browser.step = Math.floor(Date.now() / 30_000) - 1;
  await browser.login({ email, password, seed: secret });
  return browser;
}

step('keys are found by how they begin, and revoked with a reason', async () => {
  await operator.go('/operator/keys');
  await operator.sees('Which key?');
  await operator.field('Key', { exact: true }).fill(bot.key.slice(0, 14));
  await operator.link('Elsewhere').waitFor();
  await operator.accessible('operator-keys');
  await operator.link('Elsewhere').click();
  await operator.field('Reason').fill('The account is closed.');
  await operator.button('Revoke…').click();
  const dialog = operator.page.getByRole('alertdialog');
  assert.ok(await dialog.getByRole('button', { name: 'Revoke it' }).isDisabled(), 'its label is typed first');
  await dialog.getByLabel('Type its label').fill('Elsewhere');
  await agree(operator, 'Revoke it');
  await operator.sees('The key is revoked.');
  assert.match((await wallets(bot)).text, /revoked/);
});

step('requests, changes and the state of the house are there to look up', async () => {
  await operator.go(`/operator/audit?key=${bot.key}`);
  await operator.page.getByRole('cell', { name: /v2\/auth\/r\/wallets/ }).first().waitFor();
  await operator.accessible('operator-audit');
  await operator.go('/operator/changes');
  await operator.button(/^Details of entry/).first().click();
  await operator.page.getByRole('dialog').waitFor();
  await operator.accessible('operator-change');
  await operator.button('Close').click();
  await operator.accessible('operator-changes');
  await operator.go('/operator/status');
  await operator.heading('Audit log').waitFor();
  await operator.accessible('operator-status');
});
