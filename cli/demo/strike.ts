import { setTimeout as sleep } from 'node:timers/promises';
import { hashAt } from '../../exchange/numbers/noise.ts';
import { signalProcess } from '../../process/process-identity.ts';
import { recordedProcess } from '../up/pid-files.ts';
import type { DemoBot } from './demo-bot.ts';
import type { OrderRow, OrderStep, OrderWatch } from './order-watch.ts';

/** A part of the bot that is killed. */
interface Victim {
  readonly title: string;
  /** Its name in `pids/`. */
  readonly process: string;
  /** What the supervisor starts again. */
  readonly service: string;
}

const VICTIMS: readonly Victim[] = [
  { title: 'trader', process: 'trader', service: 'trader' },
  { title: 'PostgreSQL', process: 'postgres-server', service: 'postgres' },
  { title: 'Temporal', process: 'temporal-server', service: 'temporal' },
  { title: 'exchange', process: 'exchange', service: 'exchange' },
  { title: 'collector', process: 'collector', service: 'collector' },
];

/**
 * When to kill, as a status that has just been committed. `sending`: the order is going to be sent, so the request is
 * leaving, under way or being answered. `open`: the exchange has it, what it filled is not booked yet.
 */
const MOMENTS = ['sending', 'open'] as const;
/** With `sending`, so much later at most: the kill is to meet requests that have and have not arrived. */
const LATEST_MS = 9;

export interface Strike {
  readonly victim: Victim;
  readonly moment: (typeof MOMENTS)[number];
  /** After that moment. */
  readonly delayMs: number;
}

const STREAM = { place: 0, delay: 1 } as const;

/** Each part once a round, in an order that depends on the seed, and in turn at one moment and the other. */
export function planStrikes(rounds: number, seed: number): Strike[] {
  return Array.from({ length: rounds }, (_, round) =>
    VICTIMS.map((victim, index) => {
      const position = round * VICTIMS.length + index;
      const moment = MOMENTS[(index + round + seed) % MOMENTS.length] ?? 'sending';
      const delayMs = moment === 'sending' ? hashAt(seed, STREAM.delay, position) % (LATEST_MS + 1) : 0;
      return { place: hashAt(seed, STREAM.place, position), strike: { victim, moment, delayMs } };
    })
      .sort((one, other) => one.place - other.place)
      .map(({ strike }) => strike),
  ).flat();
}

/** How long an order to strike at is waited for, and then for what becomes of it. */
const WAIT_FOR_ORDER_MS = 15_000;
const WAIT_FOR_END_MS = 12_000;
const LOOK_EVERY_MS = 50;

/**
 * Waits for an order to be in the middle of its life, kills the part at that moment, and follows both.
 *
 * @returns one line for people; undefined when there was no order to strike at
 */
export async function strike(
  { victim, moment, delayMs }: Strike,
  { bot, watch }: { readonly bot: DemoBot; readonly watch: OrderWatch },
): Promise<string | undefined> {
  const order = await watch.next(moment, WAIT_FOR_ORDER_MS);
  if (order === undefined) return undefined;
  if (delayMs > 0) await sleep(delayMs);
  const back = bot.back(victim.service);
  const target = recordedProcess(bot.dataDir, victim.process);
  if (target === null || !signalProcess(target, 'SIGKILL')) {
    throw new Error(`${victim.title} had ended by itself before it was killed`);
  }
  const killedAt = performance.now();
  const met = watch.lastStatus(order.identifier) ?? moment;

  await back;
  const downMs = performance.now() - killedAt;
  const end = await follow(watch, order.identifier);
  const what = `${order.side === 'bid' ? 'purchase' : 'sale'} of ${order.market} ${describeStatus(met)}`;
  const seconds = (downMs / 1_000).toFixed(1);
  return `${victim.title.padEnd(10)} ${what.padEnd(41)} ${describeEnd(order, end)}; ${victim.title} back after ${seconds} s`;
}

function describeStatus(status: string): string {
  if (status === 'sending') return 'being sent';
  return status === 'open' ? 'accepted, not booked' : `just ${status}`;
}

const ENDS = ['filled', 'canceled', 'rejected', 'expired', 'unknown'];

/** The order at its end, or as it stands when that takes too long. */
async function follow(watch: OrderWatch, identifier: string): Promise<OrderRow | undefined> {
  const giveUpAt = performance.now() + WAIT_FOR_END_MS;
  for (;;) {
    const row = await watch.read(identifier);
    if ((row !== undefined && ENDS.includes(row.status)) || performance.now() > giveUpAt) return row;
    await sleep(LOOK_EVERY_MS);
  }
}

function describeEnd({ market }: OrderStep, row: OrderRow | undefined): string {
  const executed = `${row?.executed_quantity} ${market.slice(market.indexOf('-') + 1)}`;
  switch (row?.status) {
    case undefined:
      return 'LOST: the ledger has no such order';
    case 'filled':
      return `filled and booked: ${executed}`;
    case 'canceled':
      return `canceled at its deadline with ${executed} booked`;
    case 'unknown':
      return 'never arrived: its money stays reserved until that is certain';
    case 'expired':
      return 'never sent: too late by then, its money is free again';
    default:
      return `still "${row?.status}"`;
  }
}
