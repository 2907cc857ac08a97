import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessMemory {
  readonly pid: number;
  readonly parent: number;
  /** Bytes in memory, shared pages counted in full. */
  readonly rss: number;
  /** Bytes in memory, each shared page divided by the number of processes that share it. */
  readonly pss: number;
}

/** A process and everything that descends from it, parents first. Linux only. */
export function memoryOfTree(root: number): ProcessMemory[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = readIfThere(`/proc/${entry}/stat`);
    // Behind the program's name, which is in brackets and may hold anything: state, then the parent.
    if (stat !== null) parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const family = [root];
  for (const member of family) for (const [pid, parent] of parents) if (parent === member) family.push(pid);
  return family.flatMap((pid) => {
    const rollup = readIfThere(`/proc/${pid}/smaps_rollup`);
    return rollup === null || rollup === ''
      ? []
      : [{ pid, parent: parents.get(pid) ?? 0, rss: bytes(rollup, 'Rss'), pss: bytes(rollup, 'Pss') }];
  });
}

function bytes(rollup: string, field: string): number {
  const kibibytes = new RegExp(`^${field}: +(\\d+) kB$`, 'm').exec(rollup)?.[1];
  if (kibibytes === undefined) throw new Error(`smaps_rollup has no ${field}`);
  return Number(kibibytes) * 1_024;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // ESRCH: it ended between the opening of the file and the reading.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
