import { dirname } from 'node:path';
import { SetupFault } from './fault.mjs';
import { findOnPath, withFirstOnPath } from './path-search.mjs';

/**
 * npm's own retries wait 10 s and then 60 s before they say that nobody answers; these waits sum up to 15 s.
 * The settings that npm hands down when it is itself the caller (`npm -s start --json`) must not change what is done.
 */
const STEADY = [
  ...['--fetch-retries=4', '--fetch-retry-factor=2', '--fetch-retry-mintimeout=1000'],
  ...['--no-audit', '--no-fund', '--no-json', '--no-dry-run', '--no-global', '--loglevel=warn', '--include=dev'],
  ...['--include=optional', '--no-update-notifier'],
];

/**
 * Runs npm with the given Node, and says in one sentence why it failed, if it does.
 *
 * @param {string[]} args
 * @param {{ node: string, cwd: string, run: import('./step.mjs').RunStep, doing: string }} context
 */
export async function runNpm(args, { node, cwd, run, doing }) {
  const inherited = Object.entries(process.env).filter(([name]) => name !== 'npm_config_local_prefix');
  const env = withFirstOnPath(Object.fromEntries(inherited), dirname(node));
  // When npm started the door it says where it lives; a machine may have no other way to find it.
  const caller = process.env.npm_execpath;
  const script = caller?.endsWith('npm-cli.js') ? caller : undefined;
  const program = script === undefined ? findOnPath('npm', process.env.PATH ?? process.env.Path) : node;
  if (program === undefined) {
    throw new SetupFault(
      `${doing} needs npm, and there is no npm on PATH; install it (it comes with Node.js: https://nodejs.org) and start again.`,
    );
  }
  const result = await run(program, [...(script === undefined ? [] : [script]), ...args, ...STEADY], {
    cwd,
    env,
    shell: process.platform === 'win32' && script === undefined,
  });
  // On a full disk npm only warns that it could not unpack a file, and reports success.
  if (!result.ok || /TAR_ENTRY_ERROR/.test(result.output)) {
    throw new SetupFault(describeNpmFailure(doing, result.output));
  }
}

/** @type {readonly (readonly [RegExp, string])[]} */
const REASONS = [
  [/\bENOSPC\b|no space left/i, 'the disk is full; free some space and start again'],
  [/\b(EACCES|EPERM|EROFS)\b/, 'a folder is not writable; change its owner and start again'],
  [
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT)\b/,
    'the npm registry cannot be reached; check the network, or the proxy and registry in your .npmrc, and start again',
  ],
  [/\b(EUSAGE|EJSONPARSE)\b/, 'package-lock.json does not fit package.json; restore both from the repository'],
];

/**
 * @param {string} doing
 * @param {string} output what npm printed
 */
export function describeNpmFailure(doing, output) {
  const reason = REASONS.find(([pattern]) => pattern.test(output))?.[1];
  if (reason !== undefined) return `${doing} failed: ${reason}.`;
  const lines = output
    .split('\n')
    .filter((line) => line.trim() !== '' && !/complete log of this run|npm warn/.test(line));
  return `${doing} failed; npm said:\n${lines.slice(-10).join('\n')}`;
}
