import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Market } from '../../../config/market.ts';
import { previousClose } from '../feed/day-change.ts';
import type { History } from '../feed/history.ts';
import { secondCandlesBefore } from '../feed/second-candles.ts';
import { candlesBefore, DAYS, MINUTE_UNITS, MONTHS, minutesOf, WEEKS, YEARS } from '../feed/timeframe.ts';
import type { RateGroup } from '../rate-limit.ts';
import { candlesJson, dayFields, minuteFields, periodFields } from '../wire/candle-json.ts';
import { quotationFault } from '../wire/exchange-error.ts';
import { asJson } from './as-json.ts';
import { queryOf, quotationCount, quotationText, quotationTo } from './query.ts';
import { marketOf } from './quoted-markets.ts';

/** Upbit cuts a longer page to this without saying so. */
export const LONGEST_PAGE = 200;
const PERIODS = { weeks: WEEKS, months: MONTHS, years: YEARS };

/** Candles of every length, all of the same minutes. */
export function candleRoutes(
  app: FastifyInstance,
  histories: ReadonlyMap<Market, History>,
  limit: (group: RateGroup) => onRequestHookHandler,
): void {
  const pageOf = (request: FastifyRequest) => {
    const query = queryOf(request);
    const [market, history] = marketOf(histories, query);
    return { query, market, history, count: quotationCount(query, LONGEST_PAGE), to: quotationTo(query) };
  };
  const limited = { onRequest: limit('candles') };

  app.get('/v1/candles/seconds', limited, (request, reply) => {
    const { market, history, count, to } = pageOf(request);
    return asJson(reply, candlesJson(market, secondCandlesBefore(history, count, request.marketTime, to)));
  });

  app.get<{ Params: { unit: string } }>('/v1/candles/minutes/:unit', limited, (request, reply) => {
    const unit = minuteUnit(request.params.unit);
    const { market, history, count, to } = pageOf(request);
    const candles = candlesBefore(history, minutesOf(unit), count, request.marketTime, to);
    return asJson(
      reply,
      candlesJson(market, candles, () => minuteFields(unit)),
    );
  });

  app.get('/v1/candles/days', limited, async (request, reply) => {
    const { query, market, history, count, to } = pageOf(request);
    const converted = isConverted(query);
    const now = request.marketTime;
    await history.prepare(now);
    const candles = candlesBefore(history, DAYS, count, now, to);
    const more = (candle: (typeof candles)[number]): string =>
      dayFields(candle, previousClose(history, candle.start, now), converted);
    return asJson(reply, candlesJson(market, candles, more));
  });

  for (const [name, timeframe] of Object.entries(PERIODS)) {
    app.get(`/v1/candles/${name}`, limited, async (request, reply) => {
      const { market, history, count, to } = pageOf(request);
      await history.prepare(request.marketTime);
      const candles = candlesBefore(history, timeframe, count, request.marketTime, to);
      return asJson(reply, candlesJson(market, candles, periodFields));
    });
  }
}

/** @throws {QuotationError} for a length that Upbit has no candles of */
export function minuteUnit(text: string): (typeof MINUTE_UNITS)[number] {
  if (!/^-?\d{1,9}$/.test(text)) throw quotationFault.wrongType();
  const unit = MINUTE_UNITS.find((minutes) => String(minutes) === text);
  if (unit === undefined) throw quotationFault.invalid();
  return unit;
}

/** Whether closes are asked for in KRW as well. @throws {QuotationError} for another currency */
export function isConverted(query: URLSearchParams): boolean {
  const currency = quotationText(query, 'converting_price_unit') ?? quotationText(query, 'convertingPriceUnit');
  if (currency !== undefined && currency !== 'KRW') throw quotationFault.invalid();
  return currency !== undefined;
}
