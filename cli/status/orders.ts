import { kst, type Page, span, wrapped } from '../output.ts';
import type { Finding, LastFillFacts, OpenOrderFacts, StatusFacts, TodayFacts } from './facts.ts';
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

function openFindings({ open_orders: orders, market_time: clock, instance }: StatusFacts): Finding[] {
  return orders.flatMap((order): Finding[] => {
    const { market: about, identifier, status, refused } = order;
    if (refused !== null) {
      const problem = `order ${identifier} is ${status} and cannot be booked: ${refused}`;
      return [{ about, problem, cure: `its market waits for it: ${REFUSED_CURE}` }];
    }
    if (status === 'unknown') {
      const problem = `order ${identifier} is unknown: perhaps sent, not found; its money stays reserved`;
      const settle = `npx durabit orders settle ${identifier} --as not-sent --reason WHY`;
      const cure = `the bot looks for it for 24 hours of market time; if it never got to the exchange, a quarter of an hour after its last try: ${settle}`;
      return [{ about, problem, cure }];
    }
    if (clock === null || instance === null) return [];
    const overdueMs = clock.getTime() - order.deadline.getTime();
    if (overdueMs <= toleratedLagMs(instance)) return [];
    const problem = `order ${identifier} is still ${status}, ${span(overdueMs)} of market time after its deadline`;
    const cure = 'the trader settles it: see that trader and exchange are up and reconcile is not paused';
    return [{ about, problem, cure }];
  });
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
