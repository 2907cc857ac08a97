import type { Strategy } from '../strategy.ts';

/** Breakout: up when the last close is above every other in the window, down when below every other, else abstains. */
export const priceAction = {
  name: 'price_action',
  timeframe: '1m',
  parameters: {},
  signal(bars) {
    if (bars.length < 3) return 0;
    const last = bars.close(0);
    let aboveAll = true;
    let belowAll = true;
    for (let ago = 1; ago < bars.length && (aboveAll || belowAll); ago += 1) {
      const earlier = bars.close(ago);
      if (last <= earlier) aboveAll = false;
      if (last >= earlier) belowAll = false;
    }
    if (aboveAll) return 1;
    return belowAll ? -1 : 0;
  },
} as const satisfies Strategy;
