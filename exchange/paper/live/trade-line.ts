import type { Market } from '../../../config/market.ts';
import type { FollowedTrade } from '../../matching/ledger.ts';
import type { StreamEvent } from '../../upbit/stream/events.ts';
import { openQuoteStream } from '../../upbit/stream/stream.ts';
import type { OpenOrders } from '../tape.ts';
import { isAfter, type LivePrint, type MarketTape } from './market-tape.ts';
import { missedTrades, newestTrade, printOf } from './missed-trades.ts';
import type { Source } from './source.ts';

interface TradeLineParts {
  readonly source: Source;
  readonly tapes: ReadonlyMap<Market, MarketTape>;
  /** What of each market was told in an earlier life. */
  readonly followed: ReadonlyMap<Market, FollowedTrade>;
  readonly open: OpenOrders;
  /** Called when tapes have something to tell, and with the time of the newest trade. */
  readonly onTrades: (at: number) => void;
  readonly log: (line: string) => void;
}

/** Keeps tapes complete, and knows for which markets they are. */
export interface TradeLine {
  /** Whether nothing that was traded until about now is missing. */
  isKnown(market: Market): boolean;
  /** Resolves when every market was looked at once, or after `patienceMs`. */
  firstLook(patienceMs: number): Promise<void>;
  close(): Promise<void>;
}

/** What REST said holds for so long (wall time, ms) while the stream is down. */
export const KNOWN_FOR_MS = 10_000;
/** How often (wall time, ms) each market is looked at by REST: while the stream is down, and as a check on it. */
const LOOK_EVERY_MS = { down: 1_000, flowing: 60_000 };
const AFTER_A_FAILURE_MS = 1_000;
/** Trades kept while REST is asked what came before them. Past it, REST has to tell these as well. */
const MOST_HELD = 10_000;

interface Followed {
  readonly market: Market;
  readonly tape: MarketTape;
  /** REST has shown everything up to here. */
  verified: FollowedTrade | undefined;
  /** The stream has told everything since REST was asked. */
  flows: boolean;
  /** When REST was last asked with success, and when it is to be asked again; `performance.now()`. */
  knownAt: number;
  lookAt: number;
  held: LivePrint[];
}

/**
 * The stream tells trades; REST, what came before it, what it lost, and everything while it is down. Trades are told
 * apart by id, so that what both tell counts once. Only where orders rest all that was missed is asked for: elsewhere
 * the newest trade alone means anything.
 */
export function followTrades(parts: TradeLineParts): TradeLine {
  const { source, tapes, open, onTrades, log } = parts;
  const followed = [...tapes].map(([market, tape]): Followed => {
    const verified = parts.followed.get(market);
    return { market, tape, verified, flows: false, knownAt: Number.NEGATIVE_INFINITY, lookAt: 0, held: [] };
  });
  const byMarket = new Map<string, Followed>(followed.map((one) => [one.market, one]));
  const firstLook = Promise.withResolvers<void>();
  const closing = new AbortController();
  /** Counts how often the stream broke: what was asked before it did says nothing about what flows. */
  let breaks = 0;
  let isUp = false;
  let failing: string | undefined;
  let unreadable: string | undefined;
  let wake = Promise.withResolvers<void>();

  const take = (one: Followed, prints: readonly LivePrint[]): void => {
    one.tape.add(prints);
    const newest = prints.reduce((latest, { at }) => Math.max(latest, at), 0);
    if (newest > 0) onTrades(newest);
  };
  const rests = ({ market }: Followed): boolean => (open.get(market)?.size ?? 0) > 0;

  const look = async (one: Followed): Promise<void> => {
    const { market, verified } = one;
    const [askedAt, breaksThen, wasUp] = [performance.now(), breaks, isUp];
    const needsAll = rests(one);
    const prints = await (needsAll && verified !== undefined
      ? missedTrades(source.quotation, market, verified, closing.signal)
      : newestTrade(source.quotation, market));
    // An order that came meanwhile may have met what lies between.
    if (!needsAll && rests(one)) return look(one);
    if (closing.signal.aborted) return;
    const [newest] = prints;
    if (newest !== undefined && (verified === undefined || isAfter(newest, verified))) one.verified = newest;
    one.knownAt = askedAt;
    one.flows = wasUp && breaksThen === breaks;
    // What the stream told since goes on from this answer only where it was up before REST was asked.
    take(one, one.flows ? [...prints, ...one.held.splice(0)] : prints);
  };

  const lookOn = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const due = followed.reduce((first, one) => (one.lookAt < first.lookAt ? one : first));
      const waitMs = due.lookAt - performance.now();
      if (waitMs > 0) {
        const timer = setTimeout(() => wake.resolve(), waitMs);
        await wake.promise;
        clearTimeout(timer);
        wake = Promise.withResolvers();
        continue;
      }
      try {
        await look(due);
        due.lookAt = performance.now() + (due.flows ? LOOK_EVERY_MS.flowing : LOOK_EVERY_MS.down);
        if (failing !== undefined) log(`${source.url} answers again`);
        failing = undefined;
        if (followed.every(({ knownAt }) => knownAt > 0)) firstLook.resolve();
      } catch (error) {
        if (closing.signal.aborted) return;
        due.lookAt = performance.now() + AFTER_A_FAILURE_MS;
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== failing) log(`the trades of ${due.market} are not known: ${reason}`);
        failing = reason;
      }
    }
  };

  const lookSoon = (markets: Iterable<Followed>): void => {
    for (const one of markets) one.lookAt = 0;
    wake.resolve();
  };
  const breakOff = (lookAt: number): void => {
    breaks += 1;
    for (const one of followed) {
      one.flows = false;
      one.lookAt = Math.min(one.lookAt, lookAt);
    }
    wake.resolve();
  };
  const onEvent = (event: StreamEvent): void => {
    if (event.kind === 'trade') {
      const one = byMarket.get(event.trade.market);
      if (one === undefined) return;
      const print = printOf(one.market, event.trade);
      if (one.flows) take(one, [print]);
      else if (one.held.push(print) > MOST_HELD) one.held = [];
    } else if (event.kind === 'gap' && event.reason === 'connected') {
      isUp = true;
      lookSoon(followed);
    } else if (event.kind === 'unreadable') {
      if (event.error.message !== unreadable) log(`trades of ${source.url}: ${event.error.message}`);
      unreadable = event.error.message;
      breakOff(performance.now() + LOOK_EVERY_MS.down);
    } else if (event.kind === 'disconnected') {
      isUp = false;
      breakOff(0);
    }
  };

  const stream = openQuoteStream({
    ...source.stream,
    subscriptions: [{ type: 'trade', markets: followed.map(({ market }) => market) }],
    onEvent,
    log,
  });
  const looking = lookOn();

  return {
    isKnown(market) {
      const one = byMarket.get(market);
      if (one === undefined) return false;
      if (!source.isClockDoubtful()) return one.flows || performance.now() - one.knownAt < KNOWN_FOR_MS;
      // The machine slept, and the line with it.
      lookSoon([one]);
      return false;
    },
    async firstLook(patienceMs) {
      const timer = setTimeout(() => firstLook.resolve(), patienceMs);
      await firstLook.promise;
      clearTimeout(timer);
    },
    async close() {
      closing.abort();
      wake.resolve();
      await Promise.all([stream.close(), looking]);
    },
  };
}
