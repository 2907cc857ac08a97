import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { SetupFault } from './fault.mjs';
import { findOnPath, isProgram } from './path-search.mjs';

/** From 1.21 on Go fetches the newer toolchain that a go.mod asks for by itself. */
const OLDEST = { major: 1, minor: 21 };

/**
 * Go's installer puts it where no PATH points until the next login.
 *
 * @param {string | undefined} path
 * @param {string[]} [otherPlaces]
 * @returns {string} the `go` program
 */
export function findGo(
  path,
  otherPlaces = ['/usr/local/go/bin/go', '/opt/homebrew/bin/go', 'C:\\Program Files\\Go\\bin\\go.exe'],
) {
  const go = findOnPath('go', path) ?? otherPlaces.find(isProgram);
  if (go === undefined) throw new SetupFault('Go is neither on PATH nor in /usr/local/go');
  const version = goVersion(go);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor)) {
    throw new SetupFault(`${go} is Go ${version}; 1.21 or newer is needed`);
  }
  return go;
}

/** @param {string} go */
function goVersion(go) {
  try {
    // `local`: asking for the version must not download a toolchain.
    const text = execFileSync(go, ['env', 'GOVERSION'], {
      encoding: 'utf8',
      cwd: join('/'),
      env: { ...process.env, GOTOOLCHAIN: 'local' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return /go(\d+\.\d+)/.exec(text)?.[1] ?? '0.0';
  } catch {
    throw new SetupFault(`${go} does not run`);
  }
}

/**
 * The environment of a build for this very machine, whatever the person's own Go projects need.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function goEnvironment(env) {
  const { GOOS, GOARCH, GOFLAGS, GO111MODULE, GOEXPERIMENT, ...rest } = env;
  // `auto`: some distributions forbid the newer toolchain that go.mod may ask for.
  return { ...rest, GOWORK: 'off', GOTOOLCHAIN: 'auto' };
}
