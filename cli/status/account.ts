import { Decimal } from 'decimal.js';
import { grouped, kst, span } from '../output.ts';
import type { Finding, Remark, StatusFacts } from './facts.ts';
import { isPaused } from './tolerance.ts';

type Difference = StatusFacts['differences'][number];

const CURE = 'hold them against each other: npx durabit audit; correct on record: npx durabit adjust';

/** Changes that come from the owner's own hand; the others should not be there. */
const BY_HAND: readonly Difference['cause'][] = ['opening', 'deposit-or-withdrawal', 'hand-trade'];

/** A comparison waits for orders on their way, and for servers that restart; waiting for longer needs a look. Wall time. */
const COMPARED_WITHIN_MS = 10 * 60_000;

/** Where the exchange holds less than the ledger owns, or something happened that neither trading nor a hand explains. */
export function accountFindings(facts: StatusFacts): Finding[] {
  const { trading, comparison, differences } = facts;
  const outside = Object.entries(comparison?.outside ?? {}).filter(([, amount]) => new Decimal(amount).lt(0));
  return [
    ...halted(trading),
    ...notCompared(facts),
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
  const problem = `${foreign.length} ${those} not the bot's; npx durabit foreign lists and classifies them`;
  return [...byHand.map(told), ...(foreign.length === 0 ? [] : [{ about: 'account', problem }])];
}

function told({ currency, amount, detail, market_time: at }: Difference): Remark {
  return { about: currency, problem: `${grouped(amount)} at ${kst(at)}: ${detail}` };
}

/** Nobody holds the ledger against the exchange any more, so that nothing of the above would be seen. */
function notCompared(facts: StatusFacts): Finding[] {
  const { instance, account, comparison, read_at: now } = facts;
  if (instance === null || account === null || isPaused(facts, 'reconcile')) return [];
  const starts = instance.started_at === null ? [] : [Date.parse(instance.started_at)];
  const since = Math.max(comparison?.compared_at?.getTime() ?? Number.NEGATIVE_INFINITY, ...starts);
  const ago = now.getTime() - since;
  // Before its first comparison nothing says how long a bot that was not started here has been without one.
  if (ago <= COMPARED_WITHIN_MS || since === Number.NEGATIVE_INFINITY) return [];
  const cure = 'the newest runs of ReconcileWorkflow say why (Web UI); hold them against each other: npx durabit audit';
  return [{ about: 'account', problem: `ledger and exchange not compared for ${span(ago)}`, cure }];
}

function halted(trading: StatusFacts['trading']): Finding[] {
  if (trading === null || trading.state === 'active') return [];
  const what = trading.state === 'halted' ? 'halted, no order goes out' : 'reducing, only sales go out';
  const problem = `${what}${trading.reason === null ? '' : `: ${trading.reason}`}`;
  return [{ about: 'trading', problem, cure: 'see to the reason, then: npx durabit unhalt' }];
}
