import { createMarketDataActivities } from '../activities/market-data.ts';
import { openDependencies } from './dependencies.ts';
import { workerMain } from './run-worker.ts';

workerMain('collector', async () => {
  const { settings, db, exchange } = openDependencies('collector');
  return {
    activities: createMarketDataActivities({ exchange, db, intervalMs: settings.CANDLE_INTERVAL_MS }),
    close: () => db.destroy(),
  };
});
