import type { Market } from '../../config/market.ts';
import { UserError } from '../../config/user-error.ts';
import { allocate as allocateCash, findRecorded, transferCash } from '../../db/cash-flows.ts';
import type { DecimalText } from '../../strategy/candle.ts';
import { krwBeyondLedger } from '../money/beyond-ledger.ts';
import { defaultNote, type FlowOptions, reportFlow } from '../money/flow-report.ts';
import { withLedger } from '../money/ledger-session.ts';
import { recordWithin } from '../money/record-within.ts';
import { runningExchange } from '../money/running-exchange.ts';
import { requireSubAccount } from '../money/sub-account.ts';
import { grouped } from '../output.ts';

export interface AllocateOptions extends FlowOptions {
  readonly market: Market;
  /** Where the won comes from, instead of from what no market owns. */
  readonly from?: Market;
}

/**
 * Gives a market won to trade with, or takes back what is free. Won that no market owns is given only as far as the
 * exchange has it; taking back, and moving between markets, ask no exchange.
 *
 * @param krw below zero takes back
 */
export async function allocate(krw: DecimalText, options: AllocateOptions): Promise<void> {
  const { from, market } = options;
  const takesBack = krw.startsWith('-');
  if (from === undefined) return takesBack ? takeBack(krw, options) : give(krw, options);
  if (takesBack) throw new UserError(`${krw} KRW from ${from}: name an amount above 0 and swap the two markets`, 2);
  if (from === market) throw new UserError(`--from ${from} is the market that would receive; name another one`, 2);
  return move(krw, from, options);
}

function give(krw: DecimalText, options: AllocateOptions): Promise<void> {
  return withLedger(options, async ({ context, db, account }) => {
    const { market } = options;
    const marketAccount = await requireSubAccount(db, account, market, '--market');
    const flow = { ...basis(account, options), market, cash: krw };
    const done = `${market} was given ${grouped(krw)} KRW.`;
    if (await findRecorded(db, { ...flow, kind: 'allocate' })) {
      return reportFlow(context, options, { recorded: false, marketAccount, done });
    }
    const exchange = runningExchange(context, account, 'how much won belongs to no market');
    const outcome = await recordWithin(
      {
        ...{ db, account, amount: krw },
        beyond: (claims) => krwBeyondLedger(exchange, claims),
        cure: 'allocate less, deposit won at the exchange, or move it from another market with --from',
      },
      (trx) => allocateCash(trx, flow),
    );
    reportFlow(context, options, { ...outcome, done });
  });
}

function takeBack(krw: DecimalText, options: AllocateOptions): Promise<void> {
  return withLedger(options, async ({ context, db, account }) => {
    const { market } = options;
    await requireSubAccount(db, account, market, '--market');
    const outcome = await allocateCash(db, { ...basis(account, options), market, cash: krw });
    const done = `${grouped(krw.slice(1))} KRW were taken back from ${market}; they belong to no market now.`;
    reportFlow(context, options, { ...outcome, done });
  });
}

function move(krw: DecimalText, from: Market, options: AllocateOptions): Promise<void> {
  return withLedger(options, async ({ context, db, account }) => {
    const { market } = options;
    await requireSubAccount(db, account, market, '--market');
    await requireSubAccount(db, account, from, '--from');
    const outcome = await transferCash(db, { ...basis(account, options), from, to: market, cash: krw });
    reportFlow(context, options, {
      ...{ recorded: outcome.recorded, marketAccount: outcome.to, from: outcome.from },
      done: `${grouped(krw)} KRW were moved from ${from} to ${market}.`,
    });
  });
}

function basis(account: string, { note = defaultNote('allocate'), reference }: AllocateOptions) {
  return { account, note, reference };
}
