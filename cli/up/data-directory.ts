import { accessSync, constants, mkdirSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../../config/user-error.ts';
import { lockDirectory } from '../../process/directory-lock.ts';

/** A data directory this process has for itself until `release`. */
export interface DataDirectory {
  /** Absolute, free of symbolic links: servers are recognised by the path on their command line. */
  readonly path: string;
  release(): void;
}

/**
 * Makes the directory if need be and locks it.
 *
 * @param options.command who asks, as another process is told: `durabit up`.
 * @param options.brief true for a command that is done within a second or two: others then wait for it.
 * @throws {UserError} when it is in use, is not a directory or cannot be written to.
 */
export async function openDataDirectory(
  directory: string,
  options: { readonly command: string; readonly brief?: boolean },
): Promise<DataDirectory> {
  const path = makeDirectory(directory);
  try {
    const release = await lockDirectory(path, { brief: false, ...options });
    return { path, release };
  } catch (error) {
    throw asUserError(error, directory);
  }
}

function makeDirectory(directory: string): string {
  const path = resolve(directory);
  try {
    mkdirSync(path, { recursive: true });
    if (!statSync(path).isDirectory()) throw Object.assign(new Error('is a file'), { code: 'ENOTDIR' });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return realpathSync(path);
  } catch (error) {
    throw asUserError(error, directory);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'is a file, not a directory',
  ENOTDIR: 'is a file, or lies below one, not a directory',
  EACCES: 'cannot be written to by this user',
  EPERM: 'cannot be written to by this user',
  EROFS: 'lies on a read-only file system',
  ENOSPC: 'lies on a file system that is full',
};

function asUserError(error: unknown, directory: string): unknown {
  const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''];
  if (error instanceof UserError || reason === undefined) return error;
  return new UserError(`data directory ${directory} ${reason}; mend that or choose another with --data-dir`);
}
