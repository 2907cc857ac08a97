import type { Market } from '../../config/market.ts';
import type { Balance, Exchange, ExchangeOrder } from '../../exchange/port.ts';
import { Amount } from './amounts.ts';
import { type LedgerOrder, type LedgerRecords, type LedgerTrade, tradesByOrder } from './ledger-records.ts';
import { bearsBotId } from './leg-of-identifier.ts';
import { askPatiently } from './patience.ts';

export type AuditedExchange = Pick<
  Exchange,
  'fetchBalances' | 'fetchOpenOrders' | 'fetchClosedOrders' | 'fetchOrder' | 'fetchMinuteCandles' | 'listMarkets'
>;

/** An order at the exchange, and where its fills are from: `totals` are the ledger's, which amount to what is shown. */
export interface AuditedOrder extends ExchangeOrder {
  readonly fillsBy: 'exchange' | 'totals' | 'nobody';
}

/** Everything the exchange says about the account. */
export interface ExchangeRecords {
  readonly balances: readonly Balance[];
  /** Whoever placed them; each of ours that executed anything with its fills. */
  readonly orders: readonly AuditedOrder[];
  /** Its clock when they were asked for, UTC epoch milliseconds of market time. */
  readonly clock: number;
}

/** How far before the first decision orders are looked for: what was traded by hand before the bot began. */
const LOOK_BACK_MS = 7 * 86_400_000;
/** The clock in an answer is cut to seconds, and time goes on while we read. */
const LOOK_AHEAD_MS = 3_600_000;
/** Orders whose deadline is longer ago are asked for one by one only where their totals leave a doubt; market time. */
const SEEN_SINGLY_MS = 86_400_000;

/**
 * Reads one account, again and again if need be: what has ended is asked for once.
 *
 * The exchange's lists tell of each order what it executed and what it paid, a thousand orders or a week at a time; its
 * fills take one request for each order. That is made for orders of the last day and wherever the totals do not
 * agree, so that a request for every order ever made is not what an audit costs: for the rest the ledger's fills stand
 * in when their coins and their fees amount to the lists' figures to the last digit.
 */
export class ExchangeReader {
  readonly #ended = new Map<string, AuditedOrder>();
  readonly #exchange: AuditedExchange;
  readonly #withOthers: boolean;

  /** @param withOthers whether the fills of orders that are not the ledger's are needed too */
  constructor(exchange: AuditedExchange, withOthers: boolean) {
    this.#exchange = exchange;
    this.#withOthers = withOthers;
  }

  fetchBalances(): Promise<readonly Balance[]> {
    return askPatiently(() => this.#exchange.fetchBalances());
  }

  /** All orders on the account since shortly before the ledger begins, and those the ledger names whenever they were. */
  async readOrders(ledger: LedgerRecords): Promise<Pick<ExchangeRecords, 'orders' | 'clock'>> {
    const now = await this.#clock(ledger);
    const from = (ledger.firstCandle?.getTime() ?? now) - LOOK_BACK_MS;
    // Open ones first: an order that ends meanwhile is then in the second list, not in neither.
    const listed = new Map(
      [
        ...(await askPatiently(() => this.#exchange.fetchOpenOrders())),
        ...(await askPatiently(() => this.#exchange.fetchClosedOrders({ from, until: now + LOOK_AHEAD_MS }))),
      ].map((order) => [order.exchangeOrderId, order]),
    );
    const ours = new Map(ledger.orders.map((order) => [order.identifier, order]));
    const booked = tradesByOrder(ledger.trades);
    const found: AuditedOrder[] = [];
    for (const order of listed.values()) {
      const here = ours.get(order.identifier ?? '');
      const trades = booked.get(here?.id ?? '') ?? [];
      found.push(fromList(order, here, trades, now) ?? (await this.#withFills(order, ledger)));
    }
    for (const { exchange_order_id: id } of ledger.orders) {
      const order = id === null || listed.has(id) ? undefined : await this.#askFor(id);
      if (order !== undefined) found.push(order);
    }
    return { orders: found, clock: now };
  }

  /** The order as it is when asked for; as it is listed where nobody needs its fills, or it is not found any more. */
  async #withFills(order: ExchangeOrder, { botId }: LedgerRecords): Promise<AuditedOrder> {
    const needed = this.#withOthers || (botId !== undefined && bearsBotId(order.identifier, botId));
    const asked = needed ? await this.#askFor(order.exchangeOrderId) : undefined;
    return asked ?? { ...order, fillsBy: 'nobody' };
  }

  async #askFor(id: string): Promise<AuditedOrder | undefined> {
    const known = this.#ended.get(id);
    if (known !== undefined) return known;
    const answer = await askPatiently(() => this.#exchange.fetchOrder({ exchangeOrderId: id }));
    if (answer === undefined) return undefined;
    const order: AuditedOrder = { ...answer, fillsBy: 'exchange' };
    if (hasEnded(order)) this.#ended.set(id, order);
    return order;
  }

  async #clock(ledger: LedgerRecords): Promise<number> {
    const listed = await askPatiently(() => this.#exchange.listMarkets());
    const market = ledger.holdings[0]?.market ?? listed.find((one) => one.startsWith('KRW-'));
    if (market === undefined) throw new Error('the exchange lists no KRW market');
    const page = await askPatiently(() => this.#exchange.fetchMinuteCandles(market as Market, { count: 1 }));
    return page.exchangeClock;
  }
}

/** The order with its fills as far as the list's figures tell them; undefined where it has to be asked for. */
function fromList(
  order: ExchangeOrder,
  here: LedgerOrder | undefined,
  trades: readonly LedgerTrade[],
  now: number,
): AuditedOrder | undefined {
  if (new Amount(order.executedVolume).isZero()) return { ...order, fillsBy: 'exchange' };
  if (here === undefined || !hasEnded(order) || here.deadline.getTime() > now - SEEN_SINGLY_MS) return undefined;
  if (here.exchange_order_id !== order.exchangeOrderId || !amountTo(order, here, trades)) return undefined;
  const fills = trades.map(({ exchange_trade_id: exchangeTradeId, price, quantity: volume, funds }) => ({
    ...{ exchangeTradeId, price, volume, funds, executedAt: undefined },
  }));
  return { ...order, fills, fillsBy: 'totals' };
}

/** Whether the trades are worth what the exchange says of the order: each fee is its funds at one rate, so fees tell funds. */
function amountTo(order: ExchangeOrder, here: LedgerOrder, trades: readonly LedgerTrade[]): boolean {
  if (new Amount(here.fee_rate).isZero()) return false;
  const sum = (of: (trade: LedgerTrade) => string) => trades.reduce((all, trade) => all.plus(of(trade)), new Amount(0));
  return (
    sum(({ quantity }) => quantity).eq(order.executedVolume) &&
    sum(({ fee }) => fee).eq(order.paidFee) &&
    trades.every(({ funds, fee }) => new Amount(funds).times(here.fee_rate).eq(fee))
  );
}

function hasEnded({ state }: ExchangeOrder): boolean {
  return state === 'done' || state === 'cancel';
}
