import { setTimeout as sleep } from 'node:timers/promises';
import { asyncLocalStorage } from '@temporalio/activity';

/**
 * Waits, unless Temporal takes the attempt away: because another one has begun, or the worker stops. Then it must not go
 * on beside its successor.
 *
 * @throws {CancelledFailure} as soon as the attempt is cancelled
 */
export async function pause(ms: number): Promise<void> {
  const attempt = asyncLocalStorage.getStore();
  await (attempt === undefined ? sleep(ms) : attempt.sleep(ms));
}

/**
 * The same, and no longer than until `told` resolves.
 *
 * @throws {CancelledFailure} as soon as the attempt is cancelled
 */
export async function pauseUntil(told: Promise<void>, atMostMs: number): Promise<void> {
  const attempt = asyncLocalStorage.getStore();
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, atMostMs);
  try {
    await Promise.race([told, over, ...(attempt === undefined ? [] : [attempt.cancelled])]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws {CancelledFailure} when the attempt has been cancelled; for loops that wait otherwise */
export async function stopIfCancelled(): Promise<void> {
  const attempt = asyncLocalStorage.getStore();
  if (attempt?.cancellationSignal.aborted) await attempt.cancelled;
}
