import { onTestFinished } from 'vitest';
import { createMarketDataActivities } from '../../activities/market-data.ts';
import { decideOnce } from '../../activities/trading/decide.ts';
import type { TradingDependencies, TradingRules } from '../../activities/trading/dependencies.ts';
import { createFeeRates } from '../../activities/trading/fee-rates.ts';
import { parseMarket } from '../../config/market.ts';
import { connectDatabase, type Db } from '../../db/connect.ts';
import { ensureMarketAccounts } from '../../db/first-start.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { createExchangeClock } from '../../exchange/exchange-clock.ts';
import type { PaperExchangeOptions } from '../../exchange/paper/server.ts';
import type { Exchange, OrderTerms } from '../../exchange/port.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import type { BotId } from '../../strategy/order-identifier.ts';
import { DEFAULT_SIZING } from '../../strategy/sizing.ts';
import { BTC_FILE, paperOptions, standingWall, startForTest } from '../exchange/paper/paper.ts';
import { createMigratedDatabase, createTestDatabase, type TestDatabase } from './database.ts';

export const TRADED = { account: 'paper-test', market: parseMarket('KRW-BTC'), timeframe: '1m' } as const;

/** Wall milliseconds a candle takes in these tests: one second. */
const INTERVAL_MS = 1_000;

/**
 * For comparing accounts: half the wall time between two readings and before an order on its way is left alone. The
 * exchange of a scene shows nothing late.
 */
export const quickToCompare = (deps: TradingDependencies): TradingDependencies => ({
  ...deps,
  intervalMs: INTERVAL_MS / 2,
});

/** When a fault strikes a call: the exchange never gets it, or its answer is lost. */
export type FaultMoment = 'before' | 'after';

export interface TradingScene {
  readonly db: Db;
  readonly deps: TradingDependencies;
  /** What a second worker of the same bot stands on: connections and a client of its own. */
  secondWorker(): TradingDependencies;
  /** The exchange it shares with a scene beside it. */
  readonly at: SharedExchange;
  /** The exchange itself, past all faults. */
  readonly exchange: Exchange;
  /** Lets market time pass: one candle is a second of wall time. */
  pass(wallMs: number): void;
  /** The bot's machine sleeps so long; the exchange goes on. */
  sleep(wallMs: number): void;
  /** Sets the wall clock of the bot's machine. */
  setWall(offByMs: number): void;
  /** Collects what has closed. */
  collect(): Promise<void>;
  /** Collects what has closed and decides about the newest closed candle. */
  decide(): ReturnType<typeof decideOnce>;
  /** Candles pass until a decision brings an order. */
  decideUntilOrder(): Promise<{ readonly identifier: string; readonly deadline: number; readonly candle: number }>;
  /** The next call of `method` fails with `error`. */
  breakNext(method: keyof Exchange, moment: FaultMoment, error: Error): void;
  /** The next call of `method` does not reach the exchange and is answered so. */
  answerNext(method: keyof Exchange, answer: unknown): void;
  /** Calls of a method the bot made so far. */
  calls(method: keyof Exchange): number;
}

interface SharedExchange {
  readonly url: string;
  /** Where a `controlPort` was asked for. */
  readonly controlUrl: string | undefined;
  readonly keys: { readonly accessKey: string; readonly secretKey: string };
  readonly wall: ReturnType<typeof standingWall>;
}

/** What the owner has set, and what the exchange says otherwise than the paper exchange does. */
export interface SceneSettings extends Partial<Pick<TradingRules, 'threshold' | 'sizing'>> {
  readonly feeRate?: string;
  readonly terms?: Partial<OrderTerms>;
  /** What market there is, otherwise than usual here. */
  readonly exchange?: Partial<Pick<PaperExchangeOptions, 'replayFiles' | 'book' | 'controlPort'>>;
  /** Done to the database before anything is in it. */
  readonly prepareDatabase?: (url: string) => Promise<void>;
  /** Another bot's scene, whose exchange and account this one shares, with a database and an id of its own. */
  readonly beside?: TradingScene;
}

/** The real database, the real paper exchange under a clock that stands until it is moved, and faults on call. */
export async function openTradingScene(cash = '10000000', settings: SceneSettings = {}): Promise<TradingScene> {
  const database = await sceneDatabase(settings);
  const connect = () => connectDatabase(database.url, { applicationName: 'test' });
  const db = connect();
  onTestFinished(async () => {
    await db.destroy();
    await database.drop();
  });
  await ensureMarketAccounts(db, TRADED.account, [TRADED.market], cash);

  const at = settings.beside?.at ?? (await startSharedExchange(settings.exchange));
  const { wall } = at;
  const machine = { slept: 0, off: 0 };
  const { clock, exchange } = clientOf(at, machine);
  const { exchange: faulty, ...faults } = withFaults(exchange);
  const fees = createFeeRates(
    { fetchOrderTerms: async (market) => ({ ...(await exchange.fetchOrderTerms(market)), ...settings.terms }) },
    { setting: settings.feeRate, say: () => undefined },
  );
  onTestFinished(() => fees.close());
  const deps: TradingDependencies = {
    ...{ db, clock, intervalMs: INTERVAL_MS, leadMs: 0, exchange: faulty },
    botId: (settings.beside === undefined ? 'testbot1' : 'testbot2') as BotId,
    candles: { next: async () => undefined, close: async () => undefined },
    rules: { threshold: settings.threshold, sizing: settings.sizing ?? DEFAULT_SIZING, fees },
  };
  const collector = createMarketDataActivities({ exchange, db, clock, intervalMs: INTERVAL_MS, leadMs: 0 });

  async function collect() {
    const fetched = await collector.fetchCandles(TRADED);
    await collector.upsertCandles({ ...TRADED, ...fetched });
  }

  async function decide() {
    await collect();
    const candle = Math.floor((clock.now() ?? 0) / 60_000) * 60_000 - 60_000;
    return decideOnce(deps, TRADED, candle, (await exchange.fetchBalances())[0]?.free ?? '0');
  }

  // A tenth of a second after a close, as a run would come.
  if (settings.beside === undefined) wall.pass(100);
  await fees.watch([TRADED.market]);
  return {
    ...{ db, deps, exchange, collect, decide, at },
    secondWorker() {
      const own = connect();
      onTestFinished(() => own.destroy());
      return { ...deps, ...clientOf(at, machine), db: own };
    },
    pass: wall.pass,
    sleep(wallMs) {
      machine.slept += wallMs;
      wall.pass(wallMs);
    },
    setWall(offByMs) {
      machine.off = offByMs;
    },
    async decideUntilOrder() {
      for (let candles = 0; candles < 60; candles += 1) {
        const { order, deadline, candle } = await decide();
        if (order !== null) return { identifier: order, deadline, candle };
        wall.pass(INTERVAL_MS);
      }
      throw new Error('no order in sixty candles');
    },
    ...faults,
  };
}

async function sceneDatabase({ prepareDatabase }: SceneSettings): Promise<TestDatabase> {
  if (prepareDatabase === undefined) return createMigratedDatabase();
  const database = await createTestDatabase();
  await prepareDatabase(database.url);
  const db = connectDatabase(database.url, { applicationName: 'test' });
  await migrateToLatest(db).finally(() => db.destroy());
  return database;
}

async function startSharedExchange(market: SceneSettings['exchange']): Promise<SharedExchange> {
  const wall = standingWall();
  const options = paperOptions({ replayFiles: [BTC_FILE], ...market, wallClock: wall.now, speed: 60 });
  const { url, controlUrl } = await startForTest(options);
  return { url, controlUrl, wall, keys: { accessKey: options.accessKey, secretKey: options.secretKey } };
}

/** What the clocks of a machine say otherwise than the exchange's: one stands still in sleep, the other may be set. */
interface Machine {
  readonly slept: number;
  readonly off: number;
}

function clientOf({ url, keys, wall }: SharedExchange, machine: Machine) {
  const clock = createExchangeClock(
    60,
    () => wall.now() - machine.slept,
    () => wall.now() + machine.off,
  );
  return { clock, exchange: createUpbitClient({ baseUrl: url, keys, observeClock: clock.ask }) };
}

function withFaults(real: Exchange) {
  const faults = new Map<string, { readonly moment: FaultMoment; readonly error: Error }[]>();
  const answers = new Map<string, unknown[]>();
  const made = new Map<string, number>();
  const exchange = new Proxy(real, {
    get:
      (target, name: keyof Exchange) =>
      async (...given: never[]) => {
        made.set(name, (made.get(name) ?? 0) + 1);
        const fault = faults.get(name)?.shift();
        if (fault?.moment === 'before') throw fault.error;
        const scripted = answers.get(name);
        if (scripted !== undefined && scripted.length > 0) return scripted.shift();
        const answer = await (target[name] as (...given: never[]) => Promise<unknown>)(...given);
        if (fault !== undefined) throw fault.error;
        return answer;
      },
  });
  return {
    exchange,
    answerNext(method: keyof Exchange, answer: unknown) {
      answers.set(method, [...(answers.get(method) ?? []), answer]);
    },
    breakNext(method: keyof Exchange, moment: FaultMoment, error: Error) {
      faults.set(method, [...(faults.get(method) ?? []), { moment, error }]);
    },
    calls: (method: keyof Exchange) => made.get(method) ?? 0,
  };
}
