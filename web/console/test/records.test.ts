// test/records.test.ts: words of the audit log, the notices and the reviews
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { eventWords } from '../src/text/events';
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
