import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { UserError } from '../../config/user-error.ts';

/** As whom the servers of a cluster run; `null`: as the user we are. */
export type PostgresUser = { readonly uid: number; readonly gid: number } | null;

/**
 * PostgreSQL refuses to run as root. As root it therefore runs as the owner of the cluster there is, or else as user
 * `postgres`, who is created when missing.
 *
 * @param clusterDir the cluster's directory; need not exist.
 */
export function postgresUser(clusterDir: string): PostgresUser {
  if (process.getuid?.() !== 0) return null;
  const owner = statSync(clusterDir, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return lookUp() ?? create();
}

function lookUp(): PostgresUser {
  try {
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch (error) {
    if ((error as { status?: number }).status === 1) return null;
    throw error;
  }
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
}

function create(): PostgresUser {
  // shadow-utils first, then the words of busybox (Alpine).
  const attempts = [
    ['groupadd -f -r postgres', 'useradd -r -g postgres -M -s /sbin/nologin postgres'],
    ['addgroup -S postgres', 'adduser -S -D -H -G postgres -s /sbin/nologin postgres'],
  ];
  const faults: string[] = [];
  for (const commands of attempts) {
    try {
      for (const command of commands) {
        const [program = '', ...args] = command.split(' ');
        execFileSync(program, args, { stdio: 'pipe' });
      }
      console.error('created the system user postgres: PostgreSQL refuses to run as root');
      return lookUp();
    } catch (error) {
      faults.push((error as Error).message.trim());
    }
  }
  throw new UserError(
    `PostgreSQL refuses to run as root, and the system user postgres could not be created (${faults.join('; ')}); ` +
      'create it, run durabit as an ordinary user, or run a PostgreSQL of your own and set DATABASE_URL',
  );
}
