import { cancellations, signedRead, wrongCancellations, wrongRead } from './account-requests.ts';
import { cancellation, repeatedOrder, rightOrder, wrongBody, wrongContentType, wrongOrder } from './order-requests.ts';
import { type Place, placeAt } from './place.ts';
import { goodQuotation, wrongQuotation } from './quotation-requests.ts';
import { replacement, testedOrder, wrongReplacement } from './replacement-requests.ts';
import type { FuzzRequest } from './request.ts';
import { cutShort, noMessage, pathTrick, wrongMethod } from './wrong-messages.ts';
import { repeatedNonce, wrongSignature } from './wrong-signatures.ts';

/** Each kind with its share. */
const KINDS: readonly (readonly [number, (place: Place) => FuzzRequest])[] = [
  [8, goodQuotation],
  [12, wrongQuotation],
  [8, signedRead],
  [8, wrongRead],
  [20, rightOrder],
  [15, wrongOrder],
  [2, repeatedOrder],
  [12, cancellation],
  [4, cancellations],
  [2, wrongCancellations],
  [8, replacement],
  [4, wrongReplacement],
  [3, testedOrder],
  [3, wrongBody],
  [1, wrongContentType],
  [6, wrongSignature],
  [1, repeatedNonce],
  [2, wrongMethod],
  [3, pathTrick],
  [3, noMessage],
  [1, cutShort],
];
const SHARES = KINDS.reduce((sum, [share]) => sum + share, 0);

/** The request at a place of a seed's endless list, a function of the two alone. */
export function requestAt(seed: number, index: number): FuzzRequest {
  const place = placeAt(seed, index);
  let left = place.random.int(SHARES);
  for (const [share, make] of KINDS) {
    left -= share;
    if (left < 0) return make(place);
  }
  throw new Error('the shares do not add up');
}
