import { expect, it, onTestFinished } from 'vitest';
import { createMarketDataActivities } from '../../activities/market-data.ts';
import { parseMarket } from '../../config/market.ts';
import { readCandles, readGaps } from '../../db/candles.ts';
import { connectDatabase } from '../../db/connect.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { createExchangeClock } from '../../exchange/exchange-clock.ts';
import { loadReplayFile } from '../../exchange/paper/feed/replay-file.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { BTC_FILE, standingWall, startForTest } from '../exchange/paper/paper.ts';
import { createTestDatabase } from '../support/database.ts';

const where = { market: parseMarket('KRW-BTC'), timeframe: '1m' } as const;

it('collecting minute by minute from the paper exchange ends with a table equal to its file, row for row', async () => {
  const database = await createTestDatabase();
  const db = connectDatabase(database.url, { applicationName: 'test' });
  onTestFinished(async () => {
    await db.destroy();
    await database.drop();
  });
  await migrateToLatest(db);
  const wall = standingWall();
  const paper = await startForTest({ replayFiles: [BTC_FILE], wallClock: wall.now, speed: 60 });
  const { fetchCandles, upsertCandles } = createMarketDataActivities({
    exchange: createUpbitClient({ baseUrl: paper.url }),
    db,
    clock: createExchangeClock(60),
    intervalMs: 1_000,
    leadMs: 0,
  });
  const file = loadReplayFile(BTC_FILE);

  // A tenth of a second after each close, until the file has ended.
  wall.pass(100);
  while (paper.marketTime() < file.end + 3 * 60_000) {
    await upsertCandles({ ...where, ...(await fetchCandles(where)) });
    wall.pass(1_000);
  }

  const rows = (await readCandles(db, { ...where, limit: 1_000_000 })).reverse();
  expect(
    rows.map(({ ts, open, high, low, close, volume, quote_volume }) => [
      ts.getTime(),
      open,
      high,
      low,
      close,
      volume,
      quote_volume,
    ]),
  ).toEqual([...file].map((row) => [row.start, row.open, row.high, row.low, row.close, row.volume, row.value]));
  expect(await readGaps(db, where.market, '1m')).toEqual([]);
});
