import { mkdirSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { endpointOf } from '../../config/endpoint.ts';
import type { Market } from '../../config/market.ts';
import { UserError } from '../../config/user-error.ts';
import { lockDirectory } from '../../process/directory-lock.ts';
import type { BookShape } from '../matching/book/parameters.ts';
import { UPBIT_ADDRESS } from '../upbit/address.ts';
import type { StreamTiming } from '../upbit/stream/stream.ts';
import { createAuthenticate } from './auth/authenticate.ts';
import { createExchange } from './exchange.ts';
import { MINUTE_MS } from './feed/minute-candle.ts';
import { feedStart, openFeed } from './feed/open-feed.ts';
import { openFeedMarket } from './feed/open-feed-market.ts';
import { createHttpServer } from './http-server.ts';
import { listenOn } from './listen.ts';
import { openLiveMarket } from './live/open-live-market.ts';
import type { OpenMarket, OpenMarketOptions } from './open-market.ts';
import { createRateLimit } from './rate-limit.ts';
import type { RetirementSize } from './state/retire-orders.ts';
import type { StreamTimes } from './stream/connection.ts';
import { watchLedger } from './stream/ledger-watch.ts';

export interface PaperExchangeOptions {
  readonly feed: 'simulated' | 'replay' | 'upbit';
  /** Candle files of a replay; several may be of one market. */
  readonly replayFiles?: readonly string[];
  /** Where the feed `upbit` has its prices from; default Upbit. */
  readonly source?: string | undefined;
  readonly markets: readonly Market[];
  readonly seed: number;
  /** The order book that orders meet. Left out: everything trades at the last price, without end. */
  readonly book?: BookShape | undefined;
  /** Seconds of market time in a second of wall time, 1 to 600; of the feed `upbit`, those of its source. */
  readonly speed: number;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Folder of this exchange's whole state. */
  readonly stateDir: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Port of 127.0.0.1 where faults are asked for; 0 takes any free one. Left out: there is none, and no fault. */
  readonly controlPort?: number | undefined;
  /** Default: Upbit's. */
  readonly streamTimes?: StreamTimes;
  /** How the source's stream is kept; default: as our client does. */
  readonly streamTiming?: Partial<StreamTiming> | undefined;
  /** How many orders that are over stay in memory, and how many more there are before some leave it. */
  readonly retirement?: RetirementSize | undefined;
  /** Times as many calls as Upbit allows; default 1. For measuring how much the exchange itself can do. */
  readonly allowance?: number;
  /** Wall time in epoch ms; default Date.now. */
  readonly wallClock?: () => number;
  readonly log?: (line: string) => void;
}

export interface PaperExchange {
  readonly url: string;
  readonly port: number;
  /** Where faults are asked for; undefined where no control port was. */
  readonly controlUrl: string | undefined;
  /** Epoch ms. */
  marketTime(): number;
  /** Stops answering, notes the exact market time and frees the folder. */
  close(): Promise<void>;
}

/** How often a market minute orders and lease are looked after without anybody asking. */
const LOOKS_PER_MINUTE = 10;
const SHORTEST_LOOK_MS = 20;
const LOOPBACK = '127.0.0.1';

/**
 * Starts the paper exchange.
 *
 * @throws {UserError} for a bad candle file, a market no file or source has, a source that does not answer, a folder in
 *   use, a port in use.
 */
export async function startPaperExchange(options: PaperExchangeOptions): Promise<PaperExchange> {
  const { feed, markets, seed, speed, stateDir, book, retirement, wallClock = Date.now, log = () => {} } = options;
  const openMarket = marketOpener(options, { markets, seed, speed, stateDir, book, retirement, log });
  const unlock = await lockStateFolder(stateDir);
  let servers: readonly FastifyInstance[] = [];
  let market: OpenMarket | undefined;
  let settle = async (): Promise<void> => {};
  const release = async (): Promise<void> => {
    try {
      await Promise.all(servers.map((server) => server.close()));
      await market?.close();
      await settle();
    } finally {
      unlock();
    }
  };
  try {
    const opened = await openMarket();
    market = opened;
    const { clock, tape, store, faults } = opened;
    const watched = watchLedger(store);
    const exchange = createExchange(tape, watched.store, { seed, now: clock.now(), book });
    settle = async () => {
      const stoppedAt = clock.now();
      exchange.settle(stoppedAt);
      await store.close(stoppedAt);
      faults?.close();
      clock.stop();
    };

    const app = createHttpServer({
      exchange,
      quotes: opened.quotes(exchange.books),
      authenticate: createAuthenticate(options.accessKey, options.secretKey),
      accessKey: options.accessKey,
      rateLimit: createRateLimit(speed * (options.allowance ?? 1), wallClock),
      watched,
      speed,
      wallClock,
      times: options.streamTimes,
      now: clock.now,
      log,
      prepare: (routes) => faults?.strike(routes, exchange),
    });
    const control = faults?.controlServer(exchange);
    servers = control === undefined ? [app] : [app, control];
    const { host = LOOPBACK, controlPort = 0 } = options;
    const port = await listenOn(app, { port: options.port, host, name: 'port', option: '--port' });
    const controlPlace = { port: controlPort, host: LOOPBACK, name: 'control port', option: '--control-port' };
    const controlUrl = control && `http://${LOOPBACK}:${await listenOn(control, controlPlace)}`;

    const look = (): void => {
      try {
        clock.renewAhead();
        exchange.advance(clock.now());
      } catch (error) {
        // A full disk, say. Requests meet the same fault and are told; the next look may succeed.
        log(`paper exchange: ${error instanceof Error ? error.message : error}`);
      }
    };
    opened.begin(exchange);
    const timer = setInterval(look, Math.max(SHORTEST_LOOK_MS, MINUTE_MS / speed / LOOKS_PER_MINUTE));
    log(`paper exchange: ${feed} ${markets.join(', ')} at ${speed}x from ${new Date(clock.now()).toISOString()}`);

    let closing: Promise<void> | undefined;
    return {
      url: `http://${host}:${port}`,
      port,
      controlUrl,
      marketTime: clock.now,
      close() {
        closing ??= (async () => {
          clearInterval(timer);
          faults?.stop();
          await release();
        })();
        return closing;
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Reads what can be read before the folder is taken. @throws {UserError} as `startPaperExchange` */
function marketOpener(
  {
    feed,
    replayFiles = [],
    controlPort,
    source = UPBIT_ADDRESS,
    streamTiming,
    wallClock = Date.now,
  }: PaperExchangeOptions,
  common: OpenMarketOptions,
): () => OpenMarket | Promise<OpenMarket> {
  const hasFaults = controlPort !== undefined;
  if (feed === 'upbit') {
    if (hasFaults) {
      throw new UserError(
        'faults are for prices made here: --control-port and PAPER_CONTROL_PORT go not with --feed upbit',
        2,
      );
    }
    return () => openLiveMarket({ ...common, source: endpointOf(source), streamTiming });
  }
  const { markets, seed } = common;
  const sources = openFeed({ feed, replayFiles, markets, seed });
  feedStart(sources);
  return () => openFeedMarket({ ...common, feed, replayFiles, sources, hasFaults, wallClock });
}

/** @throws {UserError} when another exchange has the folder, or it cannot be used */
async function lockStateFolder(stateDir: string): Promise<() => void> {
  try {
    mkdirSync(stateDir, { recursive: true });
    return await lockDirectory(stateDir, {
      command: 'a paper exchange',
      brief: false,
      kind: { name: 'state folder', option: '--state-dir' },
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof UserError || code === undefined) throw error;
    throw new UserError(`state folder ${stateDir} cannot be used (${code}); choose another with --state-dir`);
  }
}
