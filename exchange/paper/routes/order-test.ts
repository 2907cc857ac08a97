import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Market } from '../../../config/market.ts';
import { deterministicUuid } from '../../matching/deterministic-uuid.ts';
import { Exact } from '../../matching/exact.ts';
import { applyEvent, emptyLedger } from '../../matching/ledger.ts';
import type { Order, OrderRequest } from '../../matching/order.ts';
import { submitOrder } from '../../matching/submit.ts';
import { type Exchange, FEE_RATE } from '../exchange.ts';
import { decimalText, PRICE_DECIMALS } from '../feed/scaled.ts';
import { lastPrice } from '../feed/visible.ts';
import type { RateGroup } from '../rate-limit.ts';
import { ExchangeError } from '../wire/exchange-error.ts';
import { acceptedOrderJson } from '../wire/order-json.ts';
import { readOrderRequest } from '../wire/order-request.ts';
import { bodyOf } from './signed.ts';

/** Checking an order without placing it. Whether Upbit uses its identifier up is not documented; here it is not. */
export function orderTestRoutes(
  app: FastifyInstance,
  exchange: Exchange,
  limit: (group: RateGroup) => onRequestHookHandler,
): void {
  app.post('/v1/orders/test', { onRequest: limit('order-test') }, (request, reply) => {
    const wanted = readOrderRequest(bodyOf(request), (market) => exchange.sources.has(market as Market));
    const order = admit(wanted, exchange, request);
    reply.code(201);
    return acceptedOrderJson({ ...order, uuid: deterministicUuid('test', request.marketTime, JSON.stringify(wanted)) });
  });
}

/** The order as it would be accepted, under an id that a real one may get. @throws {ExchangeError} */
function admit(wanted: OrderRequest, { sources }: Exchange, { ledger, marketTime }: FastifyRequest): Order {
  const source = sources.get(wanted.market);
  const price = source === undefined ? undefined : lastPrice(source, marketTime);
  if (price === undefined) throw new Error(`${wanted.market} has no price at ${new Date(marketTime).toISOString()}`);
  // What meets an empty book is decided but for its executions: the first event is the acceptance.
  const submission = submitOrder(ledger, wanted, {
    at: marketTime,
    liquidity: { asks: [], bids: [] },
    lastPrice: new Exact(decimalText(price, PRICE_DECIMALS)),
    feeRate: FEE_RATE,
    seed: 0,
  });
  if (!submission.accepted) throw new ExchangeError(400, submission.rejection.name, submission.rejection.message);
  const [accepted] = submission.events;
  const scratch = emptyLedger();
  if (accepted !== undefined) applyEvent(scratch, accepted);
  const order = scratch.orders.get(submission.uuid);
  if (order === undefined) throw new Error(`order ${submission.uuid} was accepted without its acceptance`);
  return order;
}
