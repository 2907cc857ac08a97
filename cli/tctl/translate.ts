import { ScheduleOverlapPolicy } from '@temporalio/client';
import { UserError } from '../../config/user-error.ts';
import type { Operation } from '../../schedules/operate.ts';
import { type Flag, readFlags } from './flags.ts';
import { insteadOf } from './untranslated.ts';

/** What the retired tool's words ask of the bot's schedules. */
export type Wish =
  | { readonly does: 'help' }
  | { readonly does: 'list' }
  | { readonly does: 'describe'; readonly scheduleId: string }
  | {
      readonly does: Operation;
      readonly scheduleId: string;
      /** The words themselves, for the schedule's note. */
      readonly words: string;
      readonly reason?: string | undefined;
      readonly overlap?: ScheduleOverlapPolicy | undefined;
    };

export interface Request {
  readonly wish: Wish;
  readonly json: boolean;
  /** HOST:PORT; undefined: that of the running instance. */
  readonly address: string | undefined;
  readonly namespace: string | undefined;
  readonly dataDir: string | undefined;
}

/** Flags that every command takes. */
const COMMON: readonly Flag[] = ['address', 'namespace', 'data_dir', 'print_json', 'output', 'help'];
const OWN: Readonly<Record<string, readonly Flag[]>> = {
  pause: ['schedule_id', 'reason'],
  unpause: ['schedule_id', 'reason'],
  toggle: ['schedule_id', 'reason', 'pause', 'unpause'],
  trigger: ['schedule_id', 'overlap_policy', 'reason'],
  describe: ['schedule_id'],
  list: [],
};
const SHORT: Readonly<Record<string, string>> = { d: 'describe', ls: 'list' };

const OVERLAP = {
  Skip: ScheduleOverlapPolicy.SKIP,
  BufferOne: ScheduleOverlapPolicy.BUFFER_ONE,
  BufferAll: ScheduleOverlapPolicy.BUFFER_ALL,
  CancelOther: ScheduleOverlapPolicy.CANCEL_OTHER,
  TerminateOther: ScheduleOverlapPolicy.TERMINATE_OTHER,
  AllowAll: ScheduleOverlapPolicy.ALLOW_ALL,
} as const;

/** @throws {UserError} saying what to use instead of what is not translated, or which flag is wrong */
export function translate(argv: readonly string[]): Request {
  const { words, flags, unknown } = readFlags(argv);
  const instead = insteadOf(words);
  if (instead !== undefined) throw new UserError(instead, 2);
  if (unknown.length > 0) throw new UserError(`${unknown.join(', ')} is no flag of it; see: npx tctl --help`, 2);
  return {
    wish: wishOf(words, flags),
    json: wantsJson(flags),
    address: flags.get('address'),
    namespace: flags.get('namespace'),
    dataDir: flags.get('data_dir'),
  };
}

type Flags = ReadonlyMap<Flag, string>;

function wishOf([group = 'help', name = 'help', ...more]: readonly string[], flags: Flags): Wish {
  if (group === 'help' || name === 'help' || flags.get('help') === 'true') return { does: 'help' };
  const command = SHORT[name] ?? name;
  const own = OWN[command];
  if (group !== 'schedule' || own === undefined) {
    throw new UserError(`there is no tctl ${group} ${name}; see: npx tctl --help`, 2);
  }
  if (more.length > 0) throw new UserError(`tctl schedule ${command} has no use for "${more.join(' ')}"`, 2);
  const odd = [...flags.keys()].find((flag) => !COMMON.includes(flag) && !own.includes(flag));
  if (odd !== undefined) throw new UserError(`tctl schedule ${command} does not take --${odd}`, 2);

  if (command === 'list') return { does: 'list' };
  const scheduleId = flags.get('schedule_id');
  if (scheduleId === undefined) {
    throw new UserError(`tctl schedule ${command} needs --schedule_id, for example --schedule_id trade-KRW-BTC`, 2);
  }
  if (command === 'describe') return { does: 'describe', scheduleId };
  const overlap = overlapOf(flags.get('overlap_policy'));
  const does = operationOf(command, flags);
  return { does, scheduleId, words: wordsOf(command, does), reason: flags.get('reason'), overlap };
}

function operationOf(command: string, flags: Flags): Operation {
  if (command === 'trigger') return 'trigger';
  if (command === 'pause') return 'pause';
  if (command === 'unpause') return 'resume';
  const [pause, unpause] = [flags.get('pause') === 'true', flags.get('unpause') === 'true'];
  if (pause === unpause) throw new UserError('tctl schedule toggle needs one of --pause and --unpause', 2);
  return pause ? 'pause' : 'resume';
}

function wordsOf(command: string, does: Operation): string {
  if (command !== 'toggle') return `npx tctl schedule ${command}`;
  return `npx tctl schedule toggle --${does === 'pause' ? 'pause' : 'unpause'}`;
}

function overlapOf(text: string | undefined): ScheduleOverlapPolicy | undefined {
  if (text === undefined) return undefined;
  const found = Object.entries(OVERLAP).find(([name]) => name.toLowerCase() === text.toLowerCase());
  if (found === undefined) {
    throw new UserError(`--overlap_policy ${text}: must be one of ${Object.keys(OVERLAP).join(', ')}`, 2);
  }
  return found[1];
}

function wantsJson(flags: Flags): boolean {
  const output = flags.get('output');
  if (output !== undefined && output !== 'json' && output !== 'table') {
    throw new UserError(`--output ${output}: must be table or json`, 2);
  }
  return output === 'json' || flags.get('print_json') === 'true';
}
