import { Command, Option } from 'commander';
import { parsePaperSpeed, parseRunSpeed } from '../config/speed.ts';
import { SCHEDULE_KINDS } from '../schedules/kinds.ts';
import { BOOK_OPTIONS, common, examples, listing, run } from './command-parts.ts';
import { moneyCommands } from './money-commands.ts';
import {
  collect,
  duration,
  kindName,
  marketCode,
  marketList,
  portNumber,
  speedOf,
  webAddress,
  wholeNumber,
} from './option-values.ts';
import { foreignCommands, haltCommands, settleCommand, weightsCommands } from './owner-commands.ts';
import { FEED_NAMES } from './up/feed-choice.ts';

/**
 * The command line's contract: every command, option and example, the owner's in `*-commands.ts`. What a command does
 * lives in `commands/<name>.ts`, loaded only when it runs, so that `--help` is quick.
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
        ['npx durabit status', 'what it holds, what it decided last, what is wrong'],
        ['npx durabit candles --market KRW-BTC --limit 5', 'the newest stored candles'],
      ),
    );

  common(program.command('up'))
    .description('run everything: PostgreSQL, Temporal with Web UI, an exchange and three workers')
    .addOption(
      new Option('--feed <feed>', 'where prices come from; upbit: live, with paper money')
        .choices(FEED_NAMES)
        .default('simulated'),
    )
    .option('--source <url>', 'whose prices --feed upbit shows (default: https://api.upbit.com)', webAddress)
    .option('--replay <file>', 'CSV of one-minute candles to replay; repeat for more files or markets', collect, [])
    .option('--markets <codes>', 'markets, comma separated (default: those of the files, else KRW-BTC)', marketList)
    .option(
      '--speed <n>',
      'market seconds per second, a divisor of 60 (default: 60; 1 with --feed upbit or UPBIT_BASE_URL)',
      speedOf(parseRunSpeed),
    )
    .option('--seed <n>', 'seed of the simulated feed and of the order book', wholeNumber, 1)
    .addOption(BOOK_OPTIONS.book)
    .addOption(BOOK_OPTIONS.spread)
    .addOption(BOOK_OPTIONS.depth)
    .option('--for <duration>', 'stop by itself after this long, with a summary: 90s, 10m, 2h', duration)
    .action(run('up'))
    .addHelpText(
      'after',
      examples(
        ['npx durabit up', 'simulated prices, a candle a second'],
        ['npx durabit up --speed 1', 'the same in real time'],
        ['npx durabit up --book levels', 'orders meet a book of prices and sizes'],
        ['npx durabit up --feed upbit --data-dir data-live', 'live prices, paper money, no key'],
        [
          'npx durabit up --feed replay --replay BTC_KRW_1m.csv --for 90s --json',
          'replay a file, then print a summary',
        ],
      ),
    );

  common(program.command('paper'))
    .description('run the paper exchange alone: a server that speaks Upbit’s REST API and WebSockets, for any bot')
    .option('--port <port>', 'port to listen on', portNumber)
    .addOption(
      new Option('--feed <feed>', 'where prices come from; upbit: live').choices(FEED_NAMES).default('simulated'),
    )
    .option('--source <url>', 'whose prices --feed upbit shows (default: https://api.upbit.com)', webAddress)
    .option('--replay <file>', 'CSV of one-minute candles to replay; repeat for more', collect, [])
    .option('--markets <codes>', 'markets, comma separated', marketList)
    .option('--speed <n>', 'market seconds per second, 1 to 600', speedOf(parsePaperSpeed), 1)
    .option('--seed <n>', 'seed of the simulated feed and of the order book', wholeNumber, 1)
    .addOption(BOOK_OPTIONS.book)
    .addOption(BOOK_OPTIONS.spread)
    .addOption(BOOK_OPTIONS.depth)
    .option('--access-key <key>', 'access key the account answers to (default: PAPER_ACCESS_KEY, else "paper")')
    .option('--secret-key <key>', 'its secret (default: PAPER_SECRET_KEY, else "paper-secret")')
    .option('--state-dir <dir>', 'where orders and balances are kept (default: DATA_DIR/paper-alone)')
    .option(
      '--control-port <port>',
      'port where faults are asked for, on this machine only (default: PAPER_CONTROL_PORT, else none)',
      portNumber,
    )
    .action(run('paper'))
    .addHelpText(
      'after',
      examples(
        ['npx durabit paper --port 8787', 'practise against http://127.0.0.1:8787'],
        ['npx durabit paper --book levels', 'with a spread, depth, queues and partial fills'],
        ['npx durabit paper --feed upbit --book levels', 'live prices and order book, paper money'],
        ['npx durabit paper --feed replay --replay BTC_KRW_1m.csv --speed 60', 'replay real minutes, 60 times as fast'],
      ),
    );

  common(program.command('status'))
    .description('one screen: what it holds, what it decided last, what is open, what is wrong')
    .action(run('status'))
    .addHelpText(
      'after',
      examples(
        ['npx durabit status', ''],
        ['npx durabit status --json', 'the same for scripts'],
        [
          'npx durabit status > /dev/null || notify',
          'for cron: ends with 1 when it is not running or something is wrong',
        ],
      ),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 all is well (remarks do not count); 1 not running, still starting or stopping, or something is wrong; 2 asked for wrongly.',
    );

  listing(program.command('candles'))
    .description('stored candles, newest first')
    .option('--gaps', 'list the stretches nobody has asked the exchange for instead')
    .action(run('candles'))
    .addHelpText(
      'after',
      examples(
        ['npx durabit candles --market KRW-BTC --limit 5', ''],
        ['npx durabit candles --gaps --json', 'an empty array: nothing was missed'],
      ),
    );

  for (const [name, description] of [
    ['orders', 'what was ordered and what came of it, newest first'],
    ['trades', 'fills, newest first'],
    ['decisions', 'what was decided about each closed candle, and why, newest first'],
    ['positions', 'what each market holds, what it is worth, what it has earned'],
  ] as const) {
    const list = listing(program.command(name))
      .description(description)
      .action(run(name))
      .addHelpText(
        'after',
        examples([`durabit ${name} --market KRW-BTC --limit 5`, ''], [`durabit ${name} --json`, '']),
      );
    if (name === 'orders') settleCommand(list);
  }

  common(program.command('audit'))
    .description('hold the ledger against the exchange’s own records: every order, every fill, every won')
    .action(run('audit'))
    .addHelpText(
      'after',
      examples(
        ['npx durabit audit', 'exits with 1 when something differs'],
        ['npx durabit audit --json', 'for scripts'],
      ),
    );

  moneyCommands(program);

  foreignCommands(program);

  weightsCommands(program);

  const schedules = listing(program.command('schedules'))
    .description('what runs when: state, last and next run')
    .action(run('schedules'))
    .addHelpText(
      'after',
      examples(['npx durabit schedules', ''], ['npx durabit schedules apply', 'create or update them']),
    );
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

  haltCommands(program);

  common(program.command('migrate'))
    .description('bring the database to the newest version')
    .action(run('migrate'))
    .addHelpText('after', examples(['DATABASE_URL=postgres://… durabit migrate', 'against your own server']));

  common(program.command('doctor'))
    .description('check everything the bot needs and say what to mend')
    .action(run('doctor'))
    .addHelpText('after', examples(['npx durabit doctor', 'exits with 1 when something is wrong']));

  return program;
}
