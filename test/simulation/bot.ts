import type { TradingDependencies } from '../../activities/trading/dependencies.ts';
import { createFeeRates } from '../../activities/trading/fee-rates.ts';
import { forAccount } from '../../activities/trading/own-account.ts';
import { createTradingActivities } from '../../activities/trading.ts';
import { leadMs } from '../../config/lead.ts';
import type { Market } from '../../config/market.ts';
import { listenForCandles } from '../../db/candle-listener.ts';
import { connectDatabase } from '../../db/connect.ts';
import { createExchangeClock, type ExchangeClock } from '../../exchange/exchange-clock.ts';
import type { Exchange } from '../../exchange/port.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import type { BotId } from '../../strategy/order-identifier.ts';
import { DEFAULT_SIZING } from '../../strategy/sizing.ts';
import { shortActivityMs } from '../../workflows/policies.ts';
import type { Build } from './builds.ts';
import { type Host, inHost } from './host.ts';
import { KEYS } from './keys.ts';
import { MINUTE } from './market.ts';
import type { Worker } from './temporal.ts';
import type { World } from './world.ts';

export const ACCOUNT = 'paper-simulated';
export const BOT_ID = 'simulate' as BotId;
export const DATABASE_URL = 'postgres://simulated:x@127.0.0.1:5432/simulated';

export function createClient(intervalMs: number, clock: ExchangeClock): Exchange {
  return createUpbitClient({
    baseUrl: 'http://exchange.simulated',
    keys: KEYS,
    observeClock: clock.ask,
    readTimeoutMs: Math.min(3_000, shortActivityMs(intervalMs) * 0.8),
  });
}

/** A trader as `workers/trader.ts` makes one, in a simulated process of its own. */
export async function startTrader(world: World, host: Host, markets: readonly Market[], build: Build): Promise<Worker> {
  return inHost(host, `${host.name} starting`, async () => {
    const { intervalMs, story } = world;
    const clock = createExchangeClock(MINUTE / intervalMs);
    const db = connectDatabase(DATABASE_URL, {
      applicationName: 'durabit-trader',
      onConnectionLost: (error) => story.trace(`${host.name} lost a connection: ${error.message}`),
    });
    const exchange = createClient(intervalMs, clock);
    const fees = createFeeRates(exchange, { setting: undefined, say: (line) => story.trace(line) });
    await fees.watch(markets);
    const candles = listenForCandles(DATABASE_URL, (error) => story.trace(`candle listener: ${error.message}`));
    const deps: TradingDependencies = {
      ...{ db, exchange, clock, candles, botId: BOT_ID, intervalMs, leadMs: leadMs(intervalMs) },
      rules: { threshold: undefined, sizing: DEFAULT_SIZING, fees },
    };
    const built = build.dependencies?.(deps, world) ?? deps;
    const activities = createTradingActivities(built);
    const guarded = forAccount({ ...activities, ...build.activities?.(built) }, ACCOUNT, db);
    return { host, activities: guarded as unknown as Worker['activities'] };
  });
}
