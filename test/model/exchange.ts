import { AmbiguousSubmission, NotSent, OrderRejected } from '../../exchange/errors.ts';
import type { Balance, ExchangeOrder, OrderReference, OrderRequest, TradingExchange } from '../../exchange/port.ts';
import { decimalText, Exact } from '../../strategy/exact-decimal.ts';
import { COIN, feeBeyond, feeOf, fundsOf, type ModelFill, sum, WON } from '../support/ledger-model.ts';

export const won = (amount: bigint) => decimalText(new Exact(amount.toString()).div(WON.toString()));
export const coins = (amount: bigint) => decimalText(new Exact(amount.toString()).div(COIN.toString()));
const coinsOf = (text: string) => BigInt(new Exact(text).times(COIN.toString()).toFixed());

/** What becomes of one request for an order. */
export const SENDINGS = ['arrives', 'is lost', 'loses its answer', 'is late', 'is refused', 'never leaves'] as const;
export type Sending = (typeof SENDINGS)[number];

/** What a cancellation meets. */
export const RACES = ['wins', 'comes after the next fill', 'takes its time'] as const;
export type Race = (typeof RACES)[number];

/** An order at the exchange. */
export interface Placed {
  readonly identifier: string;
  readonly request: Extract<OrderRequest, { type: 'limit' }>;
  readonly createdAt: number;
  /** What it will trade, in this order, unless it is cancelled before. */
  readonly plan: readonly ModelFill[];
  /** The exchange's fee in all is that of the fills and this, won; taken at the end. */
  readonly extraFee: bigint;
  executed: number;
  ended: boolean;
  /** A cancellation is on its way. */
  canceling: boolean;
}

/** What one look shows. */
export interface View {
  /** Fills counted. */
  readonly executed: number;
  /** Fills of these named. */
  readonly named: number;
  readonly ended: boolean;
}

/** How an answer looks: fills named twice, or in the opposite order. */
export interface Wording {
  readonly twice: boolean;
  readonly backwards: boolean;
}

/** Fills and fee an order will have if it gets as far. */
export type PlanOf = (identifier: string) => Pick<Placed, 'plan' | 'extraFee'>;

/** The exchange, which goes on whatever becomes of the bot. Each request meets what was asked for it. */
export class ModelExchange implements TradingExchange {
  readonly orders = new Map<string, Placed>();
  /** Requests on their way. */
  readonly late: OrderRequest[] = [];
  /** Identifiers are used up even by a rejection. */
  readonly burnt = new Set<string>();
  /** Requests that were started, by identifier. */
  readonly started = new Map<string, number>();
  nextSending: Sending = 'arrives';
  nextRace: Race = 'wins';
  wording: Wording = { twice: false, backwards: false };
  /** What the next look-up of an order shows instead of the truth. */
  nextView: View | undefined;
  readonly #markets: readonly string[];
  readonly #planOf: PlanOf;
  readonly #now: () => number;

  constructor(markets: readonly string[], planOf: PlanOf, now: () => number) {
    this.#markets = markets;
    this.#planOf = planOf;
    this.#now = now;
  }

  async createOrder(request: OrderRequest): Promise<ExchangeOrder> {
    const { identifier } = request;
    if (this.nextSending === 'never leaves') {
      this.nextSending = 'arrives';
      throw new NotSent(identifier, 'scripted');
    }
    this.started.set(identifier, (this.started.get(identifier) ?? 0) + 1);
    const sending = this.nextSending;
    this.nextSending = 'arrives';
    if (sending === 'is lost') throw new AmbiguousSubmission(identifier, 'scripted');
    if (sending === 'is late') {
      this.late.push(request);
      throw new AmbiguousSubmission(identifier, 'scripted');
    }
    try {
      const created = this.#arrive(request, sending === 'is refused');
      if (sending === 'loses its answer') throw new AmbiguousSubmission(identifier, 'scripted');
      return created;
    } catch (error) {
      throw sending === 'loses its answer' ? new AmbiguousSubmission(identifier, 'scripted') : error;
    }
  }

  #arrive(request: OrderRequest, refuse: boolean): ExchangeOrder {
    const { identifier } = request;
    // Of an order that is there already too: it may be what holds the funds.
    if (refuse) {
      this.burnt.add(identifier);
      throw new OrderRejected('insufficient_funds_bid', 'scripted');
    }
    if (this.burnt.has(identifier)) throw new OrderRejected('duplicated_identifier', 'scripted');
    this.burnt.add(identifier);
    if (request.type !== 'limit') throw new Error('only limit orders are expected');
    const order = { identifier, request, createdAt: this.#now(), ...this.#planOf(identifier) };
    this.orders.set(identifier, { ...order, executed: 0, ended: false, canceling: false });
    return this.show(identifier);
  }

  /** The oldest request on its way arrives; nobody hears of it. */
  deliverLate(): void {
    const request = this.late.shift();
    if (request !== undefined && !this.burnt.has(request.identifier)) this.#arrive(request, false);
  }

  /** Lets an order trade on, and a cancellation on its way take effect after it. */
  trade(identifier: string, fills: number): void {
    const order = this.require(identifier);
    if (order.ended) return;
    order.executed = Math.min(order.plan.length, order.executed + fills);
    order.ended = order.canceling || isWhole(order);
  }

  async fetchOrder(reference: OrderReference): Promise<ExchangeOrder | undefined> {
    const identifier = 'identifier' in reference ? reference.identifier : reference.exchangeOrderId.slice(3);
    return this.orders.has(identifier) ? this.show(identifier, this.nextView) : undefined;
  }

  async cancelOrder(reference: OrderReference): Promise<ExchangeOrder | undefined> {
    const identifier = 'identifier' in reference ? reference.identifier : reference.exchangeOrderId.slice(3);
    const order = this.orders.get(identifier);
    if (order === undefined || order.ended) return undefined;
    const shown = this.show(identifier);
    cancel(order, this.nextRace);
    return shown;
  }

  async fetchBalances(): Promise<readonly Balance[]> {
    const totals = new Map([['KRW', this.krw()]]);
    for (const market of this.#markets) totals.set(market.slice(4), coins(this.coinsIn(market)));
    return [...totals].map(([currency, free]) => ({ currency, free, locked: '0', averageBuyPrice: '0' }));
  }

  /** What trading has made of what was there, which is nothing but won. */
  krw(): string {
    return won(1_000_000n * WON + sum([...this.orders.values()].map(krwBy)));
  }

  coinsIn(market: string): bigint {
    return (
      1_000_000n * COIN + sum([...this.orders.values()].filter((one) => one.request.market === market).map(coinsBy))
    );
  }

  async fetchOpenOrders(): Promise<readonly ExchangeOrder[]> {
    return [...this.orders.values()].filter(({ ended }) => !ended).map((order) => this.#listed(order));
  }

  async fetchClosedOrders({ from, until }: { from: number; until: number }): Promise<readonly ExchangeOrder[]> {
    return [...this.orders.values()]
      .filter(({ ended, createdAt }) => ended && createdAt >= from && createdAt <= until)
      .map((order) => this.#listed(order));
  }

  async fetchOrderTerms(): Promise<never> {
    throw new Error('not expected');
  }

  #listed(order: Placed): ExchangeOrder {
    return { ...this.show(order.identifier), fills: [] };
  }

  show(identifier: string, view?: View): ExchangeOrder {
    const order = this.require(identifier);
    const { request } = order;
    const { executed, named, ended } = view ?? truthOf(order);
    const counted = order.plan.slice(0, executed);
    const fills = counted.slice(0, named).map((fill) => ({
      exchangeTradeId: fill.id,
      price: fill.price.toString(),
      volume: coins(fill.quantity),
      funds: won(fundsOf(fill)),
      executedAt: order.createdAt,
    }));
    const { twice, backwards } = this.wording;
    const worded = twice ? [...fills, ...fills] : fills;
    return {
      exchangeOrderId: `ex-${identifier}`,
      identifier,
      market: request.market,
      side: request.side,
      state: ended ? (counted.length === order.plan.length && isWhole(order) ? 'done' : 'cancel') : 'wait',
      price: request.price,
      volume: request.volume,
      executedVolume: coins(sum(counted.map(({ quantity }) => quantity))),
      paidFee: won(sum(counted.map(feeOf)) + (ended ? feeBeyond(counted, order.extraFee) : 0n)),
      fills: backwards ? worded.reverse() : worded,
    };
  }

  require(identifier: string): Placed {
    const order = this.orders.get(identifier);
    if (order === undefined) throw new Error(`the exchange has no order ${identifier}`);
    return order;
  }
}

/** Asks an order to end; what the race is changes it. */
export function cancel(order: Placed, race: Race): void {
  if (order.ended) return;
  if (race === 'comes after the next fill') order.executed = Math.min(order.plan.length, order.executed + 1);
  if (race === 'takes its time' && !order.canceling) order.canceling = true;
  else order.ended = true;
}

export function truthOf({ executed, ended }: Placed): View {
  return { executed, named: executed, ended };
}

/** Whether all that was ordered is executed. */
function isWhole({ plan, executed, request }: Placed): boolean {
  return sum(plan.slice(0, executed).map(({ quantity }) => quantity)) === coinsOf(request.volume);
}

/** What an order has done so far, signed. */
export function krwBy(order: Placed): bigint {
  const done = order.plan.slice(0, order.executed);
  const fee = sum(done.map(feeOf)) + (order.ended ? feeBeyond(done, order.extraFee) : 0n);
  const funds = sum(done.map(fundsOf));
  return order.request.side === 'bid' ? -(funds + fee) : funds - fee;
}

export function coinsBy(order: Placed): bigint {
  const quantity = sum(order.plan.slice(0, order.executed).map((fill) => fill.quantity));
  return order.request.side === 'bid' ? quantity : -quantity;
}
