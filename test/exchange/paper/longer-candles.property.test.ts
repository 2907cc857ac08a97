import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMarket } from '../../../config/market.ts';
import { larger, smaller } from '../../../exchange/numbers/scaled.ts';
import type { CandleRules } from '../../../exchange/paper/faults/candle-rules.ts';
import { listedSources } from '../../../exchange/paper/faults/faulty-source.ts';
import { createHistory } from '../../../exchange/paper/feed/history.ts';
import { type CandleSource, DAY_MS, MINUTE_MS } from '../../../exchange/paper/feed/minute-candle.ts';
import { loadReplayFile } from '../../../exchange/paper/feed/replay-file.ts';
import { secondCandlesBefore } from '../../../exchange/paper/feed/second-candles.ts';
import { SIMULATED_ORIGIN, simulatedSource } from '../../../exchange/paper/feed/simulated-source.ts';
import { tickerAt } from '../../../exchange/paper/feed/ticker.ts';
import {
  candlesBefore,
  DAYS,
  MINUTE_UNITS,
  MONTHS,
  minutesOf,
  type Timeframe,
  WEEKS,
  YEARS,
} from '../../../exchange/paper/feed/timeframe.ts';
import { type SeenCandle, visibleMinutes } from '../../../exchange/paper/feed/visible.ts';
import { BTC_FILE } from './paper.ts';
import { instantOf, randomFeed } from './random-feed.ts';

/** The start of the slot that holds an instant, told by the calendar alone. */
const starts: [name: string, timeframe: Timeframe, startOf: (date: Date) => number][] = [
  ...MINUTE_UNITS.map((unit): [string, Timeframe, (date: Date) => number] => [
    `${unit} minutes`,
    minutesOf(unit),
    (date) => {
      const minute = date.getUTCHours() * 60 + date.getUTCMinutes();
      return dateOf(date).getTime() + (minute - (minute % unit)) * MINUTE_MS;
    },
  ]),
  ['a day', DAYS, (date) => dateOf(date).getTime()],
  ['a week', WEEKS, (date) => dateOf(date, (date.getUTCDay() + 6) % 7).getTime()],
  ['a month', MONTHS, (date) => dateOf(date, date.getUTCDate() - 1).getTime()],
  ['a year', YEARS, (date) => Date.parse(`${date.getUTCFullYear()}-01-01T00:00:00Z`)],
];

function dateOf(date: Date, daysBefore = 0): Date {
  return new Date(Date.parse(`${date.toISOString().slice(0, 10)}T00:00:00Z`) - daysBefore * 86_400_000);
}

/** From all minutes there are, with nothing kept and nothing cut short. */
function recomputed(source: CandleSource, startOf: (date: Date) => number, now: number): SeenCandle[] {
  const bySlot = Map.groupBy(visibleMinutes(source, now, Number.POSITIVE_INFINITY), ({ start }) =>
    startOf(new Date(start)),
  );
  return [...bySlot].map(([start, parts]) => ({
    start,
    open: parts.at(-1)?.open ?? 0n,
    high: parts.map(({ high }) => high).reduce(larger),
    low: parts.map(({ low }) => low).reduce(smaller),
    close: parts[0]?.close ?? 0n,
    volume: parts.reduce((sum, { volume }) => sum + volume, 0n),
    value: parts.reduce((sum, { value }) => sum + value, 0n),
    lastTradeAt: parts[0]?.lastTradeAt ?? 0,
  }));
}

const share = fc.integer({ min: 0, max: 1_000_000 }).map((millionths) => millionths / 1_000_000);
/** Several looks at one history, so that what it kept of an earlier one is met again, out of order too. */
const looks = fc.array(fc.record({ now: share, to: fc.option(share), count: fc.integer({ min: 1, max: 30 }) }), {
  minLength: 1,
  maxLength: 6,
});

test.each(starts)('candles of %s are what their minutes add up to, to the last digit', (_name, timeframe, startOf) => {
  fc.assert(
    fc.property(randomFeed, looks, (series, chosen) => {
      const history = createHistory(series);
      for (const look of chosen) {
        const now = instantOf(series, look.now);
        const to = look.to === null ? Number.POSITIVE_INFINITY : instantOf(series, look.to);

        const candles = candlesBefore(history, timeframe, look.count, now, to);

        const expected = recomputed(series, startOf, now).filter(({ start }) => start < to);
        expect(candles).toEqual(expected.slice(0, look.count));
      }
    }),
    { numRuns: 60 },
  );
});

test.each(starts)('candles of %s agree with minutes that are shown late or corrected', (_name, timeframe, startOf) => {
  const market = parseMarket('KRW-BTC');
  const lateness = fc.record({
    every: fc.integer({ min: 1, max: 5 }),
    kind: fc.constantFrom('late-candle', 'late-trade'),
    late_ms: fc.integer({ min: 1, max: 86_400_000 }),
  });
  fc.assert(
    fc.property(randomFeed, lateness, fc.array(share, { minLength: 2, maxLength: 8 }), (series, rule, instants) => {
      const rules = {
        striking: (kind: string, _market: string, start: number) =>
          kind === rule.kind && (start / MINUTE_MS) % rule.every === 0 ? rule : undefined,
      } as unknown as CandleRules;
      let now = 0;
      const listed = listedSources(new Map([[market, series]]), rules, () => now).get(market);
      if (listed === undefined) throw new Error('the market is not listed');
      const history = createHistory(listed);
      for (const instant of instants.toSorted((a, b) => a - b)) {
        now = instantOf(series, instant);

        const candles = candlesBefore(history, timeframe, 1_000, now, Number.POSITIVE_INFINITY);

        expect(candles).toEqual(recomputed(listed, startOf, now));
      }
    }),
    { numRuns: 40 },
  );
});

/** A source that tells how many minutes were walked while something was looked up. */
function countedSource(source: CandleSource) {
  let walked = 0;
  const counted: CandleSource = {
    end: source.end,
    settlesAfterMs: source.settlesAfterMs,
    at: (start) => source.at(start),
    closedCountReachedAt: (count) => source.closedCountReachedAt(count),
    *before(start) {
      for (const candle of source.before(start)) {
        walked += 1;
        yield candle;
      }
    },
  };
  const walkedBy = async (look: () => unknown): Promise<number> => {
    const before = walked;
    await look();
    return walked - before;
  };
  return { history: createHistory(counted), walkedBy };
}

test('what is settled is added up once: a month is not walked again for a day', async () => {
  const { history, walkedBy } = countedSource(simulatedSource(parseMarket('KRW-BTC'), 1));
  const noon = SIMULATED_ORIGIN + 30.5 * DAY_MS;

  expect(await walkedBy(() => history.prepare(noon))).toBeGreaterThan(30 * 1_300);
  expect(await walkedBy(() => history.prepare(noon))).toBe(0);
  // The hours of the half day since midnight, then only the minutes of the current hour and of that a day ago.
  expect(await walkedBy(() => tickerAt(history, noon + 60_000))).toBeLessThan(12 * 62);
  expect(await walkedBy(() => tickerAt(history, noon + 3_500_000))).toBeLessThan(300);
  expect(await walkedBy(() => history.prepare(noon + DAY_MS))).toBeGreaterThan(600);
  const daysBeforeToday = () => candlesBefore(history, DAYS, 200, noon + DAY_MS, noon + DAY_MS / 2);
  expect(await walkedBy(daysBeforeToday)).toBe(0);
  expect(daysBeforeToday()).toHaveLength(31);
});

test('a replay that ended a year ago is looked up as quickly as one that goes on', async () => {
  const series = loadReplayFile(BTC_FILE);
  const { history, walkedBy } = countedSource(series);

  const longAfter = series.end + 365 * DAY_MS;
  const hours = () => candlesBefore(history, minutesOf(60), 200, longAfter, Number.POSITIVE_INFINITY);

  expect(await walkedBy(hours)).toBeLessThan(2 * series.length);
  expect(hours()).toHaveLength(4);
});

test('days prepared beforehand are the same days', async () => {
  await fc.assert(
    fc.asyncProperty(randomFeed, share, async (series, instant) => {
      const now = instantOf(series, instant);
      const prepared = createHistory(series);
      await Promise.all([prepared.prepare(now), prepared.prepare(now)]);

      const later = Number.POSITIVE_INFINITY;
      expect([...prepared.days(series.end, later)]).toEqual([...createHistory(series).days(series.end, later)]);
    }),
    { numRuns: 40 },
  );
});

test('seconds add up to the minutes they are in', () => {
  fc.assert(
    fc.property(randomFeed, share, (series, instant) => {
      const history = createHistory(series);
      const now = instantOf(series, instant);
      const minutes = [...visibleMinutes(series, now, Number.POSITIVE_INFINITY)].slice(0, 20);
      const oldest = minutes.at(-1)?.start ?? now;

      const seconds = secondCandlesBefore(history, 20 * 20, now, Number.POSITIVE_INFINITY);

      const bySlot = Map.groupBy(
        seconds.filter(({ start }) => start >= oldest),
        ({ start }) => Math.floor(start / MINUTE_MS) * MINUTE_MS,
      );
      expect(
        [...bySlot].map(([start, parts]) => ({
          start,
          open: parts.at(-1)?.open,
          high: parts.map(({ high }) => high).reduce(larger),
          low: parts.map(({ low }) => low).reduce(smaller),
          close: parts[0]?.close,
          volume: parts.reduce((sum, { volume }) => sum + volume, 0n),
          value: parts.reduce((sum, { value }) => sum + value, 0n),
          lastTradeAt: parts[0]?.lastTradeAt,
        })),
      ).toEqual(minutes);
    }),
    { numRuns: 60 },
  );
});
