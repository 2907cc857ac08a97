import { Decimal } from 'decimal.js';
import { grouped, kst } from '../output.ts';
import type { Finding, Remark, StatusFacts } from './facts.ts';

type Difference = StatusFacts['differences'][number];

const CURE = 'hold them against each other: npx durabit audit; correct on record: npx durabit adjust';

/** Changes that come from the owner's own hand; the others should not be there. */
const BY_HAND: readonly Difference['cause'][] = ['opening', 'deposit-or-withdrawal', 'hand-trade'];

/** Where the exchange holds less than the ledger owns, or something happened that neither trading nor a hand explains. */
export function accountFindings({ trading, comparison, differences }: StatusFacts): Finding[] {
  const outside = Object.entries(comparison?.outside ?? {}).filter(([, amount]) => new Decimal(amount).lt(0));
  return [
    ...halted(trading),
    ...outside.map(([currency, amount]) => ({
      about: currency,
      problem: `the ledger owns ${grouped(new Decimal(amount).abs().toFixed())} more than the exchange holds`,
      cure: CURE,
    })),
    ...differences.filter(({ cause }) => !BY_HAND.includes(cause)).map((one) => ({ ...told(one), cure: CURE })),
  ];
}

/** What its owner did on the account beside the bot. */
export function accountRemarks({ differences, foreign_orders: foreign }: StatusFacts): Remark[] {
  const byHand = differences.filter(({ cause }) => cause !== 'opening' && BY_HAND.includes(cause));
  const those = foreign.length === 1 ? 'order since yesterday that is' : 'orders since yesterday that are';
  const problem = `${foreign.length} ${those} not the bot's`;
  return [...byHand.map(told), ...(foreign.length === 0 ? [] : [{ about: 'account', problem }])];
}

function told({ currency, amount, detail, market_time: at }: Difference): Remark {
  return { about: currency, problem: `${grouped(amount)} at ${kst(at)}: ${detail}` };
}

function halted(trading: StatusFacts['trading']): Finding[] {
  if (trading === null || trading.state === 'active') return [];
  const what = trading.state === 'halted' ? 'halted, no order goes out' : 'reducing, only sales go out';
  const problem = `${what}${trading.reason === null ? '' : `: ${trading.reason}`}`;
  return [{ about: 'trading', problem, cure: 'when it may go on: npx durabit unhalt' }];
}
