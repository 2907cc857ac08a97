/** What time it is at the exchange, between its answers. */
export interface ExchangeClock {
  /**
   * Call it when a request leaves, and what it returns with the `Date` header of the answer (UTC epoch milliseconds of
   * market time, whole seconds).
   */
  ask(): (header: number) => void;
  /** Market time now, UTC epoch milliseconds; undefined before the first answer. */
  now(): number | undefined;
}

/** A `Date` header is cut to whole seconds: the clock it was read from may have shown this much more. */
const HEADER_RESOLUTION_MS = 1_000;

/**
 * Carries the exchange's clock on between answers, at the pace of market time. An answer proves two things: when it
 * arrived the clock showed at least its header; when it was asked for, at most the header and what is cut off. Within
 * these bounds the estimate only rises, towards the truth from below: whoever waits until it shows a close asks after it.
 *
 * An answer that proves it too high lowers it again: an exchange on paper stands still while it is stopped, and our own
 * clock may run fast by seconds a day. An old header out of a cache lowers it too, until the next answer raises it.
 *
 * @param pace market milliseconds in a wall millisecond: 1 in real time, 60 in a run at speed 60
 * @param wall a clock that only goes forward, milliseconds
 */
export function createExchangeClock(pace: number, wall: () => number = () => performance.now()): ExchangeClock {
  let ahead: number | undefined;

  function learn(atLeast: number, atMost: number): void {
    if (ahead === undefined || ahead < atLeast || ahead > atMost) ahead = atLeast;
  }

  return {
    ask() {
      const askedAt = wall();
      return (header) => learn(header - wall() * pace, header + HEADER_RESOLUTION_MS - askedAt * pace);
    },
    now: () => (ahead === undefined ? undefined : wall() * pace + ahead),
  };
}
