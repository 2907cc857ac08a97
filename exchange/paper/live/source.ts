import { createExchangeClock } from '../../exchange-clock.ts';
import type { Quotation } from '../../quotation-port.ts';
import { createUpbitQuotation } from '../../upbit/quotation/quotation.ts';
import { createUpbitRelay, type PublicRelay } from '../../upbit/quotation/relay.ts';
import { steadyWallClock } from '../../upbit/steady-wall-clock.ts';
import type { LiveOptions } from '../../upbit/stream/live.ts';
import { CONNECT_LIMITS, createPace } from '../../upbit/stream/pace.ts';
import type { StreamTiming } from '../../upbit/stream/stream.ts';
import { createTransport } from '../../upbit/transport.ts';

/** The exchange whose prices are shown: Upbit, or another paper exchange in its part. */
export interface Source {
  readonly url: string;
  readonly quotation: Quotation;
  /** The same in its own words. */
  readonly relay: PublicRelay;
  /** How its stream is reached: lines share the handshakes a second that are allowed. */
  readonly stream: Pick<LiveOptions, 'baseUrl' | 'timing' | 'connectPace'>;
  /** What its clock shows, epoch ms, estimated from below; undefined before its first answer. */
  now(): number | undefined;
  /** Whether the estimate may be far behind, until its next answer. */
  isClockDoubtful(): boolean;
}

/** One answer may take so long; a client that asks through us has 3 s of patience. */
const ANSWER_WITHIN_MS = 2_500;
/** Who would wait longer under the source's limits is refused, and may ask again. */
const TURN_WITHIN_MS = 1_500;

/** Wall times, ms: a line that is dead without a word is noticed after both. */
const LINE_TIMING = { pingEveryMs: 5_000, pongWithinMs: 5_000 };

/**
 * @param speed market seconds in a second: 1 where it is Upbit
 * @param timing how the stream is kept, where it is not as usual
 */
export function openSource(url: string, speed: number, timing: Partial<StreamTiming> = {}): Source {
  const clock = createExchangeClock(speed);
  const transport = createTransport({
    baseUrl: url,
    readTimeoutMs: ANSWER_WITHIN_MS,
    turnWithinMs: TURN_WITHIN_MS,
    observeClock: clock.ask,
  });
  return {
    url,
    quotation: createUpbitQuotation(transport),
    relay: createUpbitRelay(transport),
    stream: {
      baseUrl: url,
      timing: { ...LINE_TIMING, ...timing },
      connectPace: createPace(CONNECT_LIMITS, steadyWallClock()),
    },
    now: clock.now,
    isClockDoubtful: clock.isDoubtful,
  };
}
