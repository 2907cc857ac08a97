import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { awaitCandle } from '../../../activities/trading/await-candle.ts';
import type { TradingDependencies } from '../../../activities/trading/dependencies.ts';
import { upsertCandles } from '../../../db/candles.ts';
import type { Db } from '../../../db/connect.ts';
import { candleAt, minute } from '../../support/candles.ts';
import { BTC, createLedgerDatabase } from '../../support/ledger.ts';

/** A candle a second: sixty market milliseconds a millisecond. */
const PACE = 60;
const INTERVAL_MS = 1_000;
const TRADED = { account: 'paper-test', market: BTC, timeframe: '1m' } as const;

let db: Db;
let close: () => Promise<void>;
let now: number;
/** The first minute of the running test; no test sees another one's candles. */
let first = 0;
beforeAll(async () => {
  ({ db, close } = await createLedgerDatabase());
});
afterAll(() => close());
beforeEach(() => {
  first += 100;
  now = minute(first);
});

const store = (n: number) => upsertCandles(db, BTC, '1m', { candles: [candleAt(n)], settled: [] });

/** Waits `next` by `next`; each pause passes as market time, and `meanwhile` says what happens in it. */
function wait(meanwhile: (pause: number) => Promise<unknown> = async () => undefined, leadMs = 0) {
  const pauses: number[] = [];
  const candles: TradingDependencies['candles'] = {
    next: async (atMostMs) => {
      pauses.push(atMostMs);
      now += atMostMs * PACE;
      await meanwhile(pauses.length);
    },
    close: async () => undefined,
  };
  const deps = {
    db,
    candles,
    intervalMs: INTERVAL_MS,
    leadMs,
    // It is never in doubt here, so that nobody asks.
    exchange: { fetchBalances: () => Promise.reject(new Error('asked for the time')) },
    clock: { ask: () => () => undefined, now: () => now, isDoubtful: () => false },
  };
  return { candle: awaitCandle(deps, TRADED), pauses };
}

describe('a run', () => {
  it('takes the candle that has just closed at once when it is stored', async () => {
    await store(first - 1);
    const { candle, pauses } = wait();
    expect(await candle).toBe(minute(first - 1));
    expect(pauses).toEqual([]);
  });

  it('waits for it while it is not', async () => {
    await store(first - 2);
    const { candle, pauses } = wait(async (pause) => (pause === 3 ? store(first - 1) : undefined));
    expect(await candle).toBe(minute(first - 1));
    expect(pauses).toEqual([25, 25, 25]);
  });

  it('that starts before the close waits for the close before it looks again', async () => {
    now -= 0.5 * INTERVAL_MS * PACE;
    const { candle, pauses } = wait(async (pause) => (pause === 2 ? store(first - 1) : undefined), 600);
    expect(await candle).toBe(minute(first - 1));
    expect(pauses).toEqual([500, 25]);
  });

  it('gives up at 0.4 of a candle after the close, and takes neither an older nor the forming one instead', async () => {
    await store(first - 2);
    await store(first);
    const { candle, pauses } = wait();
    expect(await candle).toBeUndefined();
    expect(pauses.reduce((sum, pause) => sum + pause)).toBe(0.4 * INTERVAL_MS);
  });

  it('that comes later than that has none, though it is stored', async () => {
    await store(first - 1);
    now += 0.5 * INTERVAL_MS * PACE;
    const { candle, pauses } = wait();
    expect(await candle).toBeUndefined();
    expect(pauses).toEqual([]);
  });
});
