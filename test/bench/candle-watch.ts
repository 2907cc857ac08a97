import { Client } from 'pg';
import { CANDLE_CHANNEL } from '../../db/candles.ts';
import type { Bench } from './bench.ts';
import { type BenchBot, MARKET } from './bench-bot.ts';

/** A candle as it became visible in the database. */
export interface StoredCandle {
  /** Its open, epoch ms of market time. */
  readonly ts: number;
  /** Wall instant at which its storing was announced, epoch ms; a listener hears of it after the commit. */
  readonly visibleAt: number;
}

/**
 * Listens for newly stored candles until `enough` says so of one. A notification names only the newest candle of its
 * batch, so the ones before it are read and count as visible at the same moment: a late candle is never left out.
 */
export async function watchCandles(
  bench: Bench,
  bot: BenchBot,
  enough: (candle: StoredCandle) => boolean,
): Promise<void> {
  const client = new Client({ connectionString: bot.instance.databaseUrl, application_name: 'durabit-bench' });
  await client.connect();
  try {
    await new Promise<void>((resolve, reject) => {
      const { signal } = bench;
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      client.on('error', reject);
      let reading: Promise<unknown> = listenAfterNewest(client).then((newest) => {
        let last = newest;
        client.on('notification', ({ payload = '{}' }) => {
          const visibleAt = performance.timeOrigin + performance.now();
          const { market, ts } = JSON.parse(payload) as { market?: string; ts?: string };
          if (market !== MARKET || ts === undefined) return;
          reading = reading.then(async () => {
            const opens = await opensBetween(client, last, new Date(ts));
            last = opens.at(-1) ?? last;
            if (opens.some((open) => enough({ ts: open.getTime(), visibleAt }))) resolve();
          });
          reading.catch(reject);
        });
      });
      reading.catch(reject);
    });
  } finally {
    await client.end();
  }
}

async function listenAfterNewest(client: Client): Promise<Date> {
  const { rows } = await client.query<{ newest: Date | null }>(
    `SELECT max(ts) AS newest FROM candles WHERE market = '${MARKET}'`,
  );
  await client.query(`LISTEN ${CANDLE_CHANNEL}`);
  return rows[0]?.newest ?? new Date(0);
}

async function opensBetween(client: Client, after: Date, until: Date): Promise<Date[]> {
  const { rows } = await client.query<{ ts: Date }>(
    'SELECT ts FROM candles WHERE market = $1 AND ts > $2 AND ts <= $3 ORDER BY ts',
    [MARKET, after, until],
  );
  return rows.map((row) => row.ts);
}
