import { isMarket } from '../../../config/market.ts';
import type { OrderRequest, OrderType, Side, TimeInForce } from '../../matching/order.ts';
import { ExchangeError } from './exchange-error.ts';
import { type JsonFields, textOf } from './json-body.ts';

const SIDES: readonly string[] = ['bid', 'ask'] satisfies Side[];
const TYPES: readonly string[] = ['limit', 'price', 'market', 'best'] satisfies OrderType[];
const TIMES_IN_FORCE: readonly string[] = ['ioc', 'fok', 'post_only'] satisfies TimeInForce[];

/** The identifier of an order body, looked at before anything else because even a refused order uses it up. */
export function identifierOf(body: JsonFields): string | undefined {
  return textOf(body.identifier);
}

/** @throws {ExchangeError} for words that are none of Upbit's, or a market that is not traded here. */
export function readOrderRequest(body: JsonFields, isTraded: (market: string) => boolean): OrderRequest {
  const market = textOf(body.market);
  const side = textOf(body.side);
  const type = textOf(body.ord_type);
  const timeInForce = textOf(body.time_in_force);
  if (market === undefined) throw invalid('market is missing');
  if (!isMarket(market) || !isTraded(market)) {
    throw new ExchangeError(400, 'notfoundmarket', `market ${market} does not exist here`);
  }
  if (side === undefined || !SIDES.includes(side)) throw invalid('side must be bid or ask');
  if (type === undefined || !TYPES.includes(type)) throw invalid(`ord_type must be one of ${TYPES.join(', ')}`);
  if (timeInForce !== undefined && !TIMES_IN_FORCE.includes(timeInForce)) {
    throw new ExchangeError(400, 'invalid_time_in_force', `time_in_force must be one of ${TIMES_IN_FORCE.join(', ')}`);
  }
  const optional = {
    price: textOf(body.price),
    volume: textOf(body.volume),
    timeInForce,
    smpType: textOf(body.smp_type),
    identifier: identifierOf(body),
  };
  return {
    market,
    side: side as Side,
    type: type as OrderType,
    ...(Object.fromEntries(
      Object.entries(optional).filter(([, value]) => value !== undefined),
    ) as Partial<OrderRequest>),
  };
}

function invalid(message: string): ExchangeError {
  return new ExchangeError(400, 'invalid_parameter', message);
}
