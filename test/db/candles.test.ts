import { Client } from 'pg';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseMarket } from '../../config/market.ts';
import {
  CANDLE_CHANNEL,
  type CollectedCandles,
  readCandles,
  readCollectionState,
  readGaps,
  summarizeCandles,
  upsertCandles,
} from '../../db/candles.ts';
import { candleAt, minute } from '../support/candles.ts';
import { useLedgerDatabase } from '../support/ledger.ts';

const BTC = parseMarket('KRW-BTC');
const range = (from: number, until: number) => [{ from: minute(from), until: minute(until) }];

const { db, url } = await useLedgerDatabase();

beforeAll(async () => {});
beforeEach(async () => {
  for (const table of ['candles', 'candle_revisions', 'candle_coverage'] as const) await db.deleteFrom(table).execute();
});

const store = (candles: CollectedCandles['candles'], settled: CollectedCandles['settled']) =>
  upsertCandles(db, BTC, '1m', { candles, settled });
const stored = () => readCandles(db, { market: BTC, timeframe: '1m', limit: 100 });
function raise(): never {
  throw new Error('no candle stored');
}
const revisions = () => db.selectFrom('candle_revisions').selectAll().orderBy('id').execute();

describe('storing candles', () => {
  it('keeps every figure as text to the last digit', async () => {
    const exact = candleAt(1, {
      high: '100050.00000001',
      volume: '0.00000001',
      quoteVolume: '12345678901234567.12345',
    });
    await store([exact], range(1, 2));
    expect((await stored())[0]).toMatchObject({
      high: '100050.00000001',
      volume: '0.00000001',
      quote_volume: '12345678901234567.12345',
    });
  });

  it('changes nothing when the same is stored again', async () => {
    expect(await store([candleAt(1), candleAt(2)], range(1, 3))).toEqual({ inserted: 2, corrected: 0, late: 0 });
    expect(await store([candleAt(2), candleAt(1)], range(1, 3))).toEqual({ inserted: 0, corrected: 0, late: 0 });
    expect(await revisions()).toEqual([]);
  });

  it('takes two writers of the same candles at once without losing or doubling one', async () => {
    const results = await Promise.all([1, 2, 3, 4].map(() => store([candleAt(1), candleAt(2)], range(1, 3))));
    expect(results.reduce((sum, result) => sum + result.inserted, 0)).toBe(2);
    expect(await revisions()).toEqual([]);
  });

  it('corrects a changed candle and keeps what it said before', async () => {
    await store([candleAt(1, { close: '100050', high: '100050' })], range(1, 2));

    const outcome = await store([candleAt(1, { close: '100100', high: '100100' })], range(1, 2));

    expect(outcome).toEqual({ inserted: 0, corrected: 1, late: 0 });
    expect((await stored())[0]?.close).toBe('100100');
    expect(await revisions()).toMatchObject([{ kind: 'corrected', close: '100050', high: '100050', volume: '1.5' }]);
  });

  it.each(['open', 'high', 'low', 'close', 'volume', 'quoteVolume'] as const)('corrects %s', async (figure) => {
    // A range wide enough that any one figure may move without another becoming the highest or lowest.
    const before = candleAt(1, { high: '200000', low: '1000' });
    await store([before], range(1, 2));
    const after = { ...before, [figure]: figure === 'low' ? '999' : figure === 'high' ? '200001' : '100001' };

    expect(await store([after], range(1, 2))).toMatchObject({ corrected: 1 });
    const { quote_volume: quoteVolume, ts, open, high, low, close, volume } = (await stored())[0] ?? raise();
    expect({ ts: ts.getTime(), open, high, low, close, volume, quoteVolume }).toEqual(after);
  });

  it('takes 1.50 for the same figure as 1.5', async () => {
    await store([candleAt(1, { volume: '1.5' })], range(1, 2));
    expect(await store([candleAt(1, { volume: '1.50' })], range(1, 2))).toMatchObject({ corrected: 0 });
  });

  it('counts a candle that appears in a minute already settled as late', async () => {
    await store([candleAt(1), candleAt(3)], range(1, 4));

    expect(await store([candleAt(2)], range(1, 4))).toEqual({ inserted: 1, corrected: 0, late: 1 });
    expect(await revisions()).toMatchObject([{ kind: 'late', close: null }]);
  });

  it('refuses a candle whose high is not the highest, and then stores nothing of its batch', async () => {
    await expect(store([candleAt(1), candleAt(2, { high: '1' })], range(1, 3))).rejects.toThrow(
      'candles_high_is_highest',
    );
    expect(await stored()).toEqual([]);
    expect(await readCollectionState(db, BTC, '1m')).toMatchObject({ coveredUntil: undefined });
  });

  it('tells listeners of the newest new candle, and of none when nothing is new', async () => {
    const listener = new Client(url);
    const heard: string[] = [];
    listener.on('notification', (message) => heard.push(message.payload ?? ''));
    await listener.connect();
    await listener.query(`LISTEN ${CANDLE_CHANNEL}`);

    await store([candleAt(1), candleAt(2)], range(1, 3));
    await store([candleAt(1), candleAt(2)], range(1, 3));
    await store([candleAt(2, { volume: '9' })], range(1, 3));
    await listener.query('SELECT 1');
    await listener.end();

    expect(heard.map((text) => JSON.parse(text))).toEqual([
      { market: 'KRW-BTC', timeframe: '1m', ts: '2025-03-01T00:02:00Z' },
    ]);
  });
});

describe('coverage', () => {
  it('tells a minute without trades from a minute nobody asked for', async () => {
    await store([candleAt(1), candleAt(3)], range(1, 4));
    await store([candleAt(8)], range(7, 9));

    expect(await readGaps(db, BTC, '1m')).toEqual([{ from: minute(4), until: minute(7) }]);
    expect((await summarizeCandles(db))[0]).toMatchObject({ candles: 3, no_trade: 2, missing: 3 });
  });

  it('joins stretches that meet and forgets a hole once it is asked for, traded or not', async () => {
    await store([candleAt(1)], range(1, 4));
    await store([candleAt(8)], range(7, 9));
    await store([], range(4, 7));

    expect(await readGaps(db, BTC, '1m')).toEqual([]);
  });

  it('forgets a stretch whose answer has turned out to be wrong', async () => {
    await store([candleAt(1), candleAt(9)], range(1, 10));
    await upsertCandles(db, BTC, '1m', { candles: [], settled: range(8, 10), unsettled: range(3, 8) });

    expect(await readGaps(db, BTC, '1m')).toEqual(range(3, 8));
  });

  it('names the newest of several holes, and where the record ends', async () => {
    await store([candleAt(1)], [...range(1, 2), ...range(5, 6), ...range(9, 10)]);

    expect(await readCollectionState(db, BTC, '1m')).toEqual({
      newestStored: minute(1),
      coveredUntil: minute(10),
      newestHole: { from: minute(6), until: minute(9) },
    });
  });

  it('is empty before the first collection', async () => {
    const nothing = { newestStored: undefined, coveredUntil: undefined, newestHole: undefined };
    expect(await readCollectionState(db, BTC, '1m')).toEqual(nothing);
  });
});
