import type { Market } from '../../../config/market.ts';
import type { FollowedTrade } from '../../matching/ledger.ts';
import { PRICE_DECIMALS, parseScaled, VALUE_DECIMALS, VOLUME_DECIMALS } from '../../numbers/scaled.ts';
import type { PublicTrade, Quotation, QuotedCandle, TradeRequest } from '../../quotation-port.ts';
import { DAY_MS, MINUTE_MS, type MinuteCandle } from '../feed/minute-candle.ts';
import { minuteTrades } from '../feed/trades.ts';
import { minuteStart } from '../feed/visible.ts';
import type { LivePrint } from './market-tape.ts';

/** The longest pages the source has. */
const TRADES_PER_PAGE = 500;
const CANDLES_PER_PAGE = 200;
/** How many UTC days back it tells trades. */
const OLDEST_DAYS_AGO = 7;
/** Pages read of either: 200,000 trades, or seven weeks of minutes. It takes 50 s, in which the price is not known. */
const MOST_PAGES = 400;

/** The newest trade of a market; none where it never had any. */
export async function newestTrade(quotation: Quotation, market: Market): Promise<LivePrint[]> {
  return (await quotation.fetchTrades(market, { count: 1 })).map((trade) => printOf(market, trade));
}

/**
 * What was traded at the instant of `from` and after it, newest first. Where the source tells no single trades any more, whole
 * minutes are played as the feed `replay` plays them; what is left of the minute of `from` itself is not known then.
 *
 * @param signal ends it between two pages
 */
export async function missedTrades(
  quotation: Quotation,
  market: Market,
  from: FollowedTrade,
  signal?: AbortSignal,
): Promise<LivePrint[]> {
  const { trades, isWhole } = await tradesBackTo(quotation, market, from.at, signal);
  const prints = trades.filter(({ at }) => at >= from.at).map((trade) => printOf(market, trade));
  const oldest = prints.at(-1);
  if (isWhole || oldest === undefined) return prints;
  const until = minuteStart(oldest.at) + MINUTE_MS;
  const minutes = await minutesBetween(quotation, market, minuteStart(from.at) + MINUTE_MS, until, signal);
  return [...prints.filter(({ at }) => at >= until), ...minutes.flatMap((minute) => playedMinute(market, minute))];
}

/** Newest first, back to one that is older than `from` (epoch ms); not whole where the source ends before it. */
async function tradesBackTo(
  quotation: Quotation,
  market: Market,
  from: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly trades: PublicTrade[]; readonly isWhole: boolean }> {
  const trades: PublicTrade[] = [];
  let asked: TradeRequest = { count: TRADES_PER_PAGE };
  /** UTC days since the epoch: of the newest trade, from which the source counts back, and of the page. */
  let [newestDay, day] = [Number.NaN, Number.NaN];
  for (let page = 0; page < MOST_PAGES; page += 1) {
    signal?.throwIfAborted();
    const answer = await quotation.fetchTrades(market, asked);
    const [first] = answer;
    if (page === 0) {
      if (first === undefined) return { trades, isWhole: true };
      newestDay = day = dayOf(first);
    } else if (first === undefined || dayOf(first) > day) {
      // Perhaps a day began meanwhile, and every other is one more day ago.
      const [newest] = await quotation.fetchTrades(market, { count: 1 });
      if (newest !== undefined && dayOf(newest) > newestDay) {
        newestDay = dayOf(newest);
        asked = { ...asked, daysAgo: newestDay - day };
        continue;
      }
    }
    trades.push(...answer);
    const last = answer.at(-1);
    if (last !== undefined && last.at < from) return { trades, isWhole: true };
    if (last !== undefined && answer.length === TRADES_PER_PAGE) {
      asked = { ...asked, cursor: last.id };
      continue;
    }
    // The day ends here.
    if (day * DAY_MS <= from) return { trades, isWhole: true };
    day -= 1;
    if (newestDay - day > OLDEST_DAYS_AGO) break;
    asked = { count: TRADES_PER_PAGE, daysAgo: newestDay - day };
  }
  return { trades, isWhole: false };
}

/** The minutes that start at `from` or later and before `until` (epoch ms), newest first. */
async function minutesBetween(
  quotation: Quotation,
  market: Market,
  from: number,
  until: number,
  signal: AbortSignal | undefined,
): Promise<QuotedCandle[]> {
  const minutes: QuotedCandle[] = [];
  let to = until;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    signal?.throwIfAborted();
    const { candles } = await quotation.fetchCandles(market, '1m', { to, count: CANDLES_PER_PAGE });
    minutes.push(...candles.filter(({ ts }) => ts >= from));
    const oldest = candles.at(-1);
    if (oldest === undefined || oldest.ts <= from || candles.length < CANDLES_PER_PAGE) break;
    to = oldest.ts;
  }
  return minutes;
}

/** Newest first. What a minute is made of here has ids like Upbit's, of its time. */
function playedMinute(market: Market, quoted: QuotedCandle): LivePrint[] {
  const minute: MinuteCandle = {
    start: quoted.ts,
    open: scaled(quoted.open, PRICE_DECIMALS),
    high: scaled(quoted.high, PRICE_DECIMALS),
    low: scaled(quoted.low, PRICE_DECIMALS),
    close: scaled(quoted.close, PRICE_DECIMALS),
    volume: scaled(quoted.volume, VOLUME_DECIMALS),
    value: scaled(quoted.quoteVolume, VALUE_DECIMALS),
  };
  return minuteTrades(minute, Number.POSITIVE_INFINITY)
    .map(({ at, price, volume, taker }) => ({ market, at, price, volume, taker, id: `${at}0000` }))
    .reverse();
}

export function printOf(market: Market, { at, price, volume, taker, id }: PublicTrade): LivePrint {
  return { market, at, price: scaled(price, PRICE_DECIMALS), volume: scaled(volume, VOLUME_DECIMALS), taker, id };
}

function scaled(text: string, decimals: number): bigint {
  const units = parseScaled(text, decimals);
  if (units === undefined) throw new Error(`"${text}" was read as a number and is none`);
  return units;
}

function dayOf({ at }: PublicTrade): number {
  return Math.floor(at / DAY_MS);
}
