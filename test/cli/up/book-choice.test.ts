import { expect, test } from 'vitest';
import { type BookOptions, bookFlags, bookOf } from '../../../cli/up/book-choice.ts';
import { USUAL_BOOK } from '../../../exchange/matching/book/parameters.ts';
import type { HeldBook } from '../../../exchange/paper/state/binding.ts';

const WIDE = { ...USUAL_BOOK, spreadPpm: 80 };

test.each<[asked: BookOptions, held: HeldBook | undefined, book: object | undefined]>([
  [{}, undefined, USUAL_BOOK],
  [{}, { book: WIDE }, WIDE],
  [{}, { book: undefined }, undefined],
  [{ book: 'levels' }, undefined, USUAL_BOOK],
  [{ book: 'levels' }, { book: WIDE }, USUAL_BOOK],
  [{ book: 'endless' }, { book: WIDE }, undefined],
  [{ spread: 80 }, undefined, WIDE],
  [{ depth: 1 }, { book: WIDE }, { ...USUAL_BOOK, depthKrw: 1 }],
])('asked for %o in a folder that holds %o: %o', (asked, held, book) => {
  expect(bookOf(asked, held)).toEqual(book);
});

test.each<BookOptions>([
  { book: 'endless', spread: 80 },
  { book: 'endless', depth: 1 },
])('%o contradicts itself', (asked) => {
  expect(() => bookOf(asked, undefined)).toThrow(/goes with --book levels, not with --book endless/);
});

test.each([undefined, USUAL_BOOK, WIDE])('the flags for %o say all of it, whatever a folder holds', (book) => {
  const [, name, , spread, , depth] = bookFlags(book);
  const asked = { book: name as 'endless' | 'levels', ...(spread && { spread: Number(spread), depth: Number(depth) }) };
  expect(bookOf(asked, { book: { ...USUAL_BOOK, depthKrw: 3 } })).toEqual(book);
});
