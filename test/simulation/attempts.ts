import { CancelledFailure, Context } from '@temporalio/activity';
import { ApplicationFailure, type RetryPolicy, TimeoutFailure, type TimeoutType } from '@temporalio/common';

/** Milliseconds before the next attempt. */
export function pauseBefore(attempts: number, retry: RetryPolicy, error: unknown): number {
  if (error instanceof ApplicationFailure && error.nextRetryDelay != null) return Number(error.nextRetryDelay);
  const first = Number(retry.initialInterval ?? 1_000);
  const longest = Number(retry.maximumInterval ?? 100 * first);
  return Math.min(longest, first * (retry.backoffCoefficient ?? 2) ** (attempts - 1));
}

/** Whether no further attempt is made of it. */
export function isFinal(error: unknown, { nonRetryableErrorTypes = [] }: RetryPolicy): boolean {
  if (error instanceof ApplicationFailure && error.nonRetryable === true) return true;
  return error instanceof Error && nonRetryableErrorTypes.includes(error.name);
}

/** What an error is on the other side of the server. */
export function asFailure(error: unknown): Error {
  if (error instanceof TimeoutFailure || error instanceof ApplicationFailure) return error;
  return ApplicationFailure.fromError(error as Error);
}

export function timedOut(what: string, type: TimeoutType): TimeoutFailure {
  return new TimeoutFailure(`activity timed out: ${what}`, undefined, type);
}

export function said(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** What an activity sees of its attempt; cancelled when the server does not want it any more. */
export function attemptContext(): { readonly context: Context; readonly cancel: () => void } {
  const stop = new AbortController();
  let refuse: (why: CancelledFailure) => void = () => undefined;
  const cancelled = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  cancelled.catch(() => undefined);
  const none = undefined as never;
  const context = new Context(none, cancelled, stop.signal, () => undefined, undefined, none, none, {});
  return {
    context,
    cancel: () => {
      stop.abort();
      refuse(new CancelledFailure('TIMED_OUT'));
    },
  };
}
