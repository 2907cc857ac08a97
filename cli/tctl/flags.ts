import { UserError } from '../../config/user-error.ts';

/**
 * The flags that are understood, each under its classic name, with the other names that either generation of the retired
 * tool, `temporal` or `durabit` has for it. Dashes inside a name count as underscores.
 */
const FLAGS = {
  schedule_id: { takes: 'value', names: ['sid', 's'] },
  pause: { takes: 'nothing', names: [] },
  unpause: { takes: 'nothing', names: [] },
  reason: { takes: 'value', names: ['re', 'r'] },
  overlap_policy: { takes: 'value', names: [] },
  address: { takes: 'value', names: ['ad'] },
  namespace: { takes: 'value', names: ['ns', 'n'] },
  data_dir: { takes: 'value', names: [] },
  print_json: { takes: 'nothing', names: ['pj', 'pjson', 'print_raw', 'praw', 'raw', 'json'] },
  output: { takes: 'value', names: ['o'] },
  help: { takes: 'nothing', names: ['h'] },
} as const;

export type Flag = keyof typeof FLAGS;

export interface Typed {
  /** What is neither a flag nor a flag's value. */
  readonly words: readonly string[];
  /** Values of the flags given; of those that take none, `true` or `false`. */
  readonly flags: ReadonlyMap<Flag, string>;
  /** Flags nobody knows, as typed. Not a fault yet: they may belong to a command that is answered by what to use instead. */
  readonly unknown: readonly string[];
}

const BY_NAME = new Map(
  Object.entries(FLAGS).flatMap(([flag, { names }]) => [flag, ...names].map((name) => [name, flag as Flag])),
);

/**
 * Words and flags as the retired tool read them: one dash or two, `--flag value` or `--flag=value`, before or behind the
 * words.
 *
 * @throws {UserError} naming a flag that lacks its value or is given twice
 */
export function readFlags(argv: readonly string[]): Typed {
  const words: string[] = [];
  const flags = new Map<Flag, string>();
  const unknown: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!/^--?[a-z]/i.test(word)) {
      words.push(word);
      continue;
    }
    const [name = '', ...given] = word.split('=');
    const flag = BY_NAME.get(name.replace(/^--?/, '').replaceAll('-', '_'));
    if (flag === undefined) {
      unknown.push(name);
      continue;
    }
    if (flags.has(flag)) throw new UserError(`${name} is given twice`, 2);
    const attached = given.length === 0 ? undefined : given.join('=');
    const value = FLAGS[flag].takes === 'value' ? (attached ?? rest.shift()) : switchValue(name, attached ?? 'true');
    if (value === undefined || value.trim() === '') throw new UserError(`${name} needs a value behind it`, 2);
    flags.set(flag, value);
  }
  return { words, flags, unknown };
}

function switchValue(name: string, text: string): string {
  if (text === 'true' || text === 'false') return text;
  throw new UserError(`${name}=${text}: must be true or false`, 2);
}
