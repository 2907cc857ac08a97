/**
 * Downloads the Temporal CLI the way the SDK's testing package does, by starting a dev server once:
 * `node download.ts VERSION FOLDER` prints the program's path.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';

/** The folder must keep growing; a closed network that swallows packets would otherwise hold the start up for minutes. */
const IDLE_LIMIT_MS = 30_000;

const [version, folder] = process.argv.slice(2);
if (version === undefined || folder === undefined) throw new Error('usage: download.ts VERSION FOLDER');

try {
  const ended = watchForIdleness(folder);
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', version: `v${version}`, downloadDir: folder } },
  });
  clearInterval(ended);
  await environment.teardown();
  const program = filesIn(folder).find(({ mode }) => (mode & 0o111) !== 0) ?? filesIn(folder)[0];
  if (program === undefined) throw new Error('the download left no program');
  console.log(program.path);
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

function watchForIdleness(watched: string): NodeJS.Timeout {
  let size = 0;
  let grewAt = performance.now();
  return setInterval(() => {
    const now = filesIn(watched).reduce((sum, file) => sum + file.size, 0);
    if (now > size) {
      size = now;
      grewAt = performance.now();
    } else if (performance.now() - grewAt > IDLE_LIMIT_MS) {
      console.error(`nothing came for ${IDLE_LIMIT_MS / 1000} s`);
      process.exit(1);
    }
  }, 1_000);
}

function filesIn(parent: string): { path: string; size: number; mode: number }[] {
  return readdirSync(parent).map((name) => {
    const path = join(parent, name);
    const { size, mode } = statSync(path);
    return { path, size, mode };
  });
}
