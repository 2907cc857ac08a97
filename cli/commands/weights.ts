import { userInfo } from 'node:os';
import type { Market } from '../../config/market.ts';
import { UserError } from '../../config/user-error.ts';
import { type OptimizerResult, readResult, readResults } from '../../db/optimizer-results.ts';
import {
  insertPromotion,
  type Promotion,
  readNewestPromotion,
  readPromotions,
  whileChoosing,
} from '../../db/promotions.ts';
import type { CommonOptions } from '../context.ts';
import { type LedgerSession, withLedger } from '../money/ledger-session.ts';
import { requireSubAccount } from '../money/sub-account.ts';
import { renderJson, renderTable } from '../output.ts';
import type { ListOptions } from './list-command.ts';

const TIMEFRAME = '1m';

/** What the searches found, newest first, and which of it is in force. */
export function weights(options: ListOptions): Promise<void> {
  return withLedger(options, async ({ context, db, account }) => {
    const chosen = await readPromotions(db, account);
    const results = await readResults(db, options);
    const rows = results.map((result) => ({
      ...result,
      in_force: chosen.some(({ optimizer_result }) => optimizer_result === result.id),
    }));
    if (options.json) return context.output.result(renderJson(rows));
    const notes = chosen.filter(({ market }) => options.market === undefined || market === options.market).map(noteOf);
    const table = rows.length === 0 ? 'no results yet; the default weights are in force' : weightsTable(rows);
    context.output.result([table, ...notes].join('\n'));
  });
}

function weightsTable(rows: readonly (OptimizerResult & { readonly in_force: boolean })[]): string {
  const shown = rows.map(({ id, market, window_until, params, metrics, in_force }) => ({
    ...{ id, market, window_until },
    in_force: in_force ? 'in force' : '',
    total_return: percent(metrics.total_return),
    buy_and_hold_return: percent(metrics.buy_and_hold_return),
    doing_nothing_return: percent(metrics.doing_nothing_return ?? 0),
    max_drawdown: percent(metrics.max_drawdown),
    num_trades: metrics.num_trades,
    threshold: params.threshold,
  }));
  return renderTable(shown, [
    ['id', 'ID'],
    ['market', 'MARKET'],
    ['window_until', 'CANDLES UNTIL'],
    ['total_return', 'RETURN %'],
    ['buy_and_hold_return', 'BUY & HOLD %'],
    ['doing_nothing_return', 'NOTHING %'],
    ['max_drawdown', 'DRAWDOWN %'],
    ['num_trades', 'ROUND TRIPS'],
    ['threshold', 'THRESHOLD'],
    ['in_force', 'STATE'],
  ]);
}

/** What is in force in a market and why, which no row of results shows for the default weights. */
function noteOf({ market, optimizer_result: result, chosen_by, reason }: Promotion): string {
  const what = result === null ? 'the default weights' : `result ${result}`;
  const kept = chosen_by === 'operator' ? `; kept until: npx durabit weights auto --market ${market}` : '';
  return `${market}: ${what} in force (${reason})${kept}`;
}

function percent(fraction: string | number | null | undefined): string {
  return typeof fraction === 'number' ? (fraction * 100).toFixed(2) : '';
}

export interface ChoiceOptions extends CommonOptions {
  readonly market?: Market;
  readonly reason?: string;
}

/**
 * Puts a result, or the default weights, into force by hand. It stays until it is handed back: the optimizer goes on
 * searching and recording, and promotes nothing in that market.
 *
 * @param which id of a result, or `default`
 */
export function weightsUse(which: string, options: ChoiceOptions): Promise<void> {
  return withLedger(options, async (session) => {
    const result = which === 'default' ? null : await requireResult(session, which);
    const market = (result?.market as Market | undefined) ?? options.market;
    if (market === undefined) throw new UserError('weights use default: name the market with --market', 2);
    if (options.market !== undefined && options.market !== market) {
      throw new UserError(`result ${which} is of ${market}, not of ${options.market}; leave --market out`, 2);
    }
    const { optimizer_result } = await choose(session, market, {
      optimizer_result: result?.id ?? null,
      chosen_by: 'operator',
      reason: options.reason ?? `chosen by ${userInfo().username} with durabit weights use`,
    });
    const what = optimizer_result === null ? 'The default weights are' : `Result ${optimizer_result} is`;
    await report(
      session,
      options,
      market,
      `${what} in force in ${market} from the next decision on, until you choose otherwise.`,
    );
  });
}

/** Leaves a market to the optimizer again; what is in force stays so until it promotes something. */
export function weightsAuto(options: ChoiceOptions & { readonly market: Market }): Promise<void> {
  return withLedger(options, async (session) => {
    const { market } = options;
    const newest = await readNewestPromotion(session.db, { account: session.account, market, timeframe: TIMEFRAME });
    if (newest?.chosen_by === 'operator') {
      await choose(session, market, {
        optimizer_result: newest.optimizer_result,
        chosen_by: 'handed-back',
        reason: options.reason ?? `handed back by ${userInfo().username} with durabit weights auto`,
      });
    }
    await report(session, options, market, `${market} is left to the optimizer, as far as PROMOTION allows it.`);
  });
}

async function requireResult({ db }: LedgerSession, which: string): Promise<OptimizerResult> {
  const result = /^\d{1,18}$/.test(which) ? await readResult(db, which) : undefined;
  if (result === undefined)
    throw new UserError(`there is no result "${which}"; see npx durabit weights, or use default`, 2);
  return result;
}

async function choose(
  { db, account }: LedgerSession,
  market: Market,
  choice: Pick<Promotion, 'optimizer_result' | 'chosen_by' | 'reason'>,
): Promise<typeof choice> {
  await requireSubAccount(db, account, market, '--market');
  const traded = { account, market, timeframe: TIMEFRAME } as const;
  await whileChoosing(db, traded, (trx) => insertPromotion(trx, traded, choice));
  return choice;
}

async function report({ context, db, account }: LedgerSession, options: CommonOptions, market: Market, done: string) {
  const chosen = await readNewestPromotion(db, { account, market, timeframe: TIMEFRAME });
  context.output.result(options.json ? renderJson(chosen ?? null) : done);
}
