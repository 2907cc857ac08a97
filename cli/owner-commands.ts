import { type Command, Option } from 'commander';
import type { WhoseOrder } from '../db/foreign-orders.ts';
import { common, examples, listing, run } from './command-parts.ts';
import type { SettledAs } from './commands/settle-order.ts';
import { duration, marketCode, someText } from './option-values.ts';

/* The commands that take the owner's word for it. */

/** What an owner may say about an order that nobody finds. */
const SETTLED_AS: readonly SettledAs[] = ['not-sent'];

/** Whose an order may be that is not the bot's; as the database has it. */
const FOREIGN_CLASSES: readonly WhoseOrder[] = ['by-hand', 'other-program'];

/** The owner's word on an order that nobody finds. */
export function settleCommand(orders: Command): void {
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
export function haltCommands(program: Command): void {
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
export function weightsCommands(program: Command): void {
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
export function foreignCommands(program: Command): void {
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
