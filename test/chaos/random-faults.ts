import { setTimeout as sleep } from 'node:timers/promises';
import { hashAt, hashText } from '../../exchange/paper/feed/noise.ts';
import { awaitLostSchedules, haltForAWhile, OPERATOR_ACTS, operate } from './acts.ts';
import type { ChaosBot, Killed, Part } from './chaos-bot.ts';
import type { Inflicted, Scene } from './crash-points.ts';
import { keepRules } from './exchange-faults.ts';
import { countUnknown, letADayPass } from './finish.ts';
import type { HaltedTime } from './judge.ts';
import type { LedgerReader } from './ledger-record.ts';
import { patiently } from './patiently.ts';
import type { Injected } from './recovery.ts';
import type { Gated, Verdict, Visit } from './visit.ts';

/** One of so many visits of an order to a gate is struck: every seventh to tenth order. */
const STRUCK_ONE_IN = 150;
/** How often each is chosen, of their sum. */
const BLOWS: readonly (readonly [blow: Part | 'lose-answer' | 'freeze' | 'pair', share: number])[] = [
  ['trader', 25],
  ['postgres', 15],
  ['exchange', 15],
  ['temporal', 12],
  ['collector', 5],
  ['pair', 6],
  ['freeze', 10],
  ['lose-answer', 12],
];
/** Whose commit's answer may be lost: each returns when its transaction is committed. */
const COMMITTING: readonly Gated[] = ['decideOnce', 'beginSending', 'renewSending', 'recordAccepted', 'recordFills'];
const FROZEN_MS = 2_000;

/** After so many orders each. */
const EVERY = { halt: 50, operator: 25, wipe: 200 } as const;
const LOOK_EVERY_MS = 500;
/** For how long no order may come to its end before the run is given up. */
const PATIENCE_MS = 120_000;

/**
 * Everything at once until so many orders have ended: faults of the exchange at every request by chance, parts killed at
 * steps of orders, halts, runs operated on, Temporal wiped. What happens to an order at a step depends on the seed, its
 * market, its candle and the step, not on when that is.
 */
export async function injectAtRandom(
  { bot, reader, say, stop }: Scene,
  { seed, cycles }: { readonly seed: number; readonly cycles: number },
): Promise<Inflicted> {
  const injected: Injected[] = [];
  const halts: HaltedTime[] = [];
  const stuck: string[] = [];
  let days = 0;
  const rules = keepRules(bot.control, seed);
  bot.gate.watch(strikeByChance(bot, seed, (fault) => injected.push(fault)));

  const next = { ...EVERY } as Record<keyof typeof EVERY, number>;
  const isDue = (what: keyof typeof EVERY, ended: number): boolean => {
    if (ended < next[what]) return false;
    next[what] = ended + EVERY[what];
    return true;
  };
  const choose = <T>(from: readonly T[], position: number): T | undefined =>
    from[hashAt(hashText(`choice/${seed}`), 0, position) % from.length];

  let ended = 0;
  for (let movedAt = Date.now(), told = 0; ended < cycles; await sleep(LOOK_EVERY_MS)) {
    stop.throwIfAborted();
    const before = ended;
    ended = await countEnded(reader);
    if (ended > before) movedAt = Date.now();
    if (Date.now() - movedAt > PATIENCE_MS) {
      stuck.push(`no order came to its end within ${PATIENCE_MS / 1_000} s; ${ended} of ${cycles} orders`);
      break;
    }
    if (ended >= told + 50) {
      told = ended;
      say(`${ended} of ${cycles} orders at their end; ${injected.length} blows so far`);
    }
    const market = choose(bot.instance.markets, ended) ?? '';
    if (isDue('operator', ended)) {
      const act = choose(OPERATOR_ACTS, ended) ?? 'terminate';
      if (await succeeds(operate(bot, act, market)))
        injected.push({ kind: `operator: ${act}`, at: Date.now(), market });
    }
    if (isDue('halt', ended)) {
      const halted = await haltForAWhile(bot);
      if (halted !== undefined) halts.push(halted);
      injected.push({ kind: 'durabit halt', at: Date.now() });
    }
    if (isDue('wipe', ended)) {
      const wiped = await bot.wipeTemporal();
      if (wiped !== undefined) injected.push({ kind: "wipe Temporal's database", at: wiped.at });
      await wiped?.back;
      if (wiped !== undefined) await patiently(() => awaitLostSchedules(bot));
    }
    if ((await countUnknown(reader)) * 2 >= bot.instance.markets.length) {
      say('a day passes, for orders that are not found');
      bot.gate.watch(undefined);
      await rules.suspend();
      stuck.push(...(await letADayPass(bot, reader)));
      days += 1;
      rules.resume();
      bot.gate.watch(strikeByChance(bot, seed, (fault) => injected.push(fault)));
      movedAt = Date.now();
    }
  }
  bot.gate.watch(undefined);
  const atExchange = await rules.end();
  return { injected, halts, stuck, days, spared: [], atExchange };
}

/** Strikes at visits of orders, each by a chance of its own. */
function strikeByChance(bot: ChaosBot, seed: number, told: (fault: Injected) => void) {
  const visits = new Map<string, number>();
  return (visit: Visit): Promise<Verdict> | undefined => {
    const { order, market, when, of } = visit;
    if (order === null || market === null) return undefined;
    // Without the bot's id, which is another in every run.
    const place = `${order.slice(order.indexOf('-'))} ${when} ${of}`;
    const nth = (visits.get(place) ?? 0) + 1;
    visits.set(place, nth);
    const chance = hashText(`${seed}/${place}/${nth}`);
    if (hashAt(chance, 0, 0) % STRUCK_ONE_IN !== 0) return undefined;
    return deal(bot, visit, chance, told);
  };
}

async function deal(bot: ChaosBot, visit: Visit, chance: number, told: (fault: Injected) => void): Promise<Verdict> {
  const { order, market, of, when } = visit;
  const tell = (kind: string) => told({ kind, at: Date.now(), market: market ?? undefined, order: order ?? undefined });
  const blow = chooseBlow(hashAt(chance, 1, 0));
  if (blow === 'lose-answer') {
    if (when === 'before' || !COMMITTING.includes(of)) return 'go';
    tell('lose the answer of the commit');
    return 'lose';
  }
  if (blow === 'freeze') {
    if (await bot.freeze('trader', FROZEN_MS)) tell('freeze trader');
    return 'go';
  }
  const parts: readonly Part[] = blow === 'pair' ? ['trader', chance % 2 === 0 ? 'postgres' : 'exchange'] : [blow];
  const killed = parts.map((part) => bot.kill(part)).filter((one): one is Killed => one !== undefined);
  // The bot may be stopped before they are back.
  for (const { back } of killed) back.catch(() => undefined);
  if (killed.length > 0) tell(`kill ${parts.join(' and ')}`);
  return 'go';
}

function chooseBlow(number: number): (typeof BLOWS)[number][0] {
  let left = number % BLOWS.reduce((sum, [, share]) => sum + share, 0);
  for (const [blow, share] of BLOWS) {
    if (left < share) return blow;
    left -= share;
  }
  throw new Error('the shares do not add up');
}

/** Temporal may be down when an operator acts: a person sees an error and no more comes of it. */
async function succeeds(act: Promise<void>): Promise<boolean> {
  try {
    await act;
    return true;
  } catch {
    return false;
  }
}

async function countEnded(reader: LedgerReader): Promise<number> {
  const rows = await reader.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM orders WHERE status NOT IN ('intended', 'sending', 'open')",
  );
  return rows[0]?.count ?? 0;
}
