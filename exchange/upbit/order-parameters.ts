import { type OrderTicket, REMAINING, type ReplacementTicket } from '../operator-port.ts';
import type { OrderReference } from '../port.ts';
import type { Parameters } from './authorization.ts';

/**
 * The body of `POST /v1/orders` in sending order. Upbit calls a market buy `price` and a market sell `market`.
 *
 * @param identifier left out for an order that is only tested: whether that would use it up is not documented
 */
export function orderParameters(ticket: OrderTicket, identifier?: string): Parameters {
  return [['market', ticket.market], ['side', ticket.side], ...termsOf(ticket, identifier)];
}

/** The body of `POST /v1/orders/cancel_and_new`: the order to cancel, then the new one's terms, each named `new_…`. */
export function replacementParameters(
  previous: OrderReference,
  ticket: ReplacementTicket,
  identifier: string,
): Parameters {
  const terms = termsOf(ticket, identifier).map(
    ([name, value]) => [`new_${name}`, name === 'volume' && value === REMAINING ? 'remain_only' : value] as const,
  );
  return [
    'identifier' in previous
      ? ['prev_order_identifier', previous.identifier]
      : ['prev_order_uuid', previous.exchangeOrderId],
    ...terms,
  ];
}

function termsOf(ticket: OrderTicket | ReplacementTicket, identifier: string | undefined): Parameters {
  return [...kindOf(ticket), ...optional('identifier', identifier), ...optional('smp_type', selfMatchOf(ticket))];
}

function kindOf(ticket: OrderTicket | ReplacementTicket): Parameters {
  if (ticket.type === 'limit') {
    return [
      ['volume', ticket.volume],
      ['price', ticket.price],
      ['ord_type', 'limit'],
      ...optional('time_in_force', ticket.timeInForce),
    ];
  }
  const amount = ticket.side === 'bid' ? (['price', ticket.spendKrw] as const) : (['volume', ticket.volume] as const);
  if (ticket.type === 'best') return [amount, ['ord_type', 'best'], ['time_in_force', ticket.timeInForce]];
  return [amount, ['ord_type', ticket.side === 'bid' ? 'price' : 'market']];
}

/**
 * Always explicit: what an absent smp_type means was announced to change on 2026-11-09 (upbit.md §0). Only `post_only`
 * goes with none at all, before that day as after it.
 */
function selfMatchOf(ticket: OrderTicket | ReplacementTicket): string | undefined {
  const isPostOnly = ticket.type === 'limit' && ticket.timeInForce === 'post_only';
  return ticket.selfMatch ?? (isPostOnly ? undefined : 'cancel_taker');
}

function optional(name: string, value: string | undefined): Parameters {
  return value === undefined ? [] : [[name, value]];
}
