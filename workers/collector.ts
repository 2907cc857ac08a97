import { createMarketDataActivities } from '../activities/market-data.ts';
import { leadMs } from '../config/lead.ts';
import { openDependencies } from './dependencies.ts';
import { workerMain } from './run-worker.ts';

workerMain('collector', async () => {
  const { settings, db, exchange, clock } = openDependencies('collector');
  const intervalMs = settings.CANDLE_INTERVAL_MS;
  return {
    activities: createMarketDataActivities({ exchange, db, clock, intervalMs, leadMs: leadMs(intervalMs) }),
    close: () => db.destroy(),
  };
});
