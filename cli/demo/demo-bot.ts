import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { childEnvironment } from '../up/child-environment.ts';
import { type RunningInstance, readRunningInstance } from '../up/instance-file.ts';
import { ROOT } from '../up/node-service.ts';
import { freePort } from '../up/ports.ts';

/** A bot of its own: own data directory, own ports, none of the person's settings. */
export interface DemoBot {
  readonly dataDir: string;
  /** Everything the bot and its parts said. */
  readonly logFile: string;
  readonly instance: RunningInstance;
  /** Resolves when the supervisor says that it has this service running again. */
  back(service: string): Promise<void>;
  /** Ends it as Ctrl-C does. @returns the summary it prints, undefined when it printed none */
  stop(): Promise<DemoSummary | undefined>;
}

/** What `durabit up --json` prints at its end, as far as the demo needs it. */
export interface DemoSummary {
  readonly candles: { readonly new: number; readonly missing: number };
  readonly ledger_equals_exchange: boolean;
}

export interface DemoRun {
  /** Candle files. */
  readonly files: readonly string[];
  readonly speed: number;
  readonly interrupted: AbortSignal;
  /** Settings beyond its own. */
  readonly env?: Readonly<Record<string, string>>;
}

const LAST_WORDS = 15;
const PORTS = ['POSTGRES_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT', 'PAPER_PORT'];

/**
 * Runs `durabit up` in `folder` until it is ready. When this process dies, however, the bot ends by itself.
 *
 * @throws when it ends before it is ready, with its last words, or `interrupted` says so; then nothing of it runs
 */
export async function startDemoBot(
  folder: string,
  { files, speed, interrupted, env: settings = {} }: DemoRun,
): Promise<DemoBot> {
  interrupted.throwIfAborted();
  const dataDir = join(folder, 'data');
  const logFile = join(folder, 'bot.txt');
  const free = await Promise.all(PORTS.map(freePort));
  const env = childEnvironment({
    ...Object.fromEntries(PORTS.map((name, index) => [name, String(free[index])])),
    DURABIT_DATA_DIR: dataDir,
    TEMPORAL_CLI_PATH: process.env.TEMPORAL_CLI_PATH,
    DURABIT_TEMPORAL_SOURCE: process.env.DURABIT_TEMPORAL_SOURCE,
    ...settings,
  });
  const replay = files.flatMap((file) => ['--replay', file]);
  const args = ['up', '--feed', 'replay', ...replay, '--speed', String(speed), '--json'];
  const child = spawn(process.execPath, [join(ROOT, 'cli', 'main.ts'), ...args], {
    // Where no `.env` is.
    cwd: folder,
    env,
    // The channel tells the bot when we are gone; out of reach of the terminal's Ctrl-C it is we who stop it, in order.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the bot was started without pipes');
  const log = createWriteStream(logFile);
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()).once('error', () => resolve()));
  const waiting = new Set<{ readonly words: string; readonly resolve: () => void }>();
  const said: string[] = [];
  createInterface({ input: stderr }).on('line', (line) => {
    log.write(`${line}\n`);
    said.push(line);
    if (said.length > LAST_WORDS) said.shift();
    for (const one of [...waiting]) {
      if (!line.includes(one.words)) continue;
      waiting.delete(one);
      one.resolve();
    }
  });
  let printed = '';
  stdout.on('data', (part) => (printed += part));

  function says(words: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    waiting.add({ words, resolve });
    gone.then(() => reject(new Error(`the bot ended unexpectedly; its last words:\n${said.join('\n')}`)));
    // Who no longer waits when it ends must not be told.
    promise.catch(() => undefined);
    return promise;
  }
  async function stop(): Promise<DemoSummary | undefined> {
    child.kill('SIGTERM');
    await gone;
    await new Promise<void>((resolve) => log.end(resolve));
    return printed === '' ? undefined : (JSON.parse(printed) as DemoSummary);
  }

  try {
    await Promise.race([says('| ready after '), aborted(interrupted)]);
    const instance = readRunningInstance(dataDir);
    if (instance === null) throw new Error('the bot said that it is ready and is gone');
    return { dataDir, logFile, instance, back: (service) => says(`| ${service} is back`), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
