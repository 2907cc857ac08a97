import { UserError } from '../../config/user-error.ts';
import { type BookShape, USUAL_BOOK } from '../../exchange/matching/book/parameters.ts';
import type { HeldBook } from '../../exchange/paper/state/binding.ts';

export interface BookOptions {
  /** Left out: what the folder began with, `levels` in a new one. */
  readonly book?: 'endless' | 'levels';
  /** Millionths of the price. */
  readonly spread?: number;
  /** KRW. */
  readonly depth?: number;
}

/**
 * The order book that orders meet; undefined for none, everything trading at the last price. Whoever asks for nothing goes on
 * with what the folder began with.
 *
 * @param held of the folder with the history; undefined for a new one
 * @throws {UserError} when a book that is not there was given a spread or a depth
 */
export function bookOf({ book, spread, depth }: BookOptions, held: HeldBook | undefined): BookShape | undefined {
  if (book === 'endless') {
    const given = spread !== undefined ? '--spread' : '--depth';
    if (spread === undefined && depth === undefined) return undefined;
    throw new UserError(`${given} goes with --book levels, not with --book endless`, 2);
  }
  const asksForNothing = book === undefined && spread === undefined && depth === undefined;
  if (asksForNothing && held !== undefined) return held.book;
  return { ...USUAL_BOOK, spreadPpm: spread ?? USUAL_BOOK.spreadPpm, depthKrw: depth ?? USUAL_BOOK.depthKrw };
}

/** The options that ask for it again; a book that a source tells has no shape to ask for. */
export function bookFlags(book: BookShape | undefined, source?: string): string[] {
  if (book === undefined) return ['--book', 'endless'];
  if (source !== undefined) return ['--book', 'levels'];
  return ['--book', 'levels', '--spread', String(book.spreadPpm), '--depth', String(book.depthKrw)];
}
