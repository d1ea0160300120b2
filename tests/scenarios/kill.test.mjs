/* kill -9 of each process under load: it starts again, nothing hangs, and nothing that was
 * acknowledged is lost: orders, wallets, a revocation, audit records. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Load } from './load.mjs';
import { startUp } from './harness.mjs';
import { eventually } from './rig.mjs';

let up;
before(async () => { up = await startUp(); });
after(async () => { await up?.stop(); });

for (const name of ['exchange-sandbox', 'authority', 'nginx']) {
  test(`kill -9 of ${name} under load loses nothing that was acknowledged`, { timeout: 240_000 }, async () => {
    const load = new Load(up);
    await pause(3000); // load before the kill
    await up.kill(name);
    await up.ready();
    const before = load.requests.size;
    await eventually('requests are answered again', () => load.requests.size > before);
    await pause(3000); // load after it
    await load.stop();
    await load.check();
  });
}

test('a revocation that was told survives kill -9 of the authority at that moment', async () => {
  const [key] = up.demo.sandbox.keys;
  const { code, stderr } = await up.cli(['key', 'revoke', key.key, '--reason', 'killed next']);
  assert.equal(code, 0, stderr);
  await up.kill('authority');
  const during = await up.call('sandbox', key, 'v2/auth/r/wallets');
  assert.match(during.text, /revoked/);
  await up.ready();
  const { status, text } = await up.call('sandbox', key, 'v2/auth/r/wallets');
  assert.equal(status, 500);
  assert.match(text, /apikey: revoked: by the venue/);
});
