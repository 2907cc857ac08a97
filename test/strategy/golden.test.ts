import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { loadReplayFile } from '../../exchange/paper/feed/replay-file.ts';
import { barSeries } from '../../strategy/bar-series.ts';
import { BarWindow } from '../../strategy/bar-window.ts';
import { decide } from '../../strategy/decide.ts';
import { DEFAULT_ENSEMBLE, ensembleText } from '../../strategy/ensemble.ts';
import { STRATEGY_NAMES } from '../../strategy/registry.ts';
import { NO_POSITION } from '../support/bars.ts';
import { naiveAction, naiveScore, naiveSignals } from '../support/naive-strategies.ts';

const readGolden = (path: string): Record<string, string>[] => parse(readFileSync(path), { columns: true });
const readBars = (path: string) => [...loadReplayFile(path)].map((candle) => ({ ts: candle.start, ...candle }));

type Decide = (bars: ReturnType<typeof readBars>, ends: readonly number[]) => Record<string, string>[];

/** The same columns as a golden file, for the candles that open at `ends`. */
const decideAll: Decide = (bars, ends) => {
  const series = barSeries(bars);
  const indexes = new Map(bars.map((bar, index) => [bar.ts, index]));
  return ends.map((ts) => {
    const index = indexes.get(ts) ?? Number.NaN;
    const decision = decide(new BarWindow(series, index + 1), NO_POSITION, DEFAULT_ENSEMBLE);
    if (decision.kind !== 'decided') throw new Error(decision.reason);
    return {
      candle_utc: utc(ts),
      close: bars[index]?.close ?? '',
      ...Object.fromEntries(STRATEGY_NAMES.map((name) => [name, String(decision.signals[name])])),
      score: decision.score,
      action: decision.action,
    };
  });
};

/** By the definitions, sharing no line with the product. */
const decideNaively: Decide = (bars, ends) => {
  const { weights, threshold } = ensembleText(DEFAULT_ENSEMBLE);
  return ends.map((ts) => {
    const closes = bars.filter((bar) => bar.ts <= ts).map((bar) => bar.close);
    const signals = naiveSignals(closes);
    const score = naiveScore(signals, weights);
    return {
      candle_utc: utc(ts),
      close: closes.at(-1) ?? '',
      ...Object.fromEntries(Object.entries(signals).map(([name, signal]) => [name, String(signal)])),
      score: score.toFixed(4),
      action: naiveAction(score, threshold),
    };
  });
};

function utc(ts: number): string {
  return new Date(ts).toISOString().replace('.000Z', 'Z');
}

function endsOf(golden: readonly Record<string, string>[]): number[] {
  return golden.map((row) => Date.parse(row.candle_utc ?? ''));
}

// 15 windows of 3 to 17 candles and 15 of 200, worked in Python with fractions.
describe('the decisions of a small file', () => {
  const golden = readGolden('test/support/candle-files/decisions-BTC_KRW_1m.csv');
  const bars = readBars('test/support/candle-files/BTC_KRW_1m.csv');

  test('come out as worked elsewhere', () => {
    expect(golden).toHaveLength(30);
    expect(decideAll(bars, endsOf(golden))).toEqual(golden);
  });

  test('come out of the definitions taken literally', () => {
    expect(decideNaively(bars, endsOf(golden))).toEqual(golden);
  });
});

const shared = '../shared/golden';
const haveGolden = existsSync(shared);
if (!haveGolden) console.info(`not run: golden decisions over months of candles (${shared} is not on this machine)`);

describe.runIf(haveGolden)('golden decisions', () => {
  test.each(['202301_KRW-BTC_ohlcv', 'BTC_KRW_1m', 'XRP_KRW_1m'])('of %s come out exactly', (name) => {
    const golden = readGolden(`${shared}/decisions-${name}.csv`);
    const bars = readBars(`../shared/candles/${name}.csv`);

    expect(golden).toHaveLength(1_500);
    expect(decideAll(bars, endsOf(golden))).toEqual(golden);
  });
});
