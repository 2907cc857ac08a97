import { setTimeout as pause } from 'node:timers/promises';

/** What every measurement is given. */
export interface Bench {
  /** Shorter durations and fewer repetitions: to see that it works, not to quote from. */
  readonly quick: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** One line of progress, on stderr. */
  say(line: string): void;
}

/** One measured number. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Above this the figure is marked `over`; absent where nobody has set a bound. */
  readonly atMost?: number;
  /** Below this the figure is marked `under`. */
  readonly atLeast?: number;
}

/** What one measurement found. */
export interface Measurement {
  readonly title: string;
  readonly figures: readonly Figure[];
  /** Where a figure comes from, piece by piece. */
  readonly breakdown?: readonly Readonly<Record<string, string | number>>[];
  /** How it was measured, and what to keep in mind when reading it. */
  readonly notes: readonly string[];
}

/** Waits, and says now and then that it still does. */
export async function wait(bench: Bench, what: string, seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 10) {
    bench.say(`${what}: ${left} s to go`);
    await pause(Math.min(left, 10) * 1_000, undefined, { signal: bench.signal });
  }
}
