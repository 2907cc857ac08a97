import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { Market } from '../../../config/market.ts';
import { previousClose } from '../feed/day-change.ts';
import type { History } from '../feed/history.ts';
import { DAY_MS } from '../feed/minute-candle.ts';
import { tradesBefore } from '../feed/trades.ts';
import type { RateGroup } from '../rate-limit.ts';
import { quotationFault } from '../wire/exchange-error.ts';
import { instantOfId, tradeJson } from '../wire/trade-json.ts';
import { asJson } from './as-json.ts';
import { queryOf, quotationCount, quotationNumber, quotationText } from './query.ts';
import { marketOf } from './quoted-markets.ts';

/** Upbit's longest page; more is cut to it. */
const LONGEST_PAGE = 500;
const OLDEST_DAYS_AGO = 7;
const TIME_OF_DAY = /^([01]\d|2[0-3]):?([0-5]\d):?([0-5]\d)$/;

/** The trades of one UTC day: that of the latest trade, or so many days before it. */
export function tradeRoutes(
  app: FastifyInstance,
  histories: ReadonlyMap<Market, History>,
  limit: (group: RateGroup) => onRequestHookHandler,
): void {
  app.get('/v1/trades/ticks', { onRequest: limit('crix-trades') }, (request, reply) => {
    const query = queryOf(request);
    const [market, history] = marketOf(histories, query);
    const { count, sinceMidnight, before, daysAgo } = tradesAsked(query);
    const now = request.marketTime;
    const [latest] = tradesBefore(history.source, 1, now);
    if (latest === undefined) return asJson(reply, '[]');

    const day = (Math.floor(latest.at / DAY_MS) - daysAgo) * DAY_MS;
    const trades = tradesBefore(history.source, count, now, Math.min(day + sinceMidnight, before));
    const ofDay = trades.filter(({ at }) => at >= day);
    if (ofDay.length === 0) return asJson(reply, '[]');
    const previous = previousClose(history, day, now);
    return asJson(reply, `[${ofDay.map((trade) => tradeJson(market, trade, previous)).join(',')}]`);
  });
}

/** Which trades are asked for. @throws {QuotationError} */
export function tradesAsked(query: URLSearchParams) {
  return {
    count: quotationCount(query, LONGEST_PAGE),
    sinceMidnight: timeOfDay(query),
    before: cursorInstant(query),
    daysAgo: daysAgoOf(query),
  };
}

/** `to` in ms since midnight, the end of the day when it is left out. @throws {QuotationError} */
function timeOfDay(query: URLSearchParams): number {
  const text = quotationText(query, 'to');
  if (text === undefined) return DAY_MS;
  const match = TIME_OF_DAY.exec(text);
  if (match === null) throw quotationFault.invalid();
  const [, hours, minutes, seconds] = match.map(Number);
  return ((hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1_000;
}

/** Only trades before this instant have a smaller id than `cursor`. @throws {QuotationError} */
function cursorInstant(query: URLSearchParams): number {
  const text = quotationText(query, 'cursor');
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (!/^\d{1,19}$/.test(text)) throw quotationFault.wrongType();
  return instantOfId(BigInt(text));
}

function daysAgoOf(query: URLSearchParams): number {
  // The second spelling is an older one.
  const days = quotationNumber(query, 'days_ago') ?? quotationNumber(query, 'daysAgo') ?? 0;
  if (days > OLDEST_DAYS_AGO) throw quotationFault.invalid();
  return days;
}
