import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../../../config/user-error.ts';
import { readJsonFile } from '../../../process/json-file.ts';
import type { BookShape } from '../../matching/book/parameters.ts';
import { writeDurably } from './durable-file.ts';

const FILE_NAME = 'binding.json';

/** What a state folder's history was made with; another market would not explain the fills in it. */
interface Binding {
  readonly feed: string;
  readonly seed: number;
  /** `name sha256` of each replay file, sorted. */
  readonly files: readonly string[];
  /** Missing where everything trades at the last price, as it did everywhere before there was a book. */
  readonly book?: BookShape | undefined;
  /** Where live prices come from; missing where they are made here. */
  readonly source?: string | undefined;
}

/** The order book of a folder that has a history; `book` undefined where everything trades at the last price. */
export interface HeldBook {
  readonly book: BookShape | undefined;
}

/** Of a file name and contents count, not where it lies. */
export function bindingOf(market: Omit<Binding, 'files'>, files: readonly string[] = []): Binding {
  const digests = files.map((path) => {
    const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
    return `${basename(path)} ${digest}`;
  });
  return { ...market, files: digests.sort() };
}

/** Whether the folder has a history. */
export function isBound(folder: string): boolean {
  return existsSync(join(folder, FILE_NAME));
}

/**
 * Ties a new folder to its feed, or checks that it is still the same.
 *
 * @throws {UserError} when feed, seed, book or files differ from those the folder began with.
 */
export function bindFolder(folder: string, binding: Binding): void {
  const before = readBinding(folder);
  if (before === null) {
    writeDurably(join(folder, FILE_NAME), JSON.stringify(binding));
    return;
  }
  const faults: string[] = [];
  if (before.feed !== binding.feed) faults.push(`feed ${before.feed}, not ${binding.feed}`);
  if (before.source !== binding.source) {
    const name = (source: string | undefined): string => (source === undefined ? 'no source' : `source ${source}`);
    faults.push(`${name(before.source)}, not ${name(binding.source)}`);
  }
  if (before.seed !== binding.seed) faults.push(`seed ${before.seed}, not ${binding.seed}`);
  const [bookBefore, book] = [bookText(before.book), bookText(binding.book)];
  if (bookBefore !== book) faults.push(`${bookBefore}, not ${book}`);
  if (before.files.join() !== binding.files.join()) {
    const names = (files: readonly string[]) => files.map((file) => file.split(' ')[0]).join(', ') || 'none';
    faults.push(`replay files ${names(before.files)}, not ${names(binding.files)} (names and contents count)`);
  }
  if (faults.length > 0) {
    throw new UserError(`state folder ${folder} was begun with ${faults.join('; ')}. Use another folder`, 2);
  }
}

/** The order book a folder began with; undefined for a new folder. */
export function heldBook(folder: string): HeldBook | undefined {
  const binding = readBinding(folder);
  return binding === null ? undefined : { book: binding.book };
}

function readBinding(folder: string): Binding | null {
  return readJsonFile(join(folder, FILE_NAME), isBinding, 'restore it from a copy or use another folder');
}

function bookText(book: BookShape | undefined): string {
  if (book === undefined) return 'book endless';
  const { spreadPpm, spacingPpm, depthKrw, growthPercent } = book;
  return `book levels (spread ${spreadPpm}, depth ${depthKrw}, spacing ${spacingPpm}, growth ${growthPercent})`;
}

function isBinding(value: unknown): value is Binding {
  const binding = value as Partial<Binding> | null;
  return (
    typeof binding?.feed === 'string' &&
    typeof binding.seed === 'number' &&
    Array.isArray(binding.files) &&
    (binding.source === undefined || typeof binding.source === 'string') &&
    (binding.book === undefined || isBookShape(binding.book))
  );
}

function isBookShape(value: unknown): value is BookShape {
  const { spreadPpm, spacingPpm, depthKrw, growthPercent } = Object(value) as Partial<BookShape>;
  return [spreadPpm, spacingPpm, depthKrw, growthPercent].every((figure) => typeof figure === 'number');
}
