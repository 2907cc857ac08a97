/**
 * What can go wrong between us and an exchange, in exchange-neutral words. The class name is the error type that
 * Temporal retry policies match on, so renaming one is a change of behaviour.
 */
export abstract class ExchangeError extends Error {
  abstract override readonly name: string;
}

/** The exchange looked at the order and refused it; nothing rests there. `reason` is the exchange's own error name. */
export class OrderRejected extends ExchangeError {
  override readonly name = 'OrderRejected';
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(`order rejected (${reason}): ${message}`);
    this.reason = reason;
  }
}

/**
 * The exchange does not accept our key, signature, address or permission. Says nothing about an order. `reason` is the
 * exchange's own error name.
 */
export class AuthenticationFailed extends ExchangeError {
  override readonly name = 'AuthenticationFailed';
  readonly reason: string;
  /** What has happened and what to do, for the operator; empty where `reason` is all there is. */
  readonly meaning: string;
  constructor(reason: string, message: string) {
    super(`authentication failed (${reason}): ${message}`);
    this.reason = reason;
    this.meaning = message;
  }
}

/** Too many requests; worth another try after `retryAfterMs` of wall time. */
export class RateLimited extends ExchangeError {
  override readonly name = 'RateLimited';
  readonly retryAfterMs: number;
  constructor(group: string, retryAfterMs: number, meaning = '') {
    super(withMeaning(`rate limit of group "${group}" reached; next try in ${retryAfterMs} ms`, meaning));
    this.retryAfterMs = retryAfterMs;
  }
}

/** Blocked for ignoring rate limits. `until` is a wall instant in epoch milliseconds, our own cautious guess where the exchange names none. */
export class Banned extends ExchangeError {
  override readonly name = 'Banned';
  readonly until: number;
  constructor(until: number, meaning = '') {
    super(withMeaning(`blocked by the exchange until about ${new Date(until).toISOString()}`, meaning));
    this.until = until;
  }
}

/** The market is halted or under maintenance. */
export class MarketOffline extends ExchangeError {
  override readonly name = 'MarketOffline';
  constructor(message: string) {
    super(`market offline: ${message}`);
  }
}

/** The exchange does not list the market. */
export class UnknownMarket extends ExchangeError {
  override readonly name = 'UnknownMarket';
  constructor(market: string) {
    super(`the exchange lists no market "${market}"; see its list with GET /v1/market/all`);
  }
}

/** An order was sent and no readable answer came: it may or may not exist. Look it up by its identifier. */
export class AmbiguousSubmission extends ExchangeError {
  override readonly name = 'AmbiguousSubmission';
  constructor(identifier: string, cause: unknown) {
    super(`no certain answer to order ${identifier}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** Nothing of an order's request has left: it cannot exist because of it. Worth another try. */
export class NotSent extends ExchangeError {
  override readonly name = 'NotSent';
  constructor(identifier: string, cause: unknown) {
    super(`order ${identifier} was not sent: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** The exchange could not be reached, did not answer in time, or answered with a server error. */
export class ExchangeUnavailable extends ExchangeError {
  override readonly name = 'ExchangeUnavailable';
}

/** The exchange answered, but not in the shape its documentation promises. */
export class UnexpectedResponse extends ExchangeError {
  override readonly name = 'UnexpectedResponse';
}

function withMeaning(text: string, meaning: string): string {
  return meaning === '' ? text : `${text}: ${meaning}`;
}
