import { expect, test } from 'vitest';
import { type DecisionInput, decisionInput } from '../../strategy/decision-input.ts';
import { DEFAULT_ENSEMBLE, parseEnsemble } from '../../strategy/ensemble.ts';
import { barsOf, NO_POSITION } from '../support/bars.ts';

const input: DecisionInput = {
  market: 'KRW-BTC',
  timeframe: '1m',
  bars: barsOf([100, '101.5']),
  position: NO_POSITION,
  ensemble: DEFAULT_ENSEMBLE,
};

// Hashes of this text are stored: changing it makes every earlier hash another one, and needs a new first line.
test('the text of a decision is spelled as ever', () => {
  expect(decisionInput(input)).toBe(`durabit decision 1
market KRW-BTC
timeframe 1m
threshold 0.2000
strategy trend 1m weight=0.2000
strategy momentum 1m weight=0.2000 lookback=5
strategy swing 1m weight=0.2000 fast=5 slow=20
strategy scalping 1m weight=0.1500 perMille=1
strategy day 1m weight=0.1500
strategy price_action 1m weight=0.1000
position 0 0
bar 1740787200000 100 100 100 100 1
bar 1740787260000 101.5 101.5 101.5 101.5 1
`);
});

test('it does not depend on how numbers are written, nor on bars before the window', () => {
  const bars = barsOf(Array.from({ length: 201 }, (_, n) => 100 + n));
  const spelled = bars.slice(1).map((bar) => ({ ...bar, close: `${bar.close}.00`, volume: '1.00000000' }));

  const position = { quantity: '0.00000000', averageCost: '0.0' };

  expect(decisionInput({ ...input, bars: spelled, position })).toBe(decisionInput({ ...input, bars }));
});

test.each<[string, Partial<DecisionInput>]>([
  ['market', { market: 'KRW-XRP' }],
  ['timeframe', { timeframe: '5m' }],
  ['close', { bars: barsOf([100, '101.6']) }],
  ['volume', { bars: input.bars.map((bar) => ({ ...bar, volume: '1.00000001' })) }],
  ['time', { bars: input.bars.map((bar) => ({ ...bar, ts: bar.ts + 60_000 })) }],
  ['number of bars', { bars: input.bars.slice(1) }],
  ['quantity', { position: { quantity: '0.1', averageCost: '0' } }],
  ['average cost', { position: { quantity: '0', averageCost: '1' } }],
  ['threshold', { ensemble: { ...DEFAULT_ENSEMBLE, threshold: 2_001 } }],
  ['weight', { ensemble: parseEnsemble({ weights: { trend: 1 }, threshold: '0.2' }) }],
])('another %s is another text', (_, change) => {
  expect(decisionInput({ ...input, ...change })).not.toBe(decisionInput(input));
});
