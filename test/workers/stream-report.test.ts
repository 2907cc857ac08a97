import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { readStreamReports, reportStreamStanding, type StreamStanding } from '../../db/stream-reports.ts';
import { reportStream } from '../../workers/stream-report.ts';
import { useLedgerDatabase } from '../support/ledger.ts';

const { db } = await useLedgerDatabase();
const EVERY_MS = 20;

const standingOf = (state: StreamStanding['state']): StreamStanding => ({
  ...{ state, forMs: 0, reason: null, lastNewsMs: null, gapsHealed: 0 },
});
const states = async () => (await readStreamReports(db, 60_000)).map(({ stream, state }) => `${stream} ${state}`);

function start(standing: (() => StreamStanding) | undefined) {
  const said: string[] = [];
  const report = reportStream(db, { stream: 'orders', standing, say: (line) => void said.push(line) }, EVERY_MS);
  onTestFinished(() => report.close());
  return { said, report };
}

it('how a stream stands is written again and again, until it is closed', async () => {
  let state: StreamStanding['state'] = 'connecting';
  const { said, report } = start(() => standingOf(state));
  await expect.poll(states).toEqual(['orders connecting']);
  state = 'connected';
  await expect.poll(states).toEqual(['orders connected']);

  await report.close();
  state = 'cut';
  await new Promise((resolve) => setTimeout(resolve, 5 * EVERY_MS));

  expect(await states()).toEqual(['orders connected']);
  expect(said).toEqual([]);
});

it('where nobody listens what was said before is removed, of that stream', async () => {
  for (const stream of ['prices', 'orders'] as const) await reportStreamStanding(db, stream, standingOf('connected'));
  start(undefined);
  await expect.poll(states).toEqual(['prices connected']);
});

it('a database that does not take it is told of once, and disturbs nobody; it is tried again', async () => {
  await sql`ALTER TABLE stream_reports RENAME TO away`.execute(db);
  let asked = 0;
  const { said } = start(() => {
    asked += 1;
    return standingOf('connected');
  });
  await expect.poll(() => asked).toBeGreaterThan(3);
  await sql`ALTER TABLE away RENAME TO stream_reports`.execute(db);

  await expect.poll(states).toContain('orders connected');
  expect(said).toEqual([
    'durabit status is not told how the stream of orders stands: relation "stream_reports" does not exist',
  ]);
});

it('words that no table takes, or no end, do not keep it from being written', async () => {
  const { said } = start(() => ({ ...standingOf('ended'), reason: `odd\u0000 \u001b[31m${'x'.repeat(10_000)}` }));
  const reason = async () => (await readStreamReports(db, 60_000)).find(({ state }) => state === 'ended')?.reason;
  await expect.poll(reason).toMatch(/^odd {3}\[31mx+$/);
  expect((await reason())?.length).toBe(600);
  expect(said).toEqual([]);
});
