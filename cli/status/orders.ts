import type { OrderStatus } from '../../strategy/order-states.ts';
import { kst, type Page, span, wrapped } from '../output.ts';
import type { Finding, LastFillFacts, OpenOrderFacts, Remark, StatusFacts, TodayFacts } from './facts.ts';
import { price, won } from './figures.ts';
import { toleratedLagMs } from './tolerance.ts';

/** Orders that are not at their end, what came of today's, and the newest fill. */
export function ordersText({ open_orders: open, today, last_fill: fill }: StatusFacts, page: Page): string {
  const lines = [
    ...(open.length === 0 ? ['OPEN ORDERS none'] : ['OPEN ORDERS', ...open.map((order) => `  ${orderText(order)}`)]),
    ...(today === null ? [] : [todayText(today)]),
    `last fill: ${fill === null ? 'none yet' : fillText(fill)}`,
  ];
  return lines.map((line) => wrapped(line, page.columns, '    ')).join('\n');
}

function orderText(order: OpenOrderFacts): string {
  const done = order.executed_quantity === '0' ? '' : `, ${order.executed_quantity} of it executed`;
  const why = order.status_reason === null ? '' : ` (${order.status_reason})`;
  const holds =
    order.side === 'bid' ? `${won(order.reserved_cash)} KRW reserved` : `${order.reserved_quantity} coins reserved`;
  const wish = `${order.side === 'bid' ? 'buy' : 'sell'} ${order.quantity} at ${price(order.price)}${done}`;
  return `${order.market} ${order.status}${why}, ${span(order.age_seconds * 1_000)} old: ${wish}, ${holds}`;
}

function todayText({ since, orders, trades }: TodayFacts): string {
  const counts = [
    `${orders.sent} sent`,
    `${orders.filled} filled`,
    `${orders.canceled} cancelled`,
    `${orders.rejected} rejected`,
    ...(orders.unresolved === 0 ? [] : [`${orders.unresolved} unresolved`]),
  ];
  return `orders today (${kst(since).slice(0, 10)} KST): ${counts.join(', ')}; ${trades} fills`;
}

function fillText(fill: LastFillFacts): string {
  const verb = fill.side === 'bid' ? 'bought' : 'sold';
  const what = `${fill.market} ${verb} ${fill.quantity} at ${price(fill.price)}`;
  return `${what} (fee ${won(fill.fee)} KRW), ${kst(fill.executed_at)}`;
}

/** Orders nobody is sure of, and those that should have ended. */
export function orderFindings(facts: StatusFacts): Finding[] {
  return [...openFindings(facts), ...lostFindings(facts)];
}

const REFUSED_CURE = 'npx durabit audit holds both records against each other; see docs/operations.md';
const SEEN_BEFORE = 'it was at the exchange before the ledger had it';

function openFindings(facts: StatusFacts): Finding[] {
  return facts.open_orders.flatMap((order): Finding[] => {
    const { market: about, identifier, status, refused, seen_before: seenBefore } = order;
    if (refused !== null) {
      const problem = `order ${identifier} is ${status} and cannot be booked: ${refused}`;
      return [{ about, problem, cure: `its market waits for it: ${REFUSED_CURE}` }];
    }
    if (status === 'unknown') return [unknownFinding(order)];
    const overdueMs = overdueFor(order, facts);
    if (overdueMs === null) return [];
    const late = `order ${identifier} is still ${status}, ${span(overdueMs)} of market time after its deadline`;
    const settled = 'the trader settles it: see that trader and exchange are up and reconcile is not paused';
    // Whether the ledger refuses it nobody has written down: what was recorded of it first stays.
    if (seenBefore) return [{ about, problem: `${late}; ${SEEN_BEFORE}`, cure: `${settled}; ${REFUSED_CURE}` }];
    return [{ about, problem: late, cure: settled }];
  });
}

function unknownFinding({ market: about, identifier, seen_before: seenBefore }: OpenOrderFacts): Finding {
  const looks = 'the bot looks for it for 24 hours of market time';
  if (seenBefore) {
    const problem = `order ${identifier} is unknown: ${SEEN_BEFORE}, and is not found there now; its money stays reserved`;
    return { about, problem, cure: `${looks}; ${REFUSED_CURE}` };
  }
  const problem = `order ${identifier} is unknown: perhaps sent, not found; its money stays reserved`;
  const settle = `npx durabit orders settle ${identifier} --as not-sent --reason WHY`;
  const cure = `${looks}; if it never got to the exchange, a quarter of an hour after its last try: ${settle}`;
  return { about, problem, cure };
}

/** Market milliseconds since its deadline; null while that is no cause for concern, or not known. */
function overdueFor({ deadline }: OpenOrderFacts, { market_time: clock, instance }: StatusFacts): number | null {
  if (clock === null || instance === null) return null;
  const overdueMs = clock.getTime() - deadline.getTime();
  return overdueMs > toleratedLagMs(instance) ? overdueMs : null;
}

/** What comes of an order that is done over, by its state. */
const STEPS_AGAIN = {
  intended: 'it may go out under the same name, which the exchange takes once',
  sending: 'perhaps it went out under the same name, which the exchange takes once',
  open: 'what it did there is being booked',
} as const satisfies Partial<Record<OrderStatus, string>>;

/** Orders that an older copy of the ledger lacked and that are on their way again, as any other. */
export function orderRemarks(facts: StatusFacts): Remark[] {
  if (facts.instance === null) return [];
  return facts.open_orders.flatMap((order): Remark[] => {
    const { market: about, identifier, status, refused, seen_before: seenBefore } = order;
    if (!seenBefore || refused !== null || !isOnItsWay(status) || overdueFor(order, facts) !== null) return [];
    return [{ about, problem: `order ${identifier} is ${status} again: ${SEEN_BEFORE}; ${STEPS_AGAIN[status]}` }];
  });
}

function isOnItsWay(status: string): status is keyof typeof STEPS_AGAIN {
  return Object.hasOwn(STEPS_AGAIN, status);
}

/** Those that are not at their end for the ledger are told of as such. */
function lostFindings({ lost_orders: lost, open_orders: open }: StatusFacts): Finding[] {
  const unfinished = new Set(open.map(({ identifier }) => identifier));
  return lost
    .filter(({ identifier }) => identifier === null || !unfinished.has(identifier))
    .map(({ market: about, identifier, exchange_order_id: id, note }) => ({
      about,
      problem: `order ${identifier} must not be: ${note}`,
      cure: `${REFUSED_CURE}; when it is clear: npx durabit foreign classify ${id} --as other-program --note WHY`,
    }));
}
