import type { Settings } from '../../config/settings.ts';
import { type AccountKeys, fetchAccountKeys } from '../../exchange/upbit/account-keys.ts';
import { createTransport } from '../../exchange/upbit/transport.ts';
import { bad, type Finding, look } from './check.ts';

const DAY_MS = 86_400_000;
/** Upbit's keys live a year and cannot be renewed: so long before the end a new one should be made. */
const WARNED_DAYS = 30;

const CHECK = 'account key';
const CURE = 'make a new key at the exchange, then set UPBIT_ACCESS_KEY and UPBIT_SECRET_KEY to it and restart';

/** When the account's key expires; nothing where the bot was given no key for an exchange. */
export async function checkAccountKey(settings: Settings): Promise<Finding[]> {
  const { UPBIT_BASE_URL: baseUrl, UPBIT_ACCESS_KEY: accessKey, UPBIT_SECRET_KEY: secretKey } = settings;
  if (baseUrl === undefined || accessKey === undefined || secretKey === undefined) return [];
  const transport = createTransport({ baseUrl, keys: { accessKey, secretKey } });
  return [await look(CHECK, CURE, async () => expiryOf(accessKey, await fetchAccountKeys(transport)))];
}

/** What to say of one key among those of its account. */
export function expiryOf(accessKey: string, { keys, exchangeClock }: AccountKeys): Finding | string {
  const key = keys.find((one) => one.accessKey === accessKey);
  if (key === undefined) return 'accepted; the exchange does not say when it expires';
  const days = Math.floor((key.expiresAt - exchangeClock) / DAY_MS);
  const on = new Date(key.expiresAt).toISOString().slice(0, 10);
  if (days < 0) return bad(CHECK, `expired on ${on}`, CURE);
  const text = `expires on ${on}, in ${days} ${days === 1 ? 'day' : 'days'}`;
  return days < WARNED_DAYS ? bad(CHECK, text, CURE) : text;
}
