import { beforeAll, expect, it } from 'vitest';
import { parseMarket } from '../../config/market.ts';
import { countCandlesNotStored } from '../../db/candle-comparison.ts';
import { readCandles, readCollectionState, readGaps, summarizeCandles, upsertCandles } from '../../db/candles.ts';
import { candleAt, minute } from '../support/candles.ts';
import { useLedgerDatabase } from '../support/ledger.ts';

const BTC = parseMarket('KRW-BTC');
const ETH = parseMarket('KRW-ETH');
const range = (from: number, until: number) => ({ from: minute(from), until: minute(until) });

const { db } = await useLedgerDatabase();

beforeAll(async () => {
  await upsertCandles(db, BTC, '1m', {
    candles: [1, 2, 9].map((n) => candleAt(n)),
    settled: [range(1, 3), range(9, 10)],
  });
});

it('what is collected of one market says nothing about another, and changes nothing of it', async () => {
  const candles = [1, 5].map((n) => candleAt(n, { volume: '7' }));
  expect(await readCollectionState(db, ETH, '1m')).toEqual({
    newestStored: undefined,
    coveredUntil: undefined,
    newestHole: undefined,
  });
  expect(await countCandlesNotStored(db, ETH, '1m', [candleAt(1)])).toBe(1);

  expect(await upsertCandles(db, ETH, '1m', { candles, settled: [range(1, 6)] })).toEqual({
    inserted: 2,
    corrected: 0,
    late: 0,
  });

  expect(await readCollectionState(db, ETH, '1m')).toEqual({
    newestStored: minute(5),
    coveredUntil: minute(6),
    newestHole: undefined,
  });
  expect(await readCollectionState(db, BTC, '1m')).toEqual({
    newestStored: minute(9),
    coveredUntil: minute(10),
    newestHole: range(3, 9),
  });
  expect((await readCollectionState(db, ETH, '1m')).coveredUntil).toBe(minute(6));
  expect(await readGaps(db, ETH, '1m')).toEqual([]);
  expect((await readCandles(db, { market: BTC, timeframe: '1m', limit: 9 })).map(({ volume }) => volume)).toEqual([
    '1.5',
    '1.5',
    '1.5',
  ]);
  const market = ({ market, candles, missing, newest }: Awaited<ReturnType<typeof summarizeCandles>>[number]) => ({
    ...{ market, candles, missing, newest: newest?.getTime() },
  });
  expect((await summarizeCandles(db)).map(market)).toEqual([
    { market: 'KRW-BTC', candles: 3, missing: 6, newest: minute(9) },
    { market: 'KRW-ETH', candles: 2, missing: 0, newest: minute(5) },
  ]);
  expect(await db.selectFrom('candle_revisions').selectAll().execute()).toEqual([]);
});
