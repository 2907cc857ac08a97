import type { TradingState } from '../../db/trading-state.ts';
import {
  bookFill,
  finish,
  inFlight,
  type ModelMarket,
  type ModelOrder,
  reopen,
  settle,
} from '../support/ledger-model.ts';
import type { Cut } from './database.ts';
import { cancel, type Placed, type Race, type Sending, truthOf, type View } from './exchange.ts';

/** What a bot that loses nothing knows: the ledger in memory, and where an order stands. None of the bot's code. */
export interface Reference {
  readonly markets: Record<string, ModelMarket>;
  trading: TradingState['state'];
  /** Until when ended orders at the exchange have been looked at. */
  ordersUntil: number | null;
}

/** What one act of the bot meets. */
export interface Scene {
  readonly reference: Reference;
  /** Market time; it stands while the bot acts. */
  readonly now: number;
  /** What the clock of the bot's database shows. */
  readonly wall: number;
  /** The exchange's orders as they will be: a draft of its own. */
  readonly orders: ReadonlyMap<string, Placed>;
  readonly burnt: ReadonlySet<string>;
  readonly sending: Sending;
  readonly race: Race;
  /** Told of each request that must be started. */
  readonly started: (identifier: string) => void;
}

/** An act of the bot, commit by commit: what each makes durable. */
export type Act<Outcome = void> = Generator<() => void, Outcome>;

/** Lets it happen, up to where the process dies. @returns what comes of it, undefined when it dies before */
export function perform<Outcome>(act: Act<Outcome>, cut: Cut | undefined): Outcome | undefined {
  for (let commits = 1; ; commits += 1) {
    const next = act.next();
    if (next.done === true) return next.value;
    if (commits === cut?.commit && cut.when === 'before') return undefined;
    next.value();
    if (commits === cut?.commit) return undefined;
  }
}

const SETTLE_MS = 5_000;
const DAY_MS = 24 * 3_600_000;
const WEEK_MS = 7 * DAY_MS;
const OVERLAP_MS = 10 * 60_000;
const nothing = () => undefined;

function marketOf({ reference }: Pick<Scene, 'reference'>, order: ModelOrder): ModelMarket {
  const found = Object.values(reference.markets).find((market) => market.orders.includes(order));
  if (found === undefined) throw new Error(`no market has ${order.identifier}`);
  return found;
}

export function* placing(scene: Scene, order: ModelOrder): Act {
  const { now, wall, orders } = scene;
  const mayGoOut = () => now < order.deadline && maySend(scene, order);
  if (order.status === 'intended' && now >= order.deadline) return yield () => settle(order, 'expired');
  if (order.status === 'intended' && mayGoOut()) {
    // Never sent for all the ledger knows; unless a list of the exchange has shown it since.
    const isFirst = order.sentAt === null;
    yield () => {
      order.status = 'sending';
      order.sentAt ??= wall;
    };
    if (isFirst) return yield* sendingIt(scene, order, false);
  } else yield nothing;
  if (order.status !== 'sending') return;
  if (orders.has(order.identifier)) return yield () => accept(scene, order);
  if (order.refusal !== null) return;
  if (!mayGoOut()) return yield nothing;
  yield () => {
    order.sentAt = wall;
  };
  yield* sendingIt(scene, order, true);
}

function maySend({ reference: { trading } }: Scene, { side }: ModelOrder): boolean {
  return trading === 'active' || (trading === 'reducing' && side === 'ask');
}

function* sendingIt(scene: Scene, order: ModelOrder, repeated: boolean): Act {
  const { identifier } = order;
  if (scene.sending === 'never leaves') {
    yield () => {
      if (repeated) return;
      order.status = 'intended';
      order.sentAt = null;
    };
    return;
  }
  scene.started(identifier);
  if (['is lost', 'is late', 'loses its answer'].includes(scene.sending)) return;
  const there = scene.orders.has(identifier);
  if (scene.sending === 'arrives') {
    if (there || !scene.burnt.has(identifier)) yield () => accept(scene, order);
    return;
  }
  if (!repeated && !there) return yield () => settle(order, 'rejected');
  if (repeated) {
    yield () => {
      order.refusal = 'refused';
    };
  }
  if (there) yield () => accept(scene, order);
}

/** Whether the ledger takes it as found; it does not while its market is busy with another one. */
function accept(scene: Scene, order: ModelOrder): boolean {
  if (['open', 'filled', 'canceled'].includes(order.status)) return true;
  const market = marketOf(scene, order);
  const other = inFlight(market);
  if (other !== undefined && other !== order) return false;
  reopen(market, order);
  order.refusal = null;
  return true;
}

/** One look at an order that the exchange has. */
export function* looking(scene: Scene, order: ModelOrder, view?: View): Act {
  const placed = scene.orders.get(order.identifier) as Placed;
  let taken = false;
  yield () => {
    taken = accept(scene, order);
  };
  if (taken) yield () => book(scene, order, placed, view ?? truthOf(placed));
}

function book(scene: Scene, order: ModelOrder, { plan, extraFee }: Placed, { executed, named, ended }: View): void {
  const market = marketOf(scene, order);
  for (const fill of plan.slice(0, named)) bookFill(market, order, fill);
  order.executed = Math.max(order.executed, executed, order.booked.size);
  const complete = order.booked.size === order.executed;
  if (ended && complete && order.status === 'open') finish(market, order, plan.slice(0, executed), extraFee);
}

/** @param due whether its time is over, as while trading is halted for good */
export function* resolving(scene: Scene, order: ModelOrder, due = scene.now >= order.deadline): Act {
  const placed = scene.orders.get(order.identifier);
  if (order.status === 'intended') {
    if (due) yield () => settle(order, 'expired');
    return;
  }
  if (placed === undefined) {
    if (due) yield* givingUp(scene, order);
    return;
  }
  const resting = !placed.ended;
  yield* looking(scene, order);
  if (!resting || (order.status === 'open' && !due)) return;
  cancel(placed, scene.race);
  yield* looking(scene, order);
}

function* givingUp({ now, wall }: Scene, order: ModelOrder): Act {
  if (order.status === 'sending') {
    yield () => {
      // Written by a clock that has been set back since: the delay counts from now.
      order.sentAt = Math.min(order.sentAt ?? 0, wall);
      if (wall - order.sentAt < SETTLE_MS) return;
      if (order.refusal === null) order.status = 'unknown';
      else settle(order, 'rejected');
    };
  } else if (order.status === 'unknown' && now - order.deadline >= DAY_MS) yield () => settle(order, 'expired');
}

const UNFINISHED = ['intended', 'sending', 'open', 'unknown'];

export function allOrders({ markets }: Reference): ModelOrder[] {
  return Object.values(markets)
    .flatMap((market) => market.orders)
    .sort((a, b) => a.place - b.place);
}

/** Every unfinished order a step, those in flight first. */
export function* settling(scene: Scene): Act {
  const unfinished = allOrders(scene.reference).filter(({ status }) => UNFINISHED.includes(status));
  const lost = unfinished.filter(({ status }) => status === 'unknown');
  for (const order of [...unfinished.filter((one) => !lost.includes(one)), ...lost]) yield* resolving(scene, order);
}

/** What comes of its owner's word that an order was never sent. */
export type Word = 'settled' | 'at-exchange' | 'not-unknown';

/** Its owner says that it was never sent; the exchange's word counts for more. */
export function* takingTheWord(scene: Scene, order: ModelOrder): Act<Word> {
  yield* resolving(scene, order);
  if (scene.orders.has(order.identifier)) return 'at-exchange';
  if (order.status !== 'unknown') return 'not-unknown';
  yield () => settle(order, 'expired');
  return 'settled';
}

/** Readings of a comparison until two agree. */
const MOST_READINGS = 4;

/**
 * What a comparison brings home. A reading that changed the ledger is followed by another one once nothing is on its way:
 * that one records an order that was given up and whose market was busy until then.
 */
export function* bringingHome(scene: Scene): Act {
  const { reference, now } = scene;
  const markets = Object.values(reference.markets);
  const totals = () => {
    const unknown = allOrders(reference).filter(({ status }) => status === 'unknown');
    return [
      ...markets.flatMap((market) => [market.cash, market.coins, inFlight(market)?.identifier]),
      ...unknown.map(({ identifier }) => identifier),
    ].join();
  };
  for (let reading = 1; reading <= MOST_READINGS; reading += 1) {
    const before = totals();
    yield* bringingHomeOnce(scene);
    const calm = markets.every((market) => inFlight(market) === undefined);
    if (!calm || (reference.ordersUntil ?? 0) < now || totals() === before) return;
  }
}

/** Orders the ledger had given up, or knows less of than the exchange. */
function* bringingHomeOnce(scene: Scene): Act {
  const { reference, now, wall, orders } = scene;
  const from = (reference.ordersUntil ?? now) - OVERLAP_MS;
  const until = Math.min(now + OVERLAP_MS, from + WEEK_MS - 1);
  const open = [...orders.values()].filter(({ ended }) => !ended);
  const closed = [...orders.values()].filter((one) => one.ended && one.createdAt >= from && one.createdAt <= until);
  const listed = [...open, ...closed].map(({ identifier }) => identifier);
  const known = new Map(allOrders(reference).map((order) => [order.identifier, order]));
  const statusThen = new Map([...known].map(([identifier, { status }]) => [identifier, status]));
  yield () => {
    // A list shows it, whatever the ledger knew of it.
    for (const identifier of listed) {
      const order = known.get(identifier);
      if (order !== undefined) order.sentAt ??= wall;
    }
  };
  for (const identifier of listed) {
    const order = known.get(identifier);
    const then = statusThen.get(identifier) ?? '';
    if (order !== undefined && ['unknown', 'expired'].includes(then)) yield* resolving(scene, order);
  }
  const givenUp = [...known.values()]
    .filter(({ status, sentAt, deadline }) => status === 'expired' && sentAt !== null && deadline > now - WEEK_MS)
    .filter(({ identifier }) => !listed.includes(identifier));
  for (const order of givenUp.sort((a, b) => b.deadline - a.deadline || b.place - a.place)) {
    yield* resolving(scene, order);
  }
  const overdue = allOrders(reference).filter(
    ({ status, deadline }) => ['sending', 'open'].includes(status) && now >= deadline,
  );
  for (const order of overdue) yield* resolving(scene, order);
  reference.ordersUntil = Math.max(reference.ordersUntil ?? 0, Math.min(until, now));
}
