import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { upsertCandles } from '../../db/candles.ts';
import {
  findDecision,
  insertDecision,
  type NewDecision,
  readDecisions,
  writeStaleDecisions,
} from '../../db/decisions.ts';
import { startTrading } from '../../db/market-accounts.ts';
import { candleAt, minute } from '../support/candles.ts';
import { anAccount, BTC, ETH, useLedgerDatabase } from '../support/ledger.ts';

const { db } = await useLedgerDatabase();
let account: string;

beforeAll(async () => {
  const stored = [1, 2, 3, 5, 6, 7].map((n) => candleAt(n));
  await upsertCandles(db, BTC, '1m', { candles: stored, settled: [{ from: minute(1), until: minute(8) }] });
});
beforeEach(async () => {
  account = await anAccount(db, '0');
});

const vote = {
  signals: { trend: 1, momentum: 0, swing: -1 },
  weights: { trend: '0.2000', momentum: '0.3000', swing: '0.5000' },
  threshold: '0.2000',
  score: '-0.3000',
  inputHash: 'f00d',
};
const decided = (changes: Partial<NewDecision> = {}): NewDecision => ({
  account,
  market: BTC,
  timeframe: '1m',
  candle: minute(3),
  trigger: 'candle',
  action: 'sell',
  reason: 'score -0.3000 ≤ -threshold -0.2000: sell',
  vote,
  ...changes,
});

describe('a decision', () => {
  it('is kept with all it was made of, figures as text', async () => {
    await insertDecision(db, decided({ optimizerResult: '7' }));
    expect(await findDecision(db, decided())).toMatchObject({
      signals: vote.signals,
      weights: vote.weights,
      threshold: '0.2000',
      score: '-0.3000',
      action: 'sell',
      input_hash: 'f00d',
      optimizer_result: '7',
    });
  });

  it('is the first one made, whatever a later run says', async () => {
    const first = await insertDecision(db, decided());
    expect(await insertDecision(db, decided({ action: 'hold' }))).toEqual({
      decision: first.decision,
      inserted: false,
    });
  });

  it('is one when several runs decide at once, and all of them learn it', async () => {
    const actions = ['buy', 'sell', 'hold', 'buy'] as const;
    const results = await Promise.all(actions.map((action) => insertDecision(db, decided({ action }))));
    expect(results.filter((one) => one.inserted)).toHaveLength(1);
    expect(new Set(results.map((one) => one.decision.id)).size).toBe(1);
  });

  it('is another for another candle, trigger, market or account', async () => {
    const other = await anAccount(db, '0');
    const changes = [{}, { candle: minute(5) }, { trigger: 'manual' }, { market: ETH }, { account: other }];
    for (const change of changes) expect((await insertDecision(db, decided(change))).inserted).toBe(true);
  });

  test.each(['UPDATE decisions SET action = $$hold$$', 'DELETE FROM decisions', 'TRUNCATE decisions CASCADE'])(
    'never changes: %s',
    async (statement) => {
      await insertDecision(db, decided());
      await expect(sql.raw(statement).execute(db)).rejects.toThrow('never changed or removed');
    },
  );

  test.each([
    ['hold', null, false],
    ['buy', null, false],
    ['hold', vote, true],
    ['blocked', null, true],
    ['blocked', vote, true],
    ['stale', null, true],
  ] as const)('%s with vote %o: kept %s', async (action, given, kept) => {
    const inserting = insertDecision(db, decided({ action, vote: given }));
    if (kept) expect((await inserting).inserted).toBe(true);
    else await expect(inserting).rejects.toThrow('live_decisions_say_why');
  });
});

describe('stale decisions', () => {
  const write = (from: number, until: number) =>
    writeStaleDecisions(db, account, BTC, '1m', { from: minute(from), until: minute(until) });

  it('are written for every stored candle without one, from the first trading start, and once', async () => {
    await startTrading(db, account, BTC, minute(2));
    await insertDecision(db, decided({ candle: minute(5) }));

    expect(await write(0, 7)).toEqual([minute(2), minute(3), minute(6)]);
    expect(await write(0, 7)).toEqual([]);

    const listed = await readDecisions(db, { account, market: BTC, limit: 10 });
    expect(listed.map((row) => [row.candle.getTime(), row.action])).toEqual([
      [minute(6), 'stale'],
      [minute(5), 'sell'],
      [minute(3), 'stale'],
      [minute(2), 'stale'],
    ]);
  });

  it('are none before trading started', async () => {
    expect(await write(0, 9)).toEqual([]);
  });

  it('do not stand in for another trigger, nor of another market', async () => {
    await startTrading(db, account, BTC, minute(6));
    await insertDecision(db, decided({ candle: minute(6), trigger: 'manual' }));
    expect(await write(0, 7)).toEqual([minute(6)]);
    expect(await writeStaleDecisions(db, account, ETH, '1m', { from: minute(0), until: minute(9) })).toEqual([]);
  });

  it('and a live one at once: one of them is kept', async () => {
    await startTrading(db, account, BTC, minute(1));
    const [stale, live] = await Promise.all([write(7, 8), insertDecision(db, decided({ candle: minute(7) }))]);
    expect(stale.length + (live.inserted ? 1 : 0)).toBe(1);
    expect(live.decision.action).toBe(live.inserted ? 'sell' : 'stale');
  });
});
