/* Stock clients, unchanged but for address, CA and keys, against a real try-out: each file of
 * tests/clients runs as its author would run it, and its tests are told here one by one. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FULL, openAccount } from './authority.mjs';
import { Browser, linkFor, mailsTo } from './console.mjs';
import { run, startUp } from './harness.mjs';

const folder = fileURLToPath(new URL('../clients', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.mjs') && !['tour.mjs', 'contract.mjs'].includes(name)).sort();
const installed = existsSync(join(folder, 'node_modules'));

/* Keys that may withdraw, once their owner has said so by the mailed links, and that may see
 * positions, which operators grant: what the demo keys of a try-out lack. */
async function tellers(up) {
  const email = 'teller@example.com';
  const owner = await openAccount(up, email);
  const wanted = { environment: 'sandbox', scopes: FULL };
  const keys = await owner.issue(wanted, wanted);
  const browser = new Browser(up);
  Object.assign(browser, { step: Math.floor(Date.now() / 30_000) + owner.step });
  await browser.login({ email, password: 'correct horse battery staple', seed: owner.seed });
  await linkFor(up, email, 'withdrawal', keys.length - 1); // until both mails are there
  for (const mail of mailsTo(up, email)) {
    const [, token] = /#\/link\/withdrawal\/([\w-]+)/.exec(mail) ?? [];
    if (token) await browser.done('/links/withdrawal', { token });
  }
  for (const { key } of keys) {
    const granted = await up.cli(['key', 'grant', key, '--scopes', 'positions:read,positions:write', '--reason', 'tests']);
    assert.equal(granted.code, 0, granted.stderr);
  }
  return keys;
}

/* All of them first: their tests are told when the try-out has ended. */
const results = new Map();
if (installed) {
  const up = await startUp();
  const demoFile = join(up.dir, 'demo.json');
  up.demo.sandbox.tellers = await tellers(up);
  writeFileSync(demoFile, JSON.stringify(up.demo), { mode: 0o600 });
  const env = { NODE_EXTRA_CA_CERTS: up.demo.ca, LATCHKEY_DEMO: demoFile, NODE_TEST_CONTEXT: '' };
  for (const file of files) {
    results.set(file, await run(process.execPath, ['--test-reporter=tap', join(folder, file)], { env }));
  }
  await up.stop();
}

for (const file of files) {
  if (!installed) {
    test(file, { skip: 'npm ci --prefix tests/clients installs the clients' }, () => {});
    continue;
  }
  const { code, stdout, stderr } = results.get(file);
  const lines = stdout.split('\n').filter((line) => /^(not )?ok /.test(line));
  for (const line of lines) {
    const [, bad, name] = /^(not )?ok \d+ - (.*)$/.exec(line);
    test(`${file}: ${name}`, () => assert.ok(!bad, stdout.slice(stdout.indexOf(line)).slice(0, 3000)));
  }
  test(`${file} ends well`, () => assert.ok(code === 0 && lines.length > 0, `exit ${code}\n${stderr}`));
}
