import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { isNewEnough, LEAST_NODE } from '../../bin/door/node-version.mjs';
import type { CommandContext } from '../context.ts';
import { checkPorts } from '../up/ports.ts';
import { bad, type Finding, good, look } from './check.ts';

/** A day of an accelerated run writes about this much; less than it free is worth a word. */
const WANTED_FREE_BYTES = 2 * 1024 ** 3;

/** What the machine itself must offer, whether or not the bot runs. */
export async function checkMachine(context: CommandContext, running: boolean): Promise<Finding[]> {
  const { settings } = context;
  const findings = [
    checkNode(process.versions.node),
    await look('disk', 'choose another place with --data-dir', () => checkDisk(context.dataDir)),
  ];
  if (settings.TEMPORAL_ADDRESS === undefined) {
    findings.push(
      await look('temporal binary', 'run npm start once: it finds or builds one; or set TEMPORAL_ADDRESS', () =>
        checkTemporalBinary(settings.TEMPORAL_CLI_PATH),
      ),
    );
  }
  if (!running) {
    findings.push(
      await look('ports', 'stop what uses them or choose others in .env', async () => {
        await checkPorts([
          { port: settings.POSTGRES_PORT, purpose: 'the embedded PostgreSQL', setting: 'POSTGRES_PORT' },
          { port: settings.TEMPORAL_PORT, purpose: 'the Temporal server', setting: 'TEMPORAL_PORT' },
          { port: settings.TEMPORAL_UI_PORT, purpose: 'the Temporal Web UI', setting: 'TEMPORAL_UI_PORT' },
          { port: settings.PAPER_PORT, purpose: 'the paper exchange', setting: 'PAPER_PORT' },
        ]);
        return 'all free';
      }),
    );
  }
  return findings;
}

/** The door replaces one that is too old; who goes around it is told. */
export function checkNode(version: string): Finding {
  if (isNewEnough(version)) return good('node', `v${version}`);
  const cure = 'start through npm start or npx durabit, which fetch a newer one';
  return bad('node', `v${version} is older than ${LEAST_NODE}`, cure);
}

async function checkDisk(dataDir: string): Promise<Finding | string> {
  let folder = dataDir;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free at ${folder}`;
  return free >= WANTED_FREE_BYTES ? text : bad('disk', text, 'make room, or choose another place with --data-dir');
}

async function checkTemporalBinary(path: string | undefined): Promise<Finding | string> {
  if (path === undefined) {
    return bad('temporal binary', 'none known', 'run npm start once: it finds or builds one; or set TEMPORAL_ADDRESS');
  }
  const { stdout } = await promisify(execFile)(path, ['--version']);
  return `${stdout.trim()} (${path})`;
}
