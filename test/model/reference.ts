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
  /** The exchange's orders as they will be: a draft of its own. */
  readonly orders: ReadonlyMap<string, Placed>;
  readonly burnt: ReadonlySet<string>;
  readonly sending: Sending;
  readonly race: Race;
  /** Told of each request that must be started. */
  readonly started: (identifier: string) => void;
}

/** An act of the bot, commit by commit: what each makes durable. */
export type Act = Generator<() => void, void>;

/** Lets it happen, up to where the process dies. */
export function perform(act: Act, cut: Cut | undefined): void {
  let commits = 0;
  for (const commit of act) {
    commits += 1;
    if (commits === cut?.commit && cut.when === 'before') return;
    commit();
    if (commits === cut?.commit) return;
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
  const { now, orders } = scene;
  const mayGoOut = () => now < order.deadline && maySend(scene, order);
  if (order.status === 'intended' && now >= order.deadline) return yield () => settle(order, 'expired');
  const send = () => {
    order.status = 'sending';
    order.sentAt = now;
  };
  if (order.status === 'intended' && mayGoOut()) {
    yield send;
    return yield* sendingIt(scene, order, false);
  }
  yield nothing;
  if (order.status !== 'sending') return;
  if (orders.has(order.identifier)) return yield () => accept(scene, order);
  if (order.refusal !== null) return;
  if (!mayGoOut()) return yield nothing;
  yield send;
  yield* sendingIt(scene, order, true);
}

function maySend({ reference: { trading } }: Scene, { side }: ModelOrder): boolean {
  return trading === 'active' || (trading === 'reducing' && side === 'ask');
}

function* sendingIt(scene: Scene, order: ModelOrder, repeated: boolean): Act {
  const { identifier } = order;
  scene.started(identifier);
  if (['is lost', 'is late', 'loses its answer'].includes(scene.sending)) return;
  const duplicate = scene.burnt.has(identifier);
  if (!duplicate && scene.sending === 'arrives') return yield () => accept(scene, order);
  if (!duplicate && !repeated) return yield () => settle(order, 'rejected');
  if (!duplicate) {
    yield () => {
      order.refusal = 'refused';
    };
  }
  if (scene.orders.has(identifier)) yield () => accept(scene, order);
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

function* givingUp({ now }: Scene, order: ModelOrder): Act {
  if (order.status === 'sending') {
    yield () => {
      if (now - (order.sentAt ?? 0) < SETTLE_MS) return;
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

/** What a comparison brings home: orders the ledger had given up, or knows less of than the exchange. */
export function* bringingHome(scene: Scene): Act {
  const { reference, now, orders } = scene;
  const from = (reference.ordersUntil ?? now) - OVERLAP_MS;
  const until = Math.min(now + OVERLAP_MS, from + WEEK_MS - 1);
  const open = [...orders.values()].filter(({ ended }) => !ended);
  const closed = [...orders.values()].filter((one) => one.ended && one.createdAt >= from && one.createdAt <= until);
  const listed = [...open, ...closed].map(({ identifier }) => identifier);
  const known = new Map(allOrders(reference).map((order) => [order.identifier, order]));
  const statusThen = new Map([...known].map(([identifier, { status }]) => [identifier, status]));
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
