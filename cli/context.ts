import { readSettings, type Settings } from '../config/settings.ts';
import { UserError } from '../config/user-error.ts';
import { type Output, processOutput } from './output.ts';
import { type RunningInstance, readRunningInstance } from './up/instance-file.ts';

/** What every command starts from. */
export interface CommandContext {
  readonly env: Record<string, string | undefined>;
  readonly settings: Settings;
  /** `--data-dir`, else DURABIT_DATA_DIR, else `data`. */
  readonly dataDir: string;
  readonly output: Output;
}

export interface CommonOptions {
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** @throws {UserError} listing every wrong setting */
export function commandContext(options: CommonOptions, env: NodeJS.ProcessEnv = process.env): CommandContext {
  const settings = readSettings(env);
  return { env, settings, dataDir: options.dataDir ?? settings.DURABIT_DATA_DIR, output: processOutput };
}

/** The instance running on the data directory, or null. @throws {UserError} while it is still setting up */
export function readyInstance(context: CommandContext): RunningInstance | null {
  const instance = readRunningInstance(context.dataDir);
  if (instance?.state === 'setting-up') {
    throw new UserError(`durabit (pid ${instance.supervisor.pid}) is still setting up; try again when it says "ready"`);
  }
  return instance;
}
