// test/text.test.ts: what the pure functions of src/text promise
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser } from '../src/text/agent';
import { bytes } from '../src/text/bytes';
import { CLIENTS, credentialsFile, fileName } from '../src/text/clients';
import { endingWords } from '../src/text/ending';
import { rulesSplit, sameSet } from '../src/text/ip_rules';
import { ago, momentUtc, span } from '../src/text/time';

const S = 1000, MIN = 60 * S, HOUR = 60 * MIN, DAY = 24 * HOUR;

test('a span shows its two largest units, and never less than what is left', () => {
  for (const [ms, words] of [
    [0, '0 s'], [1, '1 s'], [59 * S, '59 s'], [59 * S + 1, '1 min 00 s'], [65 * S, '1 min 05 s'],
    [HOUR, '1 h 0 min'], [71 * HOUR + 59 * MIN, '2 d 23 h'], [72 * HOUR, '3 d 0 h'],
  ] as const) assert.equal(span(ms), words);
});

test('a moment long ago is told in the unit that fits', () => {
  for (const [past, words] of [
    [0, 'just now'], [-2 * S, 'just now'], [-30 * S, 'in less than a minute'], [3 * MIN, '3 minutes ago'],
    [23 * HOUR, '23 hours ago'], [2 * DAY, '2 days ago'], [90 * DAY, '3 months ago'], [-2 * DAY, 'in 2 days'],
  ] as const) assert.equal(ago(0, past), words);
});

test('UTC is written to the second', () => {
  assert.equal(momentUtc(Date.UTC(2026, 10, 23, 7, 34, 28, 999)), '2026-11-23 07:34:28 UTC');
});

test('a pasted list of addresses becomes single rules', () => {
  assert.deepEqual(rulesSplit('192.0.2.7, 2001:db8::/48;\n !192.0.2.9\t\n'), ['192.0.2.7', '2001:db8::/48', '!192.0.2.9']);
  assert.deepEqual(rulesSplit(' \n'), []);
});

test('a change that only takes away is told from one that adds', () => {
  assert.ok(sameSet(['b', 'a'], ['a', 'b']));
  assert.ok(!sameSet(['a'], ['a', 'b']));
});

test('the settings of each client hold key, secret and address', () => {
  const c = { key: 'lki_test_K', secret: 'lks_test_S', rest: 'https://venue.example:8444' };
  assert.deepEqual(CLIENTS.map((client) => client.name), ['ccxt', 'bfx-api-node-rest', 'curl']);
  for (const client of CLIENTS) for (const part of Object.values(c)) assert.ok(client.text(c).includes(part), client.name);
  assert.equal(JSON.parse(credentialsFile(c, 'Zürich "1"', 'sandbox')).label, 'Zürich "1"');
});

test('a file name keeps what every file system allows', () => {
  assert.equal(fileName('Market maker, Zürich'), 'market-maker-zu-rich.json');
  assert.equal(fileName('../../etc/passwd'), 'etc-passwd.json');
  assert.equal(fileName('日本'), 'key.json');
});

test('sizes and browsers have names', () => {
  assert.deepEqual([0, 1023, 1024, 8 * 1024 * 1024, 1_800_000].map(bytes), ['0 B', '1023 B', '1 KiB', '8 MiB', '1.7 MiB']);
  assert.equal(browser('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'), 'Firefox 140 on Linux');
  assert.equal(browser(''), 'Unknown');
});

test('a key that ends within 14 days says so, and what helps', () => {
  const at = (days: number) => new Date(days * DAY).toISOString();
  assert.equal(endingWords({ ends_at: null, expires_if_unused_at: at(15) }, 0), null);
  assert.match(endingWords({ ends_at: at(3), expires_if_unused_at: at(90) }, 0) ?? '', /ends in 3 d 0 h\. Rotate/);
  assert.match(endingWords({ ends_at: null, expires_if_unused_at: at(1) }, 0) ?? '', /unless it is used/);
});
