/**
 * What `npm run demo:crash` runs: a bot of its own, with paper money in a temporary folder and on free ports, whose parts
 * are killed with SIGKILL in the middle of orders. Then it counts what the exchange has and what the ledger has.
 *
 * Exit code 0 only when every order is in both exactly once and no candle is missing.
 */
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseRunSpeed } from '../../config/speed.ts';
import { conclude } from './conclude.ts';
import { type DemoBot, startDemoBot } from './demo-bot.ts';
import { readAcceptedIdentifiers } from './exchange-file.ts';
import { writeNervousMarkets } from './nervous-market.ts';
import { type OrderWatch, watchOrders } from './order-watch.ts';
import { slowerAdvice } from './slower.ts';
import { planStrikes, type Strike, strike } from './strike.ts';
import { auditDemo, judge, settle, type Verdict } from './verdict.ts';

/** For up to two rounds, longer in proportion for more; on an idle machine two rounds take two thirds of it. */
const LONGEST_STRIKING_MS = 65_000;
const USAGE = `usage: npm run demo:crash -- [--rounds N] [--seed N] [--speed N]
  --rounds N  how often each part is killed, 1 to 10 (default 2)
  --seed N    another seed, other prices and another order of kills (default 1)
  --speed N   market seconds per second, a divisor of 60 (default 60, a candle a second); less on a busy machine`;

const began = performance.now();
const options = readOptions();
const interrupted = new AbortController();
for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) process.on(event, () => interrupted.abort());
// The channel to the door must not keep a finished run alive.
process.channel?.unref();

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'durabit-crash-')));
const code = await conclude(run, { folder, interrupted: interrupted.signal, say: (line) => console.log(line) });
// What was interrupted may still be waiting for an order of a bot that is gone.
process.exit(code);

async function run(): Promise<Verdict> {
  const { rounds, seed, speed } = options;
  say(`starting a bot of its own in ${folder}: paper money, three invented markets, a candle every ${60 / speed} s`);
  const files = writeNervousMarkets(folder, seed);
  const bot = await startDemoBot(folder, { files, speed, interrupted: interrupted.signal });
  let stopped = false;
  try {
    const audit = await untilInterrupted(crashAndAudit(bot, rounds, seed));
    say('stopping the bot');
    stopped = true;
    const summary = await bot.stop();
    return judge({ audit, summary, acceptedIdentifiers: readAcceptedIdentifiers(join(bot.dataDir, 'exchange')) });
  } finally {
    if (!stopped) await bot.stop();
  }
}

async function crashAndAudit(bot: DemoBot, rounds: number, seed: number) {
  const watch = watchOrders(bot.instance.databaseUrl);
  try {
    await strikeAll(planStrikes(rounds, seed), { bot, watch });
    say('letting what is under way come to its end');
    await settle(bot, watch);
    say('reading the records of both sides');
    return await auditDemo(bot);
  } finally {
    await watch.close();
  }
}

async function strikeAll(
  strikes: readonly Strike[],
  surroundings: { readonly bot: DemoBot; readonly watch: OrderWatch },
): Promise<void> {
  say(`ready; now ${strikes.length} times kill -9, each in the middle of an order`);
  say('       killed     the order at that moment                  what became of it');
  const longestMs = LONGEST_STRIKING_MS * Math.max(1, options.rounds / 2);
  const beganAt = performance.now();
  let struck = 0;
  for (const [index, one] of strikes.entries()) {
    if (performance.now() - beganAt > longestMs) {
      say(
        `${strikes.length - index} kills left out: orders come too seldom on a machine this busy${slowerAdvice(options.speed)}`,
      );
      break;
    }
    const line = await strike(one, surroundings);
    interrupted.signal.throwIfAborted();
    if (line !== undefined) struck += 1;
    const name = `${index + 1}/${strikes.length}`.padStart(5);
    say(`${name}  ${line ?? `${one.victim.title} spared: no order came in time`}`);
  }
  if (struck > 0) return;
  throw new Error(`no order came, so nothing was shown: this machine is too busy${slowerAdvice(options.speed)}`);
}

function untilInterrupted<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    work.then(resolve, reject);
    interrupted.signal.addEventListener('abort', () => reject(interrupted.signal.reason), { once: true });
  });
}

function readOptions(): { readonly rounds: number; readonly seed: number; readonly speed: number } {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '2' },
        seed: { type: 'string', default: '1' },
        speed: { type: 'string', default: '60' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return {
      rounds: wholeNumber('--rounds', values.rounds, 1, 10),
      seed: wholeNumber('--seed', values.seed, 0, 999_999_999),
      speed: parseRunSpeed(values.speed),
    };
  } catch (error) {
    console.error(`demo:crash: ${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number >= least && number <= most) return number;
  throw new Error(`${name} "${text}" must be a whole number, ${least} to ${most}`);
}

function say(line: string): void {
  console.log(`${((performance.now() - began) / 1_000).toFixed(0).padStart(3)} s  ${line}`);
}
