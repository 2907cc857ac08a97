import type { BarWindow } from '../bar-window.ts';
import type { Strategy } from '../strategy.ts';

/**
 * Up when the mean of the last `fast` closes is above that of the last `slow`, else down, equal means included;
 * abstains on fewer than `slow` closes. Without a division: Σfast/fast > Σslow/slow ⇔ slow·Σfast > fast·Σslow, for
 * 5 and 20 the same as 4·Σ5 > Σ20. Exact while fast × slow ≤ 1000 (see MAX_SCALED_PRICE).
 */
export const swing = {
  name: 'swing',
  timeframe: '1m',
  parameters: { fast: 5, slow: 20 },
  signal(bars, _position, { fast, slow }) {
    if (bars.length < slow) return 0;
    return slow * sumOfCloses(bars, fast) > fast * sumOfCloses(bars, slow) ? 1 : -1;
  },
} as const satisfies Strategy<{ fast: number; slow: number }>;

function sumOfCloses(bars: BarWindow, count: number): number {
  let sum = 0;
  for (let ago = 0; ago < count; ago += 1) sum += bars.close(ago);
  return sum;
}
