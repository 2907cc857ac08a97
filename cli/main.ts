import { CommanderError } from 'commander';
import { UserError } from '../config/user-error.ts';
import { DatabaseUnavailable } from '../db/connect.ts';
import { ExchangeError } from '../exchange/errors.ts';
import { announceFailure } from '../process/supervised.ts';
import { readDotEnv } from './dot-env.ts';
import { createProgram } from './program.ts';

/** Exit codes: 0 done, 1 could not be done, 2 asked for wrongly. A user's fault is one sentence, never a stack trace. */
async function main(): Promise<void> {
  try {
    readDotEnv();
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

// `durabit orders | head` stops reading before all is written. What a command does it still does to its end: a halt
// whose output nobody reads any more must halt all the same.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

await main();
