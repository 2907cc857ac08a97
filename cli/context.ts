import { resolve } from 'node:path';
import { changedSettings, DEFAULT_DATA_DIR, readSettings, type Settings } from '../config/settings.ts';
import { UserError } from '../config/user-error.ts';
import { type Output, processOutput } from './output.ts';
import { type RunningInstance, readRunningInstance } from './up/instance-file.ts';
import { ROOT } from './up/node-service.ts';

/** What every command starts from. */
export interface CommandContext {
  readonly env: Record<string, string | undefined>;
  readonly settings: Settings;
  /** `--data-dir`, else DURABIT_DATA_DIR, else `data` in the project's folder, wherever the command was typed. */
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
  const dataDir = options.dataDir ?? resolve(ROOT, settings.DURABIT_DATA_DIR);
  return { env, settings, dataDir, output: processOutput };
}

/** The same, on the database at `url`; undefined: on none that the settings name. */
export function onDatabase(context: CommandContext, url: string | undefined): CommandContext {
  return { ...context, settings: changedSettings(context.settings, { DATABASE_URL: url }) };
}

/** What a person types to start the bot of this data directory. */
export function startCommand(dataDir: string): string {
  return resolve(dataDir) === resolve(ROOT, DEFAULT_DATA_DIR) ? 'npm start' : `npm start -- --data-dir ${dataDir}`;
}

/** The instance running on the data directory, or null. @throws {UserError} while it is setting up or stopping */
export function readyInstance(context: CommandContext): RunningInstance | null {
  const instance = readRunningInstance(context.dataDir);
  if (instance === null || instance.state === 'ready') return instance;
  const pid = instance.supervisor.pid;
  throw new UserError(
    instance.state === 'setting-up'
      ? `durabit (pid ${pid}) is still setting up; try again when it says "ready"`
      : `durabit (pid ${pid}) is stopping; try again in a moment`,
  );
}
