import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Market } from '../../../config/market.ts';
import { RateLimited, ExchangeError as SourceError, UnknownMarket } from '../../errors.ts';
import type { CandleUnit } from '../../quotation-port.ts';
import type { AnswerInItsWords, PublicRelay } from '../../upbit/quotation/relay.ts';
import type { Limit } from '../quotes.ts';
import { asJson } from '../routes/as-json.ts';
import { isConverted, LONGEST_PAGE, minuteUnit } from '../routes/candles.ts';
import { queryOf, quotationCount, quotationFlag, quotationText, quotationTo } from '../routes/query.ts';
import { marketOf, marketsOf } from '../routes/quoted-markets.ts';
import { tradesAsked } from '../routes/trades.ts';
import { ExchangeError, QuotationError, quotationFault } from '../wire/exchange-error.ts';
import { httpDate } from '../wire/times.ts';
import type { MarketList } from './market-list.ts';

interface RelayParts {
  readonly relay: PublicRelay;
  readonly list: MarketList;
  readonly markets: ReadonlySet<Market>;
}

const PERIODS = { seconds: '1s', weeks: '1w', months: '1M', years: '1y' } as const;

/**
 * Prices in the source's own words, under its own clock. What makes no sense, and markets that are not here, are refused
 * without asking it; nothing is kept, so that each call here costs one there.
 */
export function relayRoutes(app: FastifyInstance, { relay, list, markets }: RelayParts, limit: Limit): void {
  const here = new Map([...markets].map((market) => [market, market]));

  app.get('/v1/market/all', { onRequest: limit('market') }, (request) => {
    const query = queryOf(request);
    return list.shown(quotationFlag(query, 'is_details') ?? quotationFlag(query, 'isDetails') ?? false);
  });

  const candles = (request: FastifyRequest, reply: FastifyReply, unit: CandleUnit): Promise<string> => {
    const query = queryOf(request);
    const [market] = marketOf(here, query);
    const count = quotationCount(query, LONGEST_PAGE);
    quotationTo(query);
    const converted = unit === '1d' && isConverted(query) ? 'KRW' : undefined;
    const asked = { market, to: quotationText(query, 'to'), count, converting_price_unit: converted };
    return passOn(reply, relay({ candles: unit }, given(asked)));
  };
  app.get<{ Params: { unit: string } }>(
    '/v1/candles/minutes/:unit',
    { onRequest: limit('candles') },
    (request, reply) => candles(request, reply, `${minuteUnit(request.params.unit)}m`),
  );
  app.get('/v1/candles/days', { onRequest: limit('candles') }, (request, reply) => candles(request, reply, '1d'));
  for (const [name, unit] of Object.entries(PERIODS)) {
    app.get(`/v1/candles/${name}`, { onRequest: limit('candles') }, (request, reply) => candles(request, reply, unit));
  }

  const tickers = (reply: FastifyReply, wanted: readonly Market[]): Promise<string> =>
    passOn(reply, relay('tickers', [['markets', wanted.join(',')]]));
  app.get('/v1/ticker', { onRequest: limit('ticker') }, (request, reply) =>
    tickers(
      reply,
      marketsOf(here, queryOf(request)).map(([market]) => market),
    ),
  );
  app.get('/v1/ticker/all', { onRequest: limit('ticker') }, async (request, reply) => {
    const currencies = quotationText(queryOf(request), 'quote_currencies')?.split(',');
    if (currencies === undefined) throw quotationFault.missing();
    const wanted = [...markets].filter((market) => currencies.includes(market.slice(0, market.indexOf('-'))));
    return wanted.length === 0 ? asJson(reply, '[]') : tickers(reply, wanted);
  });

  app.get('/v1/trades/ticks', { onRequest: limit('crix-trades') }, (request, reply) => {
    const query = queryOf(request);
    const [market] = marketOf(here, query);
    const { count } = tradesAsked(query);
    const asked = {
      market,
      count,
      to: quotationText(query, 'to'),
      days_ago: quotationText(query, 'days_ago') ?? quotationText(query, 'daysAgo'),
      cursor: quotationText(query, 'cursor'),
    };
    return passOn(reply, relay('trades', given(asked)));
  });

  app.get('/v1/orderbook/instruments', { onRequest: limit('orderbook') }, (request, reply) => {
    const wanted = marketsOf(here, queryOf(request)).map(([market]) => market);
    return passOn(reply, relay('instruments', [['markets', wanted.join(',')]]));
  });
}

function given(parameters: Readonly<Record<string, string | number | undefined>>): (readonly [string, string])[] {
  return Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
}

async function passOn(reply: FastifyReply, answering: Promise<AnswerInItsWords>): Promise<string> {
  try {
    const { body, exchangeClock } = await answering;
    // What is closed and what still forms is judged by this: it must be of the moment of what was said.
    reply.header('date', httpDate(exchangeClock));
    return asJson(reply, body);
  } catch (error) {
    throw refusalOf(error);
  }
}

/** What Upbit would answer: no price is made up, and none is remembered. */
function refusalOf(error: unknown): unknown {
  if (error instanceof UnknownMarket) return quotationFault.codeNotFound();
  if (error instanceof RateLimited) return new ExchangeError(429, 'too_many_requests', 'Too many API requests.');
  if (error instanceof SourceError) return new QuotationError(500, `no answer of the source: ${error.message}`);
  return error;
}
