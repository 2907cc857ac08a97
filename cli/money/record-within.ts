import { setTimeout as sleep } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import { UserError } from '../../config/user-error.ts';
import type { Db } from '../../db/connect.ts';
import { type LedgerClaims, readLedgerClaims, whileUnchanged } from '../../db/ledger-claims.ts';
import type { Database } from '../../db/schema.ts';
import type { DecimalText } from '../../strategy/candle.ts';
import { decimalText, Exact } from '../../strategy/exact-decimal.ts';
import { grouped } from '../output.ts';
import type { BeyondLedger } from './beyond-ledger.ts';

/** How long an order may take to settle, or the ledger to stand still, before we give up. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 250;

export interface Giving {
  readonly db: Db;
  readonly account: string;
  /** Above zero; KRW or coins. */
  readonly amount: DecimalText;
  readonly beyond: (claims: LedgerClaims) => Promise<BeyondLedger>;
  /** What the person may do instead when there is not enough. */
  readonly cure: string;
  readonly patienceMs?: number;
}

/**
 * Gives a market what the exchange holds and no market owns: asks the exchange, and records in a transaction that finds
 * the ledger as it was before the question. So two who give at once, or a fill booked meanwhile, never make the ledger
 * own more than is there.
 *
 * @throws {UserError} when the exchange has less, or it cannot be told
 */
export async function recordWithin<T>(giving: Giving, record: (trx: Transaction<Database>) => Promise<T>): Promise<T> {
  const { db, account, patienceMs = PATIENCE_MS } = giving;
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const claims = await readLedgerClaims(db, account);
    const beyond = await giving.beyond(claims);
    if (beyond.kind === 'known') {
      if (new Exact(giving.amount).gt(beyond.unassigned)) throw new UserError(notEnough(giving, beyond, claims));
      const done = await whileUnchanged(db, account, claims, record);
      if (done !== undefined) return done;
    }
    if (performance.now() > giveUpAt) throw new UserError(notToBeTold(beyond));
    await sleep(PAUSE_MS);
  }
}

function notEnough(
  { amount, cure }: Giving,
  { currency, unassigned, held, owned, lockedByOthers }: Extract<BeyondLedger, { kind: 'known' }>,
  { unsettled }: LedgerClaims,
): string {
  const left = new Exact(unassigned);
  const more = left.lt(0) ? '; the ledger owns more than that: see durabit audit' : '';
  const locked = new Exact(lockedByOthers).isZero()
    ? ''
    : `, ${grouped(lockedByOthers)} are locked in orders or withdrawals that are not the bot's`;
  const onTheirWay = unsettled.length === 0 ? '' : '; what an order on its way brings counts once it is booked';
  return [
    `${grouped(amount)} ${currency} are more than the ${grouped(decimalText(Exact.max(0, left)))} ${currency} unassigned`,
    ` (the exchange holds ${grouped(held)}, the markets own ${grouped(owned)}${locked}${onTheirWay}${more}); ${cure}`,
  ].join('');
}

function notToBeTold(beyond: BeyondLedger): string {
  return beyond.kind === 'uncertain'
    ? `order ${beyond.order.identifier} is ${beyond.order.status}, and what it executed is not certain yet: nobody can tell ` +
        'what is unassigned; try again when it is settled (durabit orders)'
    : 'the account traded during each look at it; try again in a moment';
}
