/** A candle's length in market time. One minute is the only one collected; others are built from it. */
export const TIMEFRAMES = { '1m': 60_000 } as const;

export type Timeframe = keyof typeof TIMEFRAMES;

/** Length of a timeframe's candle in milliseconds of market time. */
export function timeframeMs(timeframe: Timeframe): number {
  return TIMEFRAMES[timeframe];
}
