import { Command, CommanderError, Option } from 'commander';
import { BOOK_OPTIONS } from '../../cli/command-parts.ts';
import { type BookOptions, bookOf } from '../../cli/up/book-choice.ts';
import { sourceOf } from '../../cli/up/feed-choice.ts';
import { UserError } from '../../config/user-error.ts';
import type { PaperExchangeOptions } from '../../exchange/paper/server.ts';
import type { HeldBook } from '../../exchange/paper/state/binding.ts';

/** What docker-compose.yml hands on from `.env`, in its order, and the options of `durabit paper` they stand for. */
const OPTIONS = {
  PAPER_FEED: '--feed',
  PAPER_BOOK: '--book',
  PAPER_SPREAD: '--spread',
  PAPER_DEPTH: '--depth',
} as const;

/** A container has no files to replay. */
const FEEDS = ['simulated', 'upbit'] as const;

/** Where the paper exchange has its prices from, and what orders meet there. */
export type ExchangeArguments = Pick<PaperExchangeOptions, 'feed' | 'source' | 'book'>;

export interface Surroundings {
  /** Market seconds in a second of the wall's. */
  readonly speed: number;
  /** The book of the container's folder; undefined for a new one. */
  readonly held: HeldBook | undefined;
}

/**
 * What the paper exchange is to be, by the program's arguments: each empty where `.env` does not say.
 *
 * @throws {UserError}
 */
export function exchangeArguments([, , ...given]: readonly string[], { speed, held }: Surroundings): ExchangeArguments {
  const flags = Object.values(OPTIONS).flatMap((option, index) => (given[index] ? [option, given[index]] : []));
  const feed = new Option('--feed <feed>').choices(FEEDS).default('simulated');
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const option of [feed, ...Object.values(BOOK_OPTIONS)]) command.addOption(option);
  try {
    const options = command.parse(flags, { from: 'user' }).opts<BookOptions & { feed: (typeof FEEDS)[number] }>();
    if (options.feed === 'upbit' && speed !== 1) {
      throw new UserError(
        `CANDLE_INTERVAL_MS=${60_000 / speed} does not go with PAPER_FEED=upbit: live prices come in real time`,
      );
    }
    return { feed: options.feed, source: sourceOf(options), book: bookOf(options, held) };
  } catch (error) {
    if (!(error instanceof CommanderError || error instanceof UserError)) throw error;
    throw new UserError(`${Object.keys(OPTIONS).join(', ')} in .env: ${error.message.replace(/^error: /, '')}`, 2);
  }
}
