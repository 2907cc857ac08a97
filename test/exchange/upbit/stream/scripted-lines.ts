import { EventEmitter } from 'node:events';
import { onTestFinished, vi } from 'vitest';
import type { OpenSocket, StreamSocket } from '../../../../exchange/upbit/stream/connection.ts';
import type { StreamEvent } from '../../../../exchange/upbit/stream/events.ts';
import { openQuoteStream, type StreamOptions } from '../../../../exchange/upbit/stream/stream.ts';
import type { QuoteSubscription } from '../../../../exchange/upbit/stream/subscription.ts';

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3];

export const TRADES: QuoteSubscription = { type: 'trade', markets: ['KRW-BTC'] };

/** The far end of a line, as a test wants it: nothing happens on it that the test does not bring about. */
export class ScriptedLine extends EventEmitter {
  readyState = CONNECTING;
  answersPings = true;
  answersFarewells = true;
  readonly openedAt = Date.now();
  readonly sent: { readonly at: number; readonly text: string }[] = [];
  readonly pinged: number[] = [];

  open(): this {
    this.readyState = OPEN;
    this.emit('open');
    return this;
  }

  say(message: unknown): void {
    this.emit('message', Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)), true);
  }

  /** As `ws` tells that the line is gone. */
  end(code: number): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.emit('close', code);
  }

  send(text: string): void {
    this.sent.push({ at: Date.now(), text });
  }

  ping(): void {
    this.pinged.push(Date.now());
    if (this.answersPings) queueMicrotask(() => this.emit('pong'));
  }

  close(code = 1005): void {
    this.readyState = CLOSING;
    if (this.answersFarewells) queueMicrotask(() => this.end(code));
  }

  terminate(): void {
    queueMicrotask(() => this.end(1006));
  }

  /** What the newest request asks for, by type. */
  asked(): unknown[] {
    return JSON.parse(this.sent.at(-1)?.text ?? '[]').slice(1, -1);
  }
}

/** Timers and `Date` that a test moves; the stream takes its time from them. */
export function standingTime() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'], now: 1e12 });
  onTestFinished(() => void vi.useRealTimers());
  return {
    pass: (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms),
    /** How many timers wait; one that is left behind keeps a process from its end. */
    timers: (): number => vi.getTimerCount(),
  };
}

/** Everything a stream tells, by kind. */
export function recorder() {
  type Kind<K extends StreamEvent['kind']> = Extract<StreamEvent, { kind: K }>;
  const events: StreamEvent[] = [];
  return {
    events,
    onEvent: (event: StreamEvent): void => void events.push(event),
    of: <K extends StreamEvent['kind']>(kind: K) => events.filter((event): event is Kind<K> => event.kind === kind),
  };
}

/** A stream of quotes over lines of the test, in time that stands still until the test moves it. */
export async function scriptedQuotes(more: Partial<StreamOptions<QuoteSubscription>> = {}) {
  const time = standingTime();
  const lines: ScriptedLine[] = [];
  const openSocket: OpenSocket = () => {
    const line = new ScriptedLine();
    lines.push(line);
    return line as unknown as StreamSocket;
  };
  const heard = recorder();
  const stream = openQuoteStream({
    baseUrl: 'http://exchange.test',
    subscriptions: [TRADES],
    onEvent: heard.onEvent,
    now: Date.now,
    random: () => 1,
    openSocket,
    ...more,
  });
  const line = (): ScriptedLine => {
    const newest = lines.at(-1);
    if (newest === undefined) throw new Error('no line was opened yet');
    return newest;
  };
  await time.pass(0);
  return { ...heard, ...time, stream, lines, line };
}

/** A trade as Upbit tells it. */
export function tradeOf(market: string, stream_type: 'SNAPSHOT' | 'REALTIME', more: Record<string, unknown> = {}) {
  return {
    type: 'trade',
    code: market,
    trade_timestamp: 1_800_000_000_000,
    trade_price: 150_000_000,
    trade_volume: 0.01,
    ask_bid: 'BID',
    prev_closing_price: 149_000_000,
    change: 'RISE',
    change_price: 1_000_000,
    sequential_id: 1,
    stream_type,
    ...more,
  };
}
