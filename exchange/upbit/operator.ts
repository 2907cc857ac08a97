import { z } from 'zod';
import type {
  Cancellations,
  NamedOrder,
  OpenOrderFilter,
  OperatorExchange,
  OrderReferences,
} from '../operator-port.ts';
import { parseBody } from './answer.ts';
import type { Parameters } from './authorization.ts';
import { createOrder, sayingWhetherSent } from './create-order.ts';
import { ORDER_NOT_FOUND } from './error-names.ts';
import { orderParameters, replacementParameters } from './order-parameters.ts';
import type { RateGroup } from './rate-limits.ts';
import type { Transport } from './transport.ts';
import { cancellationsSchema, orderCostSchema, orderSchema, replacementSchema } from './wire.ts';

/** How many orders one request may name, and how many open ones it may cancel (upbit.md §4). */
const MOST_READ = 100;
const MOST_CANCELLED = 20;
const MOST_OPEN_CANCELLED = 300;

/** What of Upbit's REST API an owner may use beyond the bot. Never repeats a request by itself. */
export function createUpbitOperator(transport: Transport): OperatorExchange {
  const cancel = async (path: string, group: RateGroup, parameters: Parameters): Promise<Cancellations> =>
    parseBody(await transport.ask({ method: 'DELETE', path, group, parameters, signed: true }), cancellationsSchema);

  return {
    async testOrder(ticket) {
      const parameters = orderParameters(ticket);
      const call = { method: 'POST', path: 'v1/orders/test', group: 'order-test', parameters, signed: true } as const;
      return parseBody(await transport.ask(call), orderCostSchema);
    },

    createOrder: (ticket, identifier) => createOrder(transport, orderParameters(ticket, identifier), identifier),

    replaceOrder: (previous, ticket, identifier) =>
      sayingWhetherSent(identifier, async (onLeaving) => {
        const parameters = replacementParameters(previous, ticket, identifier);
        const call = { method: 'POST', path: 'v1/orders/cancel_and_new', group: 'order', signed: true } as const;
        const answer = await transport.askOrMissing({ ...call, parameters, onLeaving }, ORDER_NOT_FOUND);
        return answer === undefined ? undefined : parseBody(answer, replacementSchema);
      }),

    async fetchOrders(references) {
      const path = 'v1/orders/uuids';
      const found = [];
      for (const parameters of pagesOf(references, MOST_READ)) {
        const answer = await transport.ask({ method: 'GET', path, group: 'default', parameters, signed: true });
        found.push(...parseBody(answer, z.array(orderSchema)));
      }
      return found;
    },

    async cancelOrders(references) {
      const accepted: NamedOrder[] = [];
      const refused: NamedOrder[] = [];
      for (const parameters of pagesOf(references, MOST_CANCELLED)) {
        const page = await cancel('v1/orders/uuids', 'default', parameters);
        accepted.push(...page.accepted);
        refused.push(...page.refused);
      }
      return { accepted, refused };
    },

    async cancelOpenOrders(filter = {}) {
      if (isAmongNothing(filter)) return { accepted: [], refused: [] };
      return cancel('v1/orders/open', 'order-cancel-all', filterParameters(filter));
    },
  };
}

/** The names of orders as `uuids[]` or `identifiers[]`, each name once, as many to a request as it may carry. */
function pagesOf(references: OrderReferences, most: number): readonly Parameters[] {
  const [key, names] =
    'identifiers' in references ? ['identifiers[]', references.identifiers] : ['uuids[]', references.exchangeOrderIds];
  const parameters = [...new Set(names)].map((name) => [key, name] as const);
  return Array.from({ length: Math.ceil(parameters.length / most) }, (_, page) =>
    parameters.slice(page * most, (page + 1) * most),
  );
}

/** Lists are one value, joined by commas, unlike `uuids[]`. */
function filterParameters({ side, among, except = [], atMost, first }: OpenOrderFilter): Parameters {
  const parameters: [string, string][] = [['cancel_side', side ?? 'all']];
  if (among !== undefined) {
    const [key, names] = 'markets' in among ? ['pairs', among.markets] : ['quote_currencies', among.quoteCurrencies];
    parameters.push([key, names.join(',')]);
  }
  if (except.length > 0) parameters.push(['excluded_pairs', except.join(',')]);
  parameters.push(['count', String(atMost ?? MOST_OPEN_CANCELLED)], ['order_by', first === 'oldest' ? 'asc' : 'desc']);
  return parameters;
}

/** Nothing to choose among is nothing to cancel; sent without it, the request would cancel every order. */
function isAmongNothing({ among }: OpenOrderFilter): boolean {
  return among !== undefined && ('markets' in among ? among.markets : among.quoteCurrencies).length === 0;
}
