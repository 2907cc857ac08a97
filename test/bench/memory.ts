import { existsSync } from 'node:fs';
import { readRunningInstance } from '../../cli/up/instance-file.ts';
import type { Measurement } from './bench.ts';
import type { BenchBot } from './bench-bot.ts';
import { memoryOfTree } from './process-tree.ts';

const MB = 1_000_000;
/** All processes together. */
const ALL_WITHIN_MB = 1_200;

interface Part {
  processes: number;
  rss: number;
  pss: number;
}

/**
 * What the running bot holds in memory now, part by part.
 *
 * @param start `first start` or `second start`: processes that had to load the TypeScript stripper are 17 MB larger.
 */
export function measureMemory(bot: BenchBot, start: string): Measurement {
  const title = `Memory, ${start}`;
  if (!existsSync('/proc/self/smaps_rollup')) {
    return { title, figures: [], notes: ['Not measured: this system has no /proc to read it from.'] };
  }
  const seconds = Math.round((Date.now() - bot.readyAt) / 1_000);
  const parts = memoryByPart(bot);
  const sum = (field: 'rss' | 'pss') => [...parts.values()].reduce((total, part) => total + part[field], 0) / MB;
  return {
    title,
    figures: [
      { name: 'all processes, sum of PSS', value: sum('pss'), unit: 'MB', atMost: ALL_WITHIN_MB },
      { name: 'all processes, sum of RSS', value: sum('rss'), unit: 'MB', atMost: ALL_WITHIN_MB },
    ],
    breakdown: [...parts].map(([part, { processes, rss, pss }]) => ({
      part,
      processes,
      'RSS, MB': Math.round(rss / MB),
      'PSS, MB': Math.round(pss / MB),
    })),
    notes: [
      `Read ${seconds} s after ready from /proc/<pid>/smaps_rollup of every process below the command.`,
      'PSS divides a shared page among those who share it; the sum of RSS counts it once for each of them.',
    ],
  };
}

/** A process without a name of its own, such as a backend of PostgreSQL, belongs to the part of its parent. */
function memoryByPart({ dataDir, pid: door }: BenchBot): Map<string, Part> {
  const running = readRunningInstance(dataDir);
  if (running === null) throw new Error('the bot is gone');
  const names = new Map(Object.entries(running.pids).map(([name, pid]) => [pid, keeperOrName(name, running.pids)]));
  names.set(running.supervisor.pid, 'supervisor (durabit up)');
  names.set(door, 'door (bin/durabit.mjs)');
  const parts = new Map<string, Part>();
  for (const { pid, parent, rss, pss } of memoryOfTree(door)) {
    const name = names.get(pid) ?? names.get(parent) ?? 'other';
    names.set(pid, name);
    const part = parts.get(name) ?? { processes: 0, rss: 0, pss: 0 };
    parts.set(name, { processes: part.processes + 1, rss: part.rss + rss, pss: part.pss + pss });
  }
  return parts;
}

function keeperOrName(name: string, pids: Readonly<Record<string, number>>): string {
  return `${name}-server` in pids ? `${name} keeper` : name;
}
