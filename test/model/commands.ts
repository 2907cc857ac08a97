import fc from 'fast-check';
import { sql } from 'kysely';
import { expect } from 'vitest';
import { compareAccount } from '../../activities/trading/compare-account.ts';
import type { TradingDependencies } from '../../activities/trading/dependencies.ts';
import { pollOnce } from '../../activities/trading/order-fills.ts';
import { placeOrder } from '../../activities/trading/place-order.ts';
import { resolveOrder } from '../../activities/trading/resolve-order.ts';
import { settleAsNotSent } from '../../activities/trading/settle-as-not-sent.ts';
import { settleOrders } from '../../activities/trading/settle-orders.ts';
import { parseMarket } from '../../config/market.ts';
import { allocate } from '../../db/cash-flows.ts';
import { isConnectionFailure } from '../../db/connect.ts';
import { rebuildLedger } from '../../db/ledger-rebuild.ts';
import { readMarketAccounts } from '../../db/market-accounts.ts';
import { type IntendedOrder, insertIntendedOrder, requireOrder } from '../../db/orders.ts';
import { haltTrading, reduceTrading, resumeTrading } from '../../db/trading-state.ts';
import { type BotId, ORDER_LEGS, orderIdentifier } from '../../strategy/order-identifier.ts';
import {
  freeCash,
  inFlight,
  type ModelFill,
  type ModelOrder,
  needOf,
  refusalOf,
  reservedBy,
  WON,
} from '../support/ledger-model.ts';
import type { Cut, ModelDatabase } from './database.ts';
import {
  coins,
  coinsBy,
  krwBy,
  ModelExchange,
  type Placed,
  RACES,
  type Race,
  SENDINGS,
  type Sending,
  truthOf,
  type View,
  type Wording,
  won,
} from './exchange.ts';
import {
  type Act,
  allOrders,
  bringingHome,
  looking,
  perform,
  placing,
  type Reference,
  resolving,
  type Scene,
  settling,
  takingTheWord,
} from './reference.ts';

export const MARKETS = [parseMarket('KRW-BTC'), parseMarket('KRW-ETH')];
export const ACCOUNT = 'paper-model';
const BOT = 'testbot1' as BotId;
const START = Date.UTC(2026, 0, 1);

interface Decided {
  readonly order: IntendedOrder;
  readonly model: ModelOrder;
  readonly plan: readonly ModelFill[];
  readonly extraFee: bigint;
}

/** One history: what ought to be, and what no old backup takes back. */
export class World {
  reference: Reference = { markets: {}, trading: 'active', ordersUntil: null };
  backup: Reference | undefined;
  /** Market time. */
  now = START;
  /** By how much the clock of the bot and its database has been set back. */
  behind = 0;
  readonly decided: Decided[] = [];
  readonly started = new Map<string, number>();
  readonly exchange = new ModelExchange(
    MARKETS,
    (identifier) => this.decided.find(({ order }) => order.identifier === identifier) as Decided,
    () => this.now,
  );
  /** What was done how often. */
  readonly #meet: (what: string) => void;

  constructor(meet: (what: string) => void) {
    this.#meet = meet;
    for (const market of MARKETS) this.reference.markets[market] = { cash: 15_000n * WON, coins: 0n, orders: [] };
  }

  /** What the clock of the bot and its database shows. */
  get wall(): number {
    return this.now - this.behind;
  }

  meet(what: string): void {
    this.#meet(what);
  }

  /** An order of the ledger in one of the states. */
  pick(n: number, statuses: readonly string[]): ModelOrder | undefined {
    const some = allOrders(this.reference).filter(({ status }) => statuses.includes(status));
    return some[n % Math.max(1, some.length)];
  }

  deps({ db }: ModelDatabase): TradingDependencies {
    const { exchange } = this;
    return {
      ...{ db, exchange, botId: BOT, intervalMs: 1, leadMs: 0 },
      clock: { ask: () => () => undefined, now: () => this.now, isDoubtful: () => false },
    } as unknown as TradingDependencies;
  }

  /** The bot acts, and the reference with it; then both must agree. */
  async act(
    database: ModelDatabase,
    { does, means, meets = {} }: { does: () => Promise<unknown>; means: (scene: Scene) => Act<unknown>; meets?: Meets },
  ): Promise<void> {
    const { sending = 'arrives', race = 'wins', wording, view, cut } = meets;
    const { exchange } = this;
    const orders = structuredClone(exchange.orders);
    const started = (identifier: string) => this.started.set(identifier, (this.started.get(identifier) ?? 0) + 1);
    const scene = {
      reference: this.reference,
      now: this.now,
      wall: this.wall,
      orders,
      burnt: exchange.burnt,
      sending,
      race,
      started,
    };
    const outcome = perform(means(scene), cut);
    exchange.nextSending = sending;
    exchange.nextRace = race;
    exchange.nextView = view;
    exchange.wording = wording ?? { twice: false, backwards: false };
    if (cut !== undefined) database.breakAt(cut);
    if (cut !== undefined) this.meet('the process dies at a commit');
    if (sending !== 'arrives') this.meet(`the request ${sending}`);
    try {
      const came = await does();
      if (outcome !== undefined) expect(came).toBe(outcome);
    } catch (error) {
      const expected = UNCERTAIN.includes((error as Error).name) || (cut !== undefined && isBroken(error));
      if (!expected) throw error;
      this.meet(`an act ended in ${(error as Error).name}`);
    } finally {
      exchange.nextSending = 'arrives';
      exchange.nextView = undefined;
      if (cut !== undefined) await database.restart();
    }
    await agree(this, database);
  }
}

/** What an attempt to place an order ends in when the next one has to go on. */
const UNCERTAIN = ['AmbiguousSubmission', 'NotSent'];

function isBroken(error: unknown): boolean {
  return isConnectionFailure(error) || /ECONNRESET|Connection terminated/.test(String(error));
}

/** What an act runs into. */
interface Meets {
  readonly sending?: Sending;
  readonly race?: Race;
  readonly wording?: Wording;
  readonly view?: View;
  readonly cut?: Cut | undefined;
}

/** What the ledger says must be what the reference says, and what was sent as often as it should. */
async function agree(world: World, { db }: ModelDatabase): Promise<void> {
  const accounts = await readMarketAccounts(db, ACCOUNT);
  const { rows } = await sql<{ identifier: string; status: string; state: string }>`
    SELECT identifier, status FROM orders ORDER BY id`.execute(db);
  const { markets } = world.reference;
  expect(
    accounts.map(({ market, holdings, reserved }) => [market, holdings.cash, holdings.quantity, reserved]),
  ).toEqual(
    Object.entries(markets).map(([name, market]) => [
      name,
      won(market.cash),
      coins(market.coins),
      { cash: won(reservedBy(market, 'bid')), quantity: coins(reservedBy(market, 'ask')) },
    ]),
  );
  expect(rows.map(({ identifier, status }) => `${identifier} ${status}`)).toEqual(
    allOrders(world.reference).map(({ identifier, status }) => `${identifier} ${status}`),
  );
  expect([...world.exchange.started].sort(), 'requests started').toEqual([...world.started].sort());
  const decisions = [...world.exchange.orders.keys()].map((identifier) => identifier.replace(/-\w+$/, ''));
  expect(new Set(decisions).size, 'orders at the exchange for the same decision').toBe(decisions.length);
}

/** Every command prints as a sentence: a history that fails can be read. */
abstract class Command implements fc.AsyncCommand<World, ModelDatabase> {
  abstract check(world: World): boolean;
  abstract run(world: World, database: ModelDatabase): Promise<void>;
  abstract toString(): string;
}

/** A command made of sentences. */
function command(
  says: string,
  run: (world: World, database: ModelDatabase) => Promise<void>,
  check: (world: World) => boolean = () => true,
): Command {
  const what = (says.split(',')[0] ?? '').replace(/ #\d+| on KRW.*| to KRW.*/g, '').replace(/-?\d[\d.]*/g, 'N');
  return {
    check,
    toString: () => says,
    run: async (world, database) => {
      world.meet(what);
      world.now += 1;
      tellTime(world);
      await run(world, database);
    },
  };
}

let setClock: (now: number) => void = () => undefined;
/** How the clock of PostgreSQL and of this process is moved. */
export function useClock(set: (now: number) => void): void {
  setClock = set;
}

function tellTime({ wall }: World): void {
  setClock(wall);
}

const nat = fc.nat({ max: 999 });
const cuts: fc.Arbitrary<Cut | undefined> = fc.oneof(
  { weight: 9, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.record({ commit: fc.integer({ min: 1, max: 3 }), when: fc.constantFrom('before', 'after') }),
  },
);
const wordings = fc.record({ twice: fc.boolean(), backwards: fc.boolean() });
const dies = (cut: Cut | undefined) => (cut === undefined ? '' : `, the process dies ${cut.when} commit ${cut.commit}`);
const told = ({ twice, backwards }: Wording) => `${twice ? ', fills told twice' : ''}${backwards ? ', backwards' : ''}`;

const decide = fc.tuple(fc.nat({ max: 1 }), nat, cuts).map(([index, n, cut]) =>
  command(`decide #${n} on ${MARKETS[index]}${dies(cut)}`, async (world, database) => {
    const market = MARKETS[index] as (typeof MARKETS)[number];
    const leg = ORDER_LEGS[n % ORDER_LEGS.length] as (typeof ORDER_LEGS)[number];
    const side = n % 5 < 4 ? ('bid' as const) : ('ask' as const);
    const price = BigInt(900 + (n % 200));
    const quantity = BigInt((n % 97) + 1) * 12_345_670n;
    const candle = START + (world.decided.length + 1) * 60_000;
    const identifier = orderIdentifier({ botId: BOT, market, candle, leg });
    const deadline = world.now + 120_000;
    const terms = { market, side, price: price.toString() };
    const order: IntendedOrder = {
      ...{ account: ACCOUNT, identifier, leg, deadline, ...terms, quantity: coins(quantity), feeRate: '0.0005' },
      request: { type: 'limit', identifier, ...terms, volume: coins(quantity) },
      decision: null,
    };
    const model: ModelOrder = {
      ...{ identifier, leg, side, deadline, price, quantity, place: world.decided.length, status: 'intended' },
      ...{ sentAt: null, refusal: null, executed: 0, reserved: 0n, booked: new Set() },
    };
    const extraFee = n % 3 === 0 ? BigInt((n % 5) - 2) * WON : 0n;
    const decided = { order, model, plan: fillsOf(identifier, side, price, quantity, n), extraFee };
    world.decided.push(decided);
    await intend(world, database, decided, cut);
  }),
);

const decideAgain = fc.tuple(nat, cuts).map(([n, cut]) =>
  command(
    `decide again on an earlier candle #${n}${dies(cut)}`,
    (world, database) => intend(world, database, world.decided[n % world.decided.length] as Decided, cut),
    ({ decided }) => decided.length > 0,
  ),
);

async function intend(world: World, database: ModelDatabase, decided: Decided, cut: Cut | undefined): Promise<void> {
  const { order, model } = decided;
  const market = world.reference.markets[order.market];
  if (market === undefined) throw new Error('no such market');
  const known = market.orders.some(({ identifier }) => identifier === order.identifier);
  const refusal = known ? undefined : refusalOf(market, model);
  // Backups come and go: its place is the row's, not the decision's.
  const place = Math.max(-1, ...allOrders(world.reference).map((one) => one.place)) + 1;
  await world.act(database, {
    does: async () => {
      const done = database.db.transaction().execute((trx) => insertIntendedOrder(trx, order));
      const refused = await done.then(
        () => undefined,
        (error: Error) => {
          if (isBroken(error)) throw error;
          return error.name;
        },
      );
      expect(refused).toBe(refusal);
    },
    means: function* () {
      if (refusal !== undefined) return;
      yield () => {
        if (!known) market.orders.push({ ...structuredClone(model), place, reserved: needOf(model) });
      };
    },
    meets: { cut },
  });
}

/** Up to three fills that never exceed what was ordered, at the limit or better; sometimes all of it, sometimes none. */
function fillsOf(id: string, side: string, limit: bigint, quantity: bigint, n: number): ModelFill[] {
  const third = quantity / 3n + 1n;
  const parts = [third, third, quantity - 2n * third]
    .slice(0, [0, 1, 2, 3, 3, 3, 3][n % 7])
    .filter((part) => part > 0n);
  const better = (k: number) => (side === 'bid' ? -1n : 1n) * BigInt((n + k) % 50);
  return parts.map((part, k) => ({ id: `${id}-${k}`, quantity: part, price: limit + better(k) }));
}

const ANY = ['intended', 'sending', 'open', 'filled', 'canceled', 'rejected', 'unknown', 'expired'];
const UNSENT = ['intended', 'sending'];
const UNFINISHED = [...UNSENT, 'open', 'unknown'];

const place = (statuses: readonly string[], usual: boolean) =>
  fc
    .tuple(
      nat,
      usual
        ? fc.constantFrom<Sending>('arrives', 'arrives', 'is late', ...SENDINGS)
        : fc.constantFrom<Sending>('arrives', 'is late', 'loses its answer'),
      cuts,
    )
    .map(([n, sending, cut]) =>
      command(
        `place order #${n}, the request ${sending}${dies(cut)}`,
        async (world, database) => {
          const order = world.pick(n, statuses) as ModelOrder;
          await world.act(database, {
            does: () => placeOrder(world.deps(database), order.identifier),
            means: (scene) => placing(scene, order),
            meets: { sending, cut },
          });
        },
        (world) => world.pick(n, statuses) !== undefined,
      ),
    );

const resolve = fc.tuple(nat, fc.constantFrom(...RACES), wordings, cuts).map(([n, race, wording, cut]) =>
  command(
    `resolve order #${n}, a cancellation ${race}${told(wording)}${dies(cut)}`,
    async (world, database) => {
      const order = world.pick(n, UNFINISHED) as ModelOrder;
      const due = world.reference.trading === 'halted' && n % 2 === 0 ? 'now' : 'at-deadline';
      await world.act(database, {
        does: async () => resolveOrder(world.deps(database), await requireOrder(database.db, order.identifier), due),
        means: (scene) => resolving(scene, order, due === 'now' ? true : undefined),
        meets: { race, wording, cut },
      });
    },
    (world) => world.pick(n, UNFINISHED) !== undefined,
  ),
);

const poll = fc.tuple(nat, nat, nat, wordings, cuts).map(([n, executed, named, wording, cut]) => {
  const seen = ['open', 'open', 'filled', 'canceled', 'unknown', 'expired', 'sending'];
  const of = (world: World) => {
    const some = allOrders(world.reference).filter(
      ({ identifier, status }) => seen.includes(status) && world.exchange.orders.has(identifier),
    );
    return some[n % Math.max(1, some.length)];
  };
  return command(
    `poll order #${n}, the answer shows ${executed % 4} fills and names ${named % 4}${told(wording)}${dies(cut)}`,
    async (world, database) => {
      const order = of(world) as ModelOrder;
      const truth = truthOf(world.exchange.require(order.identifier));
      const shown = Math.min(truth.executed, executed % 4);
      const view = {
        executed: shown,
        named: Math.min(shown, named % 4),
        ended: truth.ended && shown === truth.executed && n % 2 === 0,
      };
      await world.act(database, {
        does: () => pollOnce(world.deps(database), order.identifier),
        means: (scene) => looking(scene, order, view),
        meets: { wording, view, cut },
      });
    },
    (world) => of(world) !== undefined,
  );
});

const settleAll = fc.tuple(fc.constantFrom(...RACES), wordings, cuts).map(([race, wording, cut]) =>
  command(`settle all orders, a cancellation ${race}${told(wording)}${dies(cut)}`, (world, database) =>
    world.act(database, {
      does: () => settleOrders(world.deps(database), ACCOUNT),
      means: settling,
      meets: { race, wording, cut },
    }),
  ),
);

/** Three commands that chance seldom puts in a row: what leads to an order that is `unknown`. */
const goMissing = fc
  .tuple(nat, fc.constantFrom<Sending>('is lost', 'is late', 'loses its answer'), fc.nat({ max: 3 }))
  .map(([n, sending, luck]) =>
    command(
      `order #${n} goes missing, its request ${sending}${luck === 0 ? ', the clock is set back by an hour' : ''}`,
      async (world, database) => {
        const order = world.pick(n, UNSENT) as ModelOrder;
        await world.act(database, {
          does: () => placeOrder(world.deps(database), order.identifier),
          means: (scene) => placing(scene, order),
          meets: { sending },
        });
        world.now += 130_000;
        if (luck === 0) world.behind += 3_600_000;
        tellTime(world);
        await world.act(database, { does: () => settleOrders(world.deps(database), ACCOUNT), means: settling });
      },
      (world) => world.pick(n, UNSENT) !== undefined,
    ),
  );

const ownersWord = (statuses: readonly string[]) =>
  fc.tuple(nat, fc.constantFrom(...RACES), cuts).map(([n, race, cut]) =>
    command(
      `its owner says that order #${n} was never sent, a cancellation ${race}${dies(cut)}`,
      async (world, database) => {
        const order = world.pick(n, statuses) as ModelOrder;
        await world.act(database, {
          does: async () => {
            const { kind } = await settleAsNotSent(world.deps(database), order.identifier, 'its owner says so');
            world.meet(`its owner's word: ${kind}`);
            return kind;
          },
          means: (scene) => takingTheWord(scene, order),
          meets: { race, cut },
        });
      },
      (world) => world.pick(n, statuses) !== undefined,
    ),
  );

const compare = fc
  .tuple(fc.constantFrom(...RACES), wordings)
  .map(([race, wording]) =>
    command(`compare the account, a cancellation ${race}${told(wording)}`, (world, database) =>
      compareNow(world, database, { race, wording }),
    ),
  );

export async function compareNow(world: World, database: ModelDatabase, meets: Meets = {}): Promise<void> {
  let judged = false;
  await world.act(database, {
    does: async () => {
      const { skipped } = await compareAccount(world.deps(database), { account: ACCOUNT, force: true });
      judged = skipped === null;
      const calm = Object.values(world.reference.markets).every((market) => inFlight(market) === undefined);
      const read = (world.reference.ordersUntil ?? 0) >= world.now;
      expect(judged, `judged, and not skipped: ${skipped}`).toBe(calm && read);
    },
    means: bringingHome,
    meets,
  });
  if (judged) await requireExplained(world, database);
}

/** Every change there is comes from orders the ledger does not have; nothing is left to guess. */
async function requireExplained(world: World, { db }: ModelDatabase): Promise<void> {
  const known = new Map(allOrders(world.reference).map((order) => [order.identifier, order]));
  const lost = [...world.exchange.orders.values()].filter(({ identifier }) => !known.has(identifier));
  const { rows: told } = await sql<{ identifier: string }>`
    SELECT identifier FROM foreign_orders ORDER BY identifier`.execute(db);
  const names = told.map(({ identifier }) => identifier);
  for (const { identifier } of lost) expect(names, 'orders the ledger lacks are told of').toContain(identifier);
  const { rows } = await sql<{ currency: string; guessed: number; amount: string }>`
    SELECT currency, count(*) FILTER (WHERE exchange_order_id IS NULL AND cause <> 'opening')::int AS guessed,
           trim_scale(coalesce(sum(amount) FILTER (WHERE cause <> 'opening'), 0))::text AS amount
    FROM account_differences GROUP BY currency ORDER BY currency`.execute(db);
  const of = (market: string) => lost.filter(({ request }) => request.market === market);
  const total = (orders: readonly Placed[], by: (order: Placed) => bigint) =>
    orders.reduce((all, order) => all + by(order), 0n);
  expect(rows, 'changes of the account').toEqual([
    { currency: 'BTC', guessed: 0, amount: coins(total(of('KRW-BTC'), coinsBy)) },
    { currency: 'ETH', guessed: 0, amount: coins(total(of('KRW-ETH'), coinsBy)) },
    { currency: 'KRW', guessed: 0, amount: won(total(lost, krwBy)) },
  ]);
}

const tradeOn = fc.tuple(nat, fc.constantFrom(0, 1, 1, 3, 3)).map(([n, fills]) =>
  command(
    `order #${n} trades ${fills} fills at the exchange`,
    async ({ exchange }) => {
      const all = [...exchange.orders.keys()];
      exchange.trade(all[all.length - 1 - (n % Math.min(3, all.length))] as string, fills);
    },
    ({ exchange }) => exchange.orders.size > 0,
  ),
);

const arriveLate = fc.constant(
  command(
    'a late request arrives at the exchange',
    async ({ exchange }) => exchange.deliverLate(),
    ({ exchange }) => exchange.late.length > 0,
  ),
);

const DAY = 24 * 3_600_000;
const pass = fc.constantFrom(1_000, 6_000, 6_000, 130_000, 130_000, 130_000, 15 * 60_000, DAY + 130_000).map((ms) =>
  command(`${ms / 1_000} seconds pass`, async (world) => {
    world.now += ms;
  }),
);

const setBack = fc.constantFrom(3_600_000, -3_600_000).map((ms) =>
  command(`the clock is set ${ms > 0 ? 'back' : 'ahead'} by an hour`, async (world) => {
    world.behind += ms;
  }),
);

/** What nobody finds is given up by then. */
const aDayLater = fc.constant(
  command('all orders are settled past their deadlines, and again after a day', async (world, database) => {
    for (const ms of [130_000, DAY]) {
      world.now += ms;
      tellTime(world);
      await world.act(database, { does: () => settleOrders(world.deps(database), ACCOUNT), means: settling });
    }
  }),
);

const change = (says: string, to: Reference['trading'], does: typeof haltTrading) =>
  cuts.map((cut) =>
    command(`${says}${dies(cut)}`, (world, database) =>
      world.act(database, {
        does: () => does(database.db, ACCOUNT, 'test'),
        means: function* ({ reference }) {
          yield () => {
            reference.trading = to;
          };
        },
        meets: { cut },
      }),
    ),
  );
const resume = change('resume trading', 'active', resumeTrading);

const move = fc.tuple(fc.nat({ max: 1 }), nat).map(([index, n]) =>
  command(`allocate ${n * 20 - 10_000} KRW to ${MARKETS[index]}`, async (world, database) => {
    const name = MARKETS[index] as string;
    const market = world.reference.markets[name];
    if (market === undefined) throw new Error('no such market');
    const amount = BigInt(n * 20 - 10_000) * WON;
    if (amount === 0n) return;
    const allowed = amount + freeCash(market) >= 0n;
    const done = allocate(database.db, { account: ACCOUNT, market: name, cash: won(amount), note: 'test' });
    expect(await nameOfError(done)).toBe(allowed ? undefined : 'InsufficientFree');
    if (allowed) market.cash += amount;
    await agree(world, database);
  }),
);

const nameOfError = (attempt: Promise<unknown>) =>
  attempt.then(
    () => undefined,
    (error: Error) => error.name,
  );

const restart = fc.constant(command('the process restarts', (_, database) => database.restart()));

const backUp = fc.constant(command('the database is backed up', takeBackup));

async function takeBackup(world: World, database: ModelDatabase): Promise<void> {
  await database.backUp();
  world.backup = structuredClone(world.reference);
}

const restore = fc.constant(command('the old backup is put back', putBack, ({ backup }) => backup !== undefined));

async function putBack(world: World, database: ModelDatabase): Promise<void> {
  await database.restore();
  world.reference = structuredClone(world.backup as Reference);
  await agree(world, database);
}

/** As above: an order that the ledger has as never sent, and that the exchange's lists show, or have stopped showing. */
const restoreOver = fc.tuple(nat, fc.constantFrom(0, 1, 3), fc.boolean(), fc.boolean()).map(([n, fills, seen, past]) =>
  command(
    `order #${n} is sent, trades ${fills} fills and is forgotten by a backup put back` +
      `${seen ? ', a comparison sees it' : ''}${past ? ', the next one comes a quarter of an hour later' : ''}`,
    async (world, database) => {
      const order = world.pick(n, ['intended']) as ModelOrder;
      await takeBackup(world, database);
      await world.act(database, {
        does: () => placeOrder(world.deps(database), order.identifier),
        means: (scene) => placing(scene, order),
      });
      if (world.exchange.orders.has(order.identifier)) world.exchange.trade(order.identifier, fills);
      await putBack(world, database);
      if (seen) await compareNow(world, database);
      if (!past) return;
      world.now += 15 * 60_000;
      tellTime(world);
      await compareNow(world, database);
    },
    (world) => world.pick(n, ['intended']) !== undefined,
  ),
);

/** What histories are made of; what carries orders on comes more often. */
export function histories(options: { readonly replayPath?: string }) {
  return fc.commands(
    [
      ...Array<typeof decide>(5).fill(decide),
      ...Array<typeof decide>(9).fill(place(UNSENT, true)),
      place(ANY, false),
      ...[goMissing, goMissing, goMissing, restoreOver, restoreOver, ownersWord(UNFINISHED)],
      ...Array<typeof decide>(4).fill(ownersWord(['unknown'])),
      ...[resolve, resolve, resolve, poll, poll, poll, poll, settleAll, settleAll, compare, compare],
      ...Array<typeof decide>(7).fill(tradeOn),
      ...Array<typeof decide>(6).fill(arriveLate),
      ...[pass, pass, pass, setBack],
      change('halt trading', 'halted', haltTrading),
      change('reduce trading', 'reducing', reduceTrading),
      ...[resume, resume, resume, move, restart, backUp, backUp, backUp],
      ...[restore, restore, restore, restore, decideAgain, aDayLater, aDayLater],
    ] as fc.Arbitrary<fc.AsyncCommand<World, ModelDatabase>>[],
    { maxCommands: 60, size: 'max', ...options },
  );
}

/** Everything comes to its end, and what there is then must explain itself to the last digit. */
export async function finishHistory(world: World, database: ModelDatabase): Promise<void> {
  const { exchange } = world;
  while (exchange.late.length > 0) exchange.deliverLate();
  const settle = () =>
    world.act(database, { does: () => settleOrders(world.deps(database), ACCOUNT), means: settling });
  for (const ms of [130_000, 6_000, DAY]) {
    world.now += ms;
    tellTime(world);
    for (const identifier of exchange.orders.keys()) exchange.trade(identifier, 0);
    await settle();
    if (ms !== 130_000) await compareNow(world, database);
  }
  const left = allOrders(world.reference).filter(({ status }) => UNFINISHED.includes(status));
  expect(left.map(({ identifier, status }) => `${identifier} ${status}`)).toEqual([]);
  for (const { identifier, status, booked } of allOrders(world.reference)) {
    world.meet(`order ended ${status}`);
    const placed = exchange.orders.get(identifier);
    expect(booked.size, `fills booked of ${identifier}`).toBe(placed?.executed ?? 0);
  }
  expect(await rebuildLedger(database.db, ACCOUNT)).toEqual([]);
  const { rows } = await sql<{ rest: string }>`
    SELECT trim_scale((SELECT sum(cash + cost - realised_profit) FROM market_accounts)
      - (SELECT coalesce(sum(cash + cost), 0) FROM cash_flows)
      - (SELECT coalesce(sum(cash + cost - realised_profit), 0) FROM ledger_adjustments))::text AS rest`.execute(
    database.db,
  );
  expect(rows[0]?.rest, 'won that came from nowhere').toBe('0');
}
