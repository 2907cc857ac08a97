import type { z } from 'zod';
import { UnknownMarket } from '../../errors.ts';
import type { Quotation } from '../../quotation-port.ts';
import { exchangeClockOf, parseBody } from '../answer.ts';
import type { Parameters } from '../authorization.ts';
import { CODE_NOT_FOUND } from '../error-names.ts';
import type { RateGroup } from '../rate-limits.ts';
import type { Answer, Transport } from '../transport.ts';
import { candlesSchemaOf } from './candle-schema.ts';
import { UPBIT_UNITS } from './candle-units.ts';
import { instrumentsSchema, listedMarketsSchema } from './market-schema.ts';
import { orderBooksSchema } from './order-book-schema.ts';
import { tickersSchema } from './ticker-schema.ts';
import { tradesSchema } from './trade-schema.ts';

/** Upbit's public REST API. Never repeats a request by itself: retries are Temporal's to declare. */
export function createUpbitQuotation(transport: Transport): Quotation {
  /** @throws {UnknownMarket} when a market among the parameters is not listed */
  async function ask(path: string, group: RateGroup, parameters: Named): Promise<Answer> {
    const call = { method: 'GET', path, group, parameters: given(parameters), signed: false } as const;
    const markets = parameters.market ?? parameters.markets;
    if (markets === undefined) return transport.ask(call);
    const answer = await transport.askOrMissing(call, CODE_NOT_FOUND);
    if (answer === undefined) throw new UnknownMarket(markets);
    return answer;
  }

  async function read<T>(path: string, group: RateGroup, parameters: Named, schema: z.ZodType<T>): Promise<T> {
    return parseBody(await ask(path, group, parameters), schema);
  }

  return {
    listMarkets: () => read('v1/market/all', 'market', { is_details: 'true' }, listedMarketsSchema),

    async fetchCandles(market, unit, { to, count, inKrw = false }) {
      const answer = await ask(`v1/candles/${UPBIT_UNITS[unit].path}`, 'candles', {
        market,
        to: to === undefined ? undefined : wholeSecond(to),
        count: String(count),
        converting_price_unit: inKrw ? 'KRW' : undefined,
      });
      return { exchangeClock: exchangeClockOf(answer), candles: parseBody(answer, candlesSchemaOf(unit)) };
    },

    fetchTickers: (markets) => read('v1/ticker', 'ticker', { markets: markets.join(',') }, tickersSchema),

    fetchAllTickers: (quoteCurrencies) =>
      read('v1/ticker/all', 'ticker', { quote_currencies: quoteCurrencies.join(',') }, tickersSchema),

    fetchOrderBooks: (markets, { level, count } = {}) =>
      read(
        'v1/orderbook',
        'orderbook',
        { markets: markets.join(','), level, count: count === undefined ? undefined : String(count) },
        orderBooksSchema,
      ),

    fetchInstruments: (markets) =>
      read('v1/orderbook/instruments', 'orderbook', { markets: markets.join(',') }, instrumentsSchema),

    fetchTrades: (market, { count, to, daysAgo, cursor }) =>
      read(
        'v1/trades/ticks',
        'crix-trades',
        {
          market,
          count: String(count),
          to,
          days_ago: daysAgo === undefined ? undefined : String(daysAgo),
          cursor,
        },
        tradesSchema,
      ),
  };
}

type Named = Readonly<Record<string, string | undefined>>;

function given(parameters: Named): Parameters {
  return Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

/** The first whole second that is not before the instant: what opens before the one opens before the other. */
function wholeSecond(instant: number): string {
  return `${new Date(Math.ceil(instant / 1_000) * 1_000).toISOString().slice(0, 19)}Z`;
}
