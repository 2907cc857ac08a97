import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { ChildMessage } from '../../process/supervised.ts';
import { forgetProcess, recordProcess } from './pid-files.ts';
import { type ServiceLog, SUPERVISOR } from './service-log.ts';
import type { ServicePlan } from './service-plan.ts';

const QUOTED_LINES = 8;

/** One run of a service, from its spawn to its end. */
export interface ServiceProcess {
  readonly child: ChildProcess;
  /** Resolves with `ready`, or with why this run never became ready. */
  readonly outcome: Promise<'ready' | StartFailure>;
  /** Resolves when the process is gone, in words: `exit code 1`, `killed by SIGKILL`. */
  readonly ended: Promise<string>;
}

/** Why a run did not become ready; `mendable` when the process itself said what the user must do. */
export interface StartFailure {
  readonly reason: string;
  readonly mendable: boolean;
}

/**
 * Starts a service's process in a group of its own, so that a Ctrl-C at the terminal reaches the supervisor alone and
 * the order of the end is the supervisor's to choose.
 */
export function startProcess(plan: ServicePlan, dataDir: string, log: ServiceLog): ServiceProcess {
  const child = spawn(plan.command, [...plan.args], {
    cwd: plan.cwd,
    env: { ...plan.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  if (child.pid !== undefined) recordProcess(dataDir, plan.name, child.pid, plan.stopSignal ?? 'SIGTERM');

  const lastLines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      log(plan.name, line);
      lastLines.push(line);
      if (lastLines.length > QUOTED_LINES) lastLines.shift();
    });
  }

  const ended = endOf(child).then((how) => {
    if (child.pid !== undefined) forgetProcess(dataDir, plan.name);
    return how;
  });
  const quote = (how: string): string => [how, ...lastLines.map((line) => `  ${line}`)].join('\n');
  const outcome = Promise.race<'ready' | StartFailure>([
    messageFrom(child),
    ended.then((how) => ({ reason: quote(how), mendable: false })),
    timeOut(plan.readyWithinMs ?? 60_000).then((within) => ({ reason: quote(within), mendable: false })),
  ]);
  outcome.catch((error: unknown) => log(SUPERVISOR, `${plan.name}: ${error}`));
  return { child, outcome, ended };
}

async function endOf(child: ChildProcess): Promise<string> {
  const closed = once(child, 'close').catch(() => undefined);
  const how = await new Promise<string>((resolve) => {
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(`it could not be run: ${error.message}`);
    });
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `killed by ${signal}`));
  });
  // Its last lines may still be in the pipe; a grandchild holding the pipe open must not hold us up.
  await Promise.race([closed, pause(300)]);
  return how;
}

function messageFrom(child: ChildProcess): Promise<'ready' | StartFailure> {
  return new Promise((resolve) => {
    child.on('message', (sent) => {
      const message = sent as ChildMessage;
      if (message.type === 'failed') resolve({ reason: message.message, mendable: true });
      else if (message.type === 'ready') resolve('ready');
    });
  });
}

async function timeOut(ms: number): Promise<string> {
  await pause(ms, undefined, { ref: false });
  return `not ready within ${ms / 1000} s`;
}
