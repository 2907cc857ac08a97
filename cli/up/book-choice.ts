import { UserError } from '../../config/user-error.ts';
import { type BookShape, USUAL_BOOK } from '../../exchange/matching/book/parameters.ts';

export interface BookOptions {
  readonly book: 'endless' | 'levels';
  /** Millionths of the price. */
  readonly spread?: number;
  /** KRW. */
  readonly depth?: number;
}

/**
 * The order book that was asked for; undefined for none, everything trading at the last price.
 *
 * @throws {UserError} when a book that is not there was given a spread or a depth
 */
export function bookOf({ book, spread, depth }: BookOptions): BookShape | undefined {
  if (book === 'levels') {
    return { ...USUAL_BOOK, spreadPpm: spread ?? USUAL_BOOK.spreadPpm, depthKrw: depth ?? USUAL_BOOK.depthKrw };
  }
  const given = spread !== undefined ? '--spread' : '--depth';
  if (spread !== undefined || depth !== undefined) {
    throw new UserError(`${given} goes with --book levels, not with --book ${book}`, 2);
  }
  return undefined;
}

/** The options that ask for it again; a book that a source tells has no shape to ask for. */
export function bookFlags(book: BookShape | undefined, source?: string): string[] {
  if (book === undefined) return [];
  if (source !== undefined) return ['--book', 'levels'];
  return ['--book', 'levels', '--spread', String(book.spreadPpm), '--depth', String(book.depthKrw)];
}
