import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { holdsCredentials } from './endpoint.ts';
import { hideFromPrint } from './hide-from-print.ts';
import { isMarket, type Market } from './market.ts';
import { PROMOTION_RULES } from './promotion.ts';
import { TRADING_MODES } from './trading-mode.ts';
import { UserError } from './user-error.ts';

const anyPort = z
  .string()
  .regex(/^\d+$/, 'must be a port number, 1 to 65535')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 65_535, 'must be a port number, 1 to 65535');
const port = (fallback: number) => anyPort.default(fallback);

const url = (protocols: RegExp, example: string) =>
  z.url({ protocol: protocols, error: `must be a URL like ${example}` });

const markets = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .superRefine((codes, context) => {
    for (const code of codes) {
      if (!isMarket(code)) context.addIssue({ code: 'custom', message: `"${code}" is not a market code like KRW-BTC` });
    }
    if (new Set(codes).size !== codes.length) context.addIssue({ code: 'custom', message: 'names a market twice' });
  })
  .transform((codes) => codes as Market[]);

/** A fraction from 0 up to a tenth, as decimal text: it meets money, so that no digit of it may be lost. */
const smallFraction = (example: string) =>
  z.string().refine((text) => /^\d(\.\d{1,8})?$/.test(text) && Number(text) < 0.1, {
    message: `must be a fraction from 0 to less than 0.1 with at most 8 decimals, such as ${example}`,
  });

/** Fewer decisions say nothing; what more would take is in docs/benchmarks.md. */
const OPTIMIZER_WINDOW_RULE = 'must be a whole number of candles from 100 to 100000';

/** How what happens at the exchange is noticed. */
const FEED_MODES = ['rest', 'websocket'] as const;

/** In the project's folder. */
export const DEFAULT_DATA_DIR = 'data';

/**
 * Every setting the bot takes from the environment or `.env`, one line each. `.env.example` shows the text behind
 * `describe`, word for word (a test holds them together).
 */
export const settingsSchema = z.object({
  DURABIT_DATA_DIR: z
    .string()
    .min(1)
    .default(DEFAULT_DATA_DIR)
    .describe('Folder that keeps all state of embedded servers.'),
  DATABASE_URL: url(/^postgres(ql)?$/, 'postgres://user:password@127.0.0.1:5432/durabit')
    .optional()
    .describe('PostgreSQL 15 or newer. When set, the embedded one is not started.'),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s/:]+:\d+$/, 'must be HOST:PORT, for example 127.0.0.1:7233')
    .optional()
    .describe('Temporal frontend. When set, the embedded server is not started.'),
  TEMPORAL_NAMESPACE: z.string().min(1).optional().describe('Temporal namespace the bot owns; durabit if unset.'),
  TEMPORAL_API_KEY: z.string().min(1).optional().describe('API key for Temporal Cloud.'),
  UPBIT_BASE_URL: url(/^https?$/, 'https://api.upbit.com')
    .refine((text) => !URL.canParse(text) || !holdsCredentials(text), {
      message: 'must hold no user name and no password: keys go into UPBIT_ACCESS_KEY and UPBIT_SECRET_KEY',
    })
    .optional()
    .describe('Exchange to talk to. Unset: the paper exchange that `durabit up` starts.'),
  UPBIT_ACCESS_KEY: z.string().min(1).optional().describe('Upbit access key.'),
  UPBIT_ACCESS_KEY_FILE: z.string().min(1).optional().describe('File that holds the access key.'),
  UPBIT_SECRET_KEY: z.string().min(1).optional().describe('Upbit secret key.'),
  UPBIT_SECRET_KEY_FILE: z.string().min(1).optional().describe('File that holds the secret key.'),
  MARKETS: markets.optional().describe('Markets to collect, comma separated.'),
  FEED_MODE: z
    .enum(FEED_MODES, { error: `must be one of ${FEED_MODES.join(', ')}` })
    .default('rest')
    .describe(
      'How closed candles and fills are noticed: rest asks at its pace; websocket is told too, and asks at once.',
    ),
  TRADING_MODE: z
    .enum(TRADING_MODES, { error: `must be one of ${TRADING_MODES.join(', ')}` })
    .optional()
    .describe('What is traded: paper; shadow and live are not released. Unset: paper, or nothing with UPBIT_BASE_URL.'),
  TRADE_TIMEFRAME: z
    .literal('1m', { error: 'must be 1m: only one-minute candles are collected and traded today' })
    .default('1m')
    .describe('Length of the candles that are traded on; only 1m today.'),
  THRESHOLD: z
    .string()
    .refine((text) => /^\d(\.\d{1,4})?$/.test(text) && Number(text) > 0 && Number(text) <= 1, {
      message: 'must be above 0 and at most 1 with at most 4 decimals, such as 0.2',
    })
    .optional()
    .describe('Score from which the strategies buy or sell; wins over the threshold of the weights. Unset: 0.2.'),
  AGGRESSIVENESS: smallFraction('0.0015')
    .default('0.0015')
    .describe('How far beyond the close a limit may go, as a fraction of it: 0.0015 is 0.15 %.'),
  FEE_RATE: smallFraction('0.0005')
    .optional()
    .describe(
      'Fee that purchases leave room for, as a fraction; never less than the exchange takes. Unset: what it says.',
    ),
  FEE_BUFFER: smallFraction('0.0005')
    .default('0.0005')
    .describe('Kept back on top of the fee when a purchase is sized, as a fraction.'),
  PROMOTION: z
    .enum(PROMOTION_RULES, { error: `must be one of ${PROMOTION_RULES.join(', ')}` })
    .optional()
    .describe(
      'What puts searched weights into force: off, or in-sample (paper only). Unset: in-sample on the built-in exchange.',
    ),
  OPTIMIZER_WINDOW: z
    .string()
    .regex(/^\d+$/, OPTIMIZER_WINDOW_RULE)
    .transform(Number)
    .refine((value) => value >= 100 && value <= 100_000, OPTIMIZER_WINDOW_RULE)
    .default(1_000)
    .describe('Newest candles that a search for weights decides on: 100 to 100000; more takes longer.'),
  CANDLE_INTERVAL_MS: z
    .string()
    .regex(/^\d+$/, 'must be a whole number of milliseconds')
    .transform(Number)
    .refine((value) => value >= 1_000 && value <= 60_000 && value % 1_000 === 0 && 60_000 % value === 0, {
      message: 'must be a whole number of seconds in milliseconds that divides 60000, such as 60000 or 1000',
    })
    .default(60_000)
    .describe('Wall milliseconds a one-minute candle takes: 60000 in real time, less in accelerated paper runs.'),
  TEMPORAL_PORT: port(7233).describe('Port of the embedded Temporal server.'),
  TEMPORAL_UI_PORT: port(8233).describe('Port of the embedded Temporal Web UI.'),
  TEMPORAL_CLI_PATH: z.string().min(1).optional().describe('The `temporal` binary to run as embedded server.'),
  PAPER_PORT: port(8787).describe('Port of the paper exchange.'),
  PAPER_CONTROL_PORT: anyPort
    .optional()
    .describe('Port of 127.0.0.1 where faults of the paper exchange are asked for. Unset: there are none.'),
  PAPER_ACCESS_KEY: z.string().min(1).default('paper').describe('Access key of `durabit paper` run alone.'),
  PAPER_SECRET_KEY: z.string().min(1).default('paper-secret').describe('Its secret key.'),
  POSTGRES_PORT: port(54329).describe('Port of the embedded PostgreSQL.'),
});

export type RawSettings = z.infer<typeof settingsSchema>;

/** The validated settings, key files already read. */
export interface Settings extends Omit<RawSettings, 'UPBIT_ACCESS_KEY_FILE' | 'UPBIT_SECRET_KEY_FILE'> {}

/**
 * Validates the environment once and reports every fault at once, each with the setting's name and value.
 * An empty variable counts as unset, as in a `.env` file with nothing behind the `=`.
 *
 * @throws {UserError} with one line per fault.
 */
export function readSettings(
  env: Record<string, string | undefined>,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Settings {
  const present = Object.fromEntries(
    Object.keys(settingsSchema.shape)
      .map((name) => [name, env[name]] as const)
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = settingsSchema.safeParse(present);
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => describeFault(issue, present));

  const keys: Partial<Record<'UPBIT_ACCESS_KEY' | 'UPBIT_SECRET_KEY', string>> = {};
  for (const name of ['UPBIT_ACCESS_KEY', 'UPBIT_SECRET_KEY'] as const) {
    const path = present[`${name}_FILE`];
    if (present[name] !== undefined && path !== undefined) {
      faults.push(`${name} and ${name}_FILE are both set; keep one of them`);
    } else if (present[name] !== undefined) {
      keys[name] = present[name];
    } else if (path !== undefined) {
      try {
        keys[name] = readFile(path).trim();
      } catch (error) {
        faults.push(`${name}_FILE="${path}" cannot be read (${(error as NodeJS.ErrnoException).code ?? error})`);
      }
    }
  }

  if (!parsed.success || faults.length > 0) {
    throw new UserError(
      `${faults.length} ${faults.length === 1 ? 'setting is' : 'settings are'} wrong:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
      2,
    );
  }
  const { UPBIT_ACCESS_KEY_FILE: _accessFile, UPBIT_SECRET_KEY_FILE: _secretFile, ...rest } = parsed.data;
  return hideFromPrint({ ...rest, ...keys }, shownValue);
}

/** The same settings with some of another value. A copy made by spreading would print keys and passwords. */
export function changedSettings(settings: Settings, changes: Partial<Settings>): Settings {
  return hideFromPrint({ ...settings, ...changes }, shownValue);
}

/** What anybody may see of a setting's value. */
function shownValue(name: string, value: unknown): unknown {
  if (name.includes('KEY')) return '(hidden)';
  return typeof value === 'string' ? withoutPassword(value) : value;
}

function describeFault(issue: z.core.$ZodIssue, present: Record<string, string | undefined>): string {
  const name = String(issue.path[0]);
  const shown = name.includes('KEY') ? '(hidden)' : `"${withoutPassword(present[name] ?? '')}"`;
  return `${name}=${shown}: ${issue.message}`;
}

/** `postgres://user:password@host` without what stands before the last `@`: a password may hold an `@` or a `/`. */
function withoutPassword(text: string): string {
  return text.replace(/\/\/.*@/s, '//***@');
}
