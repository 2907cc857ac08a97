import { expect, it } from 'vitest';
import { parseMarket } from '../../../../config/market.ts';
import { smaller } from '../../../../exchange/numbers/scaled.ts';
import { missedTrades, newestTrade } from '../../../../exchange/paper/live/missed-trades.ts';
import type { PublicTrade, Quotation, QuotedCandle, TradeRequest } from '../../../../exchange/quotation-port.ts';

const BTC = parseMarket('KRW-BTC');
const DAY = 86_400_000;
const MINUTE = 60_000;
const MIDNIGHT = Date.UTC(2026, 10, 20);

function trade(at: number, id = `${at}0000`): PublicTrade {
  return { market: BTC, at, id, price: '100', volume: '0.5', previousClose: '90', change: '10', taker: 'bid' };
}

/** Pages as Upbit's: within one UTC day, which is that of the newest trade or so many before it. */
function sourceOf(trades: () => readonly PublicTrade[], minutes: readonly QuotedCandle[] = []) {
  const asked: TradeRequest[] = [];
  const quotation: Pick<Quotation, 'fetchTrades' | 'fetchCandles'> = {
    async fetchTrades(_market, request) {
      asked.push(request);
      const newestFirst = trades().toSorted((a, b) => b.at - a.at || Number(BigInt(b.id) - BigInt(a.id)));
      const day = Math.floor((newestFirst[0]?.at ?? 0) / DAY) - (request.daysAgo ?? 0);
      return newestFirst
        .filter(({ at }) => Math.floor(at / DAY) === day)
        .filter(({ id }) => request.cursor === undefined || BigInt(id) < BigInt(request.cursor))
        .slice(0, request.count);
    },
    async fetchCandles(_market, _unit, { to = Number.POSITIVE_INFINITY, count }) {
      const before = minutes.filter(({ ts }) => ts < to).toSorted((a, b) => b.ts - a.ts);
      return { candles: before.slice(0, count), exchangeClock: 0 };
    },
  };
  return { quotation: quotation as Quotation, asked };
}

const idsOf = (prints: readonly { readonly id: string }[]) => prints.map(({ id }) => id);

it('reads back to the last trade that is known over as many pages as it takes, none of them double', async () => {
  const trades = Array.from({ length: 1_600 }, (_, index) => trade(MIDNIGHT + 1_000 * index));
  const { quotation, asked } = sourceOf(() => trades);
  const from = { at: MIDNIGHT + 299_000, id: `${MIDNIGHT + 299_000}0000` };

  const missed = await missedTrades(quotation, BTC, from);

  expect(idsOf(missed)).toEqual(idsOf(trades.slice(299).toReversed()));
  expect(asked).toHaveLength(3);
});

it('keeps trades of the very millisecond of the last one, of which some may be unknown', async () => {
  const trades = [
    trade(MIDNIGHT + 1, '10'),
    trade(MIDNIGHT + 2, '21'),
    trade(MIDNIGHT + 2, '22'),
    trade(MIDNIGHT + 3, '30'),
  ];

  const missed = await missedTrades(sourceOf(() => trades).quotation, BTC, { at: MIDNIGHT + 2, id: '21' });

  expect(idsOf(missed)).toEqual(['30', '22', '21']);
});

it('goes on over midnight and days without a trade, and no further back than it must', async () => {
  const days = [-3, 0, 1].map((day) => trade(MIDNIGHT + day * DAY + 5_000));
  const { quotation, asked } = sourceOf(() => days);

  const missed = await missedTrades(quotation, BTC, { at: MIDNIGHT - 3 * DAY + 5_000, id: '1' });

  expect(missed.map(({ at }) => at)).toEqual(days.map(({ at }) => at).toReversed());
  expect(asked.map(({ daysAgo = 0 }) => daysAgo)).toContain(4);
  expect(Math.max(...asked.map(({ daysAgo = 0 }) => daysAgo))).toBe(4);
});

it('finds its place again when a new day begins between two pages', async () => {
  const old = Array.from({ length: 1_200 }, (_, index) => trade(MIDNIGHT - 10_000_000 + 1_000 * index));
  const fresh = trade(MIDNIGHT + 20_000);
  const { quotation, asked } = sourceOf(() => (asked.length > 1 ? [...old, fresh] : old));

  const missed = await missedTrades(quotation, BTC, { at: old[0]?.at ?? 0, id: '1' });

  expect(new Set(idsOf(missed))).toEqual(new Set(idsOf(old)));
});

it('plays whole minutes where the source tells no single trades any more', async () => {
  const now = MIDNIGHT + 90_000;
  const lost = MIDNIGHT - 10 * DAY;
  const minute = (ts: number, low: string): QuotedCandle => ({
    ...{ market: BTC, ts, open: '100', high: '101', low, close: '100', volume: '20', quoteVolume: '2000' },
    lastTradeAt: ts + 58_500,
  });
  const minutes = [
    minute(lost, '10'),
    minute(lost + MINUTE, '90'),
    minute(lost + 2 * MINUTE, '91'),
    minute(MIDNIGHT, '92'),
  ];
  const trades = [trade(MIDNIGHT + 30_000), trade(MIDNIGHT + 70_000), trade(now)];

  const missed = await missedTrades(sourceOf(() => trades, minutes).quotation, BTC, { at: lost + 20_000, id: '1' });

  // Single trades from the first whole minute of them on, minutes before it, and nothing of the one that was cut.
  const single = missed.filter(({ at }) => at >= MIDNIGHT + MINUTE);
  expect(idsOf(single)).toEqual([`${now}0000`, `${MIDNIGHT + 70_000}0000`]);
  const played = missed.filter(({ at }) => at < MIDNIGHT + MINUTE);
  const lows = Map.groupBy(played, ({ at }) => Math.floor(at / MINUTE) * MINUTE);
  expect([...lows].map(([start, prints]) => [start, prints.map(({ price }) => price).reduce(smaller)])).toEqual([
    [MIDNIGHT, 9_200_000_000n],
    [lost + 2 * MINUTE, 9_100_000_000n],
    [lost + MINUTE, 9_000_000_000n],
  ]);
  expect(new Set(idsOf(missed)).size).toBe(missed.length);
});

it('asks for the newest trade alone where nothing else means anything, and bears that there is none', async () => {
  const { quotation, asked } = sourceOf(() => [trade(MIDNIGHT), trade(MIDNIGHT + 5)]);

  expect(idsOf(await newestTrade(quotation, BTC))).toEqual([`${MIDNIGHT + 5}0000`]);
  expect(asked).toEqual([{ count: 1 }]);
  expect(await newestTrade(sourceOf(() => []).quotation, BTC)).toEqual([]);
  expect(await missedTrades(sourceOf(() => []).quotation, BTC, { at: 1, id: '1' })).toEqual([]);
});
