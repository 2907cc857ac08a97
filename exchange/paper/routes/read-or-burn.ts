import type { Exchange } from '../exchange.ts';
import { ExchangeError } from '../wire/exchange-error.ts';

/**
 * What `read` makes of a request for an order. One that makes no sense uses its identifier up like any refused one.
 *
 * @throws {ExchangeError} that of `read`, or that the identifier was used before
 */
export function readOrBurn<T>(exchange: Exchange, identifier: string | undefined, now: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const unusable = exchange.refuse(identifier, now);
    throw unusable === undefined ? error : new ExchangeError(400, unusable.name, unusable.message);
  }
}
