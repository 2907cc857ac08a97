import { randomInt } from 'node:crypto';
import { createTradingActivities } from '../activities/trading.ts';
import { leadMs } from '../config/lead.ts';
import { ensureBotId } from '../db/bot-settings.ts';
import { listenForCandles } from '../db/candle-listener.ts';
import { openDependencies } from './dependencies.ts';
import { workerMain } from './run-worker.ts';

workerMain('trader', async () => {
  const { settings, db, exchange, databaseUrl, clock } = openDependencies('trader');
  const intervalMs = settings.CANDLE_INTERVAL_MS;
  const candles = listenForCandles(databaseUrl, (error) => console.error(`candle listener: ${error.message}`));
  const botId = await ensureBotId(db, randomInt);
  return {
    activities: createTradingActivities({
      db,
      exchange,
      clock,
      candles,
      botId,
      intervalMs,
      leadMs: leadMs(intervalMs),
    }),
    close: async () => {
      await candles.close();
      await db.destroy();
    },
  };
});
