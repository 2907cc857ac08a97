import { sql } from 'kysely';
import { leadMs } from '../../config/lead.ts';
import type { Market } from '../../config/market.ts';
import { CANDLE_CHANNEL } from '../../db/candles.ts';
import type { Db } from '../../db/connect.ts';
import type { Candle } from '../../strategy/candle.ts';
import { ReconcileWorkflow } from '../../workflows/reconcile.ts';
import { TradeWorkflow } from '../../workflows/trade.ts';
import { ACCOUNT } from './bot.ts';
import { inHost } from './host.ts';
import { FIRST_CANDLE, MINUTE } from './market.ts';
import type { Scene } from './scene.ts';
import { VIRTUAL_START } from './virtual-time.ts';

/** What is due in a candle anyway: that it is collected, and the runs that the schedules start, late and missing at times. */
export function planCandle(scene: Scene, n: number): void {
  const { world, feeds, temporal } = scene;
  const { chance, time, intervalMs } = world;
  const close = VIRTUAL_START + (n + 1) * intervalMs;
  const at = (wall: number, run: () => void) => time.after(wall - time.now, run);
  for (const [market, feed] of feeds) {
    // Mostly at once, and now and then too late to be decided on.
    const late = chance.of(`${market} collected ${n}`) ** 4 * 0.5 * intervalMs;
    at(close + 10 + late, () => collect(scene, market, n, feed.candle(n)));
    if (chance.of(`trade-${market} misses ${n}`) < 0.01) continue;
    const starts = close - leadMs(intervalMs) + chance.between(`trade-${market} starts ${n}`, 0, 40);
    const input = { account: ACCOUNT, market, timeframe: '1m', intervalMs } as const;
    at(starts, () => temporal.start(`trade-${market}`, n, TradeWorkflow, input));
  }
  at(close - intervalMs / 2 + chance.between(`reconcile starts ${n}`, 0, 40), () => startReconcile(scene, n));
}

export function startReconcile({ temporal, world }: Scene, n: number): void {
  const input = { account: ACCOUNT, timeframe: '1m', intervalMs: world.intervalMs } as const;
  temporal.start('reconcile', n, ReconcileWorkflow, input);
}

/** Stores it, and tries again until it is there, as the collector's policy says. */
function collect(scene: Scene, market: Market, n: number, candle: Candle | undefined): void {
  const { calm, world } = scene;
  const storing = () => storeMinute(calm.db, market, FIRST_CANDLE + n * MINUTE, candle);
  inHost(calm.host, `candle ${n} of ${market}`, storing).catch(() => {
    world.time.after(100, () => collect(scene, market, n, candle));
  });
}

/** What the collector leaves behind for a minute, in one statement instead of its four: it is not what is tried here. */
async function storeMinute(db: Db, market: Market, open: number, candle: Candle | undefined): Promise<void> {
  const covered = `{[${new Date(open).toISOString()},${new Date(open + MINUTE).toISOString()})}`;
  const rows = candle === undefined ? [] : [candle];
  const column = (name: Exclude<keyof Candle, 'ts'>) => rows.map((row) => row[name]);
  await sql`
    WITH covering AS (
      UPDATE candle_coverage SET covered = covered + ${covered}::tstzmultirange WHERE market = ${market}
    ), stored AS (
      INSERT INTO candles (market, timeframe, ts, open, high, low, close, volume, quote_volume)
      SELECT ${market}, '1m', ${new Date(open)}, * FROM unnest(
        ${column('open')}::numeric[], ${column('high')}::numeric[], ${column('low')}::numeric[],
        ${column('close')}::numeric[], ${column('volume')}::numeric[], ${column('quoteVolume')}::numeric[])
      ON CONFLICT DO NOTHING RETURNING ts
    )
    SELECT pg_notify(${CANDLE_CHANNEL}, '') FROM stored`.execute(db);
}
