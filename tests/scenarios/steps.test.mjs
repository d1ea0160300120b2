/* The wall clock is stepped while everything runs: an hour back, two days ahead, a day back, and right
 * again.  Nonces and the audit log do not mind, and checkpoints go on. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, seeded, startRig } from './rig.mjs';

const FAKETIME = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime/libfaketime.so.1')).find(existsSync);
const NAMES = ['FAKETIME_TIMESTAMP_FILE', 'FAKETIME_NO_CACHE', 'FAKETIME_DONT_FAKE_MONOTONIC', 'NO_FAKE_STAT'];

let rig, random, clock;
const answered = [];
before(async () => {
  assert.ok(FAKETIME, 'libfaketime is not there: apt-get install faketime');
  random = seeded('steps');
  rig = await startRig({ keys: 4, edit: (conf) => NAMES.map((name) => `env ${name};\n`).join('') + conf });
  clock = join(rig.dir, 'clock');
  writeFileSync(clock, '+0');
  const env = { LD_PRELOAD: FAKETIME, ...Object.fromEntries(NAMES.map((name) => [name, '1'])), FAKETIME_TIMESTAMP_FILE: clock };
  await rig.nginx.kill('SIGQUIT');
  await rig.authority.kill('SIGTERM');
  await rig.authority.start({ env });
  await rig.nginx.start({ env });
  await rig.answers();
});
after(async () => { await rig?.stop(); });

/* How far the gateway's clock is ahead, by its own word. */
async function aheadHours() {
  const reply = await rig.call({ ...rig.keys[0], secret: rig.keys[1].secret });
  return Math.round((reply.json.timestamp - Date.now()) / 3_600_000);
}

for (const [offset, hours] of [['-1h', -1], ['+48h', 48], ['+24h', 24], ['-30h', -30], ['+0', 0]]) {
  test(`the clock stands at ${offset}`, { timeout: 60_000 }, async () => {
    writeFileSync(clock, offset);
    await eventually('the gateway believes it', async () => await aheadHours() === hours);
    for (let n = 0; n < 20; n += 1) {
      const key = random.pick(rig.keys), nonce = Date.now() * 1000 + n;
      const first = await rig.call(key, { nonce });
      assert.equal(first.status, 200, first.text);
      answered.push(first.headers['x-request-id']);
      assert.match((await rig.call(key, { nonce })).text, /nonce: small/);
    }
    await rig.drained();
    await eventually('the checkpoint follows', async () => {
      const { audit } = await rig.status();
      return audit.checkpoint_size === audit.size;
    });
    rig.witness.assertOnce();
    await rig.assertRecorded(answered);
  });
}
