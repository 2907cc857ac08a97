import {
  AuthenticationFailed,
  Banned,
  ExchangeUnavailable,
  MarketOffline,
  OrderRejected,
  RateLimited,
  UnexpectedResponse,
} from '../errors.ts';
import { BLOCKED, ERROR_NAMES, explain, TOO_MANY_REQUESTS } from './error-names.ts';
import type { HideKeys } from './hide-keys.ts';
import { pauseAfterRefusal, type RateGroup } from './rate-limits.ts';
import { errorSchema, parseLosslessJson } from './wire.ts';

/** Upbit names no length for a block in what we have seen; five minutes is our own cautious guess. */
const BAN_GUESS_MS = 5 * 60_000;
/** How long the exchange is left alone when it is busy with the orders it has. */
const BUSY_PAUSE_MS = 1_000;

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

/** Whether the exchange has looked at what was asked, by the status of a refusal: only then it can mean anything. */
export function isLookedAt({ status }: { readonly status: number }): boolean {
  return status >= 400 && status < 500 && ![401, 403, 418, 429].includes(status);
}

/** What was asked, as far as its failure depends on it. */
interface Asked {
  readonly group: RateGroup | 'websocket-connect';
  /** Whether an order was sent: only that can be rejected. */
  readonly creates: boolean;
  /** What stands between us and the exchange may say our own request back to us. */
  readonly hideKeys: HideKeys;
}

/**
 * Turns an HTTP answer that is not a success into one of our errors: by status and error name, never by message.
 *
 * @param now wall clock, epoch milliseconds
 */
export function failureOf(
  { status, body }: { readonly status: number; readonly body: string },
  { group, creates, hideKeys }: Asked,
  now: number,
): Error {
  const envelope = shownEnvelope(body, hideKeys);
  if (status === 418) return new Banned(now + BAN_GUESS_MS, BLOCKED);
  const kind = envelope && ERROR_NAMES.get(envelope.name)?.kind;
  if (status === 429) {
    const meaning = explain(envelope !== undefined && kind === 'limited' ? envelope : { name: TOO_MANY_REQUESTS });
    return new RateLimited(group, pauseAfterRefusal(group), meaning);
  }
  if (envelope === undefined) {
    const said = `the exchange answered ${status} (body of ${body.length} characters)`;
    return status >= 500 ? new ExchangeUnavailable(said) : new UnexpectedResponse(said);
  }
  const { name } = envelope;
  const sentence = explain(envelope);
  const said = `the exchange answered ${status} (${name})${sentence === '' ? '' : `: ${sentence}`}`;
  if (status >= 500) return new ExchangeUnavailable(said);
  if (kind === 'offline') return new MarketOffline(sentence);
  if (kind === 'limited') return new RateLimited(group, BUSY_PAUSE_MS, sentence);
  if (kind === 'unavailable') return new ExchangeUnavailable(said);
  // Whatever it is called: under these two the order was not looked at.
  if (kind === 'key' || status === 401 || status === 403) return new AuthenticationFailed(name, sentence);
  if (kind === 'rejected' && creates && isLookedAt({ status })) return new OrderRejected(name, sentence);
  return new UnexpectedResponse(said);
}

/** A name we know stays what it is, whatever our key may be. */
function shownEnvelope(body: string, hideKeys: HideKeys) {
  const envelope = readErrorEnvelope(body);
  if (envelope === undefined) return undefined;
  const { name, message } = envelope;
  return { name: ERROR_NAMES.has(name) ? name : hideKeys(name), message: hideKeys(message) };
}
