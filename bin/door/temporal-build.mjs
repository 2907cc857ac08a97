import { statfsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SetupFault } from './fault.mjs';
import { findGo, goEnvironment } from './go.mjs';
import { say, startProgress } from './progress.mjs';
import { temporalVersion } from './temporal-search.mjs';

const COMMAND = 'github.com/temporalio/cli/cmd/temporal';

/** Measured: 260 MB of archives, unpacked 1.1 GB, 1.9 GB of compiled packages, 138 MB for the program. */
const NEEDED_BYTES = 3.5e9;

/**
 * Builds the Temporal CLI from Go modules: longer than a download, but it works wherever Go modules can be had, and
 * go.sum pins every byte of source.
 *
 * @param {import('./temporal-obtain.mjs').ObtainContext} context
 * @returns {Promise<string>}
 */
export async function buildTemporal({ folder, root, run }) {
  const go = findGo(process.env.PATH ?? process.env.Path);
  refuseSmallDisk(homedir());
  const version = temporalVersion(root);
  say(
    `building the Temporal CLI ${version} with ${go}: fetches about 260 MB of Go modules (20 s to a few minutes), then compiles for about 4 minutes on 2 cores; once.`,
  );
  const options = { cwd: join(root, 'ops', 'temporal-cli'), env: goEnvironment(process.env) };

  const packages = await listPackages(go, options, run);
  const path = join(folder, process.platform === 'win32' ? 'temporal.exe' : 'temporal');
  const progress = startProgress('compiling');
  let compiled = 0;
  const ldflags = `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${version}`;
  const result = await run(
    go,
    ['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags', ldflags, '-o', path, COMMAND],
    {
      ...options,
      onLine: (line) => {
        if (!/^go: /.test(line)) compiled += 1;
        progress.update(`${compiled} of at most ${packages} packages`);
      },
    },
  );
  progress.end(result.ok ? 'done' : 'failed');
  if (!result.ok) throw new SetupFault(describeGoFailure(result.output));
  return path;
}

/**
 * Fetches the modules, since the list needs them all, and returns how many packages there are to compile.
 *
 * @param {string} go
 * @param {import('./step.mjs').StepOptions} options
 * @param {import('./step.mjs').RunStep} run
 */
async function listPackages(go, options, run) {
  const progress = startProgress('fetching Go modules');
  let modules = 0;
  const result = await run(go, ['list', '-deps', COMMAND], {
    ...options,
    onLine: (line) => {
      if (!line.startsWith('go: downloading ')) return;
      modules += 1;
      progress.update(`${modules} modules`);
    },
  });
  progress.end(result.ok ? 'done' : 'failed');
  if (!result.ok) throw new SetupFault(describeGoFailure(result.output));
  return result.stdout.length;
}

/** @param {string} folder */
function refuseSmallDisk(folder) {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < NEEDED_BYTES) {
    throw new SetupFault(`building needs 3.5 GB in ${folder}, which has ${(bavail * bsize * 1e-9).toFixed(1)} GB free`);
  }
}

/** @param {string} output */
export function describeGoFailure(output) {
  if (/no space left on device/i.test(output)) return 'the disk is full';
  if (/permission denied|read-only file system/i.test(output)) {
    return "Go's own cache folders (go env GOMODCACHE GOCACHE) are not writable";
  }
  if (/dial tcp|no such host|i\/o timeout|connection refused|TLS handshake/i.test(output)) {
    return 'the Go module proxy cannot be reached; check the network, or GOPROXY';
  }
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('go: downloading '));
  return `Go said: ${lines.slice(-3).join(' / ')}`;
}
