import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import {
  readStreamReports,
  removeStreamReport,
  reportStreamStanding,
  type StreamStanding,
} from '../../db/stream-reports.ts';
import { useLedgerDatabase } from '../support/ledger.ts';

const { db } = await useLedgerDatabase();

const connected: StreamStanding = { state: 'connected', forMs: 60_000, reason: null, lastNewsMs: 1_500, gapsHealed: 2 };
const PATIENCE_MS = 20_000;
const read = () => readStreamReports(db, PATIENCE_MS);
const only = async () => {
  const [report, ...others] = await read();
  expect(others).toEqual([]);
  return report;
};
const ageMs = (instant: Date | null | undefined) => Date.now() - (instant?.getTime() ?? Number.NaN);

describe('how a stream stands', () => {
  it('is written by the database’s clock, and what is said next replaces it', async () => {
    await reportStreamStanding(db, 'prices', connected);

    const report = await only();
    expect(report).toMatchObject({ stream: 'prices', state: 'connected', reason: null, gaps_healed: 2, stale: false });
    // As wide as a busy machine is slow; the two ages are told apart all the same.
    expect(ageMs(report?.since)).toBeGreaterThan(59_000);
    expect(ageMs(report?.since)).toBeLessThan(90_000);
    expect((report?.last_news_at?.getTime() ?? 0) - (report?.since.getTime() ?? 0)).toBeCloseTo(58_500, -1);

    const cut = { state: 'cut', forMs: 0, reason: 'the line broke', lastNewsMs: null, gapsHealed: 3 } as const;
    await reportStreamStanding(db, 'prices', cut);
    expect(await only()).toMatchObject({ state: 'cut', reason: 'the line broke', last_news_at: null, gaps_healed: 3 });
  });

  it('is read of each, prices first, until it is removed', async () => {
    for (const stream of ['orders', 'prices'] as const) await reportStreamStanding(db, stream, connected);
    expect((await read()).map(({ stream }) => stream)).toEqual(['prices', 'orders']);

    await removeStreamReport(db, 'orders');

    expect((await read()).map(({ stream }) => stream)).toEqual(['prices']);
  });

  it.each([
    ['just now', '0 s', false],
    ['a little ago', '-15 s', false],
    ['too long ago', '-21 s', true],
    ['ahead of a clock that was set back', '1 h', true],
  ])('is stale or not as it was said %s', async (_when, shift, stale) => {
    await reportStreamStanding(db, 'prices', connected);
    await sql`UPDATE stream_reports SET reported_at = reported_at + ${shift}::interval`.execute(db);
    expect(await only()).toMatchObject({ stale });
  });

  it('keeps no commit waiting for the disk', async () => {
    const { rows } = await sql`SELECT relpersistence FROM pg_class WHERE relname = 'stream_reports'`.execute(db);
    expect(rows).toEqual([{ relpersistence: 'u' }]);
  });
});
