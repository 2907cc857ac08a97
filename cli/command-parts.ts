import { type Command, Option } from 'commander';
import { atLeastOne, marketCode, partsPerMillion, someText } from './option-values.ts';

// What several commands of the program have in common.

/**
 * Loads `commands/<file>.ts` and calls its function of that name (or `exported`) with the parsed arguments, if the command
 * has any, and the options.
 */
export function run(file: string, exported = file): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command;
    const module = (await import(`./commands/${file}.ts`)) as Record<string, (...args: unknown[]) => Promise<void>>;
    const action = module[exported];
    if (action === undefined) throw new Error(`commands/${file}.ts exports no ${exported}`);
    await action(...command.processedArgs, command.optsWithGlobals());
  };
}

export function flow(command: Command): Command {
  return common(command)
    .requiredOption('--market <code>', 'whose money', marketCode)
    .option('--reference <text>', 'makes it happen once: the same again changes nothing', someText);
}

export function common(command: Command): Command {
  return command
    .option('--data-dir <dir>', 'where the embedded servers keep their state (default: DURABIT_DATA_DIR, else data)')
    .option('--json', 'print one JSON document on stdout; everything else goes to stderr');
}

/** How orders meet the paper exchange's market. */
export const BOOK_OPTIONS = {
  book: new Option(
    '--book <book>',
    'what orders meet: an order book of thirty levels a side, or everything at the last price (default: levels, or what the folder began with)',
  ).choices(['levels', 'endless']),
  spread: new Option('--spread <ppm>', 'mean spread of that book in millionths of the price (default: 50)').argParser(
    partsPerMillion,
  ),
  depth: new Option('--depth <krw>', 'mean worth of its best level in KRW (default: 10000000)').argParser(atLeastOne),
} as const;

export function listing(command: Command): Command {
  return common(command)
    .option('--market <code>', 'only this market', marketCode)
    .option('--limit <n>', 'how many rows at most', atLeastOne, 20);
}

export function examples(...lines: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  const body = lines.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`.trimEnd()).join('\n');
  return `\nExamples:\n${body}`;
}
