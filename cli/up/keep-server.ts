import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { announceReady, endWithParent } from '../../process/supervised.ts';
import { endProcess, forgetProcess, recordedProcess, recordProcess } from './pid-files.ts';

/** A server that is no node process and therefore cannot notice by itself that the supervisor is gone. */
export interface KeptServer {
  /** Under which it is written down in `pids/`. */
  readonly name: string;
  readonly dataDir: string;
  /** Spawned with its output in pipes. */
  readonly spawn: () => ChildProcess;
  /** Resolves when the server answers; `said` does when it has written a line with these words to its errors. */
  readonly ready: (said: (words: string) => Promise<void>) => Promise<void>;
  /** Which of its lines are worth showing. */
  readonly worthShowing: (line: string) => boolean;
  readonly stopSignal: NodeJS.Signals;
  readonly graceMs: number;
}

/**
 * Runs a server for as long as this process has a parent. This process ends with code 1 when the server dies, so that
 * the supervisor starts both again, and it first ends a server that a killed predecessor has left behind.
 */
export async function keepServer(server: KeptServer): Promise<void> {
  const { name, dataDir, stopSignal } = server;
  // After the parent's death the pipes are closed; writing to them must not stop the server from being stopped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

  const orphan = recordedProcess(dataDir, name);
  if (orphan !== null && (await endProcess(orphan, server.graceMs))) console.error(`ended ${name} of an earlier run`);

  const child = server.spawn();
  if (child.pid !== undefined) recordProcess(dataDir, name, child.pid, stopSignal);
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });

  let ending = false;
  endWithParent(async () => {
    ending = true;
    child.kill(stopSignal);
    const impatience = setTimeout(() => child.kill('SIGKILL'), server.graceMs);
    await gone;
    clearTimeout(impatience);
    forgetProcess(dataDir, name);
  }, server.graceMs + 2_000);
  // The parent may have died while this module was loading, before anybody listened for it.
  if (process.connected === false) process.kill(process.pid, 'SIGTERM');

  gone.then((how) => {
    if (ending) return;
    forgetProcess(dataDir, name);
    console.error(`${name} died (${how})`);
    process.exitCode = 1;
    // Its last words may still be in the pipe.
    setTimeout(() => process.exit(1), 100);
  });

  const show = (line: string): void => {
    if (!ending && server.worthShowing(line)) console.error(line);
  };
  child.stdout && createInterface({ input: child.stdout }).on('line', show);
  if (child.stderr === null) throw new Error(`${name} was spawned without a pipe for its errors`);
  const lines = createInterface({ input: child.stderr }).on('line', show);
  await server.ready((words) => {
    return new Promise((resolve) => {
      lines.on('line', (line) => line.includes(words) && resolve());
    });
  });
  // Said into a closed channel it would end this process before the server has ended.
  if (!ending && process.connected !== false) announceReady();
}
