import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../backtest/metrics.ts';
import { prepareMarket } from '../../backtest/prepared-market.ts';
import { fromScaled, KRW_DECIMALS, toScaled } from '../../backtest/scaled.ts';
import { actionsOn, scaleTerms, simulate } from '../../backtest/simulate.ts';
import { type Action, DEFAULT_ENSEMBLE, parseEnsemble } from '../../strategy/ensemble.ts';
import { DEFAULT_SIZING } from '../../strategy/sizing.ts';
import { barsOf } from '../support/bars.ts';
import { tradeNaively } from '../support/naive-trader.ts';
import { randomBars } from '../support/random-bars.ts';

const FREE = { initialCash: '1000000', aggressiveness: '0', feeRate: '0', feeBuffer: '0' };

/** Runs what is done on each candle, one after another; what the strategies say does not count. */
function act(closes: readonly (string | number)[], actions: readonly Action[], terms: typeof FREE) {
  const market = prepareMarket(barsOf(closes), 0, terms);
  const equities: string[] = [];
  const ballotOf = Uint16Array.from(actions, (_, index) => index);
  const run = simulate({ ...market, ballotOf }, scaleTerms(terms), actions, (equity) =>
    equities.push(fromScaled(equity, KRW_DECIMALS)),
  );
  return { ...run, finalEquity: fromScaled(run.finalEquity, KRW_DECIMALS), equities };
}

describe('a simulated account', () => {
  it('buys with all it has and sells all of it, at the close where nothing costs anything', () => {
    expect(act([1000, 1100, 1100, 550], ['buy', 'hold', 'sell', 'hold'], FREE)).toEqual({
      finalEquity: '1100000',
      roundTrips: 1,
      wins: 1,
      equities: ['1000000', '1100000', '1100000', '1100000'],
    });
  });

  it('pays the fee both ways, keeps the buffer back and trades at its limit', () => {
    const terms = { ...FREE, aggressiveness: '0.0015', feeRate: '0.0005', feeBuffer: '0.0005' };
    const { finalEquity, roundTrips, wins } = act([1000, 1000], ['buy', 'sell'], terms);
    // 1,000,000 / (1,002 × 1.001) = 997.00698503 coins: −1,002 × 1.0005 and +998 × 0.9995 for each.
    expect(finalEquity).toBe('995014.96507485');
    expect([roundTrips, wins]).toEqual([1, 0]);
  });

  it('sends nothing below 5,000 KRW, and exactly 5,000 it does', () => {
    expect(act([1000, 2000], ['buy', 'hold'], { ...FREE, initialCash: '4999.99999999' }).finalEquity).toBe(
      '4999.99999999',
    );
    expect(act([1000, 2000], ['buy', 'hold'], { ...FREE, initialCash: '5000' }).finalEquity).toBe('10000');
  });

  it('counts a position that is still held at the last close, and as no round trip', () => {
    expect(act([1000, 1500], ['buy', 'hold'], FREE)).toMatchObject({ finalEquity: '1500000', roundTrips: 0 });
  });

  it('is worth, at every close and to the last digit, what the bot’s own deciding, sizing and booking give', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.constantFrom([50_000, 40], [900_000, 3_000], [30, 1], [2_000_000, 9_000]),
        fc.constantFrom('0.05', '0.2', '0.5'),
        (seed, [start, step], threshold) => {
          const bars = randomBars(60, seed, start, step);
          const terms = { ...DEFAULT_SIZING, initialCash: '123456.789' };
          const ensemble = parseEnsemble({
            weights: { trend: '0.3', scalping: '0.4', price_action: '0.3' },
            threshold,
          });
          const market = prepareMarket(bars, 20, terms);
          const equities: string[] = [];
          const run = simulate(market, scaleTerms(terms), actionsOn(market, ensemble), (equity) =>
            equities.push(fromScaled(equity, KRW_DECIMALS)),
          );
          const naive = tradeNaively(bars, 20, terms, ensemble);
          expect(equities).toEqual(
            naive.equities.map((text) => fromScaled(toScaled('x', text, KRW_DECIMALS), KRW_DECIMALS)),
          );
          expect([run.roundTrips, run.wins]).toEqual([naive.trips.length, naive.trips.filter(Boolean).length]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('metrics', () => {
  const terms = scaleTerms(FREE);
  /** A market whose strategies are overruled: the n-th candle has the n-th ballot. */
  const scripted = (closes: readonly number[], actions: readonly Action[]) => {
    const market = prepareMarket(barsOf(closes), 0, FREE);
    const signal = { buy: 1, sell: -1, hold: 0 } as const;
    const ballots = actions.map((action) => ({
      ...{ trend: signal[action], momentum: 0, swing: 0, scalping: 0, day: 0, price_action: 0 },
    })) as (typeof market)['ballots'][number][];
    return { ...market, ballots, ballotOf: Uint16Array.from(actions, (_, index) => index) };
  };
  const trendOnly = parseEnsemble({ weights: { trend: 1 }, threshold: '0.5' });

  it('of a trade won, a trade lost and a fall between, by hand', () => {
    // 1,000,000 → 1,000 coins → sold at 1,200; 1,200 coins at 1,000 → fell to 750 → sold at 900.
    const market = scripted([1000, 1200, 1000, 750, 900], ['buy', 'sell', 'buy', 'hold', 'sell']);
    const metrics = judge(market, terms, trendOnly);
    expect(metrics).toMatchObject({
      final_equity: '1080000',
      total_return: 0.08,
      max_drawdown: 0.25,
      win_rate: 0.5,
      num_trades: 2,
      buy_and_hold_return: -0.1,
      doing_nothing_return: 0,
    });
    // Returns 0, 0.2, 0, −0.25, 0.2: mean 0.03, squared deviations 0.0009·2 + 0.0289·2 + 0.0784 = 0.138, by 4.
    expect(metrics.sharpe).toBeCloseTo((0.03 / Math.sqrt(0.138 / 4)) * Math.sqrt(525_600), 6);
  });

  it('of doing nothing are nothing, and no ratio is made up', () => {
    expect(judge(scripted([1000, 900, 1100], ['hold', 'hold', 'hold']), terms, trendOnly)).toEqual({
      final_equity: '1000000',
      total_return: 0,
      max_drawdown: 0,
      sharpe: null,
      win_rate: null,
      num_trades: 0,
      buy_and_hold_return: 0.1,
      doing_nothing_return: 0,
    });
  });

  it('count all round trips won as a win rate of 1, which the bot this replaces never saw', () => {
    const market = scripted([1000, 1100, 1100, 1210], ['buy', 'sell', 'buy', 'sell']);
    expect(judge(market, terms, trendOnly)).toMatchObject({ win_rate: 1, num_trades: 2, total_return: 0.21 });
  });

  it('charge buying and holding the same costs', () => {
    const market = prepareMarket(randomBars(50, 7), 20, DEFAULT_SIZING);
    const held = judge(
      { ...market, close: market.close.map(() => market.close[0] ?? 0n) },
      scaleTerms({ ...DEFAULT_SIZING, initialCash: '10000000' }),
      DEFAULT_ENSEMBLE,
    );
    expect(held.buy_and_hold_return).toBeLessThan(-0.0019);
    expect(held.buy_and_hold_return).toBeGreaterThan(-0.0022);
  });
});
