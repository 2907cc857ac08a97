import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PreloadOptions } from './options.ts';

/** Gives the paper exchange its control port and, where one is asked for, the leap in market time. */
export function prepareExchange({ controlPort, leapFile }: PreloadOptions): void {
  process.argv.push('--control-port', String(controlPort));
  const stateDir = process.argv[process.argv.indexOf('--state-dir') + 1];
  if (stateDir === undefined || !existsSync(leapFile)) return;
  const instant = Number(readFileSync(leapFile, 'utf8'));
  const clockFile = join(stateDir, 'clock.json');
  writeFileSync(clockFile, JSON.stringify({ mayHaveServed: instant }));
  rmSync(leapFile);
}
