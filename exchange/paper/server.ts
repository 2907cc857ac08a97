import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Market } from '../../config/market.ts';
import { UserError } from '../../config/user-error.ts';
import { lockDirectory } from '../../process/directory-lock.ts';
import type { BookShape } from '../matching/book/parameters.ts';
import { createAuthenticate } from './auth/authenticate.ts';
import { createExchange } from './exchange.ts';
import { openFaults } from './faults/open-faults.ts';
import { MINUTE_MS } from './feed/minute-candle.ts';
import { feedStart, openFeed } from './feed/open-feed.ts';
import { createHttpServer } from './http-server.ts';
import { listenOn } from './listen.ts';
import { openMarketClock } from './market-clock.ts';
import { createRateLimit } from './rate-limit.ts';
import { bindFolder, bindingOf } from './state/binding.ts';
import { openLedgerStore } from './state/ledger-store.ts';
import type { StreamTimes } from './stream/connection.ts';
import { watchLedger } from './stream/ledger-watch.ts';

export interface PaperExchangeOptions {
  readonly feed: 'simulated' | 'replay';
  /** Candle files of a replay; several may be of one market. */
  readonly replayFiles?: readonly string[];
  readonly markets: readonly Market[];
  readonly seed: number;
  /** The order book that orders meet. Left out: everything trades at the last price, without end. */
  readonly book?: BookShape | undefined;
  /** Seconds of market time in a second of wall time, 1 to 600. */
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
 * @throws {UserError} for a bad candle file, a market no file holds, a folder in use, a port in use.
 */
export async function startPaperExchange(options: PaperExchangeOptions): Promise<PaperExchange> {
  const { feed, markets, seed, speed, stateDir, wallClock = Date.now, log = () => {} } = options;
  const sources = openFeed({ feed, replayFiles: options.replayFiles, markets, seed });
  const origin = feedStart(sources);
  const unlock = await lockStateFolder(stateDir);
  let servers: readonly FastifyInstance[] = [];
  let settle = (): void => {};
  const release = async (): Promise<void> => {
    try {
      await Promise.all(servers.map((server) => server.close()));
      settle();
    } finally {
      unlock();
    }
  };
  try {
    bindFolder(stateDir, bindingOf(feed, seed, feed === 'replay' ? (options.replayFiles ?? []) : [], options.book));
    const clock = openMarketClock({ path: join(stateDir, 'clock.json'), speed, wallClock, origin });
    const store = openLedgerStore(stateDir, log);
    const faults =
      options.controlPort === undefined
        ? undefined
        : openFaults({ folder: stateDir, sources, store, speed, now: clock.now, wallClock, log });
    const watched = watchLedger(faults?.store ?? store);
    const exchange = createExchange(faults?.traded ?? sources, watched.store, {
      seed,
      now: clock.now(),
      book: options.book,
    });
    settle = () => {
      const stoppedAt = clock.now();
      exchange.advance(stoppedAt);
      store.close(stoppedAt);
      faults?.close();
      clock.stop();
    };

    const app = createHttpServer({
      exchange,
      listed: faults?.listed ?? sources,
      authenticate: createAuthenticate(options.accessKey, options.secretKey),
      accessKey: options.accessKey,
      rateLimit: createRateLimit(speed, wallClock),
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
