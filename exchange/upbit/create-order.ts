import { AmbiguousSubmission, ExchangeUnavailable, NotSent, UnexpectedResponse } from '../errors.ts';
import type { ExchangeOrder } from '../port.ts';
import { parseBody } from './answer.ts';
import type { Parameters } from './authorization.ts';
import { neverConnected } from './never-connected.ts';
import type { Call, Transport } from './transport.ts';
import { orderSchema } from './wire.ts';

/**
 * Sends an order once and says of every failure whether it may have arrived.
 *
 * @param window instants after which it must not leave any more
 * @throws {NotSent | AmbiguousSubmission} besides what the exchange answers
 */
export async function createOrder(
  transport: Transport,
  parameters: Parameters,
  identifier: string,
  window: Pick<Call, 'startBy' | 'startByWall'> = {},
): Promise<ExchangeOrder> {
  let left = false;
  const onLeaving = () => {
    left = true;
  };
  try {
    const answer = await transport.ask({
      ...{ method: 'POST', path: 'v1/orders', group: 'order', parameters, signed: true, onLeaving },
      ...window,
    });
    return parseBody(answer, orderSchema);
  } catch (error) {
    if (!left || neverConnected(error)) throw new NotSent(identifier, error);
    if (error instanceof ExchangeUnavailable || error instanceof UnexpectedResponse) {
      throw new AmbiguousSubmission(identifier, error);
    }
    throw error;
  }
}
