import { AmbiguousSubmission, ExchangeUnavailable, NotSent, UnexpectedResponse } from '../errors.ts';
import type { ExchangeOrder } from '../port.ts';
import { parseBody } from './answer.ts';
import type { Parameters } from './authorization.ts';
import { neverConnected } from './never-connected.ts';
import type { Call, Transport } from './transport.ts';
import { orderSchema } from './wire.ts';

/**
 * Sends an order once.
 *
 * @param window instants after which it must not leave any more
 * @throws {NotSent | AmbiguousSubmission} besides what the exchange answers
 */
export function createOrder(
  transport: Transport,
  parameters: Parameters,
  identifier: string,
  window: Pick<Call, 'startBy' | 'startByWall'> = {},
): Promise<ExchangeOrder> {
  return sayingWhetherSent(identifier, async (onLeaving) => {
    const call = { method: 'POST', path: 'v1/orders', group: 'order', parameters, signed: true, onLeaving } as const;
    return parseBody(await transport.ask({ ...call, ...window }), orderSchema);
  });
}

/**
 * Says of every failure to send an order whether it may have arrived.
 *
 * @param send sends it once, and calls `onLeaving` just before the request may leave
 */
export async function sayingWhetherSent<T>(
  identifier: string,
  send: (onLeaving: () => void) => Promise<T>,
): Promise<T> {
  let left = false;
  try {
    return await send(() => {
      left = true;
    });
  } catch (error) {
    if (!left || neverConnected(error)) throw new NotSent(identifier, error);
    if (error instanceof ExchangeUnavailable || error instanceof UnexpectedResponse) {
      throw new AmbiguousSubmission(identifier, error);
    }
    throw error;
  }
}
