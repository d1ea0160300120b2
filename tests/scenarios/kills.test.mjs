/* kill -9 of workers, master and authority (which is the collector), at random under load: no
 * answered request without a record, no revocation forgotten, no nonce accepted twice.
 *
 * Each client repeats its last requests, word by word, after every kill; the witness in the exchange's
 * place counts how often a nonce came through.  Keys are revoked all along, half of them by the
 * operator, half by plaintext use, and go on being tried to the end. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from './harness.mjs';
import { WALLETS, seeded, signed, startRig } from './rig.mjs';

const KILLS = Number(process.env.LATCHKEY_KILLS ?? 50);
const LOADED = 10, REPEATED = 3;

let rig, random;
before(async () => {
  random = seeded('kills');
  rig = await startRig({ keys: 64 });
});
after(async () => { await rig?.stop(); });

/* One connection with one key: sends, remembers what was answered, repeats itself when told. */
class Client {
  constructor(key) {
    Object.assign(this, { key, answered: new Set(), passed: 0, unanswered: 0, repeated: 0, last: [] });
    this.agent = rig.agent();
    this.running = this.#run();
  }

  async #run() {
    let repeat = 0;
    for (this.goes_on = true; this.goes_on;) {
      const headers = signed(this.key, WALLETS, '{}');
      this.last = [...this.last.slice(1 - REPEATED), headers];
      await this.#send(headers);
      if (repeat !== Client.kills) {
        repeat = Client.kills;
        /* Unanswered ones may pass now, once; answered ones never. */
        for (const again of this.last) await this.#send(again, true);
      }
    }
  }

  async #send(headers, again = false) {
    try {
      const reply = await request(`https://127.0.0.1:${rig.ports.sandbox}/${WALLETS}`, {
        ca: rig.ca, method: 'POST', body: '{}', headers, agent: this.agent, timeout: 10_000 });
      const id = reply.headers['x-request-id'];
      this.repeated += again;
      if (id && reply.status !== 503) this.answered.add(id);
      if (reply.status === 200) this.passed += 1;
      else assert.match(`${reply.status} ${reply.text}`, /nonce: small|^503/);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      this.unanswered += 1;
      await pause(5);
    }
  }

  async stop() {
    this.goes_on = false;
    await this.running;
  }
}
Client.kills = 0;

/* Keys that were told to be revoked; each is tried again and again. */
const revoked = new Set();

async function revokeOne(key) {
  if (random.below(2)) {
    const { code } = await rig.cli(['key', 'revoke', key.key, '--reason', 'in the middle of it']);
    if (code === 0) revoked.add(key);
  } else {
    try {
      const { text } = await rig.callPlain(key);
      if (/revoked: used over an unencrypted/.test(text)) revoked.add(key);
    } catch { /* nobody answered, so nothing was told */ }
  }
}

async function assertRevoked(keys) {
  for (const key of keys) {
    const reply = await rig.call(key).catch(() => undefined);
    if (reply) assert.match(`${reply.status} ${reply.text}`, /revoked|^503/, `${key.key} lives again`);
  }
}

const kills = {
  async worker() {
    const pid = random.pick(rig.nginx.children);
    if (pid) process.kill(pid, 'SIGKILL');
  },
  /* Its workers outlive it; a supervisor ends them, gently or not, before it starts the next. */
  async master() {
    const { pid } = rig.nginx;
    rig.nginx.signal('SIGKILL');
    await rig.nginx.ended;
    try { process.kill(-pid, random.pick(['SIGQUIT', 'SIGKILL'])); } catch { /* none was left */ }
    await rig.nginx.start();
  },
  async authority() {
    await rig.authority.kill();
    await pause(random.below(300));
    await rig.authority.start();
  },
};

test(`${KILLS} kills under load`, { timeout: 300_000 }, async (t) => {
  const clients = rig.keys.slice(0, LOADED).map((key) => new Client(key));
  const spare = rig.keys.slice(LOADED);
  const count = { worker: 0, master: 0, authority: 0 };
  for (let n = 0; n < KILLS; n += 1) {
    const name = random.pick(['worker', 'worker', 'authority', 'authority', 'master']);
    await pause(50 + random.below(400));
    const revocation = spare.length > 0 ? revokeOne(spare.pop()) : undefined;
    await pause(random.below(30));
    await kills[name]();
    count[name] += 1;
    Client.kills += 1;
    await revocation;
    await assertRevoked([...revoked].slice(-3));
  }
  await rig.answers();
  await pause(500); // everybody gets to repeat itself once more
  for (const client of clients) await client.stop();
  const sum = (what) => clients.reduce((total, client) => total + what(client), 0);
  t.diagnostic(`killed ${JSON.stringify(count)}; ${sum((c) => c.passed)} passed, ${sum((c) => c.unanswered)} unanswered, `
    + `${sum((c) => c.repeated)} repeated, ${revoked.size} keys revoked`);
  assert.ok(sum((c) => c.passed) > 10 * KILLS && sum((c) => c.repeated) > KILLS, 'there was load');
  assert.ok(revoked.size > KILLS / 4, 'keys were revoked');
  rig.witness.assertOnce();
  await assertRevoked(revoked);
  await rig.assertRecorded(clients.flatMap(({ answered }) => [...answered]));
});

test('after the segments are gone too, no revocation and no nonce is forgotten', async () => {
  await rig.nginx.kill('SIGQUIT');
  await rig.authority.kill();
  rmSync(rig.segmentsFolder, { recursive: true });
  await rig.authority.start();
  await rig.nginx.start();
  await rig.answers();
  await assertRevoked(revoked);
  const used = [...rig.witness.seen.keys()].map((name) => name.split(' '));
  for (const key of rig.keys.slice(0, LOADED)) {
    const nonces = used.filter(([id]) => id === key.key).map(([, nonce]) => Number(nonce));
    const reply = await rig.call(key, { nonce: Math.max(...nonces) });
    assert.match(reply.text, /nonce: small/);
    assert.equal((await rig.call(key, { nonce: Math.max(...nonces) + 1 })).status, 200);
  }
  rig.witness.assertOnce();
});
