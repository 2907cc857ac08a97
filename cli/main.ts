import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { CommanderError } from 'commander';
import { announceFailure } from '../config/supervised.ts';
import { UserError } from '../config/user-error.ts';
import { createProgram } from './program.ts';

/** Exit codes: 0 done, 1 could not be done, 2 asked for wrongly. A user's fault is one sentence, never a stack trace. */
async function main(): Promise<void> {
  if (existsSync('.env')) loadEnvFile('.env');
  try {
    await createProgram().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else if (error instanceof UserError) {
      process.stderr.write(`durabit: ${error.message}\n`);
      await announceFailure(error.message);
      process.exitCode = error.exitCode;
    } else {
      process.stderr.write(
        `durabit: unexpected failure, please report it\n${error instanceof Error ? error.stack : error}\n`,
      );
      process.exitCode = 1;
    }
  }
}

await main();
