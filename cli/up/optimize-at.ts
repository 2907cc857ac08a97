import type { Market } from '../../config/market.ts';
import { connectDatabase } from '../../db/connect.ts';
import { readMarketAccounts } from '../../db/market-accounts.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { nextOptimization } from '../../schedules/next-optimization.ts';
import type { InstanceDetails } from './instance-file.ts';

/**
 * When a run searches weights next, wall time; undefined in real time, where the calendar says so, and where nothing is
 * traded.
 */
export async function optimizeAt(
  instance: Pick<InstanceDetails, 'databaseUrl' | 'exchangeUrl' | 'account' | 'markets' | 'speed'>,
): Promise<number | undefined> {
  const { account, speed, databaseUrl, exchangeUrl } = instance;
  const market = instance.markets[0] as Market | undefined;
  if (account === null || speed === 1 || market === undefined) return undefined;
  const db = connectDatabase(databaseUrl, { applicationName: 'durabit-up', maxConnections: 1 });
  try {
    const starts = (await readMarketAccounts(db, account)).flatMap(({ tradingSince }) => tradingSince ?? []);
    const firstStart = starts.length === 0 ? undefined : Math.min(...starts);
    const page = await createUpbitClient({ baseUrl: exchangeUrl }).fetchMinuteCandles(market, { count: 1 });
    return nextOptimization(firstStart, { marketNow: page.exchangeClock, wallNow: Date.now(), speed });
  } finally {
    await db.destroy();
  }
}
