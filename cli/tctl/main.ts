import { UserError } from '../../config/user-error.ts';
import { readDotEnv } from '../dot-env.ts';
import { perform } from './perform.ts';
import { translate } from './translate.ts';

/** Exit codes as `durabit` has them: 0 done, 1 could not be done, 2 asked for wrongly. */
try {
  readDotEnv();
  await perform(translate(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`tctl: ${explain(error)}\n`);
  process.exitCode = error instanceof UserError ? error.exitCode : 1;
}

function explain(error: unknown): string {
  if (error instanceof UserError) return error.message;
  return `unexpected failure, please report it\n${error instanceof Error ? error.stack : error}`;
}
