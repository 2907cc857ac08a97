import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { Market } from '../../../config/market.ts';
import type { History } from '../feed/history.ts';
import { tickerAt } from '../feed/ticker.ts';
import type { RateGroup } from '../rate-limit.ts';
import { quotationFault } from '../wire/exchange-error.ts';
import { tickerJson } from '../wire/ticker-json.ts';
import { asJson } from './as-json.ts';
import { queryOf, quotationText } from './query.ts';
import { marketsOf } from './quoted-markets.ts';

/** Markets at a glance: those that are named, or all that are paid for in some currency. */
export function tickerRoutes(
  app: FastifyInstance,
  histories: ReadonlyMap<Market, History>,
  limit: (group: RateGroup) => onRequestHookHandler,
): void {
  const tickersJson = async (markets: readonly [Market, History][], now: number): Promise<string> => {
    for (const [, history] of markets) await history.prepare(now);
    const tickers = markets.map(([market, history]) => {
      const ticker = tickerAt(history, now);
      if (ticker === undefined) throw quotationFault.codeNotFound();
      return tickerJson(market, ticker);
    });
    return `[${tickers.join(',')}]`;
  };
  const limited = { onRequest: limit('ticker') };

  app.get('/v1/ticker', limited, async (request, reply) =>
    asJson(reply, await tickersJson(marketsOf(histories, queryOf(request)), request.marketTime)),
  );

  app.get('/v1/ticker/all', limited, async (request, reply) => {
    const currencies = quotationText(queryOf(request), 'quote_currencies')?.split(',');
    if (currencies === undefined) throw quotationFault.missing();
    const markets = [...histories].filter(([market]) => currencies.includes(market.slice(0, market.indexOf('-'))));
    return asJson(reply, await tickersJson(markets, request.marketTime));
  });
}
