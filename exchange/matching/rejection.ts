import type { Side } from './order.ts';

/** A business refusal in Upbit's own words: the `name` of its error body, and text for a person. */
export interface Rejection {
  readonly name: string;
  readonly message: string;
}

export function rejection(name: string, message: string): Rejection {
  return { name, message };
}

/** For the names Upbit ends in `_bid` or `_ask`. */
export function sideRejection(stem: string, side: Side, message: string): Rejection {
  return rejection(`${stem}_${side}`, message);
}
