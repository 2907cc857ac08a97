import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../cli/up/ports.ts';
import { type BotFolder, openBotFolder } from '../support/running-bot.ts';

let bot: BotFolder;
beforeAll(async () => {
  bot = await openBotFolder();
  writeFileSync(
    join(bot.dataDir, 'broken_XYZ_KRW.csv'),
    'timestamp,open,high,low,close,volume\n2025-03-01 00:00:00,1,2,1,oops,3\n',
  );
});
afterAll(() => bot.remove());

/** Every fault: one sentence that names what is wrong, the exit code, and never a stack trace. */
const faults: readonly {
  readonly what: string;
  readonly args: readonly string[];
  readonly code: number;
  readonly says: RegExp;
  readonly env?: Record<string, string>;
  /** Comes so far that it takes the process for itself; and one for them all. */
  readonly process?: true;
}[] = [
  {
    what: 'an unknown command',
    args: ['statsu'],
    code: 2,
    says: /unknown command 'statsu'[\s\S]*status/,
    process: true,
  },
  { what: 'an unknown option', args: ['up', '--sped', '60'], code: 2, says: /unknown option '--sped'[\s\S]*--speed/ },
  {
    what: 'a speed that does not divide 60',
    args: ['up', '--speed', '7'],
    code: 2,
    says: /--speed 7 does not divide 60/,
  },
  {
    what: 'a spread without a book',
    args: ['paper', '--book', 'endless', '--spread', '50'],
    code: 2,
    says: /--spread goes with --book levels, not with --book endless/,
  },
  {
    what: 'a depth without a book',
    args: ['up', '--book', 'endless', '--depth', '1'],
    code: 2,
    says: /--depth goes with --book levels/,
  },
  { what: 'a spread of half the price', args: ['up', '--spread', '500000'], code: 2, says: /millionths, 0 to 100000/ },
  {
    what: 'a book for an exchange that has its own',
    args: ['up', '--book', 'levels'],
    env: { UPBIT_BASE_URL: 'http://127.0.0.1:9' },
    code: 2,
    says: /--book is for the paper exchange brought along; UPBIT_BASE_URL names another one/,
  },
  {
    what: 'a depth for an exchange that has its own',
    args: ['up', '--depth', '1'],
    env: { UPBIT_BASE_URL: 'http://127.0.0.1:9' },
    code: 2,
    says: /--depth is for the paper exchange brought along/,
  },
  { what: 'a strange duration', args: ['up', '--for', 'soon'], code: 2, says: /must be a duration like 90s/ },
  {
    what: 'a market in the wrong order',
    args: ['candles', '--market', 'BTC-KRW'],
    code: 2,
    says: /"BTC-KRW" is not a KRW market/,
  },
  { what: 'a market named twice', args: ['up', '--markets', 'KRW-BTC,KRW-BTC'], code: 2, says: /names a market twice/ },
  {
    what: 'a replay without a file',
    args: ['up', '--feed', 'replay'],
    code: 2,
    says: /needs at least one --replay FILE/,
    process: true,
  },
  {
    what: 'a file without a replay',
    args: ['up', '--replay', 'x.csv'],
    code: 2,
    says: /--replay goes with --feed replay/,
    process: true,
  },
  {
    what: 'a kind of schedule that does not exist',
    args: ['pause', 'everything'],
    code: 2,
    says: /must be one of collect, trade/,
  },
  {
    what: 'several wrong settings',
    args: ['status'],
    env: { PAPER_PORT: 'x', MARKETS: 'y' },
    code: 2,
    says: /2 settings are wrong:\n {2}MARKETS="y"[\s\S]*PAPER_PORT="x"/,
  },
  {
    what: 'a list with nothing stored',
    args: ['candles'],
    code: 1,
    says: /nothing is stored in data directory .* npm start/,
  },
  {
    what: 'an audit with nothing running',
    args: ['audit'],
    code: 1,
    says: /no durabit is running .* npm start/,
  },
  {
    what: 'an operation with nothing running',
    args: ['pause', 'collect'],
    code: 1,
    says: /no durabit is running .* npm start/,
  },
];

describe('the command line', () => {
  it.each(faults)('answers $what with one sentence and exit code $code', async ({ args, code, says, env, process }) => {
    const ended = await (process ? bot.run : bot.runHere)(args, env);
    expect(ended.stderr).toMatch(says);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
  });

  it('names file and line of a candle that cannot be read, and what is wrong with it', async () => {
    const file = join(bot.dataDir, 'broken_XYZ_KRW.csv');
    const ended = await bot.run(['paper', '--port', '0', '--feed', 'replay', '--replay', file]);
    expect(ended.stderr).toMatch(/broken_XYZ_KRW\.csv:2: close "oops" is not a number/);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
    expect(ended.code).not.toBe(0);
  });

  it.each([
    ['PostgreSQL', 'candles', 'DATABASE_URL', (port: number) => `postgres://u:hunter2@127.0.0.1:${port}/d`],
    ['Temporal', 'schedules', 'TEMPORAL_ADDRESS', (port: number) => `127.0.0.1:${port}`],
  ])('names the address of a %s that cannot be reached', async (what, command, setting, url) => {
    const port = await freePort();
    const ended = await bot.runHere([command], { [setting]: url(port) });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(new RegExp(`${what} at 127\\.0\\.0\\.1:${port}.* cannot be reached`));
    expect(ended.stderr).not.toContain('hunter2');
  });

  it('shows examples with every command', { timeout: 120_000 }, async () => {
    const commands = [
      'orders',
      'trades',
      'decisions',
      'positions',
      'audit',
      'allocate',
      'adopt',
      'adjust',
      'ledger',
      'up',
      'paper',
      'status',
      'candles',
      'schedules',
      'pause',
      'resume',
      'trigger',
      'migrate',
      'doctor',
    ];
    for (const command of commands) {
      const { code, stdout } = await bot.runHere([command, '--help']);
      expect(code).toBe(0);
      expect(stdout).toContain(`durabit ${command}`);
      expect(stdout).toMatch(/Examples:\n {2}\S/);
    }
  });
});
