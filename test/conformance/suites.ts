import { ACCOUNT } from './account.ts';
import type { Suite } from './case.ts';
import { ERRORS } from './errors.ts';
import { LIMITS } from './limits.ts';
import { ORDER_LISTS } from './order-lists.ts';
import { orderTypes } from './order-types.ts';
import { orders } from './orders.ts';
import { PARTIAL_FILLS } from './partial-fills.ts';
import { QUOTATION } from './quotation.ts';
import { SELF_MATCH } from './self-match.ts';
import { STREAMS } from './streams.ts';
import { WIRE } from './wire.ts';

/** Everything that our client and the paper exchange must agree on. */
export const SUITES: readonly Suite[] = [
  WIRE,
  QUOTATION,
  ACCOUNT,
  ...(['endless', 'levels'] as const).flatMap((book) => [orders(book), orderTypes(book)]),
  ORDER_LISTS,
  PARTIAL_FILLS,
  SELF_MATCH,
  ERRORS,
  LIMITS,
  STREAMS,
];
