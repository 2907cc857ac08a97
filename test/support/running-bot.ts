import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRunningInstance } from '../../cli/up/instance-file.ts';
import { freePort } from '../../cli/up/ports.ts';
import { identifyProcess } from '../../process/process-identity.ts';
import { type Finished, runHere } from './command-here.ts';
import { lendBundle } from './shared-bundle.ts';

const main = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');

/** The command as a person runs it: a process of its own, on ports and a data directory of its own. */
export interface BotFolder {
  readonly dataDir: string;
  /** Starts `durabit …` and does not wait. */
  start(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): { readonly child: ChildProcess; readonly finished: Promise<Finished> };
  /** Runs `durabit …` to its end. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>;
  /** The same inside this process, many times as quick; one at a time. */
  runHere(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>;
  /** Process id of a part of the running bot. */
  pidOf(name: string): number;
  /** Every process id of the running bot, the supervisor's included. */
  pids(): number[];
  remove(): void;
}

export async function openBotFolder(): Promise<BotFolder> {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'durabit-bot-')));
  await lendBundle(dataDir);
  const [postgres, temporal, ui, paper] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const env = {
    ...process.env,
    DURABIT_DATA_DIR: dataDir,
    POSTGRES_PORT: String(postgres),
    TEMPORAL_PORT: String(temporal),
    TEMPORAL_UI_PORT: String(ui),
    PAPER_PORT: String(paper),
  };

  function start(args: readonly string[], changes: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, [main, ...args], {
      env: { ...env, ...changes },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const finished = new Promise<Finished>((resolve, reject) => {
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (part) => (stdout += part));
      child.stderr.on('data', (part) => (stderr += part));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
    return { child, finished };
  }

  function instance() {
    const running = readRunningInstance(dataDir);
    if (running === null) throw new Error('the bot is not running');
    return running;
  }

  return {
    dataDir,
    start,
    run: (args, changes) => start(args, changes).finished,
    runHere: (args, changes) => runHere(args, { ...env, ...changes }),
    pidOf(name) {
      const pid = instance().pids[name];
      if (pid === undefined) throw new Error(`the running bot has no ${name}`);
      return pid;
    },
    pids: () => [instance().supervisor.pid, ...Object.values(instance().pids)],
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/** Whether a process of this id exists and is not a zombie waiting to be reaped. */
export function isRunning(pid: number): boolean {
  return identifyProcess(pid) !== null;
}
