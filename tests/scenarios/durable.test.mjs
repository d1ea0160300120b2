/* What has to be on disk before an answer leaves: a key used in the clear is gone for good (C5), and
 * with durability `disk` so is every request that passed, whatever dies (audit log). */
import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { FULL, ask, openAccount, recordsFrom, until } from './authority.mjs';
import { request, sign, startUp } from './harness.mjs';

const WALLETS = 'v2/auth/r/wallets';
const REVOKED = '{"message":"apikey: revoked: used over an unencrypted connection"}';
const LATER = '{"message":"temporarily_unavailable"}';

const children = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  .split(' ').filter((child) => child !== '').map(Number);
const family = (pid) => [pid, ...children(pid).flatMap(family)];
const lives = (pid) => {
  try { return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '); } catch { return false; }
};

/* As a power cut does it: every process at once, supervisor and nginx's workers too. */
function cutPower(up) {
  const all = family(up.child.pid);
  for (const pid of all) {
    try { process.kill(pid, 'SIGKILL'); } catch { /* gone with its parent */ }
  }
  return all;
}

/* And the start after it, without what was in shared memory. */
async function restarted(up, killed) {
  await up.ended;
  while (killed.some(lives)) await pause(10); // strangers' children by now: nobody is told of their end
  rmSync(up.segmentsFolder, { recursive: true, force: true });
  return startUp({ dir: up.dir, ports: Object.values(up.ports), args: up.args });
}

const clear = (up, base, headers, body = '{}') => request(`${base}/${WALLETS}`, {
  method: 'POST', body, headers: { 'content-type': 'application/json', ...headers },
});

for (const durability of ['memory', 'disk']) {
  test(`durability ${durability}`, { timeout: 400_000 }, async (t) => {
    let up = await startUp({ args: ['--durability', durability] });
    t.after(() => up.stop());
    const owner = await openAccount(up, 'ada@example.com');
    const keys = await owner.issue(...Array.from({ length: 6 }, () => ({ environment: 'sandbox', scopes: FULL })));
    const places = () => [up.demo.tripwire, `http://127.0.0.1:${up.ports.sandbox}`];

    await t.test('plaintext without a correct signature never revokes', async () => {
      for (const place of places()) {
        const { status, text } = await clear(up, place, { 'bfx-apikey': keys[0].key });
        assert.deepEqual([status, text], [403, '{"message":"use https"}']);
        const wrong = await clear(up, place, sign({ ...keys[0], secret: keys[1].secret }, WALLETS));
        assert.deepEqual([wrong.status, wrong.text], [403, '{"message":"use https"}']);
      }
      assert.equal((await up.call('sandbox', keys[0], WALLETS)).status, 200);
      assert.equal((await ask(up, 'GET', `/keys/${keys[0].key}`)).state, 'active');
    });

    for (const [at, name] of [[0, 'the tripwire'], [1, 'the TLS port']]) {
      await t.test(`a key used in the clear on ${name} stays revoked without authority and segment`, async () => {
        const key = keys[1 + at];
        const { status, text } = await clear(up, places()[at], sign(key, WALLETS));
        const killed = cutPower(up);
        assert.deepEqual([status, text], [403, REVOKED]);
        up = await restarted(up, killed);
        assert.match((await up.call('sandbox', key, WALLETS)).text, /apikey: revoked: used over an unencrypted/);
        const shown = await ask(up, 'GET', `/keys/${key.key}`);
        assert.deepEqual([shown.state, shown.reason], ['revoked', 'used over an unencrypted connection']);
        const revocation = (record) => record.kind === 'change' && record.what === 'key revoked';
        const { records } = await until(up, `/audit?key=${key.key}`, ({ records: some }) => some.some(revocation));
        const change = records.find(revocation);
        assert.equal(change.who, 'gateway', 'the owner hears of it');
        assert.equal(change.after.reason, 'plaintext');
      });
    }

    await t.test('while the authority stands still the answer is 503, and the key ends nevertheless', async () => {
      const key = keys[3];
      const { authority } = up.pids;
      process.kill(authority, 'SIGSTOP');
      try {
        const { status, text } = await clear(up, up.demo.tripwire, sign(key, WALLETS));
        assert.deepEqual([status, text], [503, LATER]);
        if (durability === 'memory')
          assert.match((await up.call('sandbox', key, WALLETS)).text, /revoked/, 'the gateways know already');
        else
          assert.equal((await up.call('sandbox', keys[0], WALLETS)).status, 503);
      } finally {
        process.kill(authority, 'SIGCONT');
      }
      await until(up, `/keys/${key.key}`, ({ state }) => state === 'revoked');
      const records = await recordsFrom(up, 0, (all) => all.some((r) => r.key === key.key && r.status === 503));
      assert.equal(records.find((r) => r.key === key.key && r.status === 503).verdict, 'plaintext-revoked');
      assert.equal((await up.call('sandbox', keys[0], WALLETS)).status, 200, 'requests pass again');
    });

    if (durability === 'disk') {
      await t.test('what was answered is in the log after a power cut, and no nonce passes twice', async () => {
        const answered = [];
        let last, killed;
        const bots = keys.slice(4, 6).map(async (key) => {
          while (killed === undefined) {
            const headers = { 'content-type': 'application/json', ...sign(key, WALLETS) };
            try {
              const reply = await request(`${up.demo.sandbox.rest}/${WALLETS}`, { ca: up.ca, method: 'POST', body: '{}', headers });
              answered.push([reply.headers['x-request-id'], reply.status]);
              if (reply.status === 200) last = headers;
            } catch {
              return; // cut
            }
            if (answered.length === 30) killed = cutPower(up);
          }
        });
        await Promise.all(bots);
        up = await restarted(up, killed);
        const { records } = await ask(up, 'GET', '/audit?limit=1000');
        const ids = new Map(records.map((record) => [record.request_id, record]));
        for (const [id, status] of answered.filter((one) => one[1] === 200))
          assert.ok(ids.has(id), `${id} was answered with ${status} and is not in the log`);
        const again = await request(`${up.demo.sandbox.rest}/${WALLETS}`, { ca: up.ca, method: 'POST', body: '{}', headers: last });
        assert.match(again.text, /nonce: small/);
      });

      await t.test('without a place for intents requests are refused, and pass when there is one', async () => {
        const folder = join(up.dir, 'data', 'intents');
        renameSync(folder, `${folder}.away`);
        rmSync(`${folder}.away/0`, { force: true });
        rmSync(`${folder}.away/1`, { force: true });
        const refused = await up.call('sandbox', keys[0], WALLETS);
        assert.deepEqual([refused.status, refused.text], [503, LATER]);
        await until(up, '/status', ({ problems }) => problems.some(({ code }) => code === 'intents-failing'));
        renameSync(`${folder}.away`, folder);
        await until(up, '/status', (status) => !status.problems.some(({ code }) => code === 'intents-failing'));
        assert.equal((await up.call('sandbox', keys[0], WALLETS)).status, 200);
      });
    }
  });
}
