import { randomInt } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DemoBot, startDemoBot } from '../../cli/demo/demo-bot.ts';
import { recordedProcess } from '../../cli/up/pid-files.ts';
import { accepts } from '../../cli/up/ports.ts';
import { isAlive, signalProcess } from '../../process/process-identity.ts';
import { FaultControl } from '../support/fault-control.ts';
import type { BrokenBuild } from './broken-builds.ts';
import { type Gate, openGate } from './gate.ts';
import { nextStretch, type Stretches, writeLeapingMarkets } from './market-files.ts';
import { patiently } from './patiently.ts';
import { preloadNodeOptions } from './preload/options.ts';

/** A part of the bot that can be killed: what the supervisor restarts, and the process that does the work. */
const PARTS = {
  trader: 'trader',
  postgres: 'postgres-server',
  temporal: 'temporal-server',
  exchange: 'exchange',
  collector: 'collector',
} as const;

export type Part = keyof typeof PARTS;

/** When a part was killed, epoch ms, and when it works again. */
export interface Killed {
  readonly at: number;
  readonly back: Promise<number>;
}

/** A bot of its own whose every step can be held, with the exchange's own record of what happened. */
export interface ChaosBot extends DemoBot {
  readonly gate: Gate;
  readonly control: FaultControl;
  /** SIGKILL, at once; a part that is down already stays so. */
  kill(part: Part): Killed | undefined;
  /** Lets a part stand still for a while. @returns whether there was one to stop */
  freeze(part: Part, ms: number): Promise<boolean>;
  /** Removes everything Temporal knows, the schedules included, and kills it. */
  wipeTemporal(): Promise<Killed | undefined>;
  /** Kills the exchange and lets it go on more than a day of market time later. */
  leapADay(): Promise<number>;
}

export interface ChaosRun {
  readonly seed: number;
  readonly markets: number;
  readonly speed: number;
  readonly interrupted: AbortSignal;
  readonly broken?: BrokenBuild | undefined;
  /** Stretches of prices, where fewer days will pass than in a long run. */
  readonly stretches?: number | undefined;
}

/** Wall time for which there are prices without a leap in between; a part of `npm run chaos` takes half of it. */
const STRETCH_MS = 40 * 60_000;
/** A strike in thirteen makes a day pass, on a busy machine. More would cost every start of the exchange more. */
const MOST_STRETCHES = 25;
/** The first candles are history: trading begins behind them. */
const HISTORY_MINUTES = 200;

export async function startChaosBot(folder: string, run: ChaosRun): Promise<ChaosBot> {
  const gate = await openGate();
  const controlPort = await quietPort();
  const leapFile = join(folder, 'leap');
  const nodeOptions = preloadNodeOptions({ gatePort: gate.port, controlPort, leapFile, broken: run.broken ?? '' });
  const stretches: Stretches = {
    minutes: HISTORY_MINUTES + (STRETCH_MS / 60_000) * run.speed,
    count: run.stretches ?? MOST_STRETCHES,
  };
  let bot: DemoBot;
  try {
    bot = await startDemoBot(folder, {
      files: writeLeapingMarkets(folder, {
        seed: run.seed,
        markets: run.markets,
        stretches,
      }),
      speed: run.speed,
      interrupted: run.interrupted,
      // Weights found on the way would make it trade less and less of what is looked at here.
      env: { NODE_OPTIONS: nodeOptions, PROMOTION: 'off' },
    });
  } catch (error) {
    await gate.close();
    throw error;
  }
  const { dataDir } = bot;
  const control = new FaultControl(`http://127.0.0.1:${controlPort}`);

  function kill(part: Part): Killed | undefined {
    const target = recordedProcess(dataDir, PARTS[part]);
    if (target === null || !isAlive(target)) return undefined;
    const back = bot.back(part).then(() => Date.now());
    if (!signalProcess(target, 'SIGKILL')) return undefined;
    return { at: Date.now(), back };
  }

  return {
    ...bot,
    ...{ gate, kill, control },
    async freeze(part, ms) {
      const target = recordedProcess(dataDir, PARTS[part]);
      if (target === null || !signalProcess(target, 'SIGSTOP')) return false;
      await sleep(ms);
      signalProcess(target, 'SIGCONT');
      return true;
    },
    async wipeTemporal() {
      const target = recordedProcess(dataDir, PARTS.temporal);
      const killed = kill('temporal');
      if (target === null || killed === undefined) return undefined;
      while (isAlive(target)) await sleep(2);
      // Before its keeper has noticed, ended and been started again, which takes a third of a second.
      rmSync(join(dataDir, 'temporal'), { recursive: true, force: true });
      return killed;
    },
    async leapADay() {
      const { market_time: now } = await patiently(() => control.clock());
      writeFileSync(leapFile, String(nextStretch(Date.parse(now), stretches)));
      return patiently(async () => {
        const killed = kill('exchange');
        if (killed === undefined) throw new Error('the exchange was down when it was to leap ahead');
        return killed.back;
      });
    },
    async stop() {
      // Nobody must be left waiting at a gate while the bot ends.
      gate.watch(undefined);
      const summary = await bot.stop();
      await gate.close();
      return summary;
    },
  };
}

/**
 * A free port that the system hands to nobody by itself: one that it does may be somebody's own end of a connection when
 * the killed exchange comes back to it.
 */
async function quietPort(): Promise<number> {
  for (;;) {
    const port = randomInt(11_000, 32_000);
    if (!(await accepts(port))) return port;
  }
}
