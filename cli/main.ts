import { join } from 'node:path';
import { loadEnvFile } from 'node:process';
import { CommanderError } from 'commander';
import { UserError } from '../config/user-error.ts';
import { DatabaseUnavailable } from '../db/connect.ts';
import { ExchangeError } from '../exchange/errors.ts';
import { announceFailure } from '../process/supervised.ts';
import { createProgram } from './program.ts';
import { ROOT } from './up/node-service.ts';

/** Exit codes: 0 done, 1 could not be done, 2 asked for wrongly. A user's fault is one sentence, never a stack trace. */
async function main(): Promise<void> {
  try {
    readDotEnv(join(ROOT, '.env'));
    await createProgram().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else if (error instanceof UserError || error instanceof ExchangeError || error instanceof DatabaseUnavailable) {
      process.stderr.write(`durabit: ${error.message}\n`);
      await announceFailure(error.message);
      process.exitCode = error instanceof UserError ? error.exitCode : 1;
    } else {
      process.stderr.write(
        `durabit: unexpected failure, please report it\n${error instanceof Error ? error.stack : error}\n`,
      );
      process.exitCode = 1;
    }
  }
}

/** Real environment variables win over the file. @throws {UserError} when there is one that cannot be read */
function readDotEnv(path: string): void {
  try {
    loadEnvFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw new UserError(`${path} cannot be read (${code ?? error}); mend or remove it`);
  }
}

await main();
