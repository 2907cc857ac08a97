import { describe, expect, it } from 'vitest';
import {
  compareAccount,
  database,
  decision,
  marketData,
  optimization,
  placeOrder,
  pollFills,
} from '../../workflows/policies.ts';

/** Real time, and accelerated runs at one candle a second. */
const MINUTE = 60_000;
const SECOND = 1_000;

describe('retry policies', () => {
  it('read candles again after a sixtieth of an interval, doubling to half of one', () => {
    expect(marketData(MINUTE)).toEqual({
      startToCloseTimeout: 5_000,
      scheduleToCloseTimeout: 300_000,
      retry: {
        initialInterval: 1_000,
        backoffCoefficient: 2,
        maximumInterval: 30_000,
        nonRetryableErrorTypes: ['UnknownMarket'],
      },
    });
    expect(marketData(SECOND)).toMatchObject({
      startToCloseTimeout: 2_000,
      scheduleToCloseTimeout: 60_000,
      retry: { initialInterval: 50, maximumInterval: 1_000 },
    });
  });

  it('try the database as long and without a limit of attempts', () => {
    const retry = { initialInterval: 100, backoffCoefficient: 2 };
    expect(database(MINUTE)).toEqual({
      startToCloseTimeout: 5_000,
      scheduleToCloseTimeout: 300_000,
      retry: { ...retry, maximumInterval: 30_000 },
    });
    expect(database(SECOND)).toEqual({
      startToCloseTimeout: 2_000,
      scheduleToCloseTimeout: 60_000,
      retry: { ...retry, maximumInterval: 1_000 },
    });
  });

  it.each([
    ['decision', decision],
    ['placeOrder', placeOrder],
    ['compareAccount', compareAccount],
    ['pollFills', pollFills],
    ['optimization', optimization],
  ])('%s notices a killed worker within four seconds, long before its attempt is over', (_, policy) => {
    for (const intervalMs of [SECOND, MINUTE]) {
      const { heartbeatTimeout, startToCloseTimeout } = policy(intervalMs);
      expect(heartbeatTimeout).toBe(4_000);
      expect(startToCloseTimeout).toBeGreaterThan(4_000);
    }
  });

  it.each([
    ['decision', decision],
    ['placeOrder', placeOrder],
    ['compareAccount', compareAccount],
    ['pollFills', pollFills],
  ])('%s is tried until its time is over: no number of attempts, and no error, ends an order early', (_, policy) => {
    for (const intervalMs of [SECOND, MINUTE]) {
      const { retry, scheduleToCloseTimeout } = policy(intervalMs);
      expect(retry?.maximumAttempts).toBeUndefined();
      expect(retry?.nonRetryableErrorTypes ?? []).toEqual([]);
      expect(scheduleToCloseTimeout).toBeGreaterThanOrEqual(intervalMs + 10_000);
    }
  });

  it('leave a placing time for a look-up, a request and a look-up, each as long as it may take', () => {
    for (const intervalMs of [SECOND, MINUTE])
      expect(placeOrder(intervalMs).startToCloseTimeout).toBeGreaterThan(9_000);
  });

  it('never wait longer for one try than five seconds, nor less than half of one', () => {
    expect(marketData(100).startToCloseTimeout).toBe(500);
    expect(marketData(10 * MINUTE).startToCloseTimeout).toBe(5_000);
  });
});
