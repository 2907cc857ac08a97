import { sql } from 'kysely';
import { parseMarket } from '../../config/market.ts';
import { upsertCandles } from '../../db/candles.ts';
import type { Db } from '../../db/connect.ts';
import type { Candle } from '../../strategy/candle.ts';
import { candleAt, minute } from '../support/candles.ts';
import type { Bench, Figure, Measurement } from './bench.ts';
import { withBenchDatabase } from './bench-database.ts';
import { median } from './statistics.ts';

/** A candle in step, a page of the exchange, a file being imported. */
const SIZES = [
  { size: 1, batches: 300, quickly: 50 },
  { size: 200, batches: 40, quickly: 10 },
  { size: 10_000, batches: 7, quickly: 3 },
] as const;

/** How many candles a second `upsertCandles` stores, by size of the batch. */
export async function measureUpsertRate(bench: Bench): Promise<Measurement> {
  return withBenchDatabase(bench, async (db) => {
    const figures: Figure[] = [];
    for (const { size, batches, quickly } of SIZES) {
      const count = bench.quick ? quickly : batches;
      const fresh = await rateOf(bench, db, size, count);
      const repeated = await rateOf(bench, db, size, count);
      bench.say(`upsert in batches of ${size}: ${Math.round(fresh)} fresh, ${Math.round(repeated)} repeated candles/s`);
      figures.push(
        { name: `batches of ${size.toLocaleString('en')}, fresh rows`, value: fresh, unit: 'candles/s' },
        { name: `batches of ${size.toLocaleString('en')}, repeated rows`, value: repeated, unit: 'candles/s' },
      );
    }
    figures.push({ name: 'table and index, a candle', value: await bytesPerCandle(db), unit: 'bytes' });
    return {
      title: 'Upsert',
      figures,
      notes: [
        'Median batch, one connection, one transaction and one flush to the disk each (synchronous_commit on), coverage included.',
        'Repeated rows are equal to the stored ones: compared and left alone.',
      ],
    };
  });
}

async function rateOf(bench: Bench, db: Db, size: number, batches: number): Promise<number> {
  const market = parseMarket(`KRW-B${size}`);
  const times: number[] = [];
  for (let batch = 0; batch < batches; batch += 1) {
    bench.signal.throwIfAborted();
    const first = batch * size;
    const candles = Array.from({ length: size }, (_, index) => plausibleCandle(first + index));
    const began = performance.now();
    await upsertCandles(db, market, '1m', {
      candles,
      settled: [{ from: minute(first), until: minute(first + size) }],
    });
    times.push(performance.now() - began);
  }
  return size / (median(times) / 1_000);
}

/** With figures as long as those of KRW-BTC. */
function plausibleCandle(n: number): Candle {
  const price = String(150_000_000 + ((n * 7_919) % 1_000) * 1_000);
  const volume = `${n % 3}.${String((n * 104_729) % 100_000_000).padStart(8, '0')}`;
  const quoteVolume = `${100_000_000 + n}.${String((n * 31) % 100_000).padStart(5, '0')}`;
  return candleAt(n, { open: price, high: price, low: price, close: price, volume, quoteVolume });
}

async function bytesPerCandle(db: Db): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`
    SELECT pg_total_relation_size('candles')::float8 / count(*) AS bytes FROM candles`.execute(db);
  return rows[0]?.bytes ?? Number.NaN;
}
