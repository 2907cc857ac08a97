/** What time it is at the exchange, between its answers. */
export interface ExchangeClock {
  /**
   * Call it when a request leaves, and what it returns with the `Date` header of the answer (UTC epoch milliseconds of
   * market time, whole seconds).
   */
  ask(): (header: number) => void;
  /** Market time now, UTC epoch milliseconds; undefined before the first answer. */
  now(): number | undefined;
  /**
   * Whether the estimate may be far behind: since the request whose answer it rests on, the wall clock has gone on more or
   * less than the clock that carries it. Either somebody set the wall clock, or the machine slept, and the carrying clock
   * with it. Who is about to do what must not be late asks the exchange something first; its answer settles it.
   */
  isDoubtful(): boolean;
}

/** A `Date` header is cut to whole seconds: the clock it was read from may have shown this much more. */
const HEADER_RESOLUTION_MS = 1_000;

/** By so much the two clocks may come apart between two answers: they are slewed, and read one after the other. */
const TOLERATED_DRIFT_MS = 1_000;

/**
 * Carries the exchange's clock on between answers, at the pace of market time. An answer proves two things: when it
 * arrived the clock showed at least its header; when it was asked for, at most the header and what is cut off. Within
 * these bounds the estimate only rises, towards the truth from below: whoever waits until it shows a close asks after it.
 *
 * An answer that proves it too high lowers it again: an exchange on paper stands still while it is stopped, and our own
 * clock may run fast by seconds a day. An old header out of a cache lowers it too, until the next answer raises it.
 *
 * @param pace market milliseconds in a wall millisecond: 1 in real time, 60 in a run at speed 60
 * @param steady a clock that only goes forward and nobody sets, milliseconds; it may stand still while the machine sleeps
 * @param wall one that does not stand still then, milliseconds; it may be set, and no reading rests on it
 */
export function createExchangeClock(
  pace: number,
  steady: () => number = () => performance.now(),
  wall: () => number = () => Date.now(),
): ExchangeClock {
  let ahead: number | undefined;
  const apart = () => wall() - steady();
  /** When that was asked for which the last answer answered: the machine may have slept since. */
  let apartThen = apart();

  function learn(atLeast: number, atMost: number): void {
    if (ahead === undefined || ahead < atLeast || ahead > atMost) ahead = atLeast;
  }

  return {
    ask() {
      const askedAt = steady();
      const apartAtAsking = apart();
      return (header) => {
        learn(header - steady() * pace, header + HEADER_RESOLUTION_MS - askedAt * pace);
        apartThen = apartAtAsking;
      };
    },
    now: () => (ahead === undefined ? undefined : steady() * pace + ahead),
    isDoubtful: () => Math.abs(apart() - apartThen) > TOLERATED_DRIFT_MS,
  };
}
