import { z } from 'zod';
import { AmbiguousSubmission, ExchangeUnavailable, NotSent, UnexpectedResponse, UnknownMarket } from '../errors.ts';
import type { Exchange, OrderReference, OrderRequest } from '../port.ts';
import { exchangeClockOf, parseBody } from './answer.ts';
import type { Parameters } from './authorization.ts';
import { CODE_NOT_FOUND, ORDER_NOT_FOUND } from './failures.ts';
import { neverConnected } from './never-connected.ts';
import { createOrderLists } from './order-lists.ts';
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

    async createOrder(request, startBy, startByWall) {
      let left = false;
      const onLeaving = () => {
        left = true;
      };
      try {
        const answer = await transport.ask({
          method: 'POST',
          path: 'v1/orders',
          group: 'order',
          parameters: orderParameters(request),
          signed: true,
          onLeaving,
          ...(startBy === undefined ? {} : { startBy }),
          ...(startByWall === undefined ? {} : { startByWall }),
        });
        return parseBody(answer, orderSchema);
      } catch (error) {
        if (!left || neverConnected(error)) throw new NotSent(request.identifier, error);
        if (error instanceof ExchangeUnavailable || error instanceof UnexpectedResponse) {
          throw new AmbiguousSubmission(request.identifier, error);
        }
        throw error;
      }
    },

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

/** The body of `POST /v1/orders` in sending order. Upbit calls a market buy `price` and a market sell `market`. */
export function orderParameters(request: OrderRequest): Parameters {
  const kind: Parameters =
    request.type === 'limit'
      ? [
          ['volume', request.volume],
          ['price', request.price],
          ['ord_type', 'limit'],
        ]
      : request.side === 'bid'
        ? [
            ['price', request.spendKrw],
            ['ord_type', 'price'],
          ]
        : [
            ['volume', request.volume],
            ['ord_type', 'market'],
          ];
  return [
    ['market', request.market],
    ['side', request.side],
    ...kind,
    ['identifier', request.identifier],
    // Always explicit: what an absent smp_type means was announced to change on 2026-11-09 (upbit.md §0).
    ['smp_type', 'cancel_taker'],
  ];
}
