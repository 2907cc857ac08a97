import { join } from 'node:path';

/**
 * `get`: the command cannot work without a Temporal server, so find, download or build one.
 * `look`: tell the command where one is, if it is here already. `none`: do not even look.
 *
 * @typedef {'get' | 'look' | 'none'} TemporalNeed
 */

/**
 * @typedef {object} Command
 * @property {(root: string) => string} file the TypeScript file that does the work
 * @property {string[]} args
 * @property {TemporalNeed} temporal
 */

/** The one table of what needs a Temporal server; what is not named here needs none. */
/** @type {Readonly<Record<string, TemporalNeed>>} */
const COMMANDS = { up: 'get', doctor: 'look' };
/** @type {Readonly<Record<string, TemporalNeed>>} */
const FILES = {
  'test/run.ts': 'get',
  'test/bench/run.ts': 'get',
  'test/chaos/run.ts': 'get',
  'cli/demo/crash.ts': 'get',
};

/** Options that may stand before the command's name and take a value. */
const VALUE_OPTIONS = new Set(['--data-dir']);

/**
 * `--run FILE …` runs a file of the project; everything else is a command of `cli/main.ts`.
 *
 * @param {string[]} argv
 * @param {Record<string, string | undefined>} settings
 * @returns {Command}
 */
export function readCommand(argv, settings) {
  if (argv[0] === '--run' && argv[1] !== undefined) {
    const file = argv[1];
    return { file: (root) => join(root, file), args: argv.slice(2), temporal: FILES[file] ?? 'none' };
  }
  return { file: (root) => join(root, 'cli', 'main.ts'), args: argv, temporal: needOfCommand(argv, settings) };
}

/**
 * @param {string[]} argv
 * @param {Record<string, string | undefined>} settings
 * @returns {TemporalNeed}
 */
function needOfCommand(argv, settings) {
  if (argv.includes('--help') || argv.includes('-h')) return 'none';
  const need = COMMANDS[commandName(argv) ?? ''] ?? 'none';
  return settings.TEMPORAL_ADDRESS ? 'none' : need;
}

/** @param {string[]} argv */
function commandName(argv) {
  return argv.find((word, index) => !word.startsWith('-') && !VALUE_OPTIONS.has(argv[index - 1] ?? ''));
}
