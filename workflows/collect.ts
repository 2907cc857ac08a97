import { proxyActivities, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { MarketDataActivities } from '../activities/market-data.ts';
import type { Market } from '../config/market.ts';
import type { Timeframe } from '../config/timeframe.ts';
import { database, marketData } from './policies.ts';
import { candleTimeAttribute, outcomeAttribute } from './search-attributes.ts';

export interface CollectInput {
  readonly market: Market;
  readonly timeframe: Timeframe;
  /** Wall milliseconds a candle takes. */
  readonly intervalMs: number;
}

/** `collected`: new candles · `corrected`: only changes to stored ones · `unchanged`: nothing new. */
export type CollectOutcome = 'collected' | 'corrected' | 'unchanged';

export interface CollectResult {
  readonly outcome: CollectOutcome;
  readonly inserted: number;
  readonly corrected: number;
  readonly late: number;
}

/** Brings the record of one market's candles up to the exchange's clock. */
export async function CollectWorkflow({ market, timeframe, intervalMs }: CollectInput): Promise<CollectResult> {
  const { fetchCandles } = proxyActivities<MarketDataActivities>({
    ...marketData(intervalMs),
    summary: `what closed on ${market}`,
  });
  const { upsertCandles } = proxyActivities<MarketDataActivities>({
    ...database(intervalMs),
    summary: `store candles of ${market}`,
  });

  const fetched = await fetchCandles({ market, timeframe });
  const stored = await upsertCandles({ market, timeframe, ...fetched });

  const outcome = outcomeOf(stored);
  const newest = fetched.candles.at(-1);
  upsertSearchAttributes([
    { key: outcomeAttribute, value: outcome },
    ...(newest === undefined ? [] : [{ key: candleTimeAttribute, value: new Date(newest.ts) }]),
  ]);
  setCurrentDetails(describe(stored, newest));
  return { outcome, ...stored };
}

function outcomeOf({ inserted, corrected }: { inserted: number; corrected: number }): CollectOutcome {
  if (inserted > 0) return 'collected';
  return corrected > 0 ? 'corrected' : 'unchanged';
}

function describe(
  { inserted, corrected, late }: { inserted: number; corrected: number; late: number },
  newest: { ts: number; close: string } | undefined,
): string {
  const counts = `${inserted} new, ${corrected} corrected, ${late} late`;
  return newest === undefined
    ? `${counts}. The exchange shows no closed candle.`
    : `${counts}. Newest closed candle ${new Date(newest.ts).toISOString()}, close ${newest.close} KRW.`;
}
