import { type BotId, isBotId, mintBotId } from '../strategy/order-identifier.ts';
import type { Db } from './connect.ts';

/**
 * Keeps `value` under `key` unless something is kept there already. Of several callers at once one wins.
 *
 * @returns what is kept
 */
export async function keepFirstSetting(db: Db, key: string, value: string): Promise<string> {
  await db
    .insertInto('settings')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  const kept = await readSetting(db, key);
  if (kept === undefined) throw new Error(`setting ${key} vanished while it was being read`);
  return kept;
}

export async function readSetting(db: Db, key: string): Promise<string | undefined> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst();
  return row?.value;
}

/** Names the setting that holds the bot id. */
export const BOT_ID_KEY = 'bot_id';

/**
 * The id this database's orders bear, minted at the first call and the same for ever.
 *
 * @param randomBelow `crypto.randomInt`
 */
export async function ensureBotId(db: Db, randomBelow: (limit: number) => number): Promise<BotId> {
  const kept = (await readSetting(db, BOT_ID_KEY)) ?? (await keepFirstSetting(db, BOT_ID_KEY, mintBotId(randomBelow)));
  if (!isBotId(kept)) throw new Error(`setting ${BOT_ID_KEY} holds "${kept}", which is no bot id`);
  return kept;
}
