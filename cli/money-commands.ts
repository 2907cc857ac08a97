import type { Command } from 'commander';
import { common, examples, flow, listing, run } from './command-parts.ts';
import { coinsAboveZero, krwAmount, krwNotBelowZero, nonZeroCoins, nonZeroKrw } from './money/amounts.ts';
import { asArgument, marketCode, someText } from './option-values.ts';

/** What moves the owner's money, and the ledger it is recorded in. */
export function moneyCommands(program: Command): void {
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
