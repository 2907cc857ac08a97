import { join } from 'node:path';
import { withEmbeddedDatabase } from '../../cli/up/embedded-database.ts';
import { freePort } from '../../cli/up/ports.ts';
import type { Market } from '../../config/market.ts';
import { upsertCandles } from '../../db/candles.ts';
import { connectDatabase } from '../../db/connect.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { writeCandleCsv } from './candle-csv.ts';
import { minute } from './candles.ts';
import { randomBars } from './random-bars.ts';

/** Bars the candle file shares with the stored ones: a collector asks for some of what it holds again. */
const SHARED = 10;
const BATCH = 10_000;

/**
 * Leaves candles in an empty data directory as a bot that had collected them would have, so that nobody has to wait
 * days for a long window. The market is a random walk, the same for the same seed.
 *
 * @returns a candle file in that directory that begins where the stored ones end: what a replay goes on with
 */
export async function storeHistory(
  dataDir: string,
  walk: { readonly market: Market; readonly seed: number; readonly stored: number; readonly more: number },
): Promise<string> {
  const { market, seed, stored, more } = walk;
  // Steps of up to 0.3 % a minute, on the price grid: nearly all votes there can be occur, and many ways to act on them.
  const bars = randomBars(stored + more, seed, 100_000_000, 30_000);
  await withEmbeddedDatabase({ dataDir, port: await freePort(), command: 'storing candles' }, async (url) => {
    const db = connectDatabase(url, { applicationName: 'durabit-history' });
    try {
      await migrateToLatest(db);
      for (let from = 0; from < stored; from += BATCH) {
        const until = Math.min(stored, from + BATCH);
        const candles = bars.slice(from, until).map((bar) => ({ ...bar, quoteVolume: bar.close }));
        await upsertCandles(db, market, '1m', { candles, settled: [{ from: minute(from), until: minute(until) }] });
      }
    } finally {
      await db.destroy();
    }
  });
  const file = join(dataDir, `${market}_walk.csv`);
  writeCandleCsv(
    file,
    bars.slice(stored - SHARED).map(({ ts, ...bar }) => ({ ...bar, ts: new Date(ts) })),
  );
  return file;
}
