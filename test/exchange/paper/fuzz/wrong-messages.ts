import { signedRead } from './account-requests.ts';
import { MESSAGES, PATH_TRICKS } from './nonsense.ts';
import { rightOrder } from './order-requests.ts';
import type { Place } from './place.ts';
import { goodQuotation } from './quotation-requests.ts';
import { bearer, type FuzzRequest, JSON_TYPE, messageOf } from './request.ts';

const REFUSED = [400, 401, 404, 414];

export function wrongMethod({ random, name }: Place): FuzzRequest {
  const method = random.pick(['PUT', 'PATCH', 'POST', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'M-SEARCH', 'PURGE']);
  const path = random.pick(['/v1/market/all', '/v1/accounts', '/v1/orders/closed', '/v1/ticker', '/']);
  const body = random.chance(0.3) ? Buffer.from('{}') : undefined;
  const headers = [bearer(name, ''), ...(body === undefined ? [] : [JSON_TYPE])];
  return {
    what: 'a method that is not there',
    method,
    bytes: messageOf(method, path, headers, body),
    statuses: [400, 404, 405],
  };
}

export function pathTrick({ random, name }: Place): FuzzRequest {
  const target = random.chance(0.2) ? `/v1/${random.bytes(6).toString('base64')}` : random.pick(PATH_TRICKS);
  const method = target.length > 10_000 ? 'GET' : random.pick(['GET', 'GET', 'HEAD']);
  const bytes = messageOf(method, target, [bearer(name, '')]);
  return { what: 'a path trick', method, bytes, statuses: [200, ...REFUSED] };
}

export function noMessage({ random }: Place): FuzzRequest {
  const bytes = random.chance(0.2)
    ? Buffer.concat([random.bytes(1 + random.int(200)), Buffer.from('\r\n\r\n')])
    : random.pick(MESSAGES);
  const method = bytes.toString('latin1', 0, 5) === 'HEAD ' ? 'HEAD' : 'GET';
  const statuses = [200, ...REFUSED, 405, 413, 415, 417, 431, 501, 505];
  return { what: 'bytes that are no request', method, bytes, statuses, lastOnConnection: true };
}

/** A client that is gone in the middle of a right request. */
export function cutShort(place: Place): FuzzRequest {
  const whole = place.random.pick([rightOrder, signedRead, goodQuotation])(place);
  const bytes = whole.bytes.subarray(0, place.random.int(whole.bytes.length));
  // Half a HEAD is no HEAD yet: its refusal has a body.
  return { what: 'half a request', method: 'GET', bytes, statuses: [400], cutOff: true };
}
