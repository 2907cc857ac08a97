import { setTimeout as sleep } from 'node:timers/promises';
import { auditDemo } from '../../cli/demo/verdict.ts';
import { pauseTrading } from './acts.ts';
import type { ChaosBot } from './chaos-bot.ts';
import { type HaltedTime, type Judgement, judge } from './judge.ts';
import { type LedgerReader, type LedgerRecord, WAITS_FOR } from './ledger-record.ts';
import { patiently } from './patiently.ts';

/** How long the bot may take to go on once every fault is gone. */
export const PATIENCE_MS = 60_000;
/** As much longer when a day has passed at once: its minutes are asked for first, of each market. */
const A_DAY_TAKES = 1.5;
/** For how long nothing may be on its way until it is calm; a run that had begun may only now order. */
const CALM_MS = 2_000;
const LOOK_EVERY_MS = 100;
/** KRW a new paper account holds, by contract. */
const OPENING_KRW = '10000000';

/** How a bot's life ended. */
export interface Ended {
  readonly judgement: Judgement;
  readonly ledger: LedgerRecord;
  readonly candlesMissing: number | undefined;
}

/**
 * Takes every fault away and sees the bot recover by itself: every market decides again, and what nobody could know
 * is known or given up a day later. Then it stops trading, and holds both records against each other.
 */
export async function finish(
  bot: ChaosBot,
  reader: LedgerReader,
  halts: readonly HaltedTime[],
  patienceMs: number,
): Promise<Ended> {
  const stuck: string[] = [];
  bot.gate.watch(undefined);
  await patiently(() => bot.control.clear());
  stuck.push(...(await undecided(bot.instance.markets, reader, { withinMs: patienceMs, evenWaiting: true })));
  stuck.push(...(await heldBack(reader)));
  if ((await countUnknown(reader)) > 0) stuck.push(...(await letADayPass(bot, reader, patienceMs)));
  await patiently(() => pauseTrading(bot));
  await calm(reader, patienceMs);
  stuck.push(...(await uncollected(reader, patienceMs)));

  const ledger = await reader.read();
  const [truth, requests, audit] = await Promise.all([bot.control.ledger(), bot.control.requests(), auditDemo(bot)]);
  const judgement = judge({ truth, requests, ledger, openingKrw: OPENING_KRW, halts });
  const summary = await bot.stop();
  return {
    ledger,
    candlesMissing: summary?.candles.missing,
    judgement: {
      ...judgement,
      ledger_differences: [
        ...judgement.ledger_differences,
        ...audit.findings.map(({ check, detail }) => `durabit audit: ${check}: ${detail}`),
      ],
      stuck: [...stuck, ...judgement.stuck],
    },
  };
}

/** Lets a day pass once all that was struck before has been recovered from: the day must not count as part of that. */
export async function recoverAndLetADayPass(bot: ChaosBot, reader: LedgerReader): Promise<string[]> {
  const late = await undecided(bot.instance.markets, reader, { withinMs: PATIENCE_MS, evenWaiting: true });
  return [...late, ...(await letADayPass(bot, reader, PATIENCE_MS))];
}

/** Lets a day of market time pass in a moment, so that what was not found is given up, and waits for all to go on. */
async function letADayPass(bot: ChaosBot, reader: LedgerReader, patienceMs: number): Promise<string[]> {
  await bot.leapADay();
  const withinMs = A_DAY_TAKES * patienceMs;
  const giveUpAt = Date.now() + withinMs;
  while ((await countUnknown(reader)) > 0 && Date.now() < giveUpAt) await sleep(LOOK_EVERY_MS);
  return undecided(bot.instance.markets, reader, { withinMs, evenWaiting: false });
}

/** Accounts that a halt was not lifted for: they decide, and order nothing. */
export async function heldBack(reader: Pick<LedgerReader, 'query'>): Promise<string[]> {
  const rows = await reader.query<{ account: string; state: string }>(
    "SELECT account, state FROM trading_state WHERE state <> 'active'",
  );
  return rows.map(({ account, state }) => `${account}: trading is still ${state}`);
}

/** Markets that get no decision of a run of their own within the time. */
export async function undecided(
  markets: readonly string[],
  reader: Pick<LedgerReader, 'query'>,
  /** Whether one counts that only waits for an order which is not found. */
  { withinMs, evenWaiting }: { readonly withinMs: number; readonly evenWaiting: boolean },
): Promise<string[]> {
  const since = Date.now();
  for (;;) {
    const rows = await reader.query<{ market: string }>(
      `SELECT DISTINCT market FROM decisions WHERE decided_at > to_timestamp($1)
         AND (action IN ('buy', 'sell', 'hold') OR ($2 AND action = 'blocked' AND reason ~ '${WAITS_FOR}'))`,
      [since / 1_000, evenWaiting],
    );
    const decided = new Set(rows.map(({ market }) => market));
    const left = markets.filter((market) => !decided.has(market));
    if (left.length === 0) return [];
    if (Date.now() - since > withinMs) {
      return left.map((market) => `${market}: no decision within ${withinMs / 1_000} s after everything was put right`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

export async function countUnknown(reader: LedgerReader): Promise<number> {
  const rows = await reader.query<{ count: number }>(
    "SELECT count(DISTINCT market)::int AS count FROM orders WHERE status = 'unknown'",
  );
  return rows[0]?.count ?? 0;
}

/** Markets whose candles have holes that are not closed in time: a day at once is more than one run fetches. */
async function uncollected(reader: LedgerReader, patienceMs: number): Promise<string[]> {
  const giveUpAt = Date.now() + A_DAY_TAKES * patienceMs;
  for (;;) {
    const holes = await reader.query<{ market: string }>(
      'SELECT market FROM candle_coverage WHERE (SELECT count(*) FROM unnest(covered)) > 1',
    );
    if (holes.length === 0) return [];
    if (Date.now() > giveUpAt) return holes.map(({ market }) => `${market}: candles are still missing`);
    await sleep(LOOK_EVERY_MS);
  }
}

async function calm(reader: LedgerReader, patienceMs: number): Promise<void> {
  const giveUpAt = Date.now() + patienceMs;
  for (let calmSince = Date.now(); Date.now() - calmSince < CALM_MS && Date.now() < giveUpAt; ) {
    const rows = await reader.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM orders WHERE status IN ('intended', 'sending', 'open')",
    );
    if ((rows[0]?.count ?? 0) > 0) calmSince = Date.now();
    await sleep(LOOK_EVERY_MS);
  }
}
