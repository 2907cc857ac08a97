import { z } from 'zod';
import { UnknownMarket } from '../errors.ts';
import type { Exchange, OrderReference } from '../port.ts';
import { exchangeClockOf, parseBody } from './answer.ts';
import type { Parameters } from './authorization.ts';
import { createOrder } from './create-order.ts';
import { CODE_NOT_FOUND, ORDER_NOT_FOUND } from './error-names.ts';
import { createOrderLists } from './order-lists.ts';
import { orderParameters } from './order-parameters.ts';
import { type Call, createTransport, type TransportOptions } from './transport.ts';
import { accountsSchema, candlesSchema, marketsSchema, orderSchema, orderTermsSchema } from './wire.ts';

/** Upbit's REST API behind the exchange port. Never repeats a request by itself: retries are Temporal's to declare. */
export function createUpbitClient(options: TransportOptions): Exchange {
  const transport = createTransport(options);

  return {
    async listMarkets() {
      const answer = await transport.ask({
        method: 'GET',
        path: 'v1/market/all',
        group: 'market',
        parameters: [],
        signed: false,
      });
      return parseBody(answer, marketsSchema);
    },

    async fetchMinuteCandles(market, { to, count }) {
      const parameters: [string, string][] = [['market', market]];
      if (to !== undefined) parameters.push(['to', `${new Date(to).toISOString().slice(0, 19)}Z`]);
      parameters.push(['count', String(count)]);
      const answer = await transport.askOrMissing(
        { method: 'GET', path: 'v1/candles/minutes/1', group: 'candles', parameters, signed: false },
        CODE_NOT_FOUND,
      );
      if (answer === undefined) throw new UnknownMarket(market);
      return { exchangeClock: exchangeClockOf(answer), candles: parseBody(answer, candlesSchema) };
    },

    async fetchBalances() {
      return parseBody(await transport.ask(accountCall('v1/accounts', [])), accountsSchema);
    },

    async fetchOrderTerms(market) {
      return parseBody(await transport.ask(accountCall('v1/orders/chance', [['market', market]])), orderTermsSchema);
    },

    createOrder: (request, startBy, startByWall) =>
      createOrder(transport, orderParameters(request, request.identifier), request.identifier, {
        ...(startBy === undefined ? {} : { startBy }),
        ...(startByWall === undefined ? {} : { startByWall }),
      }),

    fetchOrder: (reference) => orderOrNothing('GET', reference),
    cancelOrder: (reference) => orderOrNothing('DELETE', reference),

    ...createOrderLists(async (path, parameters) =>
      parseBody(await transport.ask(accountCall(path, parameters)), z.array(orderSchema)),
    ),
  };

  async function orderOrNothing(method: 'GET' | 'DELETE', reference: OrderReference) {
    const parameters: Parameters = [
      'identifier' in reference ? ['identifier', reference.identifier] : ['uuid', reference.exchangeOrderId],
    ];
    const answer = await transport.askOrMissing({ ...accountCall('v1/order', parameters), method }, ORDER_NOT_FOUND);
    return answer === undefined ? undefined : parseBody(answer, orderSchema);
  }
}

function accountCall(path: string, parameters: Parameters): Call {
  return { method: 'GET', path, group: 'default', parameters, signed: true };
}
