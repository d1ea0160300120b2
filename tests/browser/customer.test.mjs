/* The whole way of a customer: sign up, verify, two factors, a key that a stock client works with, a
 * link for withdrawals, changes, rotation, the end of a key; and a passkey in the place of codes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before } from 'node:test';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask } from '../scenarios/authority.mjs';
import { run } from '../scenarios/harness.mjs';
import { PASSWORD, openHouse, story } from './browser.mjs';
import { PDF, PNG } from './papers.mjs';

const EMAIL = 'ada@example.com';
const WALLETS = 'v2/auth/r/wallets';
const step = story();

let house, ada, seed, recovery, bot;
before(async () => { house = await openHouse(); ada = await house.person(); });
after(async () => { await house?.close(); });

async function login(person, next = '/keys') {
  await person.go(`/login?next=${encodeURIComponent(next)}`);
  await person.field('Email').fill(EMAIL);
  await person.field('Password', { exact: true }).fill(PASSWORD);
  await person.button('Log in', { exact: true }).click();
}

/* The dialog, or the page, that asks for the second factor. */
async function confirm(person, action) {
  const field = person.field('Code from your authenticator app');
  await field.waitFor();
  await field.fill(await person.code(seed));
  await person.button(action).last().click();
}

step('sign up, and confirm the address by the mailed link', async () => {
  await ada.go('/signup');
  await ada.accessible('signup');
  await ada.field('Your full name').fill('Ada Lovelace');
  await ada.field('Country of residence').selectOption('CH');
  await ada.field('Email').fill(EMAIL);
  await ada.field('Password', { exact: true }).fill(PASSWORD);
  await ada.button('Open an account').click();
  await ada.heading('Look into your mailbox').waitFor();
  await ada.go(await ada.mailedLink(EMAIL, 'email'));
  await ada.accessible('link-email');
  await ada.button('Confirm my address').click();
  await ada.heading('Address confirmed').waitFor();
});

step('log in, and see what is missing before the first key', async () => {
  await login(ada, '/verification');
  await ada.heading('Verification').waitFor();
  await ada.accessible('verification');
  for (const [paper, file] of [['identity document', { name: 'passport.png', mimeType: 'image/png', buffer: PNG }],
    ['proof of address', { name: 'bill.pdf', mimeType: 'application/pdf', buffer: PDF }]]) {
    await ada.page.getByLabel(`Files for: ${paper}`, { exact: true }).setInputFiles(file);
    await ada.sees(file.name);
    await ada.button(`Submit for review: ${paper}`).click();
    await ada.page.getByRole('button', { name: `Submit for review: ${paper}` }).waitFor({ state: 'hidden' });
  }
  /* The operator's own way is told in operator.test.mjs. */
  await ask(house.up, 'POST', `/accounts/${EMAIL}/verify`, { step: 'all', outcome: 'accepted', reason: 'seen in person' });
  await ada.page.reload();
  await ada.sees('Verification is complete');
});

step('set up an authenticator app, and keep the recovery codes', async () => {
  await ada.go('/security');
  await ada.button('Set up an app').click();
  const secret = ada.page.getByText(/^[A-Z2-7 ]{32,}$/).first();
  await secret.waitFor();
  seed = (await secret.innerText()).replaceAll(/\s/g, '');
  await ada.accessible('security-totp');
  await ada.field('Code from your authenticator app').fill(await ada.code(seed));
  await ada.button('Turn on').click();
  await ada.heading('Your recovery codes').waitFor();
  await ada.accessible('recovery-codes');
  recovery = await ada.page.locator('main li code').allInnerTexts();
  assert.equal(recovery.length, 10);
  await ada.button('I have kept them').click();
});

step('Account, API, Create New Key: each bad step says why, the secret comes once', async () => {
  await ada.go('/keys');
  await ada.heading('API keys').waitFor();
  await ada.accessible('keys-none');
  await ada.link('Create New Key').first().click();
  await ada.field('Label').fill('Market maker');
  await ada.accessible('key-new-name');
  await ada.button('Next').click();
  await ada.button('Choose all of Read').or(ada.button(/^Choose all of .*/)).first().click();
  await ada.page.getByRole('checkbox', { name: /orders:write/ }).check();
  await ada.page.getByRole('checkbox', { name: /withdraw:write/ }).check();
  await ada.button('Next').click();
  await ada.sees('Tick this to confirm the group'); // B3
  await ada.accessible('key-new-permissions');
  for (const box of await ada.page.getByRole('checkbox', { name: /^I confirm/ }).all()) await box.check();
  await ada.button('Next').click();
  const rule = ada.field('Address 1', { exact: true });
  for (const [wrong, words] of [['999.1.1.1', /not an (IP )?address|999\.1\.1\.1/i], ['0.0.0.0/0', /whole internet|everybody|0\.0\.0\.0\/0/i]]) {
    await rule.fill(wrong);
    await ada.page.locator('.field-error', { hasText: words }).first().waitFor(); // B4
  }
  await ada.accessible('key-new-addresses');
  await rule.fill('127.0.0.0/24');
  await ada.button('Next').click();
  await ada.sees('What happens then');
  await ada.accessible('key-new-summary');
  await ada.button('Confirm and create').click();
  await ada.field('Code from your authenticator app').fill('000000');
  await ada.button('Create the key').click();
  await ada.page.locator('dialog[open] .field-error').filter({ hasText: /code/i }).first().waitFor(); // B5
  await confirm(ada, 'Create the key');
  await ada.sees('The secret is shown this once');
  await ada.accessible('key-secret');
  const key = await ada.page.getByRole('status', { name: 'API key' }).or(ada.page.locator('output[aria-labelledby="secret-key"]')).first().innerText();
  const secret = await ada.page.locator('output[aria-labelledby="secret-secret"]').innerText();
  assert.match(key, /^lki_test_/);
  assert.match(secret, /^lks_test_/);
  bot = { key, secret };
  const rest = (await ada.page.locator('main').innerText()).match(/https:\/\/[^\s'"/]+/)[0]; // as the settings to paste say
  const client = await run(process.execPath, [fileURLToPath(new URL('wallets.mjs', import.meta.url))], {
    env: { API_KEY: key, API_SECRET: secret, REST: rest, NODE_EXTRA_CA_CERTS: house.up.demo.ca } });
  assert.equal(client.code, 0, client.stderr);
  assert.ok(Number(client.stdout) > 0, client.stdout);
  await ada.page.getByRole('checkbox', { name: 'I have kept the secret in a safe place.' }).check();
  await ada.button("To the key's page").click();
  await ada.heading('Market maker').first().waitFor();
  await ada.accessible('key');
  assert.ok(!(await ada.page.content()).includes(secret.slice(9, 49)), 'the secret is nowhere any more (B6)');
});

step('withdrawals wait for the mailed link', async () => {
  assert.match((await house.up.call('sandbox', bot, 'v2/auth/w/withdraw', { wallet: 'exchange', method: 'bitcoin', amount: '1', address: 'x' })).text, /confirm withdrawals by the link sent to a\*\*\*@example\.com/);
  const link = await ada.mailedLink(EMAIL, 'withdrawal');
  await ada.go(link);
  await ada.accessible('link-withdrawal');
  await ada.button('Confirm withdrawals').click();
  await ada.heading('Withdrawals are confirmed').waitFor();
  await ada.go('/keys');
  await ada.link('Market maker').first().waitFor();
  await ada.go(link);
  await ada.button('Confirm withdrawals').click();
  await ada.page.getByRole('alert').filter({ hasText: /used|again|new/i }).first().waitFor();
});

step('a second key may not share label or addresses, a renamed one may', async () => {
  await ada.go('/keys/new');
  await ada.field('Label').fill('market MAKER');
  await ada.page.locator('.field-error', { hasText: /has this label/i }).first().waitFor(); // B7
  await ada.go('/keys');
  await ada.page.getByRole('button', { name: 'Leave' }).first().click();
  await ada.link('Market maker').first().click();
  await ada.button('Rename…').or(ada.button('Rename')).first().click();
  await ada.page.locator('dialog[open]').getByLabel('Label').fill('Market maker, Zürich');
  await ada.page.locator('dialog[open]').getByRole('button', { name: 'Rename' }).click();
  await ada.heading('Market maker, Zürich').first().waitFor();
});

step('a bad address is told as it is typed, a narrower one takes no second factor and holds at once', async () => {
  await ada.button('Change…').click();
  const first = ada.page.getByRole('textbox', { name: 'Address 1', exact: true });
  await first.fill('127.0.0.300');
  await ada.page.locator('.rule .field-error', { hasText: /127\.0\.0\.300/ }).first().waitFor(); // B4
  await first.fill('127.0.0.0/8');
  await ada.button('Apply with the second factor').waitFor();
  await ada.accessible('key-change');
  await ada.button('Cancel').click();
  await ada.button('Change…').click();
  await first.fill('127.0.0.0/25');
  await ada.button('Apply', { exact: true }).click();
  await ada.page.locator('dialog[open]').getByRole('button', { name: 'Apply' }).click();
  await ada.sees('The key is changed');
  await ada.sees('127.0.0.0/25');
  assert.equal((await house.up.call('sandbox', bot, WALLETS)).status, 200);
});

step('rotate: the new secret works, the old one for as long as was chosen', async () => {
  await ada.field('The present key').selectOption({ index: 1 });
  await ada.button('Rotate…').click();
  await confirm(ada, 'Rotate');
  await ada.sees('The secret is shown this once');
  const key = await ada.page.locator('output[aria-labelledby="secret-key"]').innerText();
  const secret = await ada.page.locator('output[aria-labelledby="secret-secret"]').innerText();
  assert.notEqual(key, bot.key);
  for (const each of [bot, { key, secret }]) assert.equal((await house.up.call('sandbox', each, WALLETS)).status, 200);
  bot = { key, secret };
  await ada.page.getByRole('checkbox', { name: 'I have kept the secret in a safe place.' }).check();
  await ada.button("To the key's page").click();
  await ada.heading('Market maker, Zürich').first().waitFor();
});

step('revoke: what happens is said before, and nothing passes after', async () => {
  await ada.button('Revoke this key…').click();
  const dialog = ada.page.locator('dialog[open]');
  await dialog.waitFor();
  await ada.accessible('key-revoke');
  const typed = dialog.getByRole('textbox');
  if (await typed.count() > 0) await typed.first().fill('Market maker, Zürich');
  await dialog.getByRole('button', { name: 'Revoke the key' }).click();
  await ada.sees('This key is revoked');
  assert.match((await house.up.call('sandbox', bot, WALLETS)).text, /apikey: revoked/);
});

step('the sandbox market: live, an order by hand, the clock stopped, a fault and its end', async () => {
  await ada.go('/market');
  await ada.heading('Sandbox market').waitFor();
  await ada.page.locator('.badge', { hasText: /^Live$/ }).waitFor();
  await ada.page.locator('.ladder.bid tbody tr').nth(5).waitFor();
  await ada.page.locator('.trades-card tbody tr').first().waitFor();
  await ada.page.locator('.market-canvas canvas').first().waitFor();
  await ada.shot('sandbox-market');
  await ada.field('Amount, BTC').fill('0.01');
  await ada.field('Price, USD').fill('100');
  await ada.button('Buy BTC').click();
  await ada.sees(/Buy order \d+ was taken\./);
  const own = ada.page.locator('.orders-card');
  await own.getByRole('button', { name: /^Cancel order \d+$/ }).click();
  await own.getByText('No orders stand').waitFor();
  await ada.field('Amount, BTC').fill('1000000');
  await ada.button('Buy BTC').click();
  await ada.page.locator('.ticket .field-error', { hasText: /maximum size/ }).waitFor();
  await ada.button('Freeze').click();
  await ada.page.getByText('stands still').waitFor();
  await ada.button('Inject').click();
  await ada.page.locator('.injections li', { hasText: 'latency' }).waitFor();
  await ada.page.evaluate(() => scrollTo(0, 0));
  await ada.accessible('market');
  await ada.button('End all of it').click();
  await ada.page.getByText('Nothing: what you see is the market as it is.').waitFor();
  await ada.button('Real', { exact: true }).click();
  await ada.page.getByText('runs as the real one').waitFor();
});

step('a passkey does what a code does, bound to what it confirms', async () => {
  await ada.securityKey();
  await ada.go('/security');
  await ada.field('Name of the new one').fill('Blue key');
  await ada.button('Register').click();
  await confirm(ada, 'Go on');
  await ada.page.getByRole('cell', { name: 'Blue key' }).or(ada.page.getByRole('rowheader', { name: 'Blue key' })).first().waitFor();
  await ada.accessible('security');
  await ada.go('/keys/new');
  await ada.field('Label').fill('With a passkey');
  await ada.button('Next').click();
  await ada.page.getByRole('checkbox', { name: /wallets:read/ }).check();
  await ada.page.getByRole('checkbox', { name: /^I confirm/ }).check();
  await ada.button('Next').click();
  await ada.field('Address 1', { exact: true }).fill('127.0.0.0/8');
  await ada.button('Next').click();
  await ada.button('Confirm and create').click();
  await ada.button('Use a security key or passkey').click();
  await ada.sees('The secret is shown this once');
  const key = await ada.page.locator('output[aria-labelledby="secret-key"]').innerText();
  const secret = await ada.page.locator('output[aria-labelledby="secret-secret"]').innerText();
  assert.equal((await house.up.call('sandbox', { key, secret }, WALLETS)).status, 200);
  await ada.page.getByRole('checkbox', { name: 'I have kept the secret in a safe place.' }).check();
  await ada.button("To the key's page").click();
  await ada.heading('With a passkey').first().waitFor();
  await ada.go('/keys');
  await ada.link('With a passkey').first().waitFor();
  await ada.accessible('keys');
});

step('a recovery code opens the door once, and no key', async () => {
  const other = await house.person({ width: 390, height: 844 });
  await login(other);
  await other.button('Lost your second factor? Use a recovery code').click();
  await other.field('Recovery code').fill(recovery[0]);
  await other.accessible('login-recovery');
  await other.button('Log in', { exact: true }).click();
  await other.heading('API keys').waitFor();
  await other.accessible('keys-phone');
  const again = await house.person();
  await login(again);
  await again.button('Lost your second factor? Use a recovery code').click();
  await again.field('Recovery code').fill(recovery[0]);
  await again.button('Log in', { exact: true }).click();
  await again.page.locator('.field-error').filter({ hasText: /\w/ }).first().waitFor();
});

step('sessions are listed, and ended from another one', async () => {
  await ada.go('/sessions');
  await ada.heading('Sessions and password').waitFor();
  await ada.accessible('sessions');
  await ada.button('End all others…').click();
  await ada.page.locator('dialog[open]').getByRole('button', { name: 'End them' }).click();
  await ada.page.getByRole('button', { name: 'End all others…' }).waitFor({ state: 'hidden' });
});

step('no secret is in what the try-out keeps and writes', () => {
  for (const name of ['data/authority.db', 'data/authority.db-wal', 'run/authority.log'])
    for (const text of [bot.secret.slice(9, 49), PASSWORD, seed])
      assert.ok(!readFileSync(join(house.up.dir, name)).includes(text), name);
});
