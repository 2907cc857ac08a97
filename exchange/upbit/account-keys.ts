import { z } from 'zod';
import { exchangeClockOf, parseBody } from './answer.ts';
import type { Transport } from './transport.ts';
import { zonedInstant } from './wire-fields.ts';

/** A key of the account. */
interface AccountKey {
  readonly accessKey: string;
  /** UTC epoch milliseconds. */
  readonly expiresAt: number;
}

export interface AccountKeys {
  readonly keys: readonly AccountKey[];
  /** The response's `Date` header: UTC epoch milliseconds, whole seconds. */
  readonly exchangeClock: number;
}

const accountKeysSchema = z.array(
  z
    .object({ access_key: z.string(), expire_at: zonedInstant })
    .transform((wire): AccountKey => ({ accessKey: wire.access_key, expiresAt: wire.expire_at })),
);

/** The keys of the account that the transport's key belongs to; needs no permission. Upbit's keys live a year. */
export async function fetchAccountKeys(transport: Transport): Promise<AccountKeys> {
  const call = { method: 'GET', path: 'v1/api_keys', group: 'default', parameters: [], signed: true } as const;
  const answer = await transport.ask(call);
  return { exchangeClock: exchangeClockOf(answer), keys: parseBody(answer, accountKeysSchema) };
}
