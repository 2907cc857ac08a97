import { ApplicationFailure } from '@temporalio/activity';
import type { Market } from '../config/market.ts';
import { emptySlotSettlesAt, settledUntil } from '../exchange/candle-page.ts';
import type { CandlePage, CandleRequest, MarketDataExchange } from '../exchange/port.ts';
import { candleOpen } from '../strategy/candle.ts';
import type { CandlePace } from './await-close.ts';
import type { MinuteListener } from './news/minute-news.ts';

export interface SettledPage {
  readonly page: CandlePage;
  /** Up to which slot it settles what happened, exclusive. */
  readonly until: number;
}

/** Whoever asks for a page. */
export interface PageAsking extends Pick<CandlePace, 'clock' | 'intervalMs'> {
  readonly exchange: MarketDataExchange;
  readonly minutes: MinuteListener;
  /** Instant of `performance.now()` until which it is worth waiting for a page that settles more. */
  readonly patientUntil: number;
}

/** What is asked for, and up to where everything is known. */
export interface PageWanted {
  readonly market: Market;
  readonly request: CandleRequest;
  readonly coveredUntil: number | undefined;
  /** Of a candle, market milliseconds. */
  readonly length: number;
}

/** Share of a candle before its close within which a run that finds nothing new waits for the close. */
const EARLY_SHARE = 0.1;

/** The next attempt goes on waiting where the one before had to stop. */
const AT_ONCE_MS = 1;

/** A timer cuts fractions off and counts whole milliseconds, so it may fire this much before its instant. */
const TIMER_SLACK_MS = 2;

/**
 * The newest page, once it settles the slot that has just closed. What settles it is the page alone; until one does, those
 * who are told of minutes wait here: until a later minute has a trade, the clock settles it, or the pause of the retry
 * policy is over.
 *
 * @throws `CandleNotReady` when it is not settled and nobody waits any longer; retried by policy
 */
export async function fetchSettledPage(asking: PageAsking, wanted: PageWanted): Promise<SettledPage> {
  const { exchange, clock, intervalMs, minutes, patientUntil } = asking;
  const { market, request, coveredUntil, length } = wanted;
  const isPatient = performance.now() < patientUntil;
  for (let pauseMs = Math.max(50, intervalMs / 60); ; pauseMs *= 2) {
    const page = await exchange.fetchMinuteCandles(market, request);
    const until = settledUntil(page, length);
    const awaited = whatIsAwaited(page, until, coveredUntil, length);
    if (awaited === undefined) return { page, until };

    const wallMs = (instant: number) => ((awaited.at - instant) * intervalMs) / length;
    const leftMs = patientUntil - performance.now();
    if (!isPatient) throw notReady(awaited, awaited.isClose ? wallMs(page.exchangeClock) : undefined);
    if (leftMs < TIMER_SLACK_MS) throw notReady(awaited, AT_ONCE_MS);
    // The header is cut to whole seconds; the clock that it feeds is nearer. Should that be ahead, no request hurries.
    const untilThenMs = wallMs(clock.now() ?? page.exchangeClock);
    await minutes.next(Math.min(leftMs, pauseMs, untilThenMs > 0 ? untilThenMs : pauseMs));
  }
}

interface Awaited {
  readonly message: string;
  /** When the clock alone brings it, market time. */
  readonly at: number;
  readonly isClose: boolean;
}

/**
 * Two reasons to come again at once: the slot that just closed shows no candle and is not old enough to count as
 * empty; or the run came a little before the close by the exchange's clock and would otherwise store that candle a
 * whole interval late.
 */
function whatIsAwaited(
  page: CandlePage,
  settled: number,
  coveredUntil: number | undefined,
  length: number,
): Awaited | undefined {
  const forming = candleOpen(page.exchangeClock, length);
  if (settled < forming) {
    const message = `the candle of ${iso(forming - length)} is not there yet`;
    return { message, at: emptySlotSettlesAt(forming, length), isClose: false };
  }
  const close = forming + length;
  if (coveredUntil === undefined || coveredUntil < forming) return undefined;
  if (close - page.exchangeClock > length * EARLY_SHARE) return undefined;
  return { message: `the candle of ${iso(forming)} closes in a moment`, at: close, isClose: true };
}

function notReady({ message }: Awaited, retryInMs: number | undefined): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'CandleNotReady',
    message,
    ...(retryInMs === undefined ? {} : { nextRetryDelay: Math.max(1, Math.ceil(retryInMs)) }),
  });
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
