/* With which keys a hosting service signs (E1), day after day: its list is asked for again when it is a
 * day old, with its ETag, and at most once a minute for a key that is not in it; a list that cannot be
 * had, or is none, changes nothing.  faketime moves the clock of a running authority. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, openAccount } from './authority.mjs';
import { request, startUp } from './harness.mjs';

/* Debian's package faketime, whatever this machine's architecture is called. */
const FAKETIME = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime/libfaketime.so.1')).find(existsSync);
const NOBODYS = `lks_test_${'0'.repeat(38)}4e004qz0`;
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const folder = mkdtempSync(join(tmpdir(), 'latchkey-alert-clock-'));
const clock = (offset) => writeFileSync(join(folder, 'clock'), `${offset}\n`);

const asked = []; // the ETag that each request names
let names = ['first'], garbage = false, up, key;
const list = createServer((call, reply) => {
  const etag = `"${names.join()}"`;
  asked.push(call.headers['if-none-match']);
  if (garbage) return reply.end('<html>come back later</html>');
  reply.setHeader('ETag', etag);
  if (call.headers['if-none-match'] === etag) return reply.writeHead(304).end();
  return reply.end(JSON.stringify({ public_keys: names.map((name) => ({
    key_identifier: name, key: publicKey.export({ type: 'spki', format: 'pem' }), is_current: name !== 'retired' })) }));
});

/* The status of an alert that was signed with the key of that name. */
async function told(name, token = NOBODYS, head = (header) => header) {
  const body = JSON.stringify([{ token, type: 'any', url: '' }]);
  const reply = await request('http://portal/leaks/alerts/github', {
    socketPath: join(up.runFolder, 'portal.sock'), method: 'POST', body,
    headers: {
      'X-Latchkey-Address': '127.0.0.1', [head('Github-Public-Key-Identifier')]: name,
      [head('Github-Public-Key-Signature')]: signBytes('sha256', Buffer.from(body), privateKey).toString('base64'),
    },
  });
  return reply.status;
}

before(async () => {
  assert.ok(FAKETIME, 'libfaketime is not there: apt-get install faketime');
  list.listen(0, '127.0.0.1');
  await once(list, 'listening');
  clock('+0');
  up = await startUp({ env: {
    LD_PRELOAD: FAKETIME, FAKETIME_TIMESTAMP_FILE: join(folder, 'clock'), FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1', NO_FAKE_STAT: '1',
  } });
  const owner = await openAccount(up, 'ada@example.com');
  [key] = await owner.issue({ environment: 'sandbox', scopes: ['wallets:read'] });
  appendFileSync(join(up.runFolder, 'authority.yaml'), `leak:
  origins:
    - { name: github, identifier_header: Github-Public-Key-Identifier, signature_header: Github-Public-Key-Signature,
        keys: 'http://127.0.0.1:${list.address().port}/keys' }
`);
  await up.kill('authority'); // it reads its settings when it starts
  while (!await ask(up, 'GET', '/status').then(() => true, () => false)) await pause(20);
});
after(async () => {
  list.close();
  await up?.stop();
  rmSync(folder, { recursive: true });
});

test('the list is asked for once, then for what is not in it at most once a minute', async () => {
  assert.equal(await told('first'), 200);
  assert.equal(await told('first', NOBODYS, (header) => header.toUpperCase()), 200, 'names of headers know no case');
  assert.deepEqual(asked, [undefined]);
  for (let times = 0; times < 3; times += 1) assert.equal(await told('second'), 503);
  assert.equal(asked.length, 1);
  clock('+2m');
  for (let times = 0; times < 3; times += 1) assert.equal(await told('second'), 503);
  assert.deepEqual(asked, [undefined, '"first"'], 'with its ETag');
  names = ['first', 'second', 'retired'];
  clock('+4m');
  assert.equal(await told('second'), 200);
  assert.equal(asked.length, 3);
  clock('+6m');
  assert.equal(await told('retired'), 503, 'no longer current');
  assert.equal(await told('first'), 200);
  assert.deepEqual(asked.slice(3), ['"first,second,retired"']);
});

test('a day old it is asked for again; garbage, silence and a clock put back change nothing', async () => {
  const before = asked.length;
  clock('+23h');
  assert.equal(await told('first'), 200);
  assert.equal(asked.length, before);
  clock('+25h');
  assert.equal(await told('first'), 200);
  assert.deepEqual(asked.slice(before), ['"first,second,retired"']);
  garbage = true;
  clock('+50h');
  for (let times = 0; times < 3; times += 1) assert.equal(await told('second'), 200, 'the old list is good');
  assert.equal(asked.length, before + 2);
  list.close();
  list.closeAllConnections();
  clock('+52h');
  assert.equal(await told('third'), 503);
  assert.equal(await told('first', key.secret), 200);
  assert.equal((await ask(up, 'GET', '/leaks')).leaks[0].key, key.key);
  clock('+0');
  assert.equal(await told('second'), 200);
  assert.equal(await told('third'), 503);
});
