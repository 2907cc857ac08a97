import type { Chance } from './chance.ts';
import type { Faults } from './faults.ts';
import type { Host } from './host.ts';
import type { Story } from './story.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A request for an order that left the bot, whatever came of it. */
export interface CreateSeen {
  readonly identifier: string;
  /** Virtual wall time. */
  readonly sentAt: number;
}

/** The exchange as requests reach it. */
export interface ReachedExchange {
  readonly creates: CreateSeen[];
  /** @param visibleFrom wall time from which a created order is found by look-ups */
  handle(method: string, url: URL, body: string, visibleFrom: number): Answer;
}

/** Everything of one history that its parts share. */
export interface World {
  readonly seed: number;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly faults: Faults;
  readonly story: Story;
  readonly exchange: ReachedExchange;
  /** Wall milliseconds a candle takes. */
  readonly intervalMs: number;
  /** Market time at a wall instant, both epoch milliseconds. */
  marketTime(wall: number): number;
  /** Ends a process at once: nothing it waits for ever comes. */
  kill(host: Host): void;
  /** Somebody at the keyboard halts trading, and resumes it later. */
  halt?: (step: string) => void;
  /** Virtual wall instant until which nobody listens where the exchange is. */
  nobodyListensUntil: number;
  /** The bot's machine does nothing for a while, and its monotonic clock stands. */
  suspend(step: string): void;
  /** Nothing reaches the process for a while. */
  standStill(host: Host, step: string): void;
}
