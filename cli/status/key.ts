import type { KeyRefusalRow, KeyScope } from '../../db/key-refusals.ts';
import { span } from '../output.ts';
import type { Finding, StatusFacts } from './facts.ts';

/** What does not happen while the key is refused. Nothing of it is taken for an exchange's word about an order. */
const MEANWHILE: Readonly<Record<KeyScope, string>> = {
  'every call': 'nothing can be sent; orders that were on their way are looked up once the key is accepted again',
  balances: 'nothing can be bought, and the ledger is not held against the exchange',
  'look-ups': 'orders that were on their way are looked up once the key is accepted again',
  orders: 'no order can be sent or cancelled; those that were on their way are looked up and go on from there',
};

/** That the exchange refuses the account's key. */
export function keyFindings({
  key_refusals: refusals,
  read_at: now,
}: Pick<StatusFacts, 'key_refusals' | 'read_at'>): Finding[] {
  return refusals.map((row) => {
    const { scope, reason, meaning, since, last_at: lastAt, refusals: times } = row;
    const [lasting, last] = [since, lastAt].map((instant) => span(now.getTime() - instant.getTime()));
    const often = `for ${lasting}, ${times} in a row, the last ${last} ago: ${askedOf(row)}`;
    const why = meaning === '' ? reason : `${reason}: ${meaning}`;
    return {
      about: 'key',
      problem: `refused for ${scope} by the exchange (${often}): ${why}`,
      cure: `mend that (npx durabit doctor looks at the key); until then ${MEANWHILE[scope]}`,
    };
  });
}

function askedOf({ call, identifier }: KeyRefusalRow): string {
  return identifier === null ? call : `${call} of ${identifier}`;
}
