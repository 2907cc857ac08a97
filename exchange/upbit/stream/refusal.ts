import { AuthenticationFailed, RateLimited, UnexpectedResponse } from '../../errors.ts';
import type { HideKeys } from '../hide-keys.ts';

/** Wall time after which a refusal for too many messages is forgotten, ms. */
const TOO_MANY_MS = 1_000;

const REPORT = 'report it with this message, it is a fault of this program';

/** For the operator: what Upbit means by the names it refuses on a stream under, and what to do (upbit.md §7). */
export const STREAM_REFUSALS: ReadonlyMap<string, string> = new Map([
  [
    'INVALID_AUTH',
    'the exchange does not accept the key or the signature for this stream; check UPBIT_ACCESS_KEY, UPBIT_SECRET_KEY and ' +
      'the addresses the key is allowed from',
  ],
  ['WRONG_FORMAT', `what was asked for is not written as the exchange wants it; ${REPORT}`],
  ['NO_TICKET', `what was asked for bears no ticket; ${REPORT}`],
  ['NO_TYPE', `what was asked for names no type; ${REPORT}`],
  ['NO_CODES', `what was asked for names no market; ${REPORT}`],
  [
    'INVALID_PARAM',
    'the exchange takes no such type, market or format; compare the markets with GET /v1/market/all, one may have been ' +
      'delisted',
  ],
  [
    'TOO_MANY_REQUEST',
    'more messages or connections than the exchange takes; it is tried again; if it goes on, see what else uses this key ' +
      'or address',
  ],
]);

/** @param message the exchange's own words, which may say our request back to us */
export function refusalOf(name: string, message: string, hideKeys: HideKeys): Error {
  const meaning = STREAM_REFUSALS.get(name);
  if (name === 'TOO_MANY_REQUEST') return new RateLimited('websocket-message', TOO_MANY_MS, meaning);
  const shown = meaning === undefined ? hideKeys(name) : name;
  const words = message === '' ? [] : [`the exchange says: ${hideKeys(message)}`];
  const sentence = [...(meaning === undefined ? [] : [meaning]), ...words].join('; ');
  if (name === 'INVALID_AUTH') return new AuthenticationFailed(name, sentence);
  return new UnexpectedResponse(
    `the exchange refused a subscription (${shown})${sentence === '' ? '' : `: ${sentence}`}`,
  );
}
