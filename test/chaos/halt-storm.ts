import { type ChildProcess, spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeNervousMarkets } from '../../cli/demo/nervous-market.ts';
import { readRunningInstance } from '../../cli/up/instance-file.ts';
import { freePort } from '../../cli/up/ports.ts';
import { hashAt, hashText } from '../../exchange/numbers/noise.ts';
import { type BotFolder, openBotFolder } from '../support/running-bot.ts';
import { type CreateRequest, startRecordingProxy } from './recording-proxy.ts';

/** Who is struck around a halt: killed, or stopped for up to four seconds and let go on; null leaves all alone. */
const VICTIMS = ['trader', 'postgres-server', 'temporal-server', 'exchange', 'trader stopped', null] as const;
type Victim = (typeof VICTIMS)[number];

export interface StormOptions {
  readonly halts: number;
  readonly seed: number;
  /** Of the market, 60: a candle a second, and an order about as often. Slower where the machine is busy. */
  readonly speed: number;
  readonly say: (line: string) => void;
}

export interface HaltOfStorm {
  readonly victim: Victim;
  /** When, milliseconds after the command was started; below zero: before it. */
  readonly struckAfter: number;
  readonly code: number | null;
  /** Whether the command says that the state is halted. */
  readonly halted: boolean;
  readonly proven: boolean;
  /** What was not known, by subject; in the end what the command said where it halted nothing. */
  readonly notKnown: readonly string[];
  /** What the command did, without the start of its process, milliseconds. */
  readonly tookMs: number;
  /** Creates that came by, or were passed on to the exchange, between its return and the next `unhalt`. */
  readonly afterReturn: readonly CreateRequest[];
}

export interface StormResult {
  readonly halts: readonly HaltOfStorm[];
  /** All creates that came by. */
  readonly creates: number;
  readonly ledgerEqualsExchange: boolean;
}

/** How long a bot whose parts come back may take to order again; then it is halted all the same. */
const ORDERS_WITHIN_MS = 10_000;

const KEYS = { access: 'storm-access-key', secret: 'storm-secret-key-that-is-long-enough' };

/**
 * A bot that orders about every second at an exchange of its own, behind a way on which every create is written down;
 * halted again and again by the command, as a person types it, while parts of both are killed or stand still.
 */
export async function haltInAStorm({ halts, seed, speed, say }: StormOptions): Promise<StormResult> {
  const generator = hashText(`storm/${seed}`);
  let drawn = 0;
  const below = (limit: number) => hashAt(generator, 0, drawn++) % limit;
  const bot = await openBotFolder();
  const exchange = await startExchange(bot, { seed, speed });
  // One in three takes up to a second and a half, so that halts meet requests that are on their way.
  const proxy = await startRecordingProxy(exchange.port, () => (below(3) === 0 ? below(1_500) : 0));
  const env = {
    ...{ UPBIT_BASE_URL: proxy.url, UPBIT_ACCESS_KEY: KEYS.access, UPBIT_SECRET_KEY: KEYS.secret },
    ...{ TRADING_MODE: 'paper', MARKETS: exchange.markets.join(',') },
  };
  const run = bot.start(['up', '--speed', String(speed), '--json'], env);
  try {
    await untilReady(bot, run.finished);
    const done: HaltOfStorm[] = [];
    for (let turn = 1; turn <= halts; turn += 1) {
      const before = proxy.creates.length;
      const patience = performance.now() + ORDERS_WITHIN_MS;
      while (proxy.creates.length === before && performance.now() < patience) await sleep(20);
      await sleep(below(1_000));
      const victim = VICTIMS[below(VICTIMS.length)] as Victim;
      const struckAfter = below(2_500) - 500;
      const standsFor = 500 + below(3_500);
      const strike = () => {
        if (victim === 'exchange') exchange.restart();
        else if (victim === 'trader stopped') stopPart(bot, 'trader', standsFor);
        else if (victim !== null) signalPart(bot, victim, 'SIGKILL');
      };
      if (struckAfter < 0) {
        strike();
        await sleep(-struckAfter);
      }
      const halting = bot.run(['halt', '--json', '--timeout', '60s', '--reason', `storm ${turn}`], env);
      if (struckAfter >= 0) setTimeout(strike, struckAfter);
      const { code, stdout, stderr } = await halting;
      const returned = performance.now();
      // As long as killed parts need to come back and try.
      await sleep(500 + below(2_000));
      const until = performance.now();
      const within = (at: number | undefined) => at !== undefined && at >= returned && at < until;
      const report = stdout === '' ? undefined : JSON.parse(stdout);
      const one: HaltOfStorm = {
        ...{ victim, struckAfter, code, halted: report?.state === 'halted', proven: report?.proven === true },
        notKnown: (report?.not_known ?? [{ about: 'all', problem: stderr }]).map(
          ({ about, problem }: { about: string; problem: string }) => `${about}: ${problem}`,
        ),
        tookMs: report?.took_ms ?? 0,
        afterReturn: proxy.creates.filter(({ arrived, passedOn }) => within(arrived) || within(passedOn)),
      };
      done.push(one);
      const struck = victim === null ? 'nothing struck' : `${victim} at ${struckAfter} ms`;
      const known = one.proven ? 'proven' : `not proven (${one.notKnown.join('; ')})`;
      say(
        `${turn}/${halts}: ${struck}; exit ${code} in ${one.tookMs} ms, ${known}; ${one.afterReturn.length} creates after it`,
      );
      await retried(() => bot.run(['unhalt', '--reason', `storm ${turn}`], env));
    }
    // So that nothing moves while the books are compared; an order that was never found leaves it unproven.
    await bot.run(['halt'], env);
    const { stdout } = await retried(() => bot.run(['audit', '--json'], env));
    return {
      halts: done,
      creates: proxy.creates.length,
      ledgerEqualsExchange: JSON.parse(stdout).ledger_equals_exchange,
    };
  } finally {
    run.child.kill('SIGTERM');
    await run.finished;
    exchange.stop();
    await proxy.close();
    bot.remove();
  }
}

/** A paper exchange in a process of its own; what it is restarted with is what it has written down. */
async function startExchange(bot: BotFolder, { seed, speed }: Pick<StormOptions, 'seed' | 'speed'>) {
  const files = writeNervousMarkets(bot.dataDir, seed);
  const port = await freePort();
  const args = [
    ...[
      'paper',
      '--port',
      String(port),
      '--speed',
      String(speed),
      '--feed',
      'replay',
      ...files.flatMap((file) => ['--replay', file]),
    ],
    ...['--access-key', KEYS.access, '--secret-key', KEYS.secret, '--state-dir', join(bot.dataDir, 'exchange-apart')],
  ];
  let child: ChildProcess | undefined;
  let stopped = false;
  const start = () => {
    if (stopped) return;
    child = spawn(process.execPath, [join(import.meta.dirname, '..', '..', 'cli', 'main.ts'), ...args], {
      stdio: 'ignore',
    });
  };
  start();
  return {
    port,
    markets: files.map((file) => `KRW-${basename(file).slice(0, 3)}`),
    restart(): void {
      child?.once('exit', () => setTimeout(start, 200));
      child?.kill('SIGKILL');
    },
    stop(): void {
      stopped = true;
      child?.kill('SIGKILL');
    },
  };
}

async function untilReady(bot: BotFolder, finished: Promise<{ readonly stderr: string }>): Promise<void> {
  let ended: string | undefined;
  finished.then(({ stderr }) => {
    ended = stderr;
  });
  while (readRunningInstance(bot.dataDir)?.state !== 'ready') {
    if (ended !== undefined) throw new Error(`the bot ended before it was ready:\n${ended.slice(-2_000)}`);
    await sleep(100);
  }
}

/** A part that is just being restarted has no process to strike. */
function signalPart(bot: BotFolder, part: string, signal: NodeJS.Signals): number | undefined {
  try {
    const pid = bot.pidOf(part);
    return signalProcess(pid, signal) ? pid : undefined;
  } catch (error) {
    if (/has no/.test((error as Error).message)) return undefined;
    throw error;
  }
}

function stopPart(bot: BotFolder, part: string, forMs: number): void {
  const pid = signalPart(bot, part, 'SIGSTOP');
  if (pid !== undefined) setTimeout(() => signalProcess(pid, 'SIGCONT'), forMs);
}

/** @returns whether it still runs */
function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Until what was killed is back. */
async function retried<T extends { readonly code: number | null; readonly stderr: string }>(
  run: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const result = await run();
    if (result.code === 0) return result;
    if (tries === 10) throw new Error(`exit ${result.code}: ${result.stderr.slice(-1_000)}`);
    await sleep(1_000);
  }
}
