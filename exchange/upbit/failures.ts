import {
  AuthenticationFailed,
  Banned,
  ExchangeUnavailable,
  MarketOffline,
  OrderRejected,
  RateLimited,
  UnexpectedResponse,
} from '../errors.ts';
import { errorSchema, parseLosslessJson } from './wire.ts';

/**
 * Error names that mean "the exchange read the order and will not take it" (upbit.md §6). Anything not listed is
 * not a rejection: an order must never be written off because of an answer we do not understand.
 */
const REJECTIONS: ReadonlySet<string> = new Set([
  'invalid_parameter',
  'validation_error',
  'bad_request',
  'create_bid_error',
  'create_ask_error',
  'insufficient_funds_bid',
  'insufficient_funds_ask',
  'under_min_total_bid',
  'under_min_total_ask',
  'under_min_total_market_bid',
  'under_min_total_market_ask',
  'invalid_price_bid',
  'invalid_price_ask',
  'invalid_volume_bid',
  'invalid_volume_ask',
  'invalid_funds_bid',
  'invalid_funds',
  'over_krw_funds_bid',
  'volume_too_large',
  'invalid_time_in_force',
  'invalid_post_only',
  'duplicated_identifier',
  'notfoundmarket',
]);

/** Error names about our key, whatever the status: `out_of_scope` comes with 401 or 403. */
const AUTHENTICATION: ReadonlySet<string> = new Set([
  'invalid_query_payload',
  'jwt_verification',
  'expired_access_key',
  'nonce_used',
  'no_authorization_ip',
  'no_authorization_i_p',
  'no_authorization_token',
  'invalid_access_key',
  'out_of_scope',
  'thirdparty_agreement_required',
]);

/** The error names under which Upbit says that it knows no such order or market. */
export const ORDER_NOT_FOUND = 'order_not_found';
export const CODE_NOT_FOUND = '404';

/** Upbit names no length for a block in what we have seen; five minutes is our own cautious guess. */
const BAN_GUESS_MS = 5 * 60_000;

/** The name and message inside Upbit's error envelope, or undefined when the body is something else. */
export function readErrorEnvelope(body: string): { name: string; message: string } | undefined {
  let json: unknown;
  try {
    json = parseLosslessJson(body);
  } catch {
    return undefined;
  }
  return errorSchema.safeParse(json).data?.error;
}

/**
 * Turns an HTTP answer that is not a success into one of our errors: by status and error name, never by message.
 *
 * @param asked.creates whether an order was sent: only that can be rejected
 * @param now wall clock, epoch milliseconds
 */
export function failureOf(
  { status, body }: { readonly status: number; readonly body: string },
  { group, creates }: { readonly group: string; readonly creates: boolean },
  now: number,
): Error {
  if (status === 418) return new Banned(now + BAN_GUESS_MS);
  if (status === 429) return new RateLimited(group, 1_000 - (now % 1_000));
  const envelope = readErrorEnvelope(body);
  const said = envelope ? `${envelope.name}: ${envelope.message}` : `body of ${body.length} characters`;
  if (status >= 500) return new ExchangeUnavailable(`the exchange answered ${status} (${said})`);
  if (envelope === undefined) return new UnexpectedResponse(`the exchange answered ${status} (${said})`);
  if (envelope.name === 'market_offline') return new MarketOffline(envelope.message);
  if (envelope.name === 'too_many_request_order') return new RateLimited(group, 1_000);
  if (AUTHENTICATION.has(envelope.name)) return new AuthenticationFailed(envelope.name, envelope.message);
  if (creates && REJECTIONS.has(envelope.name)) return new OrderRejected(envelope.name, envelope.message);
  if (status === 401 || status === 403) return new AuthenticationFailed(envelope.name, envelope.message);
  return new UnexpectedResponse(`the exchange answered ${status} (${said})`);
}
