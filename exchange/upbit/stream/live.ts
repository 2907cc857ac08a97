import type { Market } from '../../../config/market.ts';
import { candleOpen } from '../../../strategy/candle.ts';
import { decimalText, Exact } from '../../../strategy/exact-decimal.ts';
import type {
  AccountNews,
  GapReason,
  LineNews,
  LiveAccount,
  LiveFill,
  LiveLine,
  LiveMarkets,
  LiveOrder,
} from '../../live-port.ts';
import type { UpbitKeys } from '../authorization.ts';
import type { StreamEvent, StreamFill, StreamOrder, Topic } from './events.ts';
import { openAccountStream, openQuoteStream, type StreamOptions } from './stream.ts';
import type { Subscription } from './subscription.ts';

/** Where and how to connect; lines of one process share `connectPace`. */
export type LiveOptions = Omit<StreamOptions<Subscription>, 'subscriptions' | 'onEvent'>;

const MINUTE_MS = 60_000;
/** A gap for unreadable messages comes at most so often: where the exchange changed its format, each of them is one. */
const UNREADABLE_EVERY_MS = 10_000;

/** Upbit's tickers and minute candles, as news of markets. */
export function createUpbitLiveMarkets(options: LiveOptions): LiveMarkets {
  return {
    watchMarkets(markets, onNews) {
      const marketOf = (code: string | undefined): Market | undefined => markets.find((market) => market === code);
      const closes = watchCloses();
      const gap = (reason: GapReason, of: readonly Market[]): void => onNews({ kind: 'gap', reason, markets: of });
      const unreadable = atMostEvery(UNREADABLE_EVERY_MS, () => gap('unreadable', markets));
      const tellLine = lineTeller(unreadable, onNews);
      const pricedAt = new Map<Market, number>();
      const tellClose = (market: Market, instant: number): void => {
        const until = closes(market, instant);
        if (until !== undefined) onNews({ kind: 'minute-closed', market, until });
      };
      const stream = openQuoteStream({
        ...options,
        subscriptions: [
          { type: 'ticker', markets },
          { type: 'candle.1m', markets },
        ],
        onEvent(event) {
          if (event.kind === 'ticker') {
            const { price, tradedAt: at } = event.ticker;
            const market = marketOf(event.ticker.market);
            if (market === undefined || at < (pricedAt.get(market) ?? 0)) return;
            pricedAt.set(market, at);
            tellClose(market, at);
            onNews({ kind: 'price', market, price, at });
          } else if (event.kind === 'candle') {
            const market = marketOf(event.candle.market);
            if (market !== undefined) tellClose(market, event.candle.ts);
          } else if (event.kind === 'gap') gap(event.reason, marketsOf(event.topics, markets));
          else if (event.kind === 'unreadable') unreadable.call();
          else tellLine(event);
        },
      });
      return closing(stream, unreadable);
    },
  };
}

/** Upbit's orders and balances, as news of the account. */
export function createUpbitLiveAccount(options: LiveOptions & { readonly keys: UpbitKeys }): LiveAccount {
  return {
    watchAccount(onNews) {
      const unreadable = atMostEvery(UNREADABLE_EVERY_MS, () => onNews({ kind: 'gap', reason: 'unreadable' }));
      const tellLine = lineTeller(unreadable, onNews);
      const stream = openAccountStream({
        ...options,
        subscriptions: [{ type: 'myOrder' }, { type: 'myAsset' }],
        onEvent(event) {
          if (event.kind === 'order') onNews(newsOfOrder(event.order));
          else if (event.kind === 'assets') onNews({ kind: 'balances', balances: event.assets.assets });
          else if (event.kind === 'gap') onNews({ kind: 'gap', reason: event.reason });
          else if (event.kind === 'unreadable') unreadable.call();
          else tellLine(event);
        },
      });
      return closing(stream, unreadable);
    },
  };
}

/** Tells of the line's end; where a refusal ended it, in the words of that. */
function lineTeller(unreadable: Throttled, onNews: (news: LineNews) => void): (event: StreamEvent) => void {
  let refusal: Error | undefined;
  return (event) => {
    if (event.kind === 'refused') refusal = event.error;
    else if (event.kind === 'disconnected') {
      onNews({ kind: 'offline', reason: refusal?.message ?? event.reason, retryInMs: event.retryInMs });
      refusal = undefined;
    } else if (event.kind === 'stopped') {
      unreadable.stop();
      onNews(event);
    }
  };
}

function newsOfOrder(told: StreamOrder): AccountNews {
  const order: LiveOrder = {
    exchangeOrderId: told.exchangeOrderId,
    identifier: told.identifier,
    market: told.market,
    side: told.side,
    isOver: told.state === 'done' || told.state === 'cancel',
    executedVolume: told.executedVolume,
    paidFee: told.paidFee,
    at: told.at,
  };
  return told.fill === undefined ? { kind: 'order', order } : { kind: 'fill', order, fill: fillOf(told.fill) };
}

function fillOf({ price, volume, ...rest }: StreamFill): LiveFill {
  return { ...rest, price, volume, funds: decimalText(new Exact(price).times(volume)) };
}

function marketsOf(topics: readonly Topic[], markets: readonly Market[]): readonly Market[] {
  return markets.filter((market) => topics.some((topic) => topic.market === market));
}

/** @returns what says until when minutes are over, the first time that something of a later minute is heard. */
function watchCloses(): (market: Market, instant: number) => number | undefined {
  const newest = new Map<Market, number>();
  return (market, instant) => {
    const minute = candleOpen(instant, MINUTE_MS);
    const known = newest.get(market);
    if (known !== undefined && minute <= known) return undefined;
    newest.set(market, minute);
    // Whatever came before the first that was heard, the first gap is for.
    return known === undefined ? undefined : minute;
  };
}

interface Throttled {
  call(): void;
  stop(): void;
}

/** Does `work` at once, or as soon as it is due again: the last call is never lost. */
function atMostEvery(everyMs: number, work: () => void): Throttled {
  let timer: NodeJS.Timeout | undefined;
  let isDue = false;
  const run = (): void => {
    isDue = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (isDue) run();
    }, everyMs);
    work();
  };
  return {
    call() {
      if (timer === undefined) run();
      else isDue = true;
    },
    stop: () => clearTimeout(timer),
  };
}

function closing(stream: LiveLine, unreadable: Throttled): LiveLine {
  return {
    close() {
      unreadable.stop();
      return stream.close();
    },
  };
}
