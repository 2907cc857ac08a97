/** What time it is at the exchange, between its answers. */
export interface ExchangeClock {
  /** Learns from an answer's `Date` header (UTC epoch milliseconds of market time, whole seconds). */
  observe(header: number): void;
  /** Market time now, UTC epoch milliseconds; undefined before the first answer. */
  now(): number | undefined;
}

/**
 * Carries the exchange's clock on between answers, at the pace of market time. The header is cut to whole seconds, so
 * of all answers the one that shows the clock furthest ahead is nearest to the truth; and market time never goes back.
 *
 * @param pace market milliseconds in a wall millisecond: 1 in real time, 60 in a run at speed 60
 * @param wall a clock that only goes forward, milliseconds
 */
export function createExchangeClock(pace: number, wall: () => number = () => performance.now()): ExchangeClock {
  let ahead: number | undefined;
  return {
    observe(header) {
      const offset = header - wall() * pace;
      if (ahead === undefined || offset > ahead) ahead = offset;
    },
    now: () => (ahead === undefined ? undefined : wall() * pace + ahead),
  };
}
