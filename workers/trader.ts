import { randomInt } from 'node:crypto';
import { createFeeRates } from '../activities/trading/fee-rates.ts';
import { forAccount } from '../activities/trading/own-account.ts';
import { createTradingActivities } from '../activities/trading.ts';
import { accountToTrade } from '../config/account.ts';
import { leadMs } from '../config/lead.ts';
import { requireBoundAccount } from '../db/account-binding.ts';
import { ensureBotId } from '../db/bot-settings.ts';
import { listenForCandles } from '../db/candle-listener.ts';
import { ExchangeUnavailable } from '../exchange/errors.ts';
import { watchKey } from '../exchange/key-watch.ts';
import { askedOnce, onPaperOnly, requirePaperExchange } from '../exchange/paper-proof.ts';
import { openDependencies } from './dependencies.ts';
import { reportKey } from './key-report.ts';
import { listenToOrders } from './live-news.ts';
import { workerMain } from './run-worker.ts';

workerMain('trader', async () => {
  const { settings, db, exchange: reached, exchangeUrl, keys, databaseUrl, clock } = openDependencies('trader');
  const intervalMs = settings.CANDLE_INTERVAL_MS;
  const traded = accountToTrade(settings);
  const prove = askedOnce(() => requirePaperExchange(exchangeUrl));
  if (traded !== null) {
    // An exchange that is down must not keep the record of decisions from being kept; it is shown no key unproven.
    await prove().catch((error: unknown) => {
      if (!(error instanceof ExchangeUnavailable)) throw error;
    });
    await requireBoundAccount(db, traded);
  }
  const key = traded && reportKey(db, { account: traded.account, say: console.error });
  const exchange = onPaperOnly(key ? watchKey(reached, key.hear) : reached, prove);
  const fees = createFeeRates(exchange, { setting: settings.FEE_RATE, say: console.error });
  if (traded !== null) await fees.watch(settings.MARKETS ?? []);
  const candles = listenForCandles(databaseUrl, (error) => console.error(`candle listener: ${error.message}`));
  const heard = traded && keys ? { baseUrl: exchangeUrl, keys, prove } : undefined;
  const { news: orderNews, close: closeNews } = listenToOrders(settings, { account: heard, db });
  const botId = await ensureBotId(db, randomInt);
  const activities = createTradingActivities({
    db,
    exchange,
    clock,
    candles,
    orderNews,
    botId,
    intervalMs,
    leadMs: leadMs(intervalMs),
    rules: {
      threshold: settings.THRESHOLD,
      sizing: { aggressiveness: settings.AGGRESSIVENESS, feeBuffer: settings.FEE_BUFFER },
      fees,
    },
  });
  return {
    activities: forAccount(activities, traded?.account ?? null, db),
    close: async () => {
      fees.close();
      // Together: a database that hangs may keep each of them for seconds.
      await Promise.all([closeNews(), candles.close(), key?.close()]);
      await db.destroy();
    },
  };
});
