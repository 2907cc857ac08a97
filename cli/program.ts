import { Command, Option } from 'commander';
import { parsePaperSpeed, parseRunSpeed } from '../config/speed.ts';
import type { WhoseOrder } from '../db/foreign-orders.ts';
import { SCHEDULE_KINDS } from '../schedules/kinds.ts';
import { common, examples, flow, listing, run } from './command-parts.ts';
import type { SettledAs } from './commands/settle-order.ts';
import { coinsAboveZero, krwAmount, krwNotBelowZero, nonZeroCoins, nonZeroKrw } from './money/amounts.ts';
import {
  asArgument,
  collect,
  duration,
  kindName,
  marketCode,
  marketList,
  portNumber,
  someText,
  speedOf,
  wholeNumber,
} from './option-values.ts';

/** What an owner may say about an order that nobody finds. */
const SETTLED_AS: readonly SettledAs[] = ['not-sent'];

/** Whose an order may be that is not the bot's; as the database has it. */
const FOREIGN_CLASSES: readonly WhoseOrder[] = ['by-hand', 'other-program'];

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
        ['npx durabit status', 'what it holds, what it decided last, what is wrong'],
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
        ['npx durabit up', 'simulated prices, a candle a second'],
        ['npx durabit up --speed 1', 'the same in real time'],
        [
          'npx durabit up --feed replay --replay BTC_KRW_1m.csv --for 90s --json',
          'replay a file, then print a summary',
        ],
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

/** The owner's word on an order that nobody finds. */
function settleCommand(orders: Command): void {
  common(orders.command('settle'))
    .description('end an unknown order by your own word, once the exchange has been asked for it again')
    .argument('<order>', 'its identifier, as durabit orders shows it', someText)
    .addOption(
      new Option('--as <what>', 'what became of it: it never got to the exchange')
        .choices(SETTLED_AS)
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why, kept with the order', someText)
    .action(run('settle-order', 'settleOrder'))
    .addHelpText(
      'after',
      examples([
        'npx durabit orders settle k3v9x0ab-KRW-BTC-ssf41o-entry --as not-sent --reason "no such order on upbit.com"',
        'its market trades on',
      ]),
    );
}

/** What stops orders, whatever the schedules do. */
function haltCommands(program: Command): void {
  common(program.command('halt'))
    .description(
      'stop ordering now: no new order begins, what is open is cancelled, and the exchange is asked for proof',
    )
    .option('--reason <text>', 'why, for whoever looks next', someText)
    .addOption(
      new Option('--timeout <duration>', 'how long to go on until all is proven: 10s, 2m')
        .argParser(duration)
        .default(60_000, '60s'),
    )
    .action(run('halt'))
    .addHelpText(
      'after',
      examples(
        ['npx durabit halt --reason "exchange notice"', 'stays halted until: npx durabit unhalt'],
        ['npx durabit halt --json', ''],
      ),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 halted and proven; 1 halted, but not all is known, or not halted, and it says which; 2 asked for wrongly.',
    );
  common(program.command('unhalt'))
    .description('let the bot order again, and say what is still open')
    .option('--reason <text>', 'why, for whoever looks next', someText)
    .action(run('halt', 'unhalt'))
    .addHelpText('after', examples(['npx durabit unhalt --reason "notice is over"', '']));
}

/** What the strategies vote with, and who chooses it. */
function weightsCommands(program: Command): void {
  const weights = listing(program.command('weights'))
    .description('what searches for weights found, newest first, and which of it is in force')
    .action(run('weights'))
    .addHelpText(
      'after',
      examples(
        ['npx durabit weights --market KRW-BTC', 'figures are in sample: they promise nothing'],
        ['npx durabit weights use 12', 'result 12 is traded on from the next decision on'],
        ['npx durabit weights use default --market KRW-BTC', 'back to the default weights'],
        ['npx durabit weights auto --market KRW-BTC', 'leave the choice to the optimizer again'],
      ),
    );
  common(weights.command('use'))
    .description('put a result into force by hand; it stays until durabit weights auto')
    .argument('<id>', 'a result of durabit weights, or default')
    .option('--market <code>', 'whose weights; goes with default', marketCode)
    .option('--reason <text>', 'why, kept for ever', someText)
    .action(run('weights', 'weightsUse'));
  common(weights.command('auto'))
    .description('leave the choice to the optimizer again')
    .requiredOption('--market <code>', 'whose weights', marketCode)
    .option('--reason <text>', 'why, kept for ever', someText)
    .action(run('weights', 'weightsAuto'));
}

/** Orders on the account that are not the bot's. */
function foreignCommands(program: Command): void {
  const foreign = listing(program.command('foreign'))
    .description('orders on the account that are not the bot’s, newest first, and whose they are')
    .action(run('foreign'))
    .addHelpText(
      'after',
      examples(
        ['npx durabit foreign --market KRW-BTC', 'those of one market'],
        [
          'npx durabit foreign classify 8d4f… --as by-hand --note "sold at the top"',
          'npx durabit status tells of it no more',
        ],
      ),
    );
  common(foreign.command('classify'))
    .description('say whose an order is; the ledger stays as it is')
    .argument('<order>', 'its id at the exchange, as durabit foreign shows it', someText)
    .addOption(
      new Option('--as <whose>', 'your own hand, or another program with your key')
        .choices(FOREIGN_CLASSES)
        .makeOptionMandatory(),
    )
    .requiredOption('--note <text>', 'why, kept for ever', someText)
    .action(run('foreign', 'classifyForeign'))
    .addHelpText('after', examples(['npx durabit foreign classify 8d4f… --as other-program --note "my old bot"', '']));
}

/** What moves the owner's money, and the ledger it is recorded in. */
function moneyCommands(program: Command): void {
  flow(program.command('allocate'))
    .description('give a market won to trade with, take back what is free, or move won between markets')
    .argument('<krw>', 'KRW; below zero takes back', asArgument(nonZeroKrw))
    .option('--from <code>', 'take it from this market, not from what belongs to none', marketCode)
    .option('--note <text>', 'why, kept for ever', someText)
    .action(run('allocate'))
    .addHelpText(
      'after',
      examples(
        ['npx durabit allocate 500000 --market KRW-BTC', 'from won on the exchange that belongs to no market'],
        ['npx durabit allocate -500000 --market KRW-BTC', 'take it back, as far as it is free'],
        ['npx durabit allocate 500000 --market KRW-ETH --from KRW-BTC', 'move it'],
      ),
    );

  flow(program.command('adopt'))
    .description('let coins you already had join a market: the bot may sell them from then on')
    .argument('<quantity>', 'coins', asArgument(coinsAboveZero))
    .requiredOption('--cost <krw>', 'what they cost in all, fees included', asArgument(krwNotBelowZero))
    .option('--note <text>', 'why, kept for ever', someText)
    .action(run('adopt'))
    .addHelpText('after', examples(['npx durabit adopt 0.25 --market KRW-BTC --cost 20000000', '']));

  flow(program.command('adjust'))
    .description('correct what a market owns, on record, without asking the exchange')
    .option('--cash <krw>', 'KRW to add, or to take when below zero', asArgument(nonZeroKrw))
    .option('--quantity <coins>', 'coins to add, or to take when below zero', asArgument(nonZeroCoins))
    .option('--cost <krw>', 'change of what the coins cost (default: the share of those taken)', asArgument(krwAmount))
    .requiredOption('--note <text>', 'why, kept for ever', someText)
    .action(run('adjust'))
    .addHelpText(
      'after',
      examples([
        'npx durabit adjust --market KRW-BTC --quantity -0.1 --note "sent to my wallet"',
        'their cost goes along',
      ]),
    );

  const ledger = listing(program.command('ledger'))
    .description('everything that moved a market’s money, newest first: yours, fills, adjustments')
    .action(run('ledger'))
    .addHelpText(
      'after',
      examples(
        ['npx durabit ledger --market KRW-BTC --limit 5', ''],
        ['npx durabit ledger verify', 'book all of it again and compare; exits with 1 when something differs'],
      ),
    );
  common(ledger.command('verify'))
    .description('prove what every market owns by booking all entries again; exits with 1 when something differs')
    .action(run('ledger', 'verify'))
    .addHelpText('after', examples(['npx durabit ledger verify --json', 'for scripts']));
}
