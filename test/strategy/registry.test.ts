import { expect, test } from 'vitest';
import { BarWindow } from '../../strategy/bar-window.ts';
import { STRATEGIES, STRATEGY_NAMES, signalsOf } from '../../strategy/registry.ts';
import type { Strategy } from '../../strategy/strategy.ts';
import { barsOf, flat, NO_POSITION, windowOf } from '../support/bars.ts';

test('the registry holds the six reference strategies, in order', () => {
  expect(STRATEGY_NAMES).toEqual(['trend', 'momentum', 'swing', 'scalping', 'day', 'price_action']);
  expect(STRATEGIES.every(({ timeframe }) => timeframe === '1m')).toBe(true);
});

test('every strategy votes under its name', () => {
  expect(signalsOf(windowOf([...flat(199), 101]), NO_POSITION)).toEqual({
    trend: 1,
    momentum: 1,
    swing: 1,
    scalping: 1,
    day: 1,
    price_action: 1,
  });
});

test('every strategy abstains or votes on any window, the empty one included', () => {
  for (let count = 0; count <= 25; count += 1) {
    for (const vote of Object.values(signalsOf(windowOf(flat(count)), NO_POSITION))) expect([-1, 0, 1]).toContain(vote);
  }
});

test('a strategy may look at all of a bar and at the position', () => {
  const takeProfit: Strategy<{ percent: number }> = {
    name: 'take_profit',
    timeframe: '1m',
    parameters: { percent: 5 },
    signal(bars, position, { percent }) {
      const quiet = bars.volume(0) < bars.volume(1) && bars.high(0) - bars.low(0) < bars.open(0);
      return quiet && Number(position.quantity) > 0 && bars.close(0) > percent ? -1 : 0;
    },
  };
  const bars = barsOf([100, 110]).map((bar, n) => ({ ...bar, volume: String(9 - n) }));

  const window = BarWindow.endingWith(bars);

  expect(takeProfit.signal(window, { quantity: '1', averageCost: '100' }, takeProfit.parameters)).toBe(-1);
  expect(takeProfit.signal(window, NO_POSITION, takeProfit.parameters)).toBe(0);
});
