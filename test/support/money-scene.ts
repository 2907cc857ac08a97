import { pollOnce } from '../../activities/trading/order-fills.ts';
import { removeInstance, writeInstance } from '../../cli/up/instance-file.ts';
import { paperKeys } from '../../cli/up/paper-keys.ts';
import { accountName } from '../../config/account.ts';
import type { Market } from '../../config/market.ts';
import { ensureMarketAccounts } from '../../db/first-start.ts';
import { recordAccepted } from '../../db/order-outcomes.ts';
import { beginSending } from '../../db/order-sending.ts';
import { createExchangeClock } from '../../exchange/exchange-clock.ts';
import { startPaperExchange } from '../../exchange/paper/server.ts';
import type { Exchange, OrderRequest } from '../../exchange/port.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { instance } from '../cli/up/support.ts';
import { BTC_FILE, ETH_FILE, paperOptions } from '../exchange/paper/paper.ts';
import { anOrder, BTC, createLedgerDatabase, ETH, IN_TIME, intend } from './ledger.ts';
import { type BotFolder, openBotFolder } from './running-bot.ts';
import { temporalAddress } from './temporal.ts';

/** `sending` never arrives, of `lost` the answer never comes back, `open` is accepted and its fills are not booked. */
type Stage = 'sending' | 'lost' | 'open' | 'booked';

export type MoneyScene = Awaited<ReturnType<typeof openMoneyScene>>;

/**
 * A bot as the commands see it, made of this process: a database, a paper exchange with 10,000,000 KRW, an
 * account that has sub-accounts for KRW-BTC and KRW-ETH and was given `krw` of them at its first start.
 */
export async function openMoneyScene(krw: string) {
  const markets: Market[] = [BTC, ETH];
  const [bot, database] = await Promise.all([openBotFolder(), createLedgerDatabase()]);
  const { db } = database;
  const keys = paperKeys(bot.dataDir);
  const account = accountName('paper', keys.accessKey);
  await db.insertInto('settings').values({ key: 'bot_id', value: 'testbot1' }).execute();
  await ensureMarketAccounts(db, account, markets, krw);
  const stateDir = `${bot.dataDir}/exchange`;
  const files = { replayFiles: [BTC_FILE, ETH_FILE], markets, stateDir };
  const paper = await startPaperExchange(paperOptions({ ...keys, ...files }));
  const exchange = createUpbitClient({ baseUrl: paper.url, keys });
  // A real one: every `status` gives a server that is not there five seconds to answer.
  const details = {
    ...instance,
    temporalAddress: temporalAddress(),
    databaseUrl: database.url,
    exchangeUrl: paper.url,
    account,
    markets,
  };
  const start = () => writeInstance(bot.dataDir, details, 'ready', new Date());
  const stop = () => removeInstance(bot.dataDir);
  start();

  return {
    ...{ bot, db, account, exchange, start, stop, keys, databaseUrl: database.url, exchangeUrl: paper.url },
    /** The command with `--json`, in this process: what it printed, or why not. */
    run: (...args: string[]) => runJson(bot.runHere, args),
    /** The same as a process of its own. */
    spawn: (...args: string[]) => runJson(bot.run, args),
    /** An order past the bot, at the market. */
    buyByHand: (identifier: string, spendKrw: string) => buyByHand(exchange, identifier, spendKrw),
    /** An order of the bot, as far as `until`; prices far enough from the market fill at once, or never. */
    async trade(side: 'bid' | 'ask', price: string, quantity: string, until: Stage = 'booked'): Promise<string> {
      const leg = side === 'bid' ? 'entry' : 'exit';
      const { identifier, ...terms } = anOrder(account, { side, price, quantity, leg });
      const request: OrderRequest = { market: BTC, identifier, type: 'limit', side, price, volume: quantity };
      await intend(db, { ...terms, identifier, request: { ...request } });
      await beginSending(db, identifier, IN_TIME);
      if (until === 'sending') return identifier;
      const { exchangeOrderId } = await exchange.createOrder(request);
      if (until === 'lost') return identifier;
      await recordAccepted(db, identifier, exchangeOrderId);
      if (until === 'booked') await pollOnce({ db, exchange, clock: createExchangeClock(1) }, identifier);
      return identifier;
    },
    /** As if the exchange were down; for good. */
    closeExchange: () => paper.close(),
    async close() {
      stop();
      await paper.close();
      await database.close();
      bot.remove();
    },
  };
}

async function runJson(run: BotFolder['run'], args: readonly string[]) {
  const { code, stdout, stderr } = await run([...args, '--json']);
  return { code, stderr, json: stdout === '' ? undefined : JSON.parse(stdout) };
}

async function buyByHand(exchange: Exchange, identifier: string, spendKrw: string): Promise<string> {
  const { exchangeOrderId } = await exchange.createOrder({
    ...{ market: BTC, identifier, type: 'market', side: 'bid', spendKrw },
  });
  return (await exchange.fetchOrder({ exchangeOrderId }))?.executedVolume ?? '0';
}
