import type { Market } from '../../config/market.ts';
import { UserError } from '../../config/user-error.ts';
import { readCandles, readCollectedMarkets, readGaps } from '../../db/candles.ts';
import { type CommonOptions, commandContext } from '../context.ts';
import { withDatabase } from '../database-session.ts';
import { grouped, renderJson, renderTable } from '../output.ts';

export interface CandlesOptions extends CommonOptions {
  readonly market?: Market;
  readonly limit: number;
  readonly gaps?: boolean;
}

const TIMEFRAME = '1m';

/** Lists stored candles, or with `--gaps` the stretches nobody has asked the exchange for, newest first. */
export async function candles(options: CandlesOptions): Promise<void> {
  const context = commandContext(options);
  const text = await withDatabase(context, async (db) => {
    const collected = await readCollectedMarkets(db);
    requireCollected(options.market, collected);
    if (options.gaps !== true) {
      const rows = await readCandles(db, { market: options.market, timeframe: TIMEFRAME, limit: options.limit });
      return options.json ? renderJson(rows) : candleTable(rows);
    }
    const markets = options.market ? [options.market] : collected;
    const gaps = (
      await Promise.all(
        markets.map(async (market) =>
          (
            await readGaps(db, market, TIMEFRAME, options.limit)
          ).map(({ from, until }) => ({
            market,
            timeframe: TIMEFRAME,
            from: new Date(from),
            until: new Date(until),
            minutes: (until - from) / 60_000,
          })),
        ),
      )
    )
      .flat()
      .sort((a, b) => b.from.getTime() - a.from.getTime())
      .slice(0, options.limit);
    return options.json ? renderJson(gaps) : gapTable(gaps);
  });
  context.output.result(text);
}

/** A market that was never collected has no gaps either: an empty answer would be a false all-clear. */
function requireCollected(market: Market | undefined, collected: readonly Market[]): void {
  if (market === undefined || collected.includes(market)) return;
  throw new UserError(`market ${market} has not been collected; known: ${collected.join(', ') || 'none yet'}`);
}

function candleTable(rows: Awaited<ReturnType<typeof readCandles>>): string {
  if (rows.length === 0) return 'no candles stored yet';
  const shown = rows.map((row) => ({
    ...row,
    open: grouped(row.open),
    high: grouped(row.high),
    low: grouped(row.low),
    close: grouped(row.close),
  }));
  return renderTable(shown, [
    ['market', 'MARKET'],
    ['ts', 'OPENS AT'],
    ['open', 'OPEN'],
    ['high', 'HIGH'],
    ['low', 'LOW'],
    ['close', 'CLOSE'],
    ['volume', 'VOLUME'],
  ]);
}

function gapTable(gaps: readonly { market: Market; from: Date; until: Date; minutes: number }[]): string {
  if (gaps.length === 0) return 'no gaps: every minute between the first and the last collected one has been asked for';
  return renderTable(gaps, [
    ['market', 'MARKET'],
    ['from', 'FROM'],
    ['until', 'UNTIL'],
    ['minutes', 'MINUTES'],
  ]);
}
