import { ApplicationFailure } from '@temporalio/activity';
import type { Db } from '../../db/connect.ts';
import { readOrder } from '../../db/orders.ts';

/** What an activity may be about: an account by name, or an order, which has one. */
interface Subject {
  readonly account?: string;
  readonly identifier?: string;
}

/**
 * The same activities for one account only. A run that was started for another one, by a schedule of an earlier start
 * or before the settings changed, must not reach this worker's exchange: an order decided on paper would be sent with
 * real keys.
 *
 * @param own null where this worker trades nothing; then whatever is about an account is refused
 * @returns activities that fail for good, with type `WrongAccount`, when they are asked about another account
 */
export function forAccount<T extends object>(activities: T, own: string | null, db: Db): T {
  const guarded = Object.entries(activities).map(([name, activity]) => {
    const run = activity as (input?: Subject) => Promise<unknown>;
    return [
      name,
      async (input?: Subject) => {
        const account = await accountOf(db, input);
        if (account === undefined || account === own) return run(input);
        const trades = own === null ? 'trades nothing' : `trades ${own}`;
        throw ApplicationFailure.nonRetryable(`this worker ${trades}, not ${account}: ${name} refused`, 'WrongAccount');
      },
    ] as const;
  });
  return Object.fromEntries(guarded) as T;
}

async function accountOf(db: Db, input: Subject | undefined): Promise<string | undefined> {
  if (input?.account !== undefined || input?.identifier === undefined) return input?.account;
  return (await readOrder(db, input.identifier))?.account;
}
