import { join } from 'node:path';
import { loadEnvFile } from 'node:process';
import { UserError } from '../config/user-error.ts';
import { ROOT } from './up/node-service.ts';

/** Loads the project's `.env`, if there is one; real environment variables win over it. @throws {UserError} when there is one that cannot be read */
export function readDotEnv(): void {
  const path = join(ROOT, '.env');
  try {
    loadEnvFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw new UserError(`${path} cannot be read (${code ?? error}); mend or remove it`);
  }
}
