import { endpointOf, isLoopback } from '../../config/endpoint.ts';
import { UserError } from '../../config/user-error.ts';
import { UPBIT_ADDRESS } from '../../exchange/upbit/address.ts';

/** Where the paper exchange may have its prices from. */
export const FEED_NAMES = ['simulated', 'replay', 'upbit'] as const;

export type FeedName = (typeof FEED_NAMES)[number];

export interface SourceOptions {
  readonly feed: FeedName;
  readonly source?: string;
  readonly speed?: number;
  /** Those of an order book that is made here. */
  readonly spread?: number;
  readonly depth?: number;
}

/**
 * The address live prices come from; undefined where prices are made here. Upbit's pace is that of the world; a paper
 * exchange on this machine that plays its part may run faster, and `speed` then is its own.
 *
 * @throws {UserError} for options that do not go with the feed
 */
export function sourceOf({ feed, source, speed = 1, ...book }: SourceOptions): string | undefined {
  if (feed !== 'upbit') {
    if (source === undefined) return undefined;
    throw new UserError(`--source goes with --feed upbit, not with --feed ${feed}`, 2);
  }
  const address = endpointOf(source ?? UPBIT_ADDRESS);
  if (speed !== 1 && !isLoopback(address)) {
    throw new UserError(`--speed ${speed} does not go with --feed upbit: live prices come at speed 1`, 2);
  }
  for (const name of ['spread', 'depth'] as const) {
    if (book[name] === undefined) continue;
    throw new UserError(`--${name} does not go with --feed upbit: its order book is that of ${address}`, 2);
  }
  return address;
}
