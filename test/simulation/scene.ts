import type { PGlite } from '@electric-sql/pglite';
import { type Market, parseMarket } from '../../config/market.ts';
import { upsertCandles } from '../../db/candles.ts';
import { connectDatabase, type Db } from '../../db/connect.ts';
import { ensureMarketAccounts } from '../../db/first-start.ts';
import { ACCOUNT, DATABASE_URL, startTrader } from './bot.ts';
import type { Build } from './builds.ts';
import { type Chance, createChance } from './chance.ts';
import { SimulatedExchange } from './exchange.ts';
import { Faults } from './faults.ts';
import { type Host, inHost } from './host.ts';
import { candlesBefore, FIRST_CANDLE, MINUTE, type SimulatedMarket, simulatedMarket } from './market.ts';
import { simulatedFetch } from './network.ts';
import { SharedPostgres } from './postgres.ts';
import { Story } from './story.ts';
import { TemporalServer } from './temporal.ts';
import { useServer } from './virtual-socket.ts';
import { useTime, VIRTUAL_START, VirtualTime } from './virtual-time.ts';
import type { World } from './world.ts';

const MARKETS = ['KRW-BTC', 'KRW-ETH', 'KRW-SOL'].map(parseMarket);
/** What the bot is given to trade with. */
export const GIVEN_KRW = '10000000';
/** What lies on the account beside that, and belongs to nobody's sub-account. */
export const OWNERS_KRW = '1000000';

export interface SceneOptions {
  readonly seed: number;
  readonly build: Build;
  /** The faults that strike, by step; what chance says when absent. */
  readonly given?: ReadonlyMap<string, string>;
  /** Times the usual rates of faults; as the seed says when absent. */
  readonly intensity?: number;
  /** Times the usual rates where an order is sent. */
  readonly onOrders?: number;
}

/** A bot and everything around it, before the first candle. */
export interface Scene {
  readonly world: World;
  readonly build: Build;
  readonly intensity: number;
  readonly exchange: SimulatedExchange;
  readonly temporal: TemporalServer;
  readonly feeds: ReadonlyMap<Market, SimulatedMarket>;
  /** The collector and whoever is at the keyboard: nothing goes wrong with them. */
  readonly calm: { readonly host: Host; readonly db: Db };
  /** The process that trades, or the last one that did. */
  trader(): Host | undefined;
  startTrader(): void;
  /** Does something calmly, and lets time pass until it is done. */
  calmly(task: string, work: () => Promise<unknown>): Promise<void>;
}

/** An account with money in it, markets with a past, servers that answer; the trader is not started. */
export async function openScene(postgres: PGlite, { seed, build, ...options }: SceneOptions): Promise<Scene> {
  const chance = createChance(seed);
  const time = new VirtualTime(VIRTUAL_START);
  useTime(time);
  const story = new Story(time);
  const intensity = options.intensity ?? chance.oneOf('intensity', [0.3, 1, 1, 1, 2, 4]);
  const faults = new Faults(time, chance, story, { intensity, onOrders: options.onOrders, given: options.given });
  const intervalMs = chance.oneOf('interval', [1_000, 1_000, 1_000, 1_000, 2_000, 5_000, 10_000, 60_000]);
  const marketTime = (wall: number) => FIRST_CANDLE + ((wall - VIRTUAL_START) * MINUTE) / intervalMs;
  const feeds = feedsOf(chance);

  let trader: Host | undefined;
  let serial = 0;
  const world: World = {
    ...{ seed, time, chance, faults, story, intervalMs, marketTime, nobodyListensUntil: 0 },
    get exchange() {
      return exchange;
    },
    kill(host) {
      if (!host.alive) return;
      host.alive = false;
      story.tell(`${host.name} dies`);
      // What had left it is on its way.
      time.after(3, () => server.closeAllOf(host));
      temporal.died(host);
      if (host === trader) time.after(chance.between(`${host.name} restarts`, 200, 6_000), startNext);
    },
    suspend(step) {
      const ms = 100 + 20_000 * chance.of(`${step} lasts`) ** 2;
      story.tell(`the machine is suspended for ${Math.round(ms)} ms`);
      time.suspend(ms);
    },
    standStill(host, step) {
      host.standsUntil = Math.max(host.standsUntil, time.now + chance.between(`${step} stands`, 100, 9_000));
      story.tell(`${host.name} stands still for ${Math.round(host.standsUntil - time.now)} ms`);
      temporal.standsStill(host);
    },
  };
  const closedCandle = () => Math.floor((marketTime(time.now) - FIRST_CANDLE) / MINUTE) - 1;
  const prices = new Map([...feeds].map(([market, feed]) => [market, () => feed.close(closedCandle())]));
  const exchange = new SimulatedExchange(world, prices);
  const server = new SharedPostgres(postgres, world);
  const temporal = new TemporalServer(world);
  useServer(server);
  globalThis.fetch = ((request: Request) => simulatedFetch(world, request)) as typeof fetch;
  exchange.deposit('KRW', GIVEN_KRW);
  exchange.deposit('KRW', OWNERS_KRW);

  function startNext(): void {
    serial += 1;
    const host: Host = { name: `trader ${serial}`, alive: true, standsUntil: 0, faulty: true };
    trader = host;
    story.tell(`${host.name} starts`);
    startTrader(world, host, [...feeds.keys()], build).then(
      (worker) => {
        if (host.alive) temporal.serve(worker);
      },
      (error: unknown) => {
        story.tell(`${host.name} does not start: ${error}`);
        world.kill(host);
      },
    );
  }

  const calm: Host = { name: 'calm', alive: true, standsUntil: 0, faulty: false };
  const db = inHost(calm, 'calm', () => connectDatabase(DATABASE_URL, { applicationName: 'calm' }));
  async function calmly(task: string, work: () => Promise<unknown>): Promise<void> {
    let over = false;
    const done = inHost(calm, task, work).finally(() => {
      over = true;
    });
    done.catch(() => undefined);
    await time.pass(Number.POSITIVE_INFINITY, () => over);
    await done;
  }
  await calmly('set-up', async () => {
    await ensureMarketAccounts(db, ACCOUNT, [...feeds.keys()], GIVEN_KRW);
    for (const [market, feed] of feeds) {
      const before = candlesBefore(feed);
      const settled = [{ from: before[0]?.ts ?? FIRST_CANDLE, until: FIRST_CANDLE }];
      await upsertCandles(db, market, '1m', { candles: before, settled });
    }
  });
  return {
    ...{ world, build, intensity, exchange, temporal, feeds, calmly },
    calm: { host: calm, db },
    trader: () => trader,
    startTrader: startNext,
  };
}

function feedsOf(chance: Chance): ReadonlyMap<Market, SimulatedMarket> {
  const markets = MARKETS.slice(0, chance.oneOf('markets', [1, 2, 3, 3, 3]));
  return new Map(markets.map((market, place) => [market, simulatedMarket(market, place, chance)]));
}
