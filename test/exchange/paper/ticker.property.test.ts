import fc from 'fast-check';
import { expect, test } from 'vitest';
import { larger, smaller } from '../../../exchange/numbers/scaled.ts';
import { createHistory } from '../../../exchange/paper/feed/history.ts';
import { DAY_MS } from '../../../exchange/paper/feed/minute-candle.ts';
import { minutePath } from '../../../exchange/paper/feed/minute-path.ts';
import { tickerAt } from '../../../exchange/paper/feed/ticker.ts';
import { tradesBefore } from '../../../exchange/paper/feed/trades.ts';
import { instantOf, minutesOfFeed, randomFeed } from './random-feed.ts';

const share = fc.integer({ min: 0, max: 1_000_000 }).map((millionths) => millionths / 1_000_000);
const ALL = 1_000_000;

test('the trades of a minute add up to its candle, each at a time of its own', () => {
  fc.assert(
    fc.property(randomFeed, (series) => {
      const trades = tradesBefore(series, ALL, Number.MAX_SAFE_INTEGER);
      expect(new Set(trades.map(({ at }) => at)).size).toBe(trades.length);
      const byMinute = Map.groupBy(trades.toReversed(), ({ at }) => Math.floor(at / 60_000) * 60_000);

      expect(
        [...byMinute].map(([start, parts]) => ({
          start,
          open: parts[0]?.price,
          high: parts.map(({ price }) => price).reduce(larger),
          low: parts.map(({ price }) => price).reduce(smaller),
          close: parts.at(-1)?.price,
          volume: parts.reduce((sum, { volume }) => sum + volume, 0n),
          value: parts.reduce((sum, { value }) => sum + value, 0n),
        })),
      ).toEqual(minutesOfFeed(series));
    }),
    { numRuns: 60 },
  );
});

test('trades are the same whenever and in whatever pages they are asked for', () => {
  fc.assert(
    fc.property(randomFeed, share, fc.integer({ min: 1, max: 50 }), (series, instant, pageSize) => {
      const now = instantOf(series, instant);
      const known = tradesBefore(series, ALL, Number.MAX_SAFE_INTEGER).filter(({ at }) => at <= now);
      const paged = [];
      for (let to = now + 1; ; ) {
        const page = tradesBefore(series, pageSize, now, to);
        paged.push(...page);
        if (page.length < pageSize) break;
        to = page.at(-1)?.at ?? 0;
      }

      expect(paged).toEqual(known);
    }),
    { numRuns: 60 },
  );
});

test('a buyer takes where the price rises, a seller where it falls', () => {
  fc.assert(
    fc.property(randomFeed, (series) => {
      for (const candle of minutesOfFeed(series)) {
        const prices = minutePath(candle).map(({ price }) => price);
        const trades = tradesBefore(series, prices.length, candle.start + 59_999).toReversed();
        for (const [index, { taker }] of trades.entries()) {
          const [price, earlier] = [prices[index] ?? 0n, prices[index - 1]];
          if (earlier === undefined || price === earlier) continue;
          expect(taker).toBe(price > earlier ? 'bid' : 'ask');
        }
      }
    }),
    { numRuns: 20 },
  );
});

test('a ticker says of the trades until now what they say themselves', () => {
  fc.assert(
    fc.property(randomFeed, fc.array(share, { minLength: 1, maxLength: 6 }), (series, instants) => {
      const history = createHistory(series);
      const all = tradesBefore(series, ALL, Number.MAX_SAFE_INTEGER);
      for (const instant of instants) {
        const now = instantOf(series, instant);
        const trades = all.filter(({ at }) => at <= now);
        const [last] = trades;
        if (last === undefined) {
          expect(tickerAt(history, now)).toBe(undefined);
          continue;
        }
        const day = Math.floor(last.at / DAY_MS) * DAY_MS;
        const ofDay = trades.filter(({ at }) => at >= day);
        const of24h = trades.filter(({ at }) => at > now - DAY_MS);
        const prices = trades.map(({ price }) => price);
        const firstDayOf = (wanted: bigint): number =>
          Math.floor((trades.findLast(({ price }) => price === wanted)?.at ?? 0) / DAY_MS) * DAY_MS;
        const [highest, lowest] = [prices.reduce(larger), prices.reduce(smaller)];
        const sum = (some: typeof trades, of: 'volume' | 'value'): bigint =>
          some.reduce((total, trade) => total + trade[of], 0n);

        expect(tickerAt(history, now)).toEqual({
          last,
          day: {
            start: day,
            open: ofDay.at(-1)?.price,
            high: ofDay.map(({ price }) => price).reduce(larger),
            low: ofDay.map(({ price }) => price).reduce(smaller),
            close: last.price,
            volume: sum(ofDay, 'volume'),
            value: sum(ofDay, 'value'),
            lastTradeAt: last.at,
          },
          previousClose: trades.find(({ at }) => at < day)?.price ?? ofDay.at(-1)?.price,
          past24h: { volume: sum(of24h, 'volume'), value: sum(of24h, 'value') },
          highest: { price: highest, day: firstDayOf(highest) },
          lowest: { price: lowest, day: firstDayOf(lowest) },
        });
      }
    }),
    { numRuns: 60 },
  );
});
