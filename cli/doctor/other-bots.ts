import { BOT_ID_KEY, readSetting } from '../../db/bot-settings.ts';
import type { Db } from '../../db/connect.ts';
import { readForeignOrders } from '../../db/foreign-orders.ts';
import { readTradedAccounts } from '../../db/market-accounts.ts';
import { parseOrderIdentifier } from '../../strategy/order-identifier.ts';
import { bad, type Finding } from './check.ts';

export const OTHER_BOTS_CURE =
  'stop one of the two, or give it an account of its own; on one account they spend the same money';

/** A bot that has sent nothing for so long may well have been stopped. */
const LATELY_MS = 24 * 3_600_000;
const LOOKED_AT = 1_000;

/**
 * Whether another durabit, one with a database of its own, trades on an account of this one. Its orders are recorded as
 * those of others, and the shape of their identifiers tells whose they are. What somebody has classified still counts.
 */
export async function checkOtherBots(db: Db, now = Date.now()): Promise<Finding | string> {
  const own = await readSetting(db, BOT_ID_KEY);
  const seen: string[] = [];
  for (const account of await readTradedAccounts(db)) {
    const orders = new Map<string, { readonly count: number; readonly newest: Date }>();
    for (const { identifier, first_seen: at } of await readForeignOrders(db, { account, limit: LOOKED_AT })) {
      const botId = parseOrderIdentifier(identifier ?? '')?.botId;
      if (botId === undefined || botId === own || now - at.getTime() > LATELY_MS) continue;
      const known = orders.get(botId);
      orders.set(botId, { count: (known?.count ?? 0) + 1, newest: known?.newest ?? at });
    }
    for (const [botId, { count, newest }] of orders) {
      seen.push(`bot ${botId} on ${account}: ${count} orders, the newest seen ${newest.toISOString()}`);
    }
  }
  return seen.length === 0
    ? 'none seen on the account in the last day'
    : bad('other bots', `another durabit trades on the same account: ${seen.join('; ')}`, OTHER_BOTS_CURE);
}
