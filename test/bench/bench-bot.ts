import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { childEnvironment } from '../../cli/up/child-environment.ts';
import { type RunningInstance, readRunningInstance } from '../../cli/up/instance-file.ts';
import { freePort } from '../../cli/up/ports.ts';
import { parseMarket } from '../../config/market.ts';
import type { Bench } from './bench.ts';

const DOOR = join(import.meta.dirname, '..', '..', 'bin', 'durabit.mjs');

export const MARKET = parseMarket('KRW-BTC');
/** The fastest the whole bot goes: a candle every second. */
export const SPEED = 60;
const SIMULATED = ['--feed', 'simulated', '--markets', MARKET, '--speed', String(SPEED), '--seed', '1'];

/** Should this program be killed outright, a bot it has started ends by itself after this long. */
const LONGEST_RUN = '15m';
const LAST_WORDS = 20;

/** A place of its own for one bot, on ports of its own. */
export interface BenchFolder {
  readonly path: string;
  readonly dataDir: string;
  /** Runs `durabit up` there until it is ready; simulated prices at the highest speed unless `options` say otherwise. */
  start(options?: readonly string[], settings?: Readonly<Record<string, string>>): Promise<BenchBot>;
  remove(): void;
}

/** A bot that is ready. */
export interface BenchBot {
  readonly dataDir: string;
  /** Of the process that was started; all others descend from it. */
  readonly pid: number;
  readonly instance: RunningInstance;
  /** From the start of the command to its word that it is ready. */
  readonly readyAfterMs: number;
  /** Wall instant of ready, epoch ms. */
  readonly readyAt: number;
  /** Seconds each part of the start took, as the command itself says; they overlap. */
  readonly steps: Readonly<Record<string, number>>;
  /** Ends it as Ctrl-C does and waits until it is gone. */
  stop(): Promise<void>;
}

/** The command's own line for each part of its start: `durabit | postgres up after 3.4 s`. */
const STEP = /\| (\S+) (?:up|done) after ([\d.]+) s$/;

export async function openBenchFolder(bench: Bench): Promise<BenchFolder> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'durabit-bench-')));
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  const ports = ['POSTGRES_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'PAPER_PORT'];
  const free = await Promise.all(ports.map(freePort));
  // Nothing of the person's own settings: they must not be measured, and their exchange not be asked.
  const env = childEnvironment({
    ...Object.fromEntries(ports.map((name, index) => [name, String(free[index])])),
    DURABIT_DATA_DIR: dataDir,
    DURABIT_CACHE_DIR: process.env.DURABIT_CACHE_DIR,
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME,
    TEMPORAL_CLI_PATH: process.env.TEMPORAL_CLI_PATH,
    // Its own, so that the first start has none, like that of a fresh clone.
    NODE_COMPILE_CACHE: join(folder, 'compile-cache'),
  });

  async function start(
    options: readonly string[] = SIMULATED,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<BenchBot> {
    bench.signal.throwIfAborted();
    const began = performance.now();
    const child = spawn(process.execPath, [DOOR, 'up', ...options, '--for', LONGEST_RUN], {
      cwd: folder,
      env: { ...env, ...settings },
      stdio: ['ignore', 'ignore', 'pipe'],
      // Out of reach of the terminal's Ctrl-C: it is this program that stops it, once.
      detached: true,
    });
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()).once('error', () => resolve()));
    const stop = (): Promise<void> => {
      child.kill('SIGTERM');
      return gone;
    };
    const steps: Record<string, number> = {};
    const said: string[] = [];
    const lines = createInterface({ input: child.stderr });
    const ready = new Promise<void>((resolve, reject) => {
      const giveUp = () => reject(bench.signal.reason);
      bench.signal.addEventListener('abort', giveUp, { once: true });
      lines.on('line', (line) => {
        said.push(line);
        if (said.length > LAST_WORDS) said.shift();
        const [, name, seconds] = STEP.exec(line) ?? [];
        if (name !== undefined) steps[name] = Number(seconds);
        if (line.includes('| ready after ')) resolve();
      });
      gone.then(() => reject(new Error(`durabit up ended before it was ready:\n${said.join('\n')}`)));
    });
    try {
      await ready;
      const readyAfterMs = performance.now() - began;
      const instance = readRunningInstance(dataDir);
      if (instance === null || child.pid === undefined) throw new Error('durabit up said ready and is gone');
      return { dataDir, pid: child.pid, instance, readyAfterMs, readyAt: Date.now(), steps, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  }

  return {
    path: folder,
    dataDir,
    start,
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}
