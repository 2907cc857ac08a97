import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { upsertCandles } from '../../db/candles.ts';
import { insertDecision, writeStaleDecisions } from '../../db/decisions.ts';
import { startTrading } from '../../db/market-accounts.ts';
import { candleAt, minute } from '../support/candles.ts';
import { anAccount, BTC, ETH, useLedgerDatabase } from '../support/ledger.ts';

const { db } = await useLedgerDatabase();

const MINUTES = 30;
const stretch = fc
  .tuple(fc.integer({ min: 0, max: MINUTES - 1 }), fc.integer({ min: 1, max: MINUTES }))
  .map(([from, length]) => ({ from: minute(from), until: minute(from + length) }));

type Step =
  | { readonly do: 'collect'; readonly candles: readonly number[]; readonly settled: readonly Stretch[] }
  | { readonly do: 'forget'; readonly unsettled: readonly Stretch[] }
  | { readonly do: 'decide'; readonly candle: number }
  | { readonly do: 'write'; readonly from: number; readonly until: number };
type Stretch = { readonly from: number; readonly until: number };

/** What collecting and trading do to the tables, in any order: candles late, coverage taken back, holes filled. */
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('collect' as const),
    candles: fc.array(fc.integer({ min: 0, max: MINUTES }), { maxLength: 6 }),
    settled: fc.array(stretch, { maxLength: 2 }),
  }),
  fc.record({ do: fc.constant('forget' as const), unsettled: fc.array(stretch, { minLength: 1, maxLength: 2 }) }),
  fc.record({ do: fc.constant('decide' as const), candle: fc.integer({ min: 0, max: MINUTES }) }),
  fc.record({
    do: fc.constant('write' as const),
    from: fc.integer({ min: 0, max: 5 }),
    // Short stretches are not noted: most runs look at a long one, which reaches beyond what is stored.
    until: fc.oneof(fc.integer({ min: MINUTES - 5, max: MINUTES + 5 }), fc.constant(200)),
  }),
);

async function take(account: string, market: typeof BTC, next: Step): Promise<void> {
  if (next.do === 'collect') {
    const candles = next.candles.map((n) => candleAt(n));
    await upsertCandles(db, market, '1m', { candles, settled: next.settled });
  } else if (next.do === 'forget') {
    await upsertCandles(db, market, '1m', { candles: [], settled: [], unsettled: next.unsettled });
  } else if (next.do === 'decide') {
    const key = { account, market, timeframe: '1m', candle: minute(next.candle), trigger: 'candle' } as const;
    await insertDecision(db, { ...key, action: 'blocked', reason: 'test', vote: null });
  } else {
    await writeStaleDecisions(db, account, market, '1m', { from: minute(next.from), until: minute(next.until) });
  }
}

/** Opens of stored candles of the stretch without a decision, by looking at every one of them. */
async function undecided(account: string, market: string, from: number, until: number): Promise<readonly number[]> {
  const { rows } = await sql<{ ts: Date }>`
    SELECT c.ts FROM candles c LEFT JOIN decisions d
      ON d.account = ${account} AND d.market = c.market AND d.candle = c.ts AND d.trigger = 'candle'
    WHERE c.market = ${market} AND c.ts >= ${new Date(from)} AND c.ts < ${new Date(until)} AND d.id IS NULL
    ORDER BY c.ts`.execute(db);
  return rows.map(({ ts }) => ts.getTime());
}

describe('writing stale decisions only where something can be missing', () => {
  it('never misses a candle, in whatever order candles, corrections and holes come', async () => {
    const since = fc.integer({ min: 0, max: 10 });
    await fc.assert(
      fc.asyncProperty(since, fc.array(step, { maxLength: 25, size: 'max' }), async (started, steps) => {
        await sql`TRUNCATE candles, candle_coverage, candle_revisions, decision_coverage`.execute(db);
        const account = await anAccount(db, '0');
        await startTrading(db, account, BTC, minute(started));
        for (const next of steps) await take(account, BTC, next);

        const expected = await undecided(account, BTC, minute(started), minute(MINUTES + 1));
        const range = { from: minute(0), until: minute(MINUTES + 1) };
        expect(await writeStaleDecisions(db, account, BTC, '1m', range)).toEqual(expected);
        expect(await undecided(account, BTC, minute(started), minute(MINUTES + 1))).toEqual([]);
        const before = await sql<{ count: number }>`
          SELECT count(*)::int AS count FROM decisions
          WHERE account = ${account} AND action = 'stale' AND candle < ${new Date(minute(started))}`.execute(db);
        expect(before.rows[0]?.count).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['late into a minute that counted as empty', []],
    ['into a minute whose coverage was taken back before', [{ from: minute(2), until: minute(4) }]],
  ])('sees a candle stored behind what was found complete: %s', async (_, unsettled) => {
    await sql`TRUNCATE candles, candle_coverage, candle_revisions, decision_coverage`.execute(db);
    const account = await anAccount(db, '0');
    await startTrading(db, account, BTC, minute(0));
    const all = { from: minute(0), until: minute(150) };
    await upsertCandles(db, BTC, '1m', { candles: [candleAt(1), candleAt(5)], settled: [all] });
    const write = () => writeStaleDecisions(db, account, BTC, '1m', all);
    expect(await write()).toEqual([minute(1), minute(5)]);

    await upsertCandles(db, BTC, '1m', { candles: [], settled: [], unsettled });
    await upsertCandles(db, BTC, '1m', { candles: [candleAt(3)], settled: [{ from: minute(2), until: minute(4) }] });

    expect(await write()).toEqual([minute(3)]);
    expect(await write()).toEqual([]);
  });

  it('looks at every stretch of a long absence, however many candles it holds', async () => {
    await sql`TRUNCATE candles, candle_coverage, candle_revisions, decision_coverage`.execute(db);
    const account = await anAccount(db, '0', [ETH]);
    await startTrading(db, account, ETH, minute(1));
    const count = 45_000;
    await sql`
      INSERT INTO candles (market, timeframe, ts, open, high, low, close, volume, quote_volume)
      SELECT ${ETH}, '1m', ${new Date(minute(0))}::timestamptz + n * interval '1 minute', 1, 1, 1, 1, 1, 1
      FROM generate_series(0, ${count - 1}) n`.execute(db);
    await upsertCandles(db, ETH, '1m', { candles: [], settled: [{ from: minute(0), until: minute(count) }] });
    const range = { from: minute(0), until: minute(count) };

    const written = await writeStaleDecisions(db, account, ETH, '1m', range);

    expect(written).toHaveLength(count - 1);
    expect(await writeStaleDecisions(db, account, ETH, '1m', range)).toEqual([]);
    const { rows } = await sql<{ decided: string }>`SELECT decided::text FROM decision_coverage`.execute(db);
    expect(rows[0]?.decided.match(/\[/g)).toHaveLength(1);
  });

  it('keeps no collector waiting for the sake of a few new candles', async () => {
    await sql`TRUNCATE candles, candle_coverage, candle_revisions, decision_coverage`.execute(db);
    const account = await anAccount(db, '0');
    await startTrading(db, account, BTC, minute(0));
    const stretch = (until: number) => ({ from: minute(0), until: minute(until) });
    await upsertCandles(db, BTC, '1m', { candles: [candleAt(1), candleAt(98)], settled: [stretch(150)] });

    await db.transaction().execute(async (trx) => {
      await sql`SELECT FROM candle_coverage FOR UPDATE`.execute(trx);
      expect(await writeStaleDecisions(db, account, BTC, '1m', stretch(99))).toEqual([minute(1), minute(98)]);
    });

    const noted = async () => (await sql`SELECT FROM decision_coverage`.execute(db)).rows.length;
    expect(await noted()).toBe(0);
    await writeStaleDecisions(db, account, BTC, '1m', stretch(100));
    expect(await noted()).toBe(1);
  });

  it('waits for who stores candles, and sees what they stored', async () => {
    await sql`TRUNCATE candles, candle_coverage, candle_revisions, decision_coverage`.execute(db);
    const account = await anAccount(db, '0');
    await startTrading(db, account, BTC, minute(0));
    const range = { from: minute(0), until: minute(150) };
    await upsertCandles(db, BTC, '1m', { candles: [candleAt(1)], settled: [range] });

    let writing: Promise<readonly number[]> | undefined;
    await db.transaction().execute(async (trx) => {
      await sql`SELECT FROM candle_coverage FOR UPDATE`.execute(trx);
      writing = writeStaleDecisions(db, account, BTC, '1m', range);
      // Late into a covered minute, before anything is noted as decided.
      await sql`
        INSERT INTO candles (market, timeframe, ts, open, high, low, close, volume, quote_volume)
        VALUES (${BTC}, '1m', ${new Date(minute(5))}, 1, 1, 1, 1, 1, 1)`.execute(trx);
      await sql`SELECT pg_sleep(0.2)`.execute(trx);
    });

    expect(await writing).toEqual([minute(1), minute(5)]);
  });
});
