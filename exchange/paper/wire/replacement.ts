import { type Order, remainingVolume } from '../../matching/order.ts';
import { type JsonFields, textOf } from './json-body.ts';

/** In place of a volume: as much as is left of the order that is cancelled. */
const REMAIN_ONLY = 'remain_only';

/** The order that a body of `cancel_and_new` wants cancelled. */
export function previousName(body: JsonFields) {
  return { uuid: textOf(body.prev_order_uuid), identifier: textOf(body.prev_order_identifier) };
}

export function newIdentifierOf(body: JsonFields): string | undefined {
  return textOf(body.new_identifier);
}

/**
 * The new order as a body of `POST /v1/orders`. A volume goes with every type but those that spend a total; with these a
 * `remain_only` is the same mistake as any volume. Upbit's list of the types it may be used with was written before there was
 * post_only, which is taken to be one more limit order.
 */
export function replacementBody(body: JsonFields, previous: Order): JsonFields {
  const { market, side } = previous.request;
  return {
    market,
    side,
    ord_type: body.new_ord_type,
    price: body.new_price,
    volume: textOf(body.new_volume) === REMAIN_ONLY ? remainingVolume(previous)?.toFixed() : body.new_volume,
    time_in_force: body.new_time_in_force,
    smp_type: body.new_smp_type,
    identifier: body.new_identifier,
  };
}

/** The old order as it was before, and the names of the new one. */
export function replacedJson(
  previous: Record<string, unknown>,
  { uuid, identifier }: { readonly uuid: string; readonly identifier: string | undefined },
): Record<string, unknown> {
  return {
    ...previous,
    new_order_uuid: uuid,
    ...(identifier !== undefined && { new_order_identifier: identifier }),
  };
}
