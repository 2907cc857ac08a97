import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { UserError } from '../../config/user-error.ts';
import { failKeeper } from './fail-keeper.ts';
import { keepServer } from './keep-server.ts';
import { accepts } from './ports.ts';
import { temporalFlags } from './temporal-flags.ts';

async function main(binary: string, dataDir: string, port: number, uiPort: number): Promise<void> {
  try {
    accessSync(binary, constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`TEMPORAL_CLI_PATH=${binary} cannot be run (${code}); it must be the \`temporal\` program`);
  }
  const folder = join(dataDir, 'temporal');
  mkdirSync(folder, { recursive: true });

  await keepServer({
    name: 'temporal-server',
    dataDir,
    spawn: () =>
      spawn(binary, temporalFlags({ database: join(folder, 'temporal.db'), port, uiPort }), {
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    // An open port, not a health call: a gRPC client would cost this process 40 MB, and `prepareNamespace` asks anyway.
    ready: async () => {
      while (!(await accepts(port)) || !(await accepts(uiPort))) await pause(20);
    },
    worthShowing,
    stopSignal: 'SIGTERM',
    graceMs: 8_000,
  });
}

/**
 * Left out: the banner, which names `localhost` and a port for metrics that nobody uses; and a line for every tick of a
 * schedule that fell into a time when nothing ran (250 after four minutes), because the next run fetches all since.
 */
function worthShowing(line: string): boolean {
  return line !== '' && !line.startsWith('Temporal ') && !line.includes('Schedule missed catchup window');
}

const [dataDir = '', port = '', uiPort = ''] = process.argv.slice(2);
main(process.env.TEMPORAL_CLI_PATH ?? '', dataDir, Number(port), Number(uiPort)).catch(failKeeper);
