/**
 * What `npm test` runs: lint, types, import rules, unused code, and every test. `npm test -- candles` runs only the
 * tests whose file name holds `candles`. The last line is always `N passed, N failed`; each check counts as one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

interface VitestReport {
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

const root = join(import.meta.dirname, '..');
const filters = process.argv.slice(2);
const require = createRequire(import.meta.url);

const checks = [
  {
    name: 'lint',
    script: '@biomejs/biome:biome',
    args: ['check', '--error-on-warnings', '--diagnostic-level=warn'],
  },
  { name: 'types', script: 'typescript:tsc', args: ['--noEmit', '-p', '.'] },
  {
    name: 'imports',
    script: 'dependency-cruiser:depcruise',
    args: ['--config', '.dependency-cruiser.mjs', '.'],
  },
  { name: 'unused code', script: 'knip:knip', args: [] },
] as const;

const running = new Set<ChildProcess>();
let interrupted = false;
/** What the check said that ended the tests. */
let failedCheck: string | undefined;
for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) {
  process.on(event, () => {
    interrupted = true;
    // Ctrl-C has reached the child already, and a second signal makes vitest drop its clean-up; an interrupt sent to
    // this process alone has not, so it follows when nothing came of the first.
    setTimeout(endRunning, event === 'SIGINT' ? 10_000 : 0).unref();
  });
}
// The channel to the door must not keep a finished run alive.
process.channel?.unref();

const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
if (process.env.DURABIT_TEMPORAL_SOURCE) console.log(`Temporal: ${process.env.DURABIT_TEMPORAL_SOURCE}`);
await Promise.all([filters.length > 0 || runChecks(), runTests()]);
// Last, where it is seen, whichever of the two ended first.
if (failedCheck !== undefined) console.log(failedCheck);
const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
console.log(`\n${tally.passed} passed, ${tally.failed} failed${skipped}`);
process.exit(interrupted ? 130 : tally.failed > 0 || tally.passed === 0 ? 1 : 0);

function endRunning(): void {
  for (const child of running) child.kill('SIGTERM');
}

/**
 * One after the other, beside the first tests, which wait for servers and bots more than they compute: 12 s less than
 * before them. The first that fails ends all.
 */
async function runChecks(): Promise<void> {
  for (const { name, script, args } of checks) {
    const began = Date.now();
    const { ok, output } = await run([commandOf(script), ...args], 'pipe');
    if (interrupted) return;
    console.log(`${ok ? '✓' : '✗'} ${name} (${seconds(began)})`);
    tally[ok ? 'passed' : 'failed'] += 1;
    if (ok) continue;
    failedCheck = output;
    endRunning();
    return;
  }
}

async function runTests(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'durabit-test-'));
  const report = join(folder, 'report.json');
  const began = Date.now();
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const { ok } = await run([commandOf('vitest:vitest'), 'run', ...reporters, ...filters], 'inherit');
    if (failedCheck !== undefined) return;
    const tests = countTests(report);
    tally.passed += tests.passed;
    tally.skipped += tests.skipped;
    // Vitest may fail without a failed test: an error nobody awaited, an interruption, no test at all.
    tally.failed += Math.max(tests.failed, ok && tests.passed > 0 ? 0 : 1);
    console.log(`${ok ? '✓' : '✗'} tests (${seconds(began)})`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countTests(report: string): Tally {
  if (!existsSync(report)) return { passed: 0, failed: 0, skipped: 0 };
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
  const count = (...statuses: string[]) =>
    testResults.flatMap((file) => file.assertionResults).filter((test) => statuses.includes(test.status)).length;
  const unloadable = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return {
    passed: count('passed'),
    failed: count('failed') + unloadable.length,
    skipped: count('pending', 'skipped', 'todo', 'disabled'),
  };
}

function run(args: readonly string[], stdio: 'pipe' | 'inherit'): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', stdio, stdio] });
    running.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => (output += part));
    child.once('error', reject);
    child.once('close', (code) => {
      running.delete(child);
      resolve({ ok: code === 0, output });
    });
  });
}

/** The script behind `package:command`, so that it runs on this very Node and on every system. */
function commandOf(name: string): string {
  const [packageName = '', command = ''] = name.split(':');
  const manifest = findManifest(packageName);
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: string | Record<string, string> };
  return join(dirname(manifest), typeof bin === 'string' ? bin : (bin[command] ?? command));
}

function findManifest(packageName: string): string {
  const folder = require.resolve.paths(packageName)?.find((path) => existsSync(join(path, packageName)));
  if (folder === undefined) throw new Error(`${packageName} is not installed`);
  return join(folder, packageName, 'package.json');
}

function seconds(began: number): string {
  return `${((Date.now() - began) / 1000).toFixed(1)} s`;
}
