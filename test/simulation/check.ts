import type { PGlite } from '@electric-sql/pglite';
import { Decimal } from 'decimal.js';
import { BOT_ID } from './bot.ts';
import type { SimulatedExchange } from './exchange.ts';

/** A stretch in which nothing may be sent; virtual wall time. */
export interface Halted {
  readonly from: number;
  until: number | undefined;
}

/** What the exchange knows, and what the world did besides the bot. */
export interface Truth {
  readonly exchange: SimulatedExchange;
  /** What the account would hold without the bot. */
  readonly owner: { readonly krw: Decimal; readonly coins: ReadonlyMap<string, Decimal> };
  readonly halts: readonly Halted[];
  /** KRW given to the bot. */
  readonly given: string;
  readonly markets: readonly string[];
}

interface OrderRow {
  readonly identifier: string;
  readonly exchange_order_id: string | null;
  readonly market: string;
  readonly side: string;
  readonly status: string;
  readonly executed: string;
  readonly paid_fee: string;
  readonly reserved: string;
  readonly fills: { readonly id: string; readonly price: string; readonly quantity: string; readonly funds: string }[];
  readonly fee: string;
  readonly states: string[];
}

interface AccountRow {
  readonly market: string;
  readonly cash: string;
  readonly quantity: string;
  readonly reserved: string;
  readonly given_cash: string;
  readonly covers: number;
}

/** Figures of more digits than the default keeps. */
const Big = Decimal.clone({ precision: 100 });
const ENDED = ['filled', 'canceled', 'rejected', 'expired'];

/**
 * Holds the ledger against the exchange's own record at the end of a history. Shares no code with the ledger: it adds up
 * for itself.
 */
export async function checkHistory(postgres: PGlite, truth: Truth) {
  const violations: string[] = [];
  const wrong = (line: string) => violations.push(line);
  const orders = (await postgres.query<OrderRow>(ORDERS)).rows;
  const accounts = (await postgres.query<AccountRow>(ACCOUNTS)).rows;
  checkOneOrderALeg(truth, wrong);
  checkEveryOrderIsBooked(truth, orders, wrong);
  checkHalts(truth, wrong);
  checkMoney(truth, accounts, wrong);
  await checkDifferences(postgres, truth, accounts, wrong);
  await checkDecisions(postgres, wrong);
  for (const { identifier, status, reserved } of orders) {
    if (!ENDED.includes(status)) wrong(`stuck: ${identifier} is still ${status}`);
    if (!new Big(reserved).isZero()) wrong(`stuck: ${identifier}, ${status}, still reserves ${reserved}`);
  }
  for (const { market, reserved } of accounts) {
    if (!new Big(reserved).isZero()) wrong(`stuck: ${market} still reserves ${reserved}`);
  }
  return { violations, orders: orders.length };
}

const ORDERS = `
  SELECT o.identifier, o.exchange_order_id, o.market, o.side, o.status, o.executed_quantity::text AS executed,
         o.paid_fee::text AS paid_fee, (o.reserved_cash + o.reserved_quantity)::text AS reserved,
         coalesce((SELECT json_agg(json_build_object('id', t.exchange_trade_id, 'price', t.price::text,
           'quantity', t.quantity::text, 'funds', t.funds::text)) FROM trades t WHERE t.order_id = o.id), '[]') AS fills,
         (coalesce((SELECT sum(t.fee) FROM trades t WHERE t.order_id = o.id), 0)
           - coalesce((SELECT sum(a.cash) FROM ledger_adjustments a
                       WHERE a.order_id = o.id AND a.kind = 'fee-difference'), 0))::text AS fee,
         (SELECT array_agg(s.status ORDER BY s.ctid) FROM seen_states s WHERE s.identifier = o.identifier) AS states
  FROM orders o ORDER BY o.id`;

const ACCOUNTS = `
  SELECT m.market, m.cash::text AS cash, m.quantity::text AS quantity,
         (m.reserved_cash + m.reserved_quantity)::text AS reserved,
         (SELECT coalesce(sum(f.cash), 0)::text FROM cash_flows f WHERE f.market = m.market) AS given_cash,
         (SELECT count(*)::int FROM ledger_adjustments a WHERE a.market = m.market AND a.kind = 'cover') AS covers
  FROM market_accounts m ORDER BY m.market`;

type Wrong = (line: string) => void;

/** The exchange never holds two orders for one market, candle and leg. */
function checkOneOrderALeg({ exchange }: Truth, wrong: Wrong): void {
  const seen = new Map<string, string>();
  for (const { request } of exchange.ledger.orders.values()) {
    const { identifier } = request;
    if (identifier === undefined) continue;
    const [bot, quote, base, candle, leg] = identifier.split('-');
    const about = `${bot} ${quote}-${base} ${candle} ${leg}`;
    const other = seen.get(about);
    if (other !== undefined) wrong(`two orders for one leg: ${other} and ${identifier}`);
    seen.set(about, identifier);
  }
}

/** Every order of ours there has its row, every fill its trade, with equal sums; and none was ever given up. */
function checkEveryOrderIsBooked({ exchange }: Truth, orders: readonly OrderRow[], wrong: Wrong): void {
  const booked = new Map(orders.map((order) => [order.identifier, order]));
  for (const order of exchange.ledger.orders.values()) {
    const { identifier } = order.request;
    if (!identifier?.startsWith(`${BOT_ID}-`)) continue;
    const row = booked.get(identifier);
    if (row === undefined) {
      wrong(`not in the ledger: ${identifier}`);
      continue;
    }
    const end =
      order.state === 'wait' ? 'resting' : order.executedVolume.eq(order.volume ?? -1) ? 'filled' : 'canceled';
    if (row.status !== end) wrong(`${identifier} is ${end} at the exchange and ${row.status} in the ledger`);
    if (row.exchange_order_id !== order.uuid) wrong(`${identifier} is booked under ${row.exchange_order_id}`);
    if (!order.executedVolume.eq(row.executed))
      wrong(`${identifier}: ${row.executed} of ${order.executedVolume} booked`);
    const there = order.fills.map(({ uuid, price, volume, funds }) => `${uuid} ${price} ${volume} ${funds}`);
    const here = row.fills.map(
      ({ id, price, quantity, funds }) => `${id} ${new Big(price)} ${new Big(quantity)} ${new Big(funds)}`,
    );
    if (there.sort().join() !== here.sort().join()) wrong(`${identifier}: fills [${here}] booked of [${there}]`);
    if (!order.paidFee.eq(row.fee)) wrong(`${identifier}: fee ${row.fee} booked of ${order.paidFee}`);
    const givenUp = row.states.filter((status) => status === 'expired' || status === 'rejected');
    if (givenUp.length > 0) wrong(`${identifier} was ${givenUp[0]} for the ledger while the exchange had it`);
  }
  for (const { identifier, executed, exchange_order_id: id } of orders) {
    const known = id === null ? undefined : exchange.ledger.orders.get(id);
    if (id !== null && known === undefined) wrong(`${identifier} is booked as ${id}, which the exchange never had`);
    if (known === undefined && !new Big(executed).isZero()) wrong(`${identifier}: ${executed} booked out of nothing`);
  }
}

/** After a halt has returned nothing is sent until trading is resumed. */
function checkHalts({ exchange, halts }: Truth, wrong: Wrong): void {
  for (const { identifier, sentAt } of exchange.creates) {
    for (const { from, until = Number.POSITIVE_INFINITY } of halts) {
      if (sentAt > from && sentAt < until) wrong(`${identifier} was sent ${Math.round(sentAt - from)} ms after a halt`);
    }
  }
}

/** Every market owns exactly what it was given and what its orders made of it. */
function checkMoney({ exchange, given }: Truth, accounts: readonly AccountRow[], wrong: Wrong): void {
  const shared = accounts.reduce((sum, { given_cash }) => sum.plus(given_cash), new Big(0));
  if (!shared.eq(given)) wrong(`${shared} of ${given} KRW were shared out`);
  for (const { market, cash, quantity, given_cash, covers } of accounts) {
    let [krw, coins] = [new Big(given_cash), new Big(0)];
    for (const order of exchange.ledger.orders.values()) {
      if (order.request.market !== market || !order.request.identifier?.startsWith(`${BOT_ID}-`)) continue;
      for (const { volume, funds, fee } of order.fills) {
        const bought = order.request.side === 'bid';
        krw = bought ? krw.minus(funds.toFixed()).minus(fee.toFixed()) : krw.plus(funds.toFixed()).minus(fee.toFixed());
        coins = bought ? coins.plus(volume.toFixed()) : coins.minus(volume.toFixed());
      }
    }
    if (!krw.eq(cash)) wrong(`${market} owns ${cash} KRW in the ledger and ${krw} by the exchange's record`);
    if (!coins.eq(quantity))
      wrong(`${market} owns ${quantity} coins in the ledger and ${coins} by the exchange's record`);
    if (covers > 0) wrong(`${market} had to be covered: an order was believed lost that was not`);
  }
}

/** What is recorded as not the bot's is what its owner did, and nothing of it is called lost. */
async function checkDifferences(
  postgres: PGlite,
  { exchange, owner, markets }: Truth,
  accounts: readonly AccountRow[],
  wrong: Wrong,
): Promise<void> {
  const { rows } = await postgres.query<{ currency: string; amount: string }>(
    'SELECT currency, sum(amount)::text AS amount FROM account_differences GROUP BY currency',
  );
  const recorded = new Map(rows.map(({ currency, amount }) => [currency, amount]));
  const given = accounts.reduce((sum, { given_cash }) => sum.plus(given_cash), new Big(0));
  const outside: [string, Decimal][] = [
    ['KRW', new Big(owner.krw.toFixed()).plus(given)],
    ...markets.map((market): [string, Decimal] => {
      const coin = market.slice('KRW-'.length);
      return [coin, new Big((owner.coins.get(coin) ?? new Big(0)).toFixed())];
    }),
  ];
  for (const [currency, amount] of outside) {
    if (!amount.eq(recorded.get(currency) ?? 0)) {
      wrong(`${currency}: ${recorded.get(currency)} recorded as not the bot's, ${amount} is`);
    }
  }
  const owned = accounts.reduce((sum, { cash }) => sum.plus(cash), new Big(0));
  const all = new Big(exchange.total('KRW').toFixed());
  if (!all.eq(owned.plus(owner.krw.toFixed()))) wrong(`the exchange holds ${all} KRW: ${owned} and ${owner.krw} known`);
  const lost = await postgres.query<{ name: string }>(
    `SELECT coalesce(identifier, exchange_order_id) AS name FROM foreign_orders
     WHERE booked_at IS NULL AND starts_with(identifier, '${BOT_ID}-')`,
  );
  for (const { name } of lost.rows) wrong(`${name} was taken for lost`);
}

/** A decision is made once and keeps its word: the order it says, for the candle it says, and no other. */
async function checkDecisions(postgres: PGlite, wrong: Wrong): Promise<void> {
  const doubled = await postgres.query<{ market: string; candle: Date }>(
    'SELECT market, candle FROM decisions GROUP BY market, candle HAVING count(*) > 1',
  );
  for (const { market, candle } of doubled.rows) wrong(`two decisions of ${market} for ${candle.toISOString()}`);
  const changed = await postgres.query<{ id: string }>(
    `SELECT s.id::text AS id FROM seen_decisions s LEFT JOIN decisions d ON d.id = s.id
     WHERE to_jsonb(d) IS DISTINCT FROM s.said`,
  );
  for (const { id } of changed.rows) wrong(`decision ${id} is not what it was when it was made`);
  const odd = await postgres.query<{ identifier: string; action: string }>(
    `SELECT o.identifier, d.action FROM orders o JOIN decisions d ON d.id = o.decision
     WHERE o.side <> CASE d.action WHEN 'buy' THEN 'bid' WHEN 'sell' THEN 'ask' ELSE '' END`,
  );
  for (const { identifier, action } of odd.rows) wrong(`${identifier} comes from a decision to ${action}`);
}
