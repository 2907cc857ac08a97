import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseMarket } from '../../config/market.ts';
import { type BookShape, USUAL_BOOK } from '../../exchange/matching/book/parameters.ts';
import type { OperatorExchange } from '../../exchange/operator-port.ts';
import { startPaperExchange } from '../../exchange/paper/server.ts';
import type { Exchange } from '../../exchange/port.ts';
import type { Quotation } from '../../exchange/quotation-port.ts';
import type { UpbitKeys } from '../../exchange/upbit/authorization.ts';
import { createUpbitClient } from '../../exchange/upbit/client.ts';
import { createUpbitOperator } from '../../exchange/upbit/operator.ts';
import { createUpbitQuotation } from '../../exchange/upbit/quotation/quotation.ts';
import { createRateLimits } from '../../exchange/upbit/rate-limits.ts';
import { createTransport, type Transport } from '../../exchange/upbit/transport.ts';
import { FaultControl } from '../support/fault-control.ts';

export const BTC = parseMarket('KRW-BTC');
export const ETH = parseMarket('KRW-ETH');

/** `endless`: everything trades at the last price; `levels`: in an order book. As `--book` says it. */
export type BookKind = 'endless' | 'levels';

function shapeOf(book: BookKind, depthKrw = USUAL_BOOK.depthKrw): BookShape | undefined {
  return book === 'endless' ? undefined : { ...USUAL_BOOK, depthKrw };
}

/** Our client in all its parts, at one address with one key. */
export interface ClientParts {
  readonly transport: Transport;
  readonly client: Exchange;
  readonly quotation: Quotation;
  readonly operator: OperatorExchange;
}

/** A paper exchange and our client on it. */
export interface Stage extends ClientParts {
  readonly url: string;
  readonly book: BookKind;
  readonly keys: UpbitKeys;
  readonly control: FaultControl;
  /** Epoch ms of the wall that the exchange sees: it stands until it is passed, also by a client that waits for a limit. */
  readonly wall: { readonly now: () => number; readonly pass: (ms: number) => void };
  /** Epoch ms. */
  marketTime(): number;
  /** A name for an order, that no other has. */
  newName(): string;
  /** Our client once more, at another address or with another key, with limits of its own. */
  connect(other: { readonly url?: string; readonly keys?: UpbitKeys }): ClientParts;
  /** GET requests as somebody else would make them, who knows no limits. @returns their statuses */
  stranger(path: string, times: number): Promise<readonly number[]>;
  /** What our client alone called: nothing where a stranger called too. */
  endpointsCalled(): Promise<readonly string[]>;
  close(): Promise<void>;
}

interface StageOptions {
  readonly book: BookKind;
  /** Mean worth of the best price of an order book, in won. */
  readonly depthKrw?: number;
  readonly speed?: number;
}

const KEYS = { accessKey: 'access', secretKey: 'a secret that is long enough for anybody' };
/** On a minute. */
const WALL_START = 1_800_000_000_000;

export async function openStage({ book, depthKrw, speed = 1 }: StageOptions): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'durabit-conformance-'));
  let now = WALL_START;
  const wall = {
    now: () => now,
    pass(ms: number): void {
      now += ms;
    },
  };
  const exchange = await startPaperExchange({
    feed: 'simulated',
    markets: [BTC, ETH],
    seed: 1,
    book: shapeOf(book, depthKrw),
    speed,
    ...KEYS,
    stateDir: folder,
    port: 0,
    controlPort: 0,
    wallClock: wall.now,
  });
  const control = new FaultControl(exchange.controlUrl ?? '');
  let names = 0;
  let strangerCame = false;

  const connect: Stage['connect'] = ({ url = exchange.url, keys = KEYS }) => {
    const rateLimits = createRateLimits(wall.now, async (ms) => wall.pass(ms));
    const options = { baseUrl: url, keys, rateLimits, now: wall.now };
    const transport = createTransport(options);
    return {
      transport,
      client: createUpbitClient(options),
      quotation: createUpbitQuotation(transport),
      operator: createUpbitOperator(transport),
    };
  };

  return {
    ...connect({}),
    url: exchange.url,
    book,
    keys: KEYS,
    control,
    wall,
    marketTime: exchange.marketTime,
    newName() {
      names += 1;
      return `conformance-${names}`;
    },
    connect,
    async stranger(path, times) {
      strangerCame = true;
      const statuses: number[] = [];
      for (let call = 0; call < times; call += 1) {
        const answer = await fetch(`${exchange.url}${path}`);
        await answer.arrayBuffer();
        statuses.push(answer.status);
      }
      return statuses;
    },
    async endpointsCalled() {
      if (strangerCame) return [];
      return (await control.endpoints()).filter(({ asked }) => asked > 0).map(({ endpoint }) => endpoint);
    },
    async close() {
      await exchange.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
