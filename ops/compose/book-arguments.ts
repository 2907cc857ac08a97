import { Command, CommanderError } from 'commander';
import { BOOK_OPTIONS } from '../../cli/command-parts.ts';
import { type BookOptions, bookOf } from '../../cli/up/book-choice.ts';
import { UserError } from '../../config/user-error.ts';
import type { BookShape } from '../../exchange/matching/book/parameters.ts';
import type { HeldBook } from '../../exchange/paper/state/binding.ts';

/** What docker-compose.yml hands on from `.env`, in its order, and the options of `durabit paper` they stand for. */
const OPTIONS = { PAPER_BOOK: '--book', PAPER_SPREAD: '--spread', PAPER_DEPTH: '--depth' } as const;

/**
 * The order book of the paper exchange, by the program's arguments: each empty where `.env` does not say.
 *
 * @param held of the container's folder; undefined for a new one
 * @throws {UserError}
 */
export function bookArguments([, , ...given]: readonly string[], held: HeldBook | undefined): BookShape | undefined {
  const flags = Object.values(OPTIONS).flatMap((option, index) => (given[index] ? [option, given[index]] : []));
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const option of Object.values(BOOK_OPTIONS)) command.addOption(option);
  try {
    return bookOf(command.parse(flags, { from: 'user' }).opts<BookOptions>(), held);
  } catch (error) {
    if (!(error instanceof CommanderError || error instanceof UserError)) throw error;
    throw new UserError(`${Object.keys(OPTIONS).join(', ')} in .env: ${error.message.replace(/^error: /, '')}`, 2);
  }
}
