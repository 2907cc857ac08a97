import { WebSocket } from 'ws';
import { AuthenticationFailed, Banned, RateLimited } from '../../errors.ts';
import { createAuthorizer, type UpbitKeys } from '../authorization.ts';
import { createKeyHider } from '../hide-keys.ts';
import { steadyWallClock } from '../steady-wall-clock.ts';
import { type Connection, type ConnectionTiming, type OpenSocket, watchConnection } from './connection.ts';
import type { StreamData, StreamEvent } from './events.ts';
import { CONNECT_LIMITS, createPace, MESSAGE_LIMITS, type Pace } from './pace.ts';
import {
  type AccountSubscription,
  type Format,
  type QuoteSubscription,
  requestText,
  type Subscription,
} from './subscription.ts';
import { type TopicWatch, watchTopics } from './topic-watch.ts';

/** Wall times in ms. */
export interface StreamTiming extends ConnectionTiming {
  /** The first pause after a line broke; it doubles up to the longest, and half of it is left to chance. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** A line that has held for so long, or brought something, makes the next pause the first again. */
  readonly stableAfterMs: number;
  /** Time until a subscription without a snapshot counts as in force. */
  readonly settleMs: number;
  /** Nothing of a topic for so long: look at REST. */
  readonly silentAfterMs: number;
}

const STREAM_TIMING: StreamTiming = {
  handshakeMs: 10_000,
  pingEveryMs: 30_000,
  pongWithinMs: 10_000,
  firstRetryMs: 500,
  longestRetryMs: 30_000,
  stableAfterMs: 10_000,
  settleMs: 2_000,
  silentAfterMs: 60_000,
};

export interface StreamOptions<S extends Subscription> {
  /** `https://api.upbit.com`, or the address of a paper exchange; `wss:` and `ws:` will do as well. */
  readonly baseUrl: string;
  readonly subscriptions: readonly S[];
  /** Told everything, in order. What it throws is not caught. */
  readonly onEvent: (event: StreamEvent) => void;
  /** Told the frame that data was read from, word for word, before the data. */
  readonly onFrame?: (frame: string, data: StreamData) => void;
  readonly format?: Format;
  readonly timing?: Partial<StreamTiming>;
  readonly log?: (line: string) => void;
  /** Epoch milliseconds, never set back. */
  readonly now?: () => number;
  /** From 0 up to 1. */
  readonly random?: () => number;
  readonly openSocket?: OpenSocket;
  /** To be shared by the streams of one process: Upbit counts handshakes by address and key. */
  readonly connectPace?: Pace;
}

/** A stream that comes back by itself until it is closed or the key is refused. */
export interface UpbitStream<S extends Subscription> {
  /** Asks for these in place of what was asked for before. */
  subscribe(subscriptions: readonly S[]): void;
  /** After it has begun nothing is told any more. */
  close(): Promise<void>;
}

/** How often the exchange may refuse our key in a row before we stop asking. */
const MOST_KEY_REFUSALS = 3;

/** Upbit's public stream: tickers, trades, order books, candles. */
export function openQuoteStream(options: StreamOptions<QuoteSubscription>): UpbitStream<QuoteSubscription> {
  return openStream(options, '/websocket/v1');
}

/** Upbit's stream of one account: its orders and balances. */
export function openAccountStream(
  options: StreamOptions<AccountSubscription> & { readonly keys: UpbitKeys },
): UpbitStream<AccountSubscription> {
  return openStream(options, '/websocket/v1/private', options.keys);
}

function openStream<S extends Subscription>(options: StreamOptions<S>, path: string, keys?: UpbitKeys): UpbitStream<S> {
  const authorize = keys && createAuthorizer(keys);
  const hideKeys = createKeyHider(keys);
  const { format = 'DEFAULT', log = () => {}, now = steadyWallClock(), random = Math.random } = options;
  const { openSocket = openWebSocket, connectPace = createPace(CONNECT_LIMITS, now) } = options;
  const timing = { ...STREAM_TIMING, ...options.timing };
  const url = `${options.baseUrl.replace(/^http/, 'ws').replace(/\/$/, '')}${path}`;
  let { subscriptions } = options;
  let isOver = false;
  let isAsking = false;
  let connection: Connection | undefined;
  let watch: TopicWatch | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let keyRefusals = 0;

  const tell = (event: StreamEvent): void => {
    if (!isOver) options.onEvent(event);
  };
  const ask = (): void => {
    if (isAsking) return;
    isAsking = true;
    // What is wanted when its turn comes, which may be a minute away.
    connection?.send(() => {
      isAsking = false;
      watch?.stop();
      watch = watchTopics({ ...timing, subscriptions, now, onGap: tell });
      return requestText(subscriptions, format);
    });
  };
  const prove = (): void => {
    failures = 0;
    keyRefusals = 0;
  };

  const connect = async (): Promise<void> => {
    const headers = authorize === undefined ? {} : { authorization: await authorize([]) };
    if (isOver) return;
    connection = watchConnection(openSocket(url, headers), {
      timing,
      pace: createPace(MESSAGE_LIMITS, now),
      now,
      hideKeys,
      onOpen() {
        timer = setTimeout(prove, timing.stableAfterMs);
        ask();
      },
      onRead(read, frame) {
        if (read.kind === 'unreadable') tell(read);
        if (read.kind !== 'data') return;
        prove();
        if (!isOver) options.onFrame?.(frame, read.data);
        tell(read.data);
        watch?.heard(read.topic, 'origin' in read.data && read.data.origin === 'snapshot');
      },
      onEnd,
    });
  };
  const connectInTurn = (pauseMs: number): void => {
    const turn = (): void => {
      // Nothing is on its way yet: a key that cannot sign, or an address that is none.
      connect().catch((error: Error) => onEnd('the handshake could not be made', error));
    };
    timer = setTimeout(() => {
      const delay = connectPace();
      if (delay > 0) timer = setTimeout(turn, delay);
      else turn();
    }, pauseMs);
  };

  function onEnd(reason: string, refusal: Error | undefined): void {
    clearTimeout(timer);
    watch?.stop();
    watch = undefined;
    connection = undefined;
    isAsking = false;
    if (isOver) return;
    if (refusal !== undefined) {
      log(`stream ${path}: ${refusal.message}`);
      tell({ kind: 'refused', error: refusal });
    }
    keyRefusals = refusal instanceof AuthenticationFailed ? keyRefusals + 1 : 0;
    if (refusal !== undefined && keyRefusals === MOST_KEY_REFUSALS) {
      tell({ kind: 'stopped', error: refusal });
      isOver = true;
      return;
    }
    const retryInMs = Math.max(pauseAfter(failures, timing, random), pauseNamedBy(refusal, now()));
    failures += 1;
    log(`stream ${path}: ${reason}; next try in ${Math.round(retryInMs)} ms`);
    tell({ kind: 'disconnected', reason, retryInMs });
    if (!isOver) connectInTurn(retryInMs);
  }

  connectInTurn(0);
  return {
    subscribe(wanted) {
      subscriptions = wanted;
      if (watch !== undefined) ask();
    },
    async close() {
      isOver = true;
      clearTimeout(timer);
      watch?.stop();
      await connection?.close();
    },
  };
}

function pauseAfter(failures: number, timing: StreamTiming, random: () => number): number {
  const longest = Math.min(timing.longestRetryMs, timing.firstRetryMs * 2 ** failures);
  return longest / 2 + (random() * longest) / 2;
}

function pauseNamedBy(refusal: Error | undefined, now: number): number {
  if (refusal instanceof RateLimited) return refusal.retryAfterMs;
  return refusal instanceof Banned ? refusal.until - now : 0;
}

/** The longest message there is holds 30 levels of an order book, or an account's currencies: 50 kB. */
const LONGEST_MESSAGE = 1_048_576;

/** Sends no Origin: Upbit allows such requests one in 10 s. */
function openWebSocket(url: string, headers: Readonly<Record<string, string>>): WebSocket {
  return new WebSocket(url, { headers, perMessageDeflate: false, maxPayload: LONGEST_MESSAGE });
}
