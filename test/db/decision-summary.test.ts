import { expect, it } from 'vitest';
import { summarizeDecisions } from '../../db/decision-summary.ts';
import { insertDecision, type NewDecision } from '../../db/decisions.ts';
import { minute } from '../support/candles.ts';
import { anAccount, BTC, ETH, useLedgerDatabase } from '../support/ledger.ts';

const { db } = await useLedgerDatabase();

const RUNNING = { timeframe: '1m', pausedSince: new Map() } as const;

it('says of each market what was decided last and how many candles of a stretch were decided on in time', async () => {
  const account = await anAccount(db, '0', [BTC, ETH]);
  const decide = (n: number, action: NewDecision['action'], changes: Partial<NewDecision> = {}) => {
    const key = { account, market: BTC, timeframe: '1m', candle: minute(n), trigger: 'candle' } as const;
    return insertDecision(db, { ...key, action, reason: `${action} at ${n}`, vote, ...changes });
  };
  const vote = {
    ...{ signals: { trend: 1 }, weights: { trend: '0.2' }, threshold: '0.2000', score: '0.1000', inputHash: 'x' },
  } as unknown as NonNullable<NewDecision['vote']>;
  await decide(1, 'stale', { vote: null });
  await decide(2, 'stale', { vote: null });
  await decide(3, 'blocked', { vote: null });
  await decide(4, 'buy');
  await decide(5, 'hold');
  // Decided later about an earlier candle, and by somebody: neither is the last decision of the candles.
  await decide(0, 'stale', { vote: null });
  await decide(9, 'sell', { trigger: 'manual' });

  const found = await summarizeDecisions(db, { account, ...RUNNING }, { from: minute(2), until: minute(5) });

  expect(found).toEqual([
    {
      ...{ market: BTC, candle: new Date(minute(5)), action: 'hold', score: '0.1000', threshold: '0.2000' },
      ...{ signals: { trend: 1 }, reason: 'hold at 5', decided_at: expect.any(Date) },
      ...{ live: 2, blocked: 1, stale: 1, stale_while_paused: 0 },
    },
    {
      ...{ market: ETH, candle: null, action: null, score: null, threshold: null, signals: null, reason: null },
      ...{ decided_at: null, live: 0, blocked: 0, stale: 0, stale_while_paused: 0 },
    },
  ]);
});

it('counts apart what was found stale since trading of its market was paused', async () => {
  const account = await anAccount(db, '0', [BTC, ETH]);
  const stale = (market: typeof BTC, n: number) => {
    const key = { account, market, timeframe: '1m', candle: minute(n), trigger: 'candle' } as const;
    return insertDecision(db, { ...key, action: 'stale', reason: 'test', vote: null });
  };
  await stale(BTC, 1);
  await stale(ETH, 1);
  const { decision } = await stale(BTC, 2);
  await stale(BTC, 3);
  const counted = async (pausedSince: ReadonlyMap<string, Date | null>) => {
    const trading = { account, timeframe: '1m', pausedSince } as const;
    const found = await summarizeDecisions(db, trading, { from: minute(0), until: minute(9) });
    return found.map(({ stale, stale_while_paused: paused }) => [stale, paused]);
  };

  expect(await counted(new Map())).toEqual([
    [3, 0],
    [1, 0],
  ]);
  expect(await counted(new Map([[BTC, decision.decided_at]]))).toEqual([
    [3, 2],
    [1, 0],
  ]);
  expect(await counted(new Map([[ETH, null]]))).toEqual([
    [3, 0],
    [1, 1],
  ]);
});

it('knows nothing of an account without sub-accounts', async () => {
  expect(await summarizeDecisions(db, { account: 'paper-nobody', ...RUNNING }, { from: 0, until: minute(9) })).toEqual(
    [],
  );
});
