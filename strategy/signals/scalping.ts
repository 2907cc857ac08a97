import type { Strategy } from '../strategy.ts';

/**
 * Votes only on a step of at least `perMille` thousandths of the previous close, that much exactly included, and in its
 * direction. Without a division: (last − previous) / previous ≥ m/1000 ⇔ 1000·(last − previous) ≥ m·previous.
 */
export const scalping = {
  name: 'scalping',
  timeframe: '1m',
  parameters: { perMille: 1 },
  signal(bars, _position, { perMille }) {
    if (bars.length < 2) return 0;
    const previous = bars.close(1);
    if (previous <= 0) return 0;
    const change = 1000 * (bars.close(0) - previous);
    const step = perMille * previous;
    if (change >= step) return 1;
    return change <= -step ? -1 : 0;
  },
} as const satisfies Strategy<{ perMille: number }>;
