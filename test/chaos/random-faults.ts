import { setTimeout as sleep } from 'node:timers/promises';
import { hashAt, hashText } from '../../exchange/numbers/noise.ts';
import { awaitLostSchedules, type HaltTry, haltForAWhile, OPERATOR_ACTS, operate, wordsOfHalt } from './acts.ts';
import type { ChaosBot, Killed } from './chaos-bot.ts';
import { type Inflicted, NO_CONNECTION, type Scene } from './crash-points.ts';
import { EXCHANGE_FAULTS, keepRules } from './exchange-faults.ts';
import { countUnknown, recoverAndLetADayPass } from './finish.ts';
import type { LedgerReader } from './ledger-record.ts';
import { patiently } from './patiently.ts';
import type { Injected } from './recovery.ts';
import { type Act, nameOfAct } from './strike.ts';
import type { Gated, Verdict, Visit } from './visit.ts';

/** One of so many visits of an order to a gate is struck: every seventh to tenth order. */
const STRUCK_ONE_IN = 150;
/** How often each is chosen, of their sum. */
const BLOWS: readonly (readonly [blow: Blow, share: number])[] = [
  [{ kind: 'kill', parts: ['trader'] }, 25],
  [{ kind: 'kill', parts: ['postgres'] }, 15],
  [{ kind: 'kill', parts: ['exchange'] }, 15],
  [{ kind: 'kill', parts: ['temporal'] }, 12],
  [{ kind: 'kill', parts: ['collector'] }, 6],
  [{ kind: 'kill', parts: ['trader', 'postgres'] }, 6],
  [{ kind: 'kill', parts: ['trader', 'exchange'] }, 6],
  [{ kind: 'freeze', part: 'trader' }, 10],
];
type Blow = Extract<Act, { readonly kind: 'kill' | 'freeze' }>;
/** Whose commit's answer may be lost: each returns when its transaction is committed. */
const COMMITTING: readonly Gated[] = [
  'decideOnce',
  'beginSending',
  'renewSending',
  'recordAccepted',
  'recordNotSent',
  'recordFills',
];
/** An order passes about five such commits. */
const LOST_ONE_IN = 250;
const UNCONNECTED_ONE_IN = 50;
const FROZEN_MS = 2_000;

const LOSE_ANSWER: Act = { kind: 'lose-answer' };
const HALT: Act = { kind: 'halt' };
const WIPE: Act = { kind: 'wipe-temporal' };

/** Every kind of fault that a run of enough orders meets. */
const RANDOM_FAULTS: readonly string[] = [
  ...BLOWS.map(([blow]) => nameOfAct(blow)),
  ...[LOSE_ANSWER, HALT, WIPE].map(nameOfAct),
  ...OPERATOR_ACTS.map((act) => nameOfAct({ kind: 'operator', act })),
  NO_CONNECTION,
  ...EXCHANGE_FAULTS,
];

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
  const halts: HaltTry[] = [];
  const stuck: string[] = [];
  let days = 0;
  let operated = 0;
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
      // In turn, so that none is left out.
      const act = OPERATOR_ACTS[operated++ % OPERATOR_ACTS.length] ?? 'terminate';
      if (await succeeds(operate(bot, act, market)))
        injected.push({ kind: nameOfAct({ kind: 'operator', act }), at: Date.now(), market });
    }
    if (isDue('halt', ended)) {
      const halt = await haltForAWhile(bot);
      halts.push(halt);
      say(`durabit halt: ${wordsOfHalt(halt)}`);
      if (halt.halted !== undefined) injected.push({ kind: nameOfAct(HALT), at: Date.now() });
    }
    if (isDue('wipe', ended)) {
      const wiped = await bot.wipeTemporal();
      if (wiped !== undefined) injected.push({ kind: nameOfAct(WIPE), at: wiped.at });
      await wiped?.back;
      if (wiped !== undefined) await patiently(() => awaitLostSchedules(bot));
    }
    if ((await countUnknown(reader)) * 2 >= bot.instance.markets.length) {
      say('a day passes, for orders that are not found');
      bot.gate.watch(undefined);
      await rules.suspend();
      stuck.push(...(await recoverAndLetADayPass(bot, reader)));
      days += 1;
      rules.resume();
      bot.gate.watch(strikeByChance(bot, seed, (fault) => injected.push(fault)));
      movedAt = Date.now();
    }
  }
  bot.gate.watch(undefined);
  const atExchange = await rules.end();
  return { injected, expected: RANDOM_FAULTS, halts, stuck, days, spared: [], atExchange };
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
    const falls = (draw: number, oneIn: number): boolean => hashAt(chance, draw, 0) % oneIn === 0;
    const tell = (kind: string) => told({ kind, at: Date.now(), market, order });
    if (when === 'before' && of === 'createOrder' && falls(2, UNCONNECTED_ONE_IN)) {
      tell(NO_CONNECTION);
      return Promise.resolve('unconnected');
    }
    if (when === 'after' && COMMITTING.includes(of) && falls(3, LOST_ONE_IN)) {
      tell(nameOfAct(LOSE_ANSWER));
      return Promise.resolve('lose');
    }
    return falls(0, STRUCK_ONE_IN) ? deal(bot, chooseBlow(hashAt(chance, 1, 0)), tell) : undefined;
  };
}

async function deal(bot: ChaosBot, blow: Blow, tell: (kind: string) => void): Promise<Verdict> {
  if (blow.kind === 'freeze') {
    if (await bot.freeze(blow.part, FROZEN_MS)) tell(nameOfAct(blow));
    return 'go';
  }
  const killed = blow.parts.map((part) => bot.kill(part)).filter((one): one is Killed => one !== undefined);
  // The bot may be stopped before they are back.
  for (const { back } of killed) back.catch(() => undefined);
  if (killed.length > 0) tell(nameOfAct(blow));
  return 'go';
}

function chooseBlow(number: number): Blow {
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
