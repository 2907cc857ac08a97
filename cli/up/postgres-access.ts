import { chmodSync, chownSync, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../../config/user-error.ts';
import type { PostgresUser } from './postgres-user.ts';

/**
 * Lets the user PostgreSQL runs as come to `paths`, through folders that root keeps to itself (`mktemp -d` makes such
 * ones, and so is `/root`). A folder whose group may do nothing is given to that user's group with the right to pass,
 * so that nobody else gains anything and listing it stays closed.
 *
 * @throws {UserError} naming the folders whose group has rights that must not be taken away.
 */
export function letPass(paths: readonly string[], user: PostgresUser): void {
  if (user === null) return;
  const folders = new Set(paths.flatMap((path) => foldersDownTo(realpathSync(path))));
  const closed = [...folders].filter((folder) => !mayPass(statSync(folder), user));
  const refused = closed.filter((folder) => (statSync(folder).mode & 0o070) !== 0 || !giveToGroup(folder, user.gid));
  if (refused.length === 0) return;
  throw new UserError(
    `PostgreSQL refuses to run as root, and the user it runs as cannot pass through ${refused.join(', ')}; ` +
      `allow it with "chmod o+x ${refused.join(' ')}", run durabit as an ordinary user, or set DATABASE_URL`,
  );
}

function giveToGroup(folder: string, gid: number): boolean {
  const { uid, mode } = statSync(folder);
  try {
    chownSync(folder, uid, gid);
    chmodSync(folder, (mode & 0o7777) | 0o010);
  } catch (error) {
    console.error(`${folder} cannot be opened to the user PostgreSQL runs as: ${(error as Error).message}`);
    return false;
  }
  console.error(`let the user PostgreSQL runs as pass through ${folder} (group set, mode g+x)`);
  return true;
}

/** Makes the server's own programs and files, which hold no secrets, readable: under `umask 077` npm made them ours alone. */
export function letRead(folder: string, user: PostgresUser): void {
  if (user === null || (statSync(join(folder, 'bin', 'postgres')).mode & 0o005) === 0o005) return;
  console.error(`made ${folder} readable for the user PostgreSQL runs as`);
  openTree(folder);
}

function openTree(path: string): void {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return;
  const executable = (stats.mode & 0o100) !== 0;
  chmodSync(path, (stats.mode & 0o7777) | (executable ? 0o055 : 0o044));
  if (stats.isDirectory()) for (const entry of readdirSync(path)) openTree(join(path, entry));
}

function foldersDownTo(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...foldersDownTo(parent), path];
}

function mayPass(stats: Stats, user: { readonly uid: number; readonly gid: number }): boolean {
  if (stats.uid === user.uid) return (stats.mode & 0o100) !== 0;
  if (stats.gid === user.gid) return (stats.mode & 0o010) !== 0;
  return (stats.mode & 0o001) !== 0;
}
