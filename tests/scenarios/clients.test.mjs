/* Stock clients, unchanged but for address, CA and keys, against a real try-out: each file of
 * tests/clients runs as its author would run it, and its tests are told here one by one. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run, startUp } from './harness.mjs';

const folder = fileURLToPath(new URL('../clients', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.mjs') && !['tour.mjs', 'contract.mjs'].includes(name)).sort();
const installed = existsSync(join(folder, 'node_modules'));

/* All of them first: their tests are told when the try-out has ended. */
const results = new Map();
if (installed) {
  const up = await startUp();
  const env = { NODE_EXTRA_CA_CERTS: up.demo.ca, LATCHKEY_DEMO: up.demoFile, NODE_TEST_CONTEXT: '' };
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
