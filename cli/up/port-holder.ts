import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { commandLineOf } from '../../process/process-identity.ts';

const LISTENING = '0A';

/** Who listens on a local port, in words: `node server.js (pid 123)`; `null` when the system does not tell. */
export function portHolder(port: number): string | null {
  const pid = process.platform === 'linux' ? listenerOnLinux(port) : listenerByLsof(port);
  if (pid === null) return null;
  const command = commandLineOf(pid);
  return `${command.length > 80 ? `${command.slice(0, 79)}…` : command} (pid ${pid})`;
}

function listenerOnLinux(port: number): number | null {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return null;
  for (const pid of orNone(() => readdirSync('/proc'))) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of orNone(() => readdirSync(`/proc/${pid}/fd`))) {
      const [target] = orNone(() => [readlinkSync(`/proc/${pid}/fd/${fd}`)]);
      if (target !== undefined && inodes.has(target)) return Number(pid);
    }
  }
  return null;
}

function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return orNone(() => readFileSync(table, 'utf8').split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === LISTENING && local?.endsWith(suffix))
    .map((fields) => `socket:[${fields[9]}]`);
}

function listenerByLsof(port: number): number | null {
  const lines = orNone(() =>
    execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fp'], { encoding: 'utf8' }).split('\n'),
  );
  const found = lines.find((line) => line.startsWith('p'));
  return found === undefined ? null : Number(found.slice(1));
}

/** Other users' processes are closed to us and processes end while we look: no answer is an answer here. */
function orNone(read: () => string[]): string[] {
  try {
    return read();
  } catch {
    return [];
  }
}
