import type { Strategy } from '../strategy.ts';

/** Follows the last step: up when the close rose, else down, an unchanged close included. */
export const trend = {
  name: 'trend',
  timeframe: '1m',
  parameters: {},
  signal(bars) {
    if (bars.length < 2) return 0;
    return bars.close(0) > bars.close(1) ? 1 : -1;
  },
} as const satisfies Strategy;
