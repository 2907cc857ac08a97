import { baseCurrency, type Market } from '../../config/market.ts';
import { balanceOf } from '../../exchange/matching/balances.ts';
import { cancelOrder } from '../../exchange/matching/cancel.ts';
import { type Decimal, Exact, floorVolume } from '../../exchange/matching/exact.ts';
import { fillEvent } from '../../exchange/matching/fill-event.ts';
import { applyEvent, emptyLedger, type Ledger } from '../../exchange/matching/ledger.ts';
import { endlessAt, type Liquidity } from '../../exchange/matching/liquidity.ts';
import { type Order, remainingVolume } from '../../exchange/matching/order.ts';
import { submitOrder } from '../../exchange/matching/submit.ts';
import { accountsJson, chanceJson } from '../../exchange/paper/wire/account-json.ts';
import { errorBody } from '../../exchange/paper/wire/exchange-error.ts';
import { parseJsonObject } from '../../exchange/paper/wire/json-body.ts';
import { acceptedOrderJson, orderJson, orderWithTradesJson } from '../../exchange/paper/wire/order-json.ts';
import { readOrderRequest } from '../../exchange/paper/wire/order-request.ts';
import { ELSEWHERE } from './host.ts';
import type { Answer, CreateSeen, ReachedExchange, World } from './world.ts';

/** How an order meets the market, and how often. */
const FILLING = [
  { way: 'whole', until: 0.7 },
  { way: 'in part, the rest later', until: 0.86 },
  { way: 'later', until: 0.96 },
  { way: 'never', until: 1 },
] as const;

/**
 * An exchange: the rules of `exchange/matching`, Upbit's words on the wire, and a market with a will of its own. It keeps
 * its own record, which the bot never sees.
 */
export class SimulatedExchange implements ReachedExchange {
  readonly ledger: Ledger = emptyLedger();
  readonly creates: CreateSeen[] = [];
  feeRate: Decimal = new Exact('0.0005');
  readonly #world: World;
  readonly #prices: ReadonlyMap<Market, () => string>;
  /** Orders that the exchange has and does not show yet, by when it will (wall). */
  readonly #visibleFrom = new Map<string, number>();

  constructor(world: World, prices: ReadonlyMap<Market, () => string>) {
    this.#world = world;
    this.#prices = prices;
  }

  deposit(currency: string, amount: string): void {
    applyEvent(this.ledger, { type: 'deposited', currency, amount });
  }

  /** What somebody else does on the same account: buys for so much at once. */
  buyByHand(market: Market, krw: string): boolean {
    const request = { market, side: 'bid', type: 'price', price: krw } as const;
    const price = this.#price(market);
    const submission = submitOrder(this.ledger, request, this.#arrival(endlessAt(price), price));
    for (const event of submission.events) applyEvent(this.ledger, event);
    return submission.accepted;
  }

  handle(method: string, url: URL, body: string, visibleFrom: number): Answer {
    const { pathname, searchParams: query } = url;
    switch (`${method} ${pathname}`) {
      case 'GET /v1/accounts':
        return json(accountsJson(this.ledger.balances));
      case 'GET /v1/orders/chance':
        return json(chanceJson(query.get('market') as Market, this.ledger.balances, this.feeRate));
      case 'GET /v1/orders/open':
        return json(this.#visible(({ state }) => state === 'wait').map(orderJson));
      case 'GET /v1/orders/closed': {
        const [from, until] = [Number(query.get('start_time')), Number(query.get('end_time'))];
        const ended = this.#visible(
          ({ state, createdAt }) => state !== 'wait' && createdAt >= from && createdAt <= until,
        );
        return json(ended.map(orderJson));
      }
      case 'GET /v1/order': {
        const order = this.#named(query);
        return order === undefined ? notFound() : json(orderWithTradesJson(this.#withTradesInTime(order)));
      }
      case 'DELETE /v1/order':
        return this.#cancel(this.#named(query));
      case 'POST /v1/orders':
        return this.#create(body, visibleFrom);
      default:
        throw new Error(`the bot asked for ${method} ${pathname}, which this exchange does not know`);
    }
  }

  #visible(wanted: (order: Order) => boolean): Order[] {
    return [...this.ledger.orders.values()].filter((order) => wanted(order) && this.#isVisible(order));
  }

  #isVisible({ uuid }: Order): boolean {
    return (this.#visibleFrom.get(uuid) ?? 0) <= this.#world.time.now;
  }

  #named(query: URLSearchParams): Order | undefined {
    const uuid = query.get('uuid') ?? this.ledger.identifiers.get(query.get('identifier') ?? '') ?? '';
    const order = this.ledger.orders.get(uuid);
    return order !== undefined && this.#isVisible(order) ? order : undefined;
  }

  /** The sum of executions is shown at once, the executions themselves a moment later. */
  #withTradesInTime(order: Order): Order {
    const newest = order.fills.at(-1);
    if (newest === undefined || this.#world.faults.over) return order;
    const lagMs = this.#world.chance.of(`trades of ${newest.uuid} lag`) < 0.1 ? 1_500 : 0;
    const shownUntil = this.#world.marketTime(this.#world.time.now - lagMs);
    return lagMs === 0 ? order : { ...order, fills: order.fills.filter(({ at }) => at <= shownUntil) };
  }

  #create(body: string, visibleFrom: number): Answer {
    const { time, story } = this.#world;
    const request = readOrderRequest(parseJsonObject(body) ?? {}, (market) => this.#prices.has(market as Market));
    const { way, liquidity } = this.#meets(request.identifier ?? '', request.market, request.side);
    const price = this.#price(request.market);
    const repeated = this.ledger.identifiers.has(request.identifier ?? '');
    const submission = submitOrder(this.ledger, request, this.#arrival(liquidity, price));
    for (const event of submission.events) applyEvent(this.ledger, event);
    if (repeated && this.#world.chance.of(`repetition of ${request.identifier}`) < 0.5) {
      // Which rule an exchange tries first is its own affair: the first order holds the funds of the second.
      story.tell(`exchange: refuses ${request.identifier} (insufficient funds)`);
      return { status: 400, body: errorBody(`insufficient_funds_${request.side}`, 'not enough') };
    }
    if (!submission.accepted) {
      const { name, message } = submission.rejection;
      story.tell(`exchange: refuses ${request.identifier} (${name})`);
      return { status: 400, body: errorBody(name, message) };
    }
    const order = this.ledger.orders.get(submission.uuid) as Order;
    this.#visibleFrom.set(order.uuid, visibleFrom);
    const hidden = visibleFrom > time.now ? `, shown only in ${Math.round(visibleFrom - time.now)} ms` : '';
    const size = `${order.volume?.toFixed()} at ${order.price?.toFixed()}`;
    story.tell(`exchange: accepts ${request.identifier}, ${request.side} ${size}; fills ${way}${hidden}`);
    if (way !== 'whole' && way !== 'never') this.#fillLater(order);
    return { status: 201, body: JSON.stringify(acceptedOrderJson(order)) };
  }

  #arrival(liquidity: Liquidity, lastPrice: Decimal) {
    const at = Math.round(this.#world.marketTime(this.#world.time.now));
    return { at, liquidity, lastPrice, feeRate: this.feeRate, seed: this.#world.seed };
  }

  #meets(identifier: string, market: Market, side: string) {
    const { chance } = this.#world;
    const luck = chance.of(`filling of ${identifier}`);
    const way = FILLING.find(({ until }) => luck < until)?.way ?? 'never';
    const price = this.#price(market);
    if (way === 'whole') return { way, liquidity: endlessAt(price) };
    // Out of the reach of its limit.
    if (way !== 'in part, the rest later') return { way, liquidity: endlessAt(price.times(side === 'bid' ? 2 : 0.5)) };
    const volume = floorVolume(new Exact(100_000).times(1 + chance.of(`part of ${identifier}`)).div(price));
    return { way, liquidity: { asks: [{ price, volume }], bids: [{ price, volume }] } };
  }

  #price(market: Market): Decimal {
    const price = this.#prices.get(market);
    if (price === undefined) throw new Error(`${market} has no price`);
    return new Exact(price());
  }

  /** One to three executions at its limit, some of them after its deadline: cancelling races with them. */
  #fillLater(order: Order): void {
    const { chance, time, intervalMs } = this.#world;
    const parts = 1 + Math.floor(chance.of(`parts of ${order.uuid}`) * 3);
    for (let part = 1; part <= parts; part += 1) {
      const delayMs = chance.of(`part ${part} of ${order.uuid} comes`) ** 3 * intervalMs;
      const share = part === parts ? 1 : 0.4;
      time.after(delayMs, () => this.#fill(order.uuid, share), ELSEWHERE);
    }
  }

  #fill(uuid: string, share: number): void {
    const { time, story } = this.#world;
    const order = this.ledger.orders.get(uuid) as Order;
    const rest = remainingVolume(order);
    if (order.state !== 'wait' || rest === undefined || order.price === undefined) return;
    const volume = share === 1 ? rest : floorVolume(rest.times(share));
    if (volume.isZero()) return;
    const at = Math.round(this.#world.marketTime(time.now));
    const event = fillEvent(uuid, order.fills.length, { price: order.price, volume }, { at, feeRate: order.feeRate });
    applyEvent(this.ledger, event);
    story.tell(`exchange: executes ${volume.toFixed()} of ${order.request.identifier}`);
    if (volume.eq(rest)) applyEvent(this.ledger, { type: 'ended', order: uuid, state: 'done', at });
  }

  #cancel(order: Order | undefined): Answer {
    if (order?.state !== 'wait') return notFound();
    const { chance, time, story, faults } = this.#world;
    const answer = json(orderJson(order));
    const name = order.request.identifier;
    const end = () => {
      for (const event of cancelOrder(order, Math.round(this.#world.marketTime(time.now)))) {
        applyEvent(this.ledger, event);
        story.tell(`exchange: cancels ${name}, ${order.executedVolume.toFixed()} of it executed`);
      }
    };
    // Cancelling is a request to the matching engine: executions may still come before it.
    if (!faults.over && chance.of(`cancelling ${name} takes`) < 0.3)
      time.after(chance.between(`${name} late`, 5, 400), end, ELSEWHERE);
    else end();
    return answer;
  }

  /** All of a currency, free and locked. */
  total(currency: string): Decimal {
    const { free, locked } = balanceOf(this.ledger.balances, currency);
    return free.plus(locked);
  }

  coinOf(market: Market): Decimal {
    return this.total(baseCurrency(market));
  }
}

function json(value: unknown): Answer {
  return { status: 200, body: JSON.stringify(value) };
}

function notFound(): Answer {
  return { status: 404, body: errorBody('order_not_found', 'order is not found') };
}
