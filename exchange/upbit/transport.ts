import ky, { isKyError, isTimeoutError, type KyInstance } from 'ky';
import { AuthenticationFailed, Banned, ExchangeUnavailable, RateLimited } from '../errors.ts';
import { type Authorizer, createAuthorizer, type Parameters, type UpbitKeys } from './authorization.ts';
import { openConnections } from './connections.ts';
import { NO_KEY } from './error-names.ts';
import { failureOf, isLookedAt, readErrorEnvelope } from './failures.ts';
import { createKeyHider } from './hide-keys.ts';
import { neverConnected } from './never-connected.ts';
import { createRateLimits, type RateGroup, type RateLimits } from './rate-limits.ts';
import { readBody } from './read-body.ts';
import { steadyWallClock } from './steady-wall-clock.ts';

export interface TransportOptions {
  /** `https://api.upbit.com`, or the address of a paper exchange. */
  readonly baseUrl: string;
  /** Needed for the account and orders; prices come without. */
  readonly keys?: UpbitKeys;
  /** Wall time one read may take. Below the activity's own time-out, so that our error is the one reported. */
  readonly readTimeoutMs?: number;
  /** Wall time a call may wait for its turn under the rate limits, before the time for its answer begins. */
  readonly turnWithinMs?: number;
  readonly rateLimits?: RateLimits;
  /** Called when a request leaves; what it returns is told the `Date` header of the answer, UTC epoch milliseconds. */
  readonly observeClock?: () => (header: number) => void;
  /** Epoch milliseconds, never set back; see `steadyWallClock`. */
  readonly now?: () => number;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly group: RateGroup;
  readonly parameters: Parameters;
  /** Whether the call needs the account's key. */
  readonly signed: boolean;
  /** Instant of `performance.now()` after which it must not leave any more. */
  readonly startBy?: number;
  /** The same of `Date.now()`, which goes on while the machine is suspended. */
  readonly startByWall?: number;
  /** Told just before the request may leave: a failure without it has sent nothing. */
  readonly onLeaving?: () => void;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** The `Date` header. */
  readonly date: string | null;
}

interface PacedAnswer extends Answer {
  /** The `Remaining-Req` header. */
  readonly remaining: string | null;
}

export interface Transport {
  /** The answer of a call that succeeded. @throws what `exchange/errors.ts` names */
  ask(call: Call): Promise<Answer>;
  /** As `ask`, but undefined when the exchange looked at the call and refuses it as `missing`: it knows no such thing. */
  askOrMissing(call: Call, missing: string): Promise<Answer | undefined>;
}

/** Wall time a create may take before its outcome counts as unknown. */
const CREATE_TIMEOUT_MS = 3_000;

/** Whoever has no deadline of their own waits so long for their turn: five calls of the slowest group. */
const TURN_WITHIN_MS = 10_000;

/** Sends each call exactly once, signed and paced; every failure leaves as one of our errors. */
export function createTransport(options: TransportOptions): Transport {
  const now = options.now ?? steadyWallClock();
  const rateLimits = options.rateLimits ?? createRateLimits(now);
  const { readTimeoutMs = 3_000, turnWithinMs = TURN_WITHIN_MS } = options;
  const authorize = options.keys ? createAuthorizer(options.keys) : undefined;
  const hideKeys = createKeyHider(options.keys);
  const http = ky.create({
    baseUrl: `${options.baseUrl.replace(/\/$/, '')}/`,
    retry: 0,
    throwHttpErrors: false,
    // Followed, a 307 or 308 would send an order a second time, wherever it points and however late.
    redirect: 'manual',
    // One pool for prices, account and orders: what asks shortly before a candle closes opens it for what follows.
    dispatcher: openConnections(),
  });

  async function sendInTurn(call: Call): Promise<Answer> {
    const over = await rateLimits.admit(call.group, patienceFor(call, turnWithinMs));
    let remaining: string | null = null;
    try {
      const timeoutMs = call.method === 'POST' ? CREATE_TIMEOUT_MS : readTimeoutMs;
      const observeClock = options.observeClock?.();
      const answer = await sendOnce(http, call, authorize, timeoutMs);
      remaining = answer.remaining;
      const header = Date.parse(answer.date ?? '');
      if (!Number.isNaN(header)) observeClock?.(header);
      return answer;
    } finally {
      over(remaining);
    }
  }

  async function askOrMissing(call: Call, missing?: string): Promise<Answer | undefined> {
    const answer = await sendInTurn(call);
    if (answer.status >= 200 && answer.status < 300) return answer;
    if (isLookedAt(answer) && missing !== undefined && readErrorEnvelope(answer.body)?.name === missing)
      return undefined;
    const failure = failureOf(answer, { group: call.group, creates: call.method === 'POST', hideKeys }, now());
    if (failure instanceof RateLimited || failure instanceof Banned) rateLimits.pause(call.group, failure);
    throw failure;
  }

  return {
    ask: async (call) => (await askOrMissing(call)) as Answer,
    askOrMissing,
  };
}

async function sendOnce(
  http: KyInstance,
  call: Call,
  authorize: Authorizer | undefined,
  timeoutMs: number,
): Promise<PacedAnswer> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (call.signed) {
    if (authorize === undefined) {
      throw new AuthenticationFailed(NO_KEY, 'set UPBIT_ACCESS_KEY and UPBIT_SECRET_KEY');
    }
    headers.authorization = await authorize(call.parameters);
  }
  if (isOver(performance.now(), call.startBy) || isOver(Date.now(), call.startByWall)) {
    throw new ExchangeUnavailable(`its turn came too late: ${call.method} /${call.path}`);
  }
  // As documented, to the letter (upbit.md §1); left to ky it would lack the charset.
  if (call.method === 'POST') headers['content-type'] = 'application/json; charset=utf-8';
  const carried =
    call.method === 'POST'
      ? { json: Object.fromEntries(call.parameters) }
      : { searchParams: call.parameters.map(([name, value]) => [name, value]) };
  const deadline = performance.now() + timeoutMs;
  call.onLeaving?.();
  try {
    const response = await http(call.path, { method: call.method, headers, totalTimeout: timeoutMs, ...carried });
    const body = await readBody(response, deadline - performance.now());
    if (body === undefined) throw new ExchangeUnavailable(unfinished(call, timeoutMs));
    const { status, headers: answered } = response;
    return { status, body, date: answered.get('date'), remaining: answered.get('remaining-req') };
  } catch (error) {
    if (isTimeoutError(error)) throw new ExchangeUnavailable(unfinished(call, timeoutMs));
    throw asUnavailable(error, call) ?? error;
  }
}

function unfinished({ method, path }: Call, timeoutMs: number): string {
  return `${method} /${path} failed: no whole answer within ${timeoutMs} ms`;
}

/** How long a call may wait for its turn: no longer than it may still leave. */
function patienceFor({ startBy, startByWall }: Call, turnWithinMs: number): number {
  const untilStart = startBy === undefined ? turnWithinMs : startBy - performance.now();
  const untilStartByWall = startByWall === undefined ? turnWithinMs : startByWall - Date.now();
  return Math.min(turnWithinMs, untilStart, untilStartByWall);
}

/** Written so that an instant which is no number is over. */
function isOver(now: number, instant: number | undefined): boolean {
  return instant !== undefined && !(now <= instant);
}

/** Only what the transport throws means "unavailable"; a programming error must surface as itself. */
function asUnavailable(error: unknown, call: Call): ExchangeUnavailable | undefined {
  if (!(error instanceof Error)) return undefined;
  // undici reports a body that breaks off as TypeError "terminated", an aborted read as AbortError.
  const brokeOff = error.message === 'terminated' || error.name === 'AbortError';
  if (!isKyError(error) && !brokeOff) return undefined;
  // An error of ky's holds the request, whose signature may not have been used up, and one of undici's parser what the
  // exchange sent, which may be the same: only what the system says of a connection that never was is handed on.
  const { cause } = error;
  const handedOn = neverConnected(cause) ? { cause } : {};
  return new ExchangeUnavailable(`${call.method} /${call.path} failed: ${deepestMessage(error)}`, handedOn);
}

/** `fetch failed` says nothing; the socket error underneath (`connect ECONNREFUSED 127.0.0.1:8787`) does. */
function deepestMessage(error: Error): string {
  const cause = error.cause;
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0].message;
  return cause instanceof Error ? deepestMessage(cause) : error.message || error.name;
}
