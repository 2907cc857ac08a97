import { createHash } from 'node:crypto';

/**
 * Name of the account behind a key, which every money table carries: `paper-3f9a01c2`. Made from the key so that the
 * ledger of one account is never continued with another; nobody gets the key back from it.
 */
export function accountName(kind: 'paper' | 'live', accessKey: string): string {
  return `${kind}-${createHash('sha256').update(accessKey).digest('hex').slice(0, 8)}`;
}
