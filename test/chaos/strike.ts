import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultReport } from '../support/fault-control.ts';
import { awaitLostSchedules, type HaltTry, haltForAWhile, type OperatorAct, operate } from './acts.ts';
import type { ChaosBot, Killed, Part } from './chaos-bot.ts';
import type { Held } from './gate.ts';
import { patiently } from './patiently.ts';
import type { Injected } from './recovery.ts';
import type { Step } from './steps.ts';

/** What is done to the bot while an order stands at a step. */
export type Act =
  | { readonly kind: 'kill'; readonly parts: readonly Part[] }
  /** The step's commit succeeds, and whoever asked for it is told that the connection broke. */
  | { readonly kind: 'lose-answer' }
  /** It stands still, as a machine does that swaps or is moved. */
  | { readonly kind: 'freeze'; readonly part: Part }
  | { readonly kind: 'wipe-temporal' }
  | { readonly kind: 'halt' }
  | { readonly kind: 'operator'; readonly act: OperatorAct };

export function nameOfAct(act: Act): string {
  switch (act.kind) {
    case 'kill':
      return `kill ${act.parts.join(' and ')}`;
    case 'freeze':
      return `freeze ${act.part}`;
    case 'lose-answer':
      return 'lose the answer of the commit';
    case 'wipe-temporal':
      return "wipe Temporal's database";
    case 'halt':
      return 'durabit halt';
    case 'operator':
      return `operator: ${act.act}`;
  }
}

/** What a strike met and did. */
export interface Struck {
  /** Undefined for a halt that halted nothing. */
  readonly injected: Injected | undefined;
  readonly halt: HaltTry | undefined;
}

/** How long an order is waited for at a step. */
const REACH_WITHIN_MS = 25_000;
/** How long a part may take to be back. */
const BACK_WITHIN_MS = 30_000;
/** Longer than a request may still start after its commit, shorter than Temporal waits for a sign of life. */
const FROZEN_MS = 2_000;
/** Share of a candle after its close at which an order's time is over for certain. */
const OVER_AFTER = 0.75;
/** Between a request's effect and its answer; the exchange delays that by far more. */
const EFFECT_MS = 40;

/** Waits for an order at the step and strikes there. Undefined when none came to it in time. */
export async function strikeAt(bot: ChaosBot, step: Step, act: Act): Promise<Struck | undefined> {
  const rules: FaultReport[] = [];
  try {
    const held = await bringTo(bot, step, rules);
    if (held === undefined) return undefined;
    const { order, market } = held.visit;
    const struck = await perform(bot, act, held);
    const injected = { kind: nameOfAct(act), at: struck.at, market: market ?? undefined, order: order ?? undefined };
    const missed = struck.halt !== undefined && struck.halt.halted === undefined;
    return { injected: missed ? undefined : injected, halt: struck.halt };
  } finally {
    await withdraw(bot, rules);
  }
}

/** Holds an order at the step; one whose step is at the exchange has then been let go to it. */
async function bringTo(bot: ChaosBot, step: Step, rules: FaultReport[]): Promise<Held | undefined> {
  const { gate, control, instance } = bot;
  for (const rule of step.rules ?? []) rules.push(await control.add(rule));
  if (step.late === true) {
    const late = await gate.hold({ when: 'before', of: 'placeOrder', unsent: true }, REACH_WITHIN_MS);
    if (late === undefined) return undefined;
    // Whoever comes first may give it up: a reconciling run does while this one is held.
    const next = step.at.of === 'placeOrder' ? late : gate.hold(step.at, REACH_WITHIN_MS);
    await sleep(instance.candleIntervalMs * OVER_AFTER);
    if (next === late) return late;
    late.let('go');
    return next;
  }
  if (step.unconnected === true) {
    // Every request until one comes there: one that is repeated stays `sending`.
    gate.watch(({ when, of }) =>
      when === 'before' && of === 'createOrder' ? Promise.resolve('unconnected') : undefined,
    );
    return gate.hold(step.at, REACH_WITHIN_MS).finally(() => gate.watch(undefined));
  }
  const held = await gate.hold(step.at, REACH_WITHIN_MS);
  if (held === undefined || step.there === undefined) return held;
  const rule = await control.add({ ...step.there, market: held.visit.market ?? undefined });
  rules.push(rule);
  held.let('go');
  for (const giveUpAt = Date.now() + 2_000; (await control.struck(rule.id)) === 0; await sleep(2)) {
    if (Date.now() > giveUpAt) return undefined;
  }
  await sleep(EFFECT_MS);
  return { ...held, let: () => {} };
}

async function perform(bot: ChaosBot, act: Act, held: Held): Promise<{ at: number; halt: HaltTry | undefined }> {
  let at = Date.now();
  let halt: HaltTry | undefined;
  switch (act.kind) {
    case 'kill': {
      const killed = act.parts.map((part) => bot.kill(part));
      // A killed one hears nothing any more.
      held.let('go');
      await allBack(killed);
      break;
    }
    case 'wipe-temporal': {
      const killed = bot.wipeTemporal();
      held.let('go');
      await allBack([await killed]);
      await patiently(() => awaitLostSchedules(bot));
      break;
    }
    case 'freeze': {
      const frozen = bot.freeze(act.part, FROZEN_MS);
      held.let('go');
      await frozen;
      at = Date.now();
      break;
    }
    case 'lose-answer':
      held.let('lose');
      break;
    case 'halt':
      halt = await haltForAWhile(bot, () => held.let('go'));
      at = Date.now();
      break;
    case 'operator': {
      const acting = operate(bot, act.act, held.visit.market ?? bot.instance.markets[0] ?? '');
      await acting.finally(() => held.let('go'));
      break;
    }
  }
  return { at, halt };
}

async function allBack(killed: readonly (Killed | undefined)[]): Promise<void> {
  const back = Promise.all(killed.map((one) => one?.back));
  const inTime = await Promise.race([back.then(() => true), sleep(BACK_WITHIN_MS, false, { ref: false })]);
  if (!inTime) throw new Error(`a killed part was not back within ${BACK_WITHIN_MS / 1_000} s`);
}

/** A killed exchange has forgotten its rules about requests. */
async function withdraw({ control }: ChaosBot, rules: readonly FaultReport[]): Promise<void> {
  if (rules.length === 0) return;
  const left = new Set((await control.rules()).map(({ id }) => id));
  for (const { id } of rules) if (left.has(id)) await control.remove(id);
}
