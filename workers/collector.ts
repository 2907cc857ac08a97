import { createMarketDataActivities } from '../activities/market-data.ts';
import { leadMs } from '../config/lead.ts';
import { shortActivityMs } from '../workflows/policies.ts';
import { openDependencies } from './dependencies.ts';
import { listenToMinutes } from './live-news.ts';
import { workerMain } from './run-worker.ts';

workerMain('collector', async () => {
  const { settings, db, exchange, exchangeUrl, clock } = openDependencies('collector');
  const intervalMs = settings.CANDLE_INTERVAL_MS;
  const { news: minutes, close } = listenToMinutes(settings, { baseUrl: exchangeUrl, db });
  return {
    activities: createMarketDataActivities({
      ...{ exchange, db, clock, intervalMs, leadMs: leadMs(intervalMs) },
      told: minutes && { minutes, attemptMs: shortActivityMs(intervalMs) },
    }),
    close: async () => {
      await close();
      await db.destroy();
    },
  };
});
