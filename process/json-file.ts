import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { UserError } from '../config/user-error.ts';

/** Writes a whole file or none: into a sibling that is renamed when complete. Readable by its owner only. */
export function writeJsonFile(path: string, value: unknown): void {
  const sibling = `${path}.${process.pid}.new`;
  writeFileSync(sibling, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(sibling, path);
}

/**
 * The content of a file of ours, or `null` when there is none.
 *
 * @param cure what the reader should do when the file is not what we wrote.
 * @throws {UserError} when it cannot be read or `accepts` does not know it.
 */
export function readJsonFile<T>(path: string, accepts: (value: unknown) => value is T, cure: string): T | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new UserError(`${path} cannot be read (${code ?? error}); ${cure}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path} is damaged (${(error as Error).message}); ${cure}`);
  }
  if (!accepts(value)) throw new UserError(`${path} is damaged (its content is not what durabit wrote); ${cure}`);
  return value;
}
