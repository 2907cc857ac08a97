import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../../config/user-error.ts';
import type { BookShape } from '../../exchange/matching/book/parameters.ts';
import { type HeldBook, heldBook } from '../../exchange/paper/state/binding.ts';
import { readJsonFile, writeJsonFile } from '../../process/json-file.ts';
import { bookFlags } from './book-choice.ts';
import type { FeedName } from './feed-choice.ts';

/** What the candles and orders in a data directory came from. Mixing two of these would make its history a lie. */
export interface DataBinding {
  readonly feed: FeedName;
  readonly replayFiles: readonly ReplayFile[];
  /** `null` where nothing is drawn. */
  readonly seed: number | null;
  /** Missing where everything traded at the last price. */
  readonly book?: BookShape;
  /** Where live prices come from, where the paper exchange brought along shows those of another. */
  readonly source?: string;
  /** Address of the exchange, where it is not the one that `durabit up` starts; then it alone is what binds. */
  readonly exchange?: string;
}

/** A replay file by its content: it may move, it may not change. */
export interface ReplayFile {
  readonly name: string;
  readonly sha256: string;
}

/** @throws {UserError} naming the file that cannot be read. */
export async function describeReplayFiles(paths: readonly string[]): Promise<ReplayFile[]> {
  return Promise.all(
    paths.map(async (path) => {
      const hash = createHash('sha256');
      try {
        await pipeline(createReadStream(path), hash);
      } catch (error) {
        throw new UserError(`replay file ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? error})`);
      }
      return { name: basename(path), sha256: hash.digest('hex') };
    }),
  );
}

/** @throws {UserError} showing both when the directory is bound to something else. */
export function checkBinding(dataDir: string, wanted: DataBinding): void {
  const bound = readBinding(dataDir);
  const difference = bound === null ? undefined : bindingDifference(bound, wanted);
  if (difference === undefined) return;
  throw new UserError(
    `data directory ${dataDir} belongs to another feed:\n${difference}\n` +
      'start with the options it holds, or choose another directory with --data-dir',
  );
}

/**
 * The order book of the paper exchange in a data directory that has one; undefined for a new directory. After a first start
 * that ended before it was ready only the exchange has been tied to one.
 */
export function begunBook(dataDir: string): HeldBook | undefined {
  const bound = readBinding(dataDir);
  if (bound === null) return heldBook(join(dataDir, 'exchange'));
  return bound.exchange !== undefined ? undefined : { book: bound.book };
}

function readBinding(dataDir: string): DataBinding | null {
  const cure = 'restore it from a copy or choose another directory with --data-dir';
  return readJsonFile(join(dataDir, 'binding.json'), isBinding, cure);
}

/** Two lines for a message, or undefined when both say the same. */
export function bindingDifference(bound: DataBinding, wanted: DataBinding): string | undefined {
  if (fingerprint(bound) === fingerprint(wanted)) return undefined;
  return `  it holds:  ${describe(bound, wanted)}\n  asked for: ${describe(wanted, bound)}`;
}

/** Binds the directory; called once nothing stands in the way of a start, so that a failed first try binds nothing. */
export function saveBinding(dataDir: string, binding: DataBinding): void {
  writeJsonFile(join(dataDir, 'binding.json'), binding);
}

/** The order of `--replay` options does not matter. */
function fingerprint(binding: DataBinding): string {
  if (binding.exchange !== undefined) return JSON.stringify(binding.exchange);
  const files = binding.replayFiles.map(({ name, sha256 }) => `${name} ${sha256}`).sort();
  return JSON.stringify([binding.feed, files, binding.seed, binding.book, binding.source]);
}

/** A file's hash is shown only where the other side has a file of that name with another content. */
function describe(binding: DataBinding, other: DataBinding): string {
  if (binding.exchange !== undefined) return `UPBIT_BASE_URL=${binding.exchange}`;
  const files = binding.replayFiles.map(({ name, sha256 }) => {
    const changed = other.replayFiles.some((file) => file.name === name && file.sha256 !== sha256);
    return `--replay ${name}${changed ? ` (sha256 ${sha256.slice(0, 12)}…)` : ''}`;
  });
  const seed = binding.seed === null ? [] : [`--seed ${binding.seed}`];
  const source = binding.source === undefined ? [] : [`--source ${binding.source}`];
  return [`--feed ${binding.feed}`, ...source, ...files, ...seed, ...bookFlags(binding.book, binding.source)].join(' ');
}

function isBinding(value: unknown): value is DataBinding {
  const binding = value as Partial<DataBinding> | null;
  return (
    typeof binding === 'object' &&
    typeof binding?.feed === 'string' &&
    (binding.seed === null || typeof binding.seed === 'number') &&
    Array.isArray(binding.replayFiles) &&
    binding.replayFiles.every((file) => typeof file?.name === 'string' && typeof file.sha256 === 'string')
  );
}
