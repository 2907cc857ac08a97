import type { Market } from '../../config/market.ts';
import type { Balance, Exchange, ExchangeOrder } from '../../exchange/port.ts';
import type { LedgerRecords } from './ledger-records.ts';
import { askPatiently } from './patience.ts';

export type AuditedExchange = Pick<
  Exchange,
  'fetchBalances' | 'fetchOpenOrders' | 'fetchClosedOrders' | 'fetchOrder' | 'fetchMinuteCandles' | 'listMarkets'
>;

/** Everything the exchange says about the account. */
export interface ExchangeRecords {
  readonly balances: readonly Balance[];
  /** Whoever placed them; each that executed anything with its fills. */
  readonly orders: readonly ExchangeOrder[];
  /** Its clock when they were asked for, UTC epoch milliseconds of market time. */
  readonly clock: number;
}

/** How far before the first decision orders are looked for: what was traded by hand before the bot began. */
const LOOK_BACK_MS = 7 * 86_400_000;
/** The clock in an answer is cut to seconds, and time goes on while we read. */
const LOOK_AHEAD_MS = 3_600_000;

/** Reads one account, again and again if need be: what has ended is asked for once. */
export class ExchangeReader {
  readonly #ended = new Map<string, ExchangeOrder>();
  readonly #exchange: AuditedExchange;

  constructor(exchange: AuditedExchange) {
    this.#exchange = exchange;
  }

  fetchBalances(): Promise<readonly Balance[]> {
    return askPatiently(() => this.#exchange.fetchBalances());
  }

  /** All orders on the account since shortly before the ledger begins, and those the ledger names whenever they were. */
  async readOrders(ledger: LedgerRecords): Promise<Pick<ExchangeRecords, 'orders' | 'clock'>> {
    const now = await this.#clock(ledger);
    const from = (ledger.firstCandle?.getTime() ?? now) - LOOK_BACK_MS;
    // Open ones first: an order that ends meanwhile is then in the second list, not in neither.
    const listed = [
      ...(await askPatiently(() => this.#exchange.fetchOpenOrders())),
      ...(await askPatiently(() => this.#exchange.fetchClosedOrders({ from, until: now + LOOK_AHEAD_MS }))),
    ];
    const ids = new Set(listed.map((order) => order.exchangeOrderId));
    for (const { exchange_order_id: id } of ledger.orders) if (id !== null) ids.add(id);
    const found: ExchangeOrder[] = [];
    for (const id of ids) {
      const order = await this.#readOrder(id);
      if (order !== undefined) found.push(order);
    }
    return { orders: found, clock: now };
  }

  async #readOrder(id: string): Promise<ExchangeOrder | undefined> {
    const known = this.#ended.get(id);
    if (known !== undefined) return known;
    const order = await askPatiently(() => this.#exchange.fetchOrder({ exchangeOrderId: id }));
    if (order?.state === 'done' || order?.state === 'cancel') this.#ended.set(id, order);
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
