import { Decimal } from 'decimal.js';
import type { CreateRequest, TrueOrder, WholeLedger } from '../support/fault-control.ts';
import type { LedgerOrder, LedgerRecord } from './ledger-record.ts';

const Exact = Decimal.clone({ precision: 200 });
const sumOf = (amounts: readonly Decimal.Value[]) =>
  amounts.reduce<Decimal>((sum, amount) => sum.plus(amount), new Exact(0));

/** From the return of a halt to the moment it was lifted; wall time, epoch ms. */
export interface HaltedTime {
  readonly from: number;
  readonly until: number;
}

/** Both sides, read when nothing is on its way any more. */
export interface Records {
  readonly truth: WholeLedger;
  readonly requests: readonly CreateRequest[];
  readonly ledger: LedgerRecord;
  /** KRW the account began with. */
  readonly openingKrw: string;
  readonly halts: readonly HaltedTime[];
}

/** What is wrong, each with the identifiers and amounts concerned. All empty when orders went exactly once. */
export interface Judgement {
  readonly duplicates: readonly string[];
  readonly lost_orders: readonly string[];
  readonly lost_fills: readonly string[];
  readonly ledger_differences: readonly string[];
  readonly created_after_halt: readonly string[];
  readonly stuck: readonly string[];
}

/** Orders went exactly once. */
export const NOTHING_WRONG: Judgement = {
  duplicates: [],
  lost_orders: [],
  lost_fills: [],
  ledger_differences: [],
  created_after_halt: [],
  stuck: [],
};

const ENDED = ['filled', 'canceled', 'rejected', 'expired'];
const WRITTEN_OFF = ['rejected', 'expired'];

/**
 * Holds the ledger against the exchange's own record of what happened, with plain sums and none of the ledger's code.
 */
export function judge(records: Records): Judgement {
  const { truth, ledger } = records;
  const ours = truth.orders.filter(({ identifier }) => identifier?.startsWith(`${ledger.botId}-`));
  return {
    duplicates: findDuplicates(ours),
    lost_orders: [...findLost(ours, ledger), ...findPhantoms(ours, records), ...findUnannounced(records)],
    lost_fills: findLostFills(ours, ledger),
    ledger_differences: findDifferences(records),
    created_after_halt: findAfterHalt(records),
    stuck: findStuck(ledger),
  };
}

/** Market, candle and leg, whatever stands behind them. */
function legOf(identifier: string): string {
  return identifier.split('-').slice(1, 5).join(' ');
}

function findDuplicates(ours: readonly TrueOrder[]): string[] {
  const byLeg = Map.groupBy(ours, ({ identifier }) => legOf(identifier ?? ''));
  return [...byLeg].flatMap(([leg, orders]) =>
    orders.slice(1).map(({ identifier }) => `${leg}: ${orders[0]?.identifier} and ${identifier}`),
  );
}

/** Orders at the exchange that the ledger does not know, knows otherwise, or had given up although they were there. */
function findLost(ours: readonly TrueOrder[], { orders, steps }: LedgerRecord): string[] {
  const rows = new Map(orders.map((row) => [row.identifier, row]));
  const writtenOff = Map.groupBy(
    steps.filter(({ status }) => WRITTEN_OFF.includes(status)),
    ({ identifier }) => identifier,
  );
  return ours.flatMap((order) => {
    const name = order.identifier ?? '';
    const row = rows.get(name);
    if (row === undefined) return [`${name}: the ledger has no such order`];
    const given = writtenOff.get(name);
    if (given !== undefined)
      return [`${name}: it is at the exchange, and its money was given back as ${given[0]?.status}`];
    const contradiction = contradictionOf(order, row);
    return contradiction === undefined ? [] : [`${name}: ${contradiction}`];
  });
}

function contradictionOf(order: TrueOrder, row: LedgerOrder): string | undefined {
  if (row.exchange_order_id !== order.uuid) return `it is ${order.uuid} there and ${row.exchange_order_id} here`;
  const whole = new Exact(order.executed_volume).eq(order.volume ?? Number.NaN);
  const expected = order.state === 'wait' ? 'open' : whole ? 'filled' : 'canceled';
  if (row.status !== expected) return `it is ${expected} there and ${row.status} here`;
  if (!new Exact(row.executed_quantity).eq(order.executed_volume)) {
    return `${order.executed_volume} were executed there and ${row.executed_quantity} here`;
  }
  if (!new Exact(row.paid_fee).eq(order.paid_fee)) return `its fee is ${order.paid_fee} there and ${row.paid_fee} here`;
  return undefined;
}

/** Orders of the ledger that the exchange never took, or never refused, although the ledger says so. */
function findPhantoms(ours: readonly TrueOrder[], { ledger, requests }: Records): string[] {
  const there = new Set(ours.map(({ identifier }) => identifier));
  // Too many requests says nothing about an order.
  const refusals = new Set(
    requests
      .filter(({ outcome, error }) => outcome === 'refused' && !error?.startsWith('too_many'))
      .map(({ identifier, error }) => `${identifier} ${error}`),
  );
  return ledger.orders.flatMap(({ identifier, status, status_reason: reason }) => {
    if (['open', 'filled', 'canceled'].includes(status) && !there.has(identifier)) {
      return [`${identifier}: ${status} here, and the exchange never had it`];
    }
    if (status === 'rejected' && !refusals.has(`${identifier} ${reason}`)) {
      return [`${identifier}: rejected here (${reason}), and the exchange never refused it so`];
    }
    return [];
  });
}

/**
 * Requests that reached the exchange before the ledger had committed that they would be sent: each takes a commit of its
 * own, and none made before the order was last `intended` is left to take.
 */
function findUnannounced({ requests, ledger }: Records): string[] {
  const steps = Map.groupBy(ledger.steps, ({ identifier }) => identifier);
  const asked = requests.filter(({ identifier }) => identifier?.startsWith(`${ledger.botId}-`));
  return [...Map.groupBy(asked, ({ identifier }) => identifier ?? '')].flatMap(([identifier, sent]) => {
    const times = (status: string): number[] =>
      (steps.get(identifier) ?? []).filter((step) => step.status === status).map(({ at }) => at);
    const [intended, sending, received] = [
      times('intended'),
      times('sending'),
      sent.map(({ received_at }) => Date.parse(received_at)),
    ];
    const late = sent.filter((_, index) => {
      const at = received[index] as number;
      const since = Math.max(...intended.filter((step) => step <= at));
      // Cut to milliseconds: what was committed in the same one may have come before.
      const commits = sending.filter((step) => step > since && step <= at + 1).length;
      return commits <= received.slice(0, index).filter((earlier) => earlier > since).length;
    });
    return late.map(({ received_at }) => `${identifier}: sent at ${received_at}, before the ledger said so`);
  });
}

function findLostFills(ours: readonly TrueOrder[], { trades }: LedgerRecord): string[] {
  const booked = new Map(trades.map((trade) => [trade.exchange_trade_id, trade]));
  const found: string[] = [];
  for (const order of ours) {
    for (const fill of order.fills) {
      const trade = booked.get(fill.uuid);
      booked.delete(fill.uuid);
      const name = `${fill.volume} of ${order.identifier} (${fill.uuid})`;
      if (trade === undefined) found.push(`${name}: not booked`);
      else if (trade.identifier !== order.identifier) found.push(`${name}: booked to ${trade.identifier}`);
      else if (
        !new Exact(trade.price).eq(fill.price) ||
        !new Exact(trade.quantity).eq(fill.volume) ||
        !new Exact(trade.funds).eq(fill.funds) ||
        !new Exact(trade.fee).eq(fill.fee)
      ) {
        found.push(`${name}: booked with other figures`);
      }
    }
  }
  return [...found, ...[...booked.values()].map(({ identifier }) => `a fill of ${identifier} the exchange never made`)];
}

/** To the last decimal: opening + flows + fills, at the exchange, in the ledger, market by market. */
function findDifferences({ truth, ledger, openingKrw }: Records): string[] {
  const found = ledger.noted.map((line) => `the bot itself noted a change that nothing explains: ${line}`);
  const held = (currency: string) => {
    const balance = truth.balances.find((one) => one.currency === currency);
    return balance === undefined ? new Exact(0) : new Exact(balance.balance).plus(balance.locked);
  };
  const compare = (what: string, one: Decimal, other: Decimal) => {
    if (!one.eq(other)) found.push(`${what}: ${one.toFixed()} and ${other.toFixed()}`);
  };
  for (const row of ledger.money) {
    const trades = ledger.trades.filter(({ identifier }) =>
      legOf(identifier).startsWith(`${row.market.replace('-', ' ')} `),
    );
    const sides = new Map(ledger.orders.map(({ identifier, side }) => [identifier, side]));
    const bought = trades.filter(({ identifier }) => sides.get(identifier) === 'bid');
    const sold = trades.filter(({ identifier }) => sides.get(identifier) === 'ask');
    const cash = sumOf([
      row.flow_cash,
      row.fee_adjustments,
      ...sold.map(({ funds, fee }) => new Exact(funds).minus(fee)),
      ...bought.map(({ funds, fee }) => new Exact(funds).plus(fee).neg()),
    ]);
    const coins = sumOf([
      row.flow_quantity,
      ...bought.map(({ quantity }) => quantity),
      ...sold.map(({ quantity }) => new Exact(quantity).neg()),
    ]);
    compare(`${row.market}, cash, and what moved it`, new Exact(row.cash), cash);
    compare(`${row.market}, coins, and what moved them`, new Exact(row.quantity), coins);
    const coin = row.market.split('-')[1] ?? '';
    compare(`${coin} in the ledger and at the exchange`, new Exact(row.quantity), held(coin));
    if (row.covers > 0) found.push(`${row.market}: ${row.covers} fills took money that had been given away`);
  }
  const outside = new Exact(openingKrw).minus(sumOf(ledger.money.map(({ flow_cash }) => flow_cash)));
  const owned = sumOf(ledger.money.map(({ cash }) => cash)).plus(outside);
  compare('KRW in the ledger and at the exchange', owned, held('KRW'));
  return found;
}

function findAfterHalt({ requests, halts }: Records): string[] {
  return requests.flatMap(({ identifier, received_at }) => {
    const at = Date.parse(received_at);
    const halt = halts.find(({ from, until }) => at > from && at < until);
    return halt === undefined ? [] : [`${identifier}: at ${received_at}, ${at - halt.from} ms after the halt returned`];
  });
}

/** Orders that are not at their end, and money that is reserved for none. */
function findStuck({ orders, money }: LedgerRecord): string[] {
  const unfinished = orders.filter(({ status }) => !ENDED.includes(status));
  const reserving = orders.filter(
    ({ status, reserved_cash, reserved_quantity }) =>
      ENDED.includes(status) && (Number(reserved_cash) !== 0 || Number(reserved_quantity) !== 0),
  );
  return [
    ...unfinished.map(({ identifier, status }) => `${identifier}: still ${status}`),
    ...reserving.map(({ identifier, status }) => `${identifier}: ${status}, and money is still reserved for it`),
    ...money.flatMap(({ market, reserved_cash, reserved_quantity }) =>
      Number(reserved_cash) === 0 && Number(reserved_quantity) === 0
        ? []
        : [`${market}: ${reserved_cash} KRW and ${reserved_quantity} coins are still reserved`],
    ),
  ];
}
