import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Book, candleOf, tickerOf } from '../src/market/feed';

test('a book keeps its levels best first, and a count of 0 takes one away', () => {
  const book = new Book();
  for (const level of [[100, 1, 2], [99, 2, 3], [101, 1, -4], [103, 1, -5], [102, 3, -6]]) book.take(level);
  assert.deepEqual(book.side(true), [{ price: 100, amount: 2 }, { price: 99, amount: 3 }]);
  assert.deepEqual(book.side(false).map(({ price }) => price), [101, 102, 103]);
  book.take([101, 0, -1]);
  book.take([99, 1, 1]);
  assert.deepEqual(book.side(false)[0], { price: 102, amount: 6 });
  assert.deepEqual(book.side(true)[1], { price: 99, amount: 1 });
});

test('arrays of the venue have their values in these places', () => {
  assert.deepEqual(candleOf([60_000, 1, 2, 4, 0.5, 9]), { ms: 60_000, open: 1, close: 2, high: 4, low: 0.5, volume: 9 });
  assert.deepEqual(tickerOf([1, 2, 3, 4, 5, 0.06, 7, 8, 9, 10]), { change: 0.06, last: 7, volume: 8, high: 9, low: 10 });
});
