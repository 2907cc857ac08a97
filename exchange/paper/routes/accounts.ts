import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { Market } from '../../../config/market.ts';
import { type Exchange, FEE_RATE } from '../exchange.ts';
import type { RateGroup } from '../rate-limit.ts';
import { accountsJson, chanceJson } from '../wire/account-json.ts';
import { ExchangeError } from '../wire/exchange-error.ts';
import { queryOf } from './query.ts';

/** Balances, and what may be ordered. */
export function accountRoutes(
  app: FastifyInstance,
  exchange: Exchange,
  limit: (group: RateGroup) => onRequestHookHandler,
): void {
  app.get('/v1/accounts', { onRequest: limit('default') }, ({ ledger }) => accountsJson(ledger.balances));

  app.get('/v1/orders/chance', { onRequest: limit('default') }, (request) => {
    const market = queryOf(request).get('market');
    if (market === null) throw new ExchangeError(400, 'invalid_parameter', 'market is missing');
    if (!exchange.markets.has(market as Market)) {
      throw new ExchangeError(400, 'notfoundmarket', `market ${market} does not exist here`);
    }
    return chanceJson(market as Market, request.ledger.balances, FEE_RATE);
  });
}
