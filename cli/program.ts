import { Command, InvalidArgumentError, Option } from 'commander';
import { type Market, parseMarket } from '../config/market.ts';
import { parsePaperSpeed, parseRunSpeed } from '../config/speed.ts';
import { UserError } from '../config/user-error.ts';
import { SCHEDULE_KINDS } from '../schedules/kinds.ts';

/**
 * The command line's contract: every command, option and example. What a command does lives in
 * `commands/<name>.ts`, loaded only when it runs, so that `--help` is quick.
 */
export function createProgram(): Command {
  const program = new Command('durabit')
    .description('A self-hosted Upbit trading bot on Temporal. No candle missed, no order sent twice or lost.')
    .showHelpAfterError('(add --help for options and examples)')
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText(
      'after',
      examples(
        ['npm start', 'simulated candles, paper money, one candle a second'],
        ['npx durabit status', 'what runs, what is collected, what is wrong'],
        ['npx durabit candles --market KRW-BTC --limit 5', 'the newest stored candles'],
      ),
    );

  common(program.command('up'))
    .description('run everything: PostgreSQL, Temporal with Web UI, an exchange and three workers')
    .addOption(
      new Option('--feed <feed>', 'where prices come from').choices(['simulated', 'replay']).default('simulated'),
    )
    .option('--replay <file>', 'CSV of one-minute candles to replay; repeat for more files or markets', collect, [])
    .option('--markets <codes>', 'markets, comma separated (default: those of the files, else KRW-BTC)', marketList)
    .option(
      '--speed <n>',
      'market seconds per second, a divisor of 60 (default: 60; 1 with UPBIT_BASE_URL set)',
      speedOf(parseRunSpeed),
    )
    .option('--seed <n>', 'seed of the simulated feed', wholeNumber, 1)
    .option('--for <duration>', 'stop by itself after this long, with a summary: 90s, 10m, 2h', duration)
    .action(run('up'))
    .addHelpText(
      'after',
      examples(
        ['durabit up', 'simulated prices, a candle a second'],
        ['durabit up --speed 1', 'the same in real time'],
        ['durabit up --feed replay --replay BTC_KRW_1m.csv --for 90s --json', 'replay a file, then print a summary'],
      ),
    );

  common(program.command('paper'))
    .description('run the paper exchange alone: a server that speaks Upbit’s REST API, for any bot')
    .option('--port <port>', 'port to listen on', portNumber)
    .addOption(
      new Option('--feed <feed>', 'where prices come from').choices(['simulated', 'replay']).default('simulated'),
    )
    .option('--replay <file>', 'CSV of one-minute candles to replay; repeat for more', collect, [])
    .option('--markets <codes>', 'markets, comma separated', marketList)
    .option('--speed <n>', 'market seconds per second, 1 to 600', speedOf(parsePaperSpeed), 1)
    .option('--seed <n>', 'seed of the simulated feed', wholeNumber, 1)
    .option('--access-key <key>', 'access key the account answers to (default: PAPER_ACCESS_KEY, else "paper")')
    .option('--secret-key <key>', 'its secret (default: PAPER_SECRET_KEY, else "paper-secret")')
    .option('--state-dir <dir>', 'where orders and balances are kept (default: DATA_DIR/paper-alone)')
    .action(run('paper'))
    .addHelpText(
      'after',
      examples(
        ['durabit paper --port 8787', 'practise against http://127.0.0.1:8787'],
        ['durabit paper --feed replay --replay BTC_KRW_1m.csv --speed 60', 'replay real minutes, 60 times as fast'],
      ),
    );

  common(program.command('status'))
    .description('one screen: what runs, what is collected, what is wrong')
    .action(run('status'))
    .addHelpText('after', examples(['durabit status', ''], ['durabit status --json', 'for scripts']));

  listing(program.command('candles'))
    .description('stored candles, newest first')
    .option('--gaps', 'list the stretches nobody has asked the exchange for instead')
    .action(run('candles'))
    .addHelpText(
      'after',
      examples(
        ['durabit candles --market KRW-BTC --limit 5', ''],
        ['durabit candles --gaps --json', 'an empty array: nothing was missed'],
      ),
    );

  for (const [name, description] of [
    ['orders', 'what was ordered and what came of it, newest first'],
    ['trades', 'fills, newest first'],
    ['decisions', 'what was decided about each closed candle, and why, newest first'],
    ['positions', 'what each market holds, what it is worth, what it has earned'],
  ] as const) {
    listing(program.command(name))
      .description(description)
      .action(run(name))
      .addHelpText(
        'after',
        examples([`durabit ${name} --market KRW-BTC --limit 5`, ''], [`durabit ${name} --json`, '']),
      );
  }

  common(program.command('audit'))
    .description('hold the ledger against the exchange’s own records: every order, every fill, every won')
    .action(run('audit'))
    .addHelpText(
      'after',
      examples(['durabit audit', 'exits with 1 when something differs'], ['durabit audit --json', 'for scripts']),
    );

  const schedules = listing(program.command('schedules'))
    .description('what runs when: state, last and next run')
    .action(run('schedules'))
    .addHelpText('after', examples(['durabit schedules', ''], ['durabit schedules apply', 'create or update them']));
  common(schedules.command('apply'))
    .description('create or update the schedules; what is paused stays paused')
    .action(run('schedules', 'schedulesApply'));

  for (const [name, description] of [
    ['pause', 'stop a kind of schedule from starting runs'],
    ['resume', 'let a paused kind of schedule start runs again'],
    ['trigger', 'start a run now, unless one is going on; works while paused too'],
  ] as const) {
    common(program.command(name))
      .description(description)
      .argument('<kind>', `which schedules: ${SCHEDULE_KINDS.join(', ')} or all`, kindName)
      .option('--market <code>', 'only the one of this market', marketCode)
      .option('--reason <text>', 'why, for whoever looks next')
      .action(async (kind: string, options: object) => {
        const { operate } = await import('./commands/operate.ts');
        await operate(name, kind as Parameters<typeof operate>[1], options);
      })
      .addHelpText('after', examples([`durabit ${name} collect --market KRW-BTC --reason "exchange maintenance"`, '']));
  }

  common(program.command('migrate'))
    .description('bring the database to the newest version')
    .action(run('migrate'))
    .addHelpText('after', examples(['DATABASE_URL=postgres://… durabit migrate', 'against your own server']));

  common(program.command('doctor'))
    .description('check everything the bot needs and say what to mend')
    .action(run('doctor'))
    .addHelpText('after', examples(['durabit doctor', 'exits with 1 when something is wrong']));

  return program;
}

/** Loads `commands/<file>.ts` and calls its function of that name (or `exported`) with the parsed options. */
function run(file: string, exported = file): (options: object, command: Command) => Promise<void> {
  return async (_options, command) => {
    const module = (await import(`./commands/${file}.ts`)) as Record<string, (options: object) => Promise<void>>;
    const action = module[exported];
    if (action === undefined) throw new Error(`commands/${file}.ts exports no ${exported}`);
    await action(command.optsWithGlobals());
  };
}

function common(command: Command): Command {
  return command
    .option('--data-dir <dir>', 'where the embedded servers keep their state (default: DURABIT_DATA_DIR, else data)')
    .option('--json', 'print one JSON document on stdout; everything else goes to stderr');
}

function listing(command: Command): Command {
  return common(command)
    .option('--market <code>', 'only this market', marketCode)
    .option('--limit <n>', 'how many rows at most', atLeastOne, 20);
}

function examples(...lines: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  const body = lines.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`.trimEnd()).join('\n');
  return `\nExamples:\n${body}`;
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

/** Commander reports this error with the option's name and usage. */
function asArgument<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof UserError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

const speedOf = (parse: (text: string) => number) => asArgument(parse);
const marketCode = asArgument(parseMarket);
const marketList = asArgument((text: string): Market[] => {
  const markets = text.split(',').map((code) => parseMarket(code.trim()));
  if (new Set(markets).size !== markets.length) throw new UserError('names a market twice');
  return markets;
});

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('must be a whole number');
  return Number(text);
}

function atLeastOne(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) throw new InvalidArgumentError('must be at least 1');
  return number;
}

function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port > 65_535) throw new InvalidArgumentError('must be a port number, 0 (any free one) to 65535');
  return port;
}

function kindName(text: string): string {
  if (text !== 'all' && !(SCHEDULE_KINDS as readonly string[]).includes(text)) {
    throw new InvalidArgumentError(`must be one of ${SCHEDULE_KINDS.join(', ')}, all`);
  }
  return text;
}

/** `90s`, `10m` or `2h` in milliseconds. */
function duration(text: string): number {
  const match = /^(\d+)(s|m|h)$/.exec(text);
  const unit = { s: 1_000, m: 60_000, h: 3_600_000 }[match?.[2] as 's' | 'm' | 'h'];
  const amount = Number(match?.[1]);
  if (!(amount > 0) || unit === undefined) throw new InvalidArgumentError('must be a duration like 90s, 10m or 2h');
  return amount * unit;
}
