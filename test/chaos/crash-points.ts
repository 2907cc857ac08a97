import { hashAt, hashText } from '../../exchange/numbers/noise.ts';
import { type HaltTry, OPERATOR_ACTS, wordsOfHalt } from './acts.ts';
import type { ChaosBot, Part } from './chaos-bot.ts';
import type { StruckAtExchange } from './exchange-faults.ts';
import { countUnknown, recoverAndLetADayPass } from './finish.ts';
import type { LedgerReader } from './ledger-record.ts';
import type { Injected } from './recovery.ts';
import { STEPS, type Step } from './steps.ts';
import { type Act, nameOfAct, strikeAt } from './strike.ts';

/** One way to interrupt one step. */
export interface PlannedStrike {
  readonly step: Step;
  readonly act: Act;
}

const VICTIMS: readonly Part[] = ['trader', 'postgres', 'temporal', 'exchange'];

/** At the steps where money and messages pass between two parts, both of them die. */
const PAIRS: readonly (readonly Part[])[] = [
  ['trader', 'postgres'],
  ['trader', 'exchange'],
  ['trader', 'temporal'],
  ['postgres', 'exchange'],
  ['postgres', 'temporal'],
  ['trader', 'postgres', 'temporal', 'exchange', 'collector'],
];
const PAIRED_STEPS = [
  'sending committed',
  'request arrived, not answered',
  'answered, not recorded',
  'fills seen, not booked',
];
const FROZEN_STEPS = ['sending committed', 'before the request', 'answered, not recorded', 'fills seen, not booked'];
const WIPED_STEPS = ['decision and order committed', 'request arrived, not answered', 'fills seen, not booked'];
const OPERATED_STEPS = ['sending committed', 'answered, not recorded', 'before fills are asked for'];
const HALTED_STEPS = [
  'order written, decision not committed',
  'decision and order committed',
  'before sending is committed',
  'sending written, not committed',
  'sending committed',
  'before the request',
  'return to intended committed',
  'request arrived, not answered',
  'answered, not recorded',
  'not found, before it is sent again',
  'sending again committed',
  'before the cancelling',
];

/**
 * Every step with every victim, and more at the steps where more can go wrong; the order depends on the seed. Halts come
 * first: after an order that was never found had to be given up, no halt is proven for a quarter of an hour
 * (docs/halt.md), and with other strikes in between none of twelve was.
 */
export function planStrikes(seed: number): PlannedStrike[] {
  const at = (names: readonly string[], act: Act) =>
    STEPS.filter(({ name }) => names.includes(name)).map((step) => ({ step, act }));
  const all: PlannedStrike[] = [
    ...STEPS.flatMap((step) => VICTIMS.map((part) => ({ step, act: { kind: 'kill', parts: [part] } as Act }))),
    ...STEPS.filter(({ commits }) => commits).map((step) => ({ step, act: { kind: 'lose-answer' } as Act })),
    ...PAIRS.flatMap((parts) => at(PAIRED_STEPS, { kind: 'kill', parts })),
    ...at(FROZEN_STEPS, { kind: 'freeze', part: 'trader' }),
    ...at(['request arrived, not answered'], { kind: 'freeze', part: 'exchange' }),
    ...at(WIPED_STEPS, { kind: 'wipe-temporal' }),
    ...OPERATOR_ACTS.flatMap((act) => at(OPERATED_STEPS, { kind: 'operator', act })),
    ...at(HALTED_STEPS, { kind: 'halt' }),
  ];
  const generator = hashText(`strikes/${seed}`);
  return all
    .map((strike, index) => ({ strike, place: hashAt(generator, 0, index) }))
    .sort((one, other) => Number(isHalt(other.strike)) - Number(isHalt(one.strike)) || one.place - other.place)
    .map(({ strike }) => strike);
}

function isHalt({ act }: PlannedStrike): boolean {
  return act.kind === 'halt';
}

/** What was done to a bot, and what could be seen of it meanwhile. */
export interface Inflicted {
  readonly injected: readonly Injected[];
  /** Kinds of faults that were to be injected, each at least once. */
  readonly expected: readonly string[];
  readonly halts: readonly HaltTry[];
  /** Strikes for which no order came to the step in time. */
  readonly spared: readonly string[];
  /** Days of market time that had to pass for orders nobody could find. */
  readonly days: number;
  readonly stuck: readonly string[];
  /** Faults of the exchange by kind. */
  readonly atExchange: StruckAtExchange;
}

/** A request that finds nobody to connect to. */
export const NO_CONNECTION = 'no connection for the request';

/** Where it happens. */
export interface Scene {
  readonly bot: ChaosBot;
  readonly reader: LedgerReader;
  readonly say: (line: string) => void;
  readonly stop: AbortSignal;
}

/**
 * Strikes one after the other, and once more where no order came to the step in time. When every second market waits for
 * an order that is not found, a day passes.
 */
export async function strikeAll(plan: readonly PlannedStrike[], { bot, reader, say, stop }: Scene): Promise<Inflicted> {
  const injected: Injected[] = [];
  const halts: HaltTry[] = [];
  const stuck: string[] = [];
  let days = 0;

  async function turn(strikes: readonly PlannedStrike[]): Promise<PlannedStrike[]> {
    const spared: PlannedStrike[] = [];
    for (const [index, strike] of strikes.entries()) {
      stop.throwIfAborted();
      const number = `${index + 1}/${strikes.length}`.padStart(7);
      const began = performance.now();
      const struck = await strikeAt(bot, strike.step, strike.act);
      if (struck === undefined) spared.push(strike);
      else if (struck.injected !== undefined) injected.push(struck.injected);
      if (struck?.halt !== undefined) halts.push(struck.halt);
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      const outcome = struck === undefined ? ': SPARED, no order came there' : '';
      const halt = struck?.halt === undefined ? '' : `: ${wordsOfHalt(struck.halt)}`;
      say(`${number}  ${wordsOf(strike)}${outcome}${halt} (${seconds} s)`);
      if ((await countUnknown(reader)) * 2 < bot.instance.markets.length) continue;
      say('         a day passes, for orders that are not found');
      stuck.push(...(await recoverAndLetADayPass(bot, reader)));
      days += 1;
    }
    return spared;
  }

  const spared = await turn(await turn(plan));
  const made = plan.filter((strike) => !spared.includes(strike));
  const atExchange = countProvoked(made);
  return { injected, expected: kindsOf(plan), halts, spared: spared.map(wordsOf), days, stuck, atExchange };
}

/** Every kind of fault in a plan: what is done at its steps, and what brings orders there. */
export function kindsOf(plan: readonly PlannedStrike[]): string[] {
  return [...new Set([...plan.map(({ act }) => nameOfAct(act)), ...plan.flatMap(({ step }) => provokedBy(step))])];
}

/** What goes wrong between bot and exchange so that an order comes to the step. */
function provokedBy({ rules, there, unconnected }: Step): string[] {
  const struck = [...(rules ?? []), ...(there ? [there] : [])].map(({ kind }) => `exchange, at a step: ${kind}`);
  return unconnected === true ? [...struck, NO_CONNECTION] : struck;
}

/** Each strike that was made met what provokes its step. */
function countProvoked(made: readonly PlannedStrike[]): StruckAtExchange {
  const byKind = Map.groupBy(
    made.flatMap(({ step }) => provokedBy(step)),
    (kind) => kind,
  );
  return Object.fromEntries([...byKind].map(([kind, all]) => [kind, all.length]));
}

function wordsOf({ step, act }: PlannedStrike): string {
  return `${nameOfAct(act)}: ${step.name}`;
}
