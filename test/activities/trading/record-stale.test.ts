import { beforeAll, expect, it } from 'vitest';
import type { TradingDependencies } from '../../../activities/trading/dependencies.ts';
import { createTradingActivities } from '../../../activities/trading.ts';
import { upsertCandles } from '../../../db/candles.ts';
import { insertDecision, readDecisions } from '../../../db/decisions.ts';
import { startTrading } from '../../../db/market-accounts.ts';
import { candleAt, MINUTE, minute } from '../../support/candles.ts';
import { anAccount, BTC, ETH, useLedgerDatabase } from '../../support/ledger.ts';

const { db } = await useLedgerDatabase();

beforeAll(async () => {
  const candles = Array.from({ length: 12 }, (_, n) => candleAt(n));
  for (const market of [BTC, ETH]) await upsertCandles(db, market, '1m', { candles, settled: [] });
});

const recordStaleAt = (now: number, account: string) => {
  const clock = { ask: () => () => undefined, now: () => now };
  return createTradingActivities({ db, clock } as unknown as TradingDependencies).recordStale({
    account,
    timeframe: '1m',
  });
};

async function staleCandles(account: string): Promise<number[]> {
  const decisions = await readDecisions(db, { account, limit: 100 });
  return decisions
    .filter(({ action }) => action === 'stale')
    .map(({ candle }) => (candle.getTime() - minute(0)) / MINUTE)
    .reverse();
}

it.each([
  ['the moment it closes', 0],
  ['until 0.4 of a candle after its close', 0.4],
  ['half a candle longer, because a run may just be deciding', 0.89],
])('the newest candle is not stale %s', async (_, candles) => {
  const account = await anAccount(db, '0');
  await startTrading(db, account, BTC, minute(5));

  expect(await recordStaleAt(minute(10) + candles * MINUTE, account)).toBeGreaterThan(0);

  expect(await staleCandles(account)).not.toContain(9);
  expect(await staleCandles(account)).toContain(7);
});

it('it is stale when no run decides on it any more, and once', async () => {
  const account = await anAccount(db, '0');
  await startTrading(db, account, BTC, minute(5));
  const key = { account, market: BTC, timeframe: '1m', candle: minute(7), trigger: 'candle' } as const;
  await insertDecision(db, { ...key, action: 'blocked', reason: 'test', vote: null });

  expect(await recordStaleAt(minute(10) + 0.9 * MINUTE, account)).toBe(4);
  expect(await recordStaleAt(minute(10) + 0.9 * MINUTE, account)).toBe(0);

  expect(await staleCandles(account)).toEqual([5, 6, 8, 9]);
});

it('nothing is stale before a market began to trade', async () => {
  const account = await anAccount(db, '0', [BTC, ETH]);
  await startTrading(db, account, ETH, minute(8));

  expect(await recordStaleAt(minute(11), account)).toBe(2);
  expect(new Set((await readDecisions(db, { account, limit: 100 })).map(({ market }) => market))).toEqual(
    new Set([ETH]),
  );
});
