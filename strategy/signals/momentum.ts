import type { Strategy } from '../strategy.ts';

/** Up when the close stands above that of `lookback` bars ago, else down; abstains while there is no such bar. */
export const momentum = {
  name: 'momentum',
  timeframe: '1m',
  parameters: { lookback: 5 },
  signal(bars, _position, { lookback }) {
    if (bars.length <= lookback) return 0;
    return bars.close(0) > bars.close(lookback) ? 1 : -1;
  },
} as const satisfies Strategy<{ lookback: number }>;
