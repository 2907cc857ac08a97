import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { readRunningInstance } from '../../cli/up/instance-file.ts';
import type { BotFolder } from '../support/running-bot.ts';

/**
 * Servers, then the two keepers, under which a server goes on while nobody looks after it, then workers: a worker that
 * starts while a server is down is started once more, and then its restarts tell less.
 */
export const ROUNDS = {
  servers: ['postgres-server', 'exchange', 'temporal-server'],
  keepers: ['postgres', 'temporal'],
  workers: ['collector', 'trader', 'optimizer'],
} as const;

/** Kills processes of the running bot with SIGKILL, one after the other, and waits until it is whole again. */
export async function killInTurn(bot: BotFolder, names: readonly string[]): Promise<void> {
  const killed = new Map<string, number>();
  for (const [turn, name] of names.entries()) {
    // Not always at the same moment of a candle.
    await sleep(500 + 170 * turn);
    const pid = bot.pidOf(name);
    killed.set(name, pid);
    process.kill(pid, 'SIGKILL');
  }
  await expect.poll(() => missing(bot, killed), { timeout: 60_000, interval: 50 }).toEqual([]);
}

/** What was killed and has no new process, and parts that do not work. */
function missing(bot: BotFolder, killed: ReadonlyMap<string, number>): string[] {
  const running = readRunningInstance(bot.dataDir);
  const gone = [...killed].filter(([name, pid]) => [undefined, pid].includes(running?.pids[name]));
  const down = (running?.parts ?? []).filter(({ state }) => state !== 'up');
  return [...gone.map(([name]) => name), ...down.map(({ name }) => name)];
}
