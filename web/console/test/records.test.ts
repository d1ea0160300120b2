// test/records.test.ts: words of the audit log, the notices and the reviews
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { eventWords } from '../src/text/events';
import { canLift, CHANNELS, KINDS, placeRows, REACTIONS } from '../src/text/leaks';
import { detailRows, reviewSubject } from '../src/text/reviews';
import { latency, utcOfInput, VERDICTS, verdictWords } from '../src/text/verdicts';

/** The words in rows of a .def file of the authority. */
function rows(file: string, row: RegExp): string[] {
  const text = readFileSync(`../../src/${file}`, 'utf8');
  return [...text.matchAll(row)].map((m) => m[1] ?? '');
}

test('each verdict of the gateway has words, and no other has', () => {
  const known = rows('gate/verdict.def', /VERDICT\(\s*\d+,\s*\w+,\s*\d+,\s*"([^"]+)"/g);
  assert.ok(known.length >= 30);
  assert.deepEqual(Object.keys(VERDICTS), known);
  assert.equal(verdictWords('newer-than-this'), 'newer-than-this');
});

test('each event of the authority has words', () => {
  const known = rows('authority/event.def', /EVENT\(\s*\d+,\s*\w+,\s*"([^"]+)"/g);
  assert.ok(known.length >= 27);
  for (const event of known) assert.notEqual(eventWords(event), event);
});

test('a latency keeps three digits', () => {
  for (const [us, text] of [[0, '0.00 ms'], [843, '0.84 ms'], [12_345, '12.3 ms'], [1_204_000, '1,204 ms']] as const)
    assert.equal(latency(us), text);
});

test('a moment that was typed in the own zone is asked for in UTC', () => {
  assert.equal(utcOfInput(''), '');
  assert.equal(utcOfInput('nonsense'), '');
  assert.equal(Date.parse(utcOfInput('2026-11-23T10:00')), new Date(2026, 10, 23, 10, 0).getTime());
  assert.match(utcOfInput('2026-11-23T10:00'), /^2026-11-2\dT\d\d:\d\d:00Z$/);
});

test('evidence shows what is unknown and what is newer than this console', () => {
  assert.deepEqual(detailRows({ country: null, scopes: ['a', 'b'], new_thing: 3 }), [
    { name: 'Country of the caller', text: 'unknown' },
    { name: 'Permissions asked for', text: 'a, b' },
    { name: 'New thing', text: '3' },
  ]);
});

test('a review is named by what it is about', () => {
  assert.equal(reviewSubject({ kind: 'document', detail: { words: 'proof of address' }, key: null }), 'proof of address');
  assert.equal(reviewSubject({ kind: 'flag', detail: { action: 'unflag' }, key: null }), 'Lift the flag');
  assert.equal(reviewSubject({ kind: 'location', detail: {}, key: null }), 'Location');
});

test('each kind, channel and reaction of a leak that the API may tell has words', () => {
  const { schemas } = JSON.parse(readFileSync('../../src/portal/openapi/leaks.json', 'utf8'));
  const { kind, reaction, places } = schemas.LEAK.properties;
  assert.deepEqual(Object.keys(KINDS).sort(), kind.enum.toSorted());
  assert.deepEqual(Object.keys(REACTIONS).sort(), reaction.enum.toSorted());
  assert.deepEqual(Object.keys(CHANNELS).sort(), places.items.properties.channel.enum.toSorted());
});

test('a place is told as its finder told it, without what is empty', () => {
  assert.deepEqual(placeRows({ url: 'https://git.example/a', source: '', line: 7, object_type: 'blob', tip: null }),
    [['url', 'https://git.example/a'], ['line', '7'], ['object type', 'blob']]);
});

test('only the suspension by a published id can be lifted, and once', () => {
  const leak = { id: 1, kind: 'key_id', reaction: 'suspended', key: 'lki', account: 1, email: 'ada@example.com', label: 'bot', key_state: 'suspended',
    found_at: '2026-01-01T00:00:00Z', lifted_at: null, sightings: 1, evidence_sha256: '' } as const;
  assert.ok(canLift(leak));
  for (const other of [{ kind: 'secret' }, { reaction: 'notified' }, { lifted_at: leak.found_at }, { key_state: 'revoked' }] as const)
    assert.ok(!canLift({ ...leak, ...other }), JSON.stringify(other));
});
