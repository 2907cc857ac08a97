import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Market } from '../../config/market.ts';
import { UserError } from '../../config/user-error.ts';
import { lockDirectory } from '../../process/directory-lock.ts';
import { createAuthenticate } from './auth/authenticate.ts';
import { createExchange } from './exchange.ts';
import { MINUTE_MS } from './feed/minute-candle.ts';
import { feedStart, openFeed } from './feed/open-feed.ts';
import { createHttpServer } from './http-server.ts';
import { openMarketClock } from './market-clock.ts';
import { createRateLimit } from './rate-limit.ts';
import { bindFolder, bindingOf } from './state/binding.ts';
import { openLedgerStore } from './state/ledger-store.ts';

export interface PaperExchangeOptions {
  readonly feed: 'simulated' | 'replay';
  /** Candle files of a replay; several may be of one market. */
  readonly replayFiles?: readonly string[];
  readonly markets: readonly Market[];
  readonly seed: number;
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
  /** Wall time in epoch ms; default Date.now. */
  readonly wallClock?: () => number;
  readonly log?: (line: string) => void;
}

export interface PaperExchange {
  readonly url: string;
  readonly port: number;
  /** Epoch ms. */
  marketTime(): number;
  /** Stops answering, notes the exact market time and frees the folder. */
  close(): Promise<void>;
}

const UNUSABLE_PORT: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use',
  EACCES: 'needs more rights',
  EADDRNOTAVAIL: 'is not of this machine',
};

/** How often a market minute orders and lease are looked after without anybody asking. */
const LOOKS_PER_MINUTE = 10;
const SHORTEST_LOOK_MS = 20;

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
  let settle = (): void => {};
  const release = (): void => {
    try {
      settle();
    } finally {
      unlock();
    }
  };
  try {
    bindFolder(stateDir, bindingOf(feed, seed, feed === 'replay' ? (options.replayFiles ?? []) : []));
    const clock = openMarketClock({ path: join(stateDir, 'clock.json'), speed, wallClock, origin });
    const store = openLedgerStore(stateDir, log);
    const exchange = createExchange(sources, store, { seed, now: clock.now() });
    settle = () => {
      const stoppedAt = clock.now();
      exchange.advance(stoppedAt);
      store.close(stoppedAt);
      clock.stop();
    };

    const app = createHttpServer({
      exchange,
      authenticate: createAuthenticate(options.accessKey, options.secretKey),
      rateLimit: createRateLimit(speed, wallClock),
      now: clock.now,
      log,
    });
    const host = options.host ?? '127.0.0.1';
    await app.listen({ port: options.port, host }).catch((error: NodeJS.ErrnoException) => {
      const reason = UNUSABLE_PORT[error.code ?? ''];
      if (reason === undefined) throw error;
      throw new UserError(`the paper exchange's port ${options.port} on ${host} ${reason}; choose another with --port`);
    });
    const { port } = app.server.address() as AddressInfo;

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
      marketTime: clock.now,
      close() {
        closing ??= (async () => {
          clearInterval(timer);
          await app.close();
          release();
        })();
        return closing;
      },
    };
  } catch (error) {
    release();
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
