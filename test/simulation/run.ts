/**
 * What `npm run simulate` runs: lives of the bot under a virtual clock, one after the other, until so many orders have gone
 * from decision to end. At the first life in which something is that must never be it stops, looks for the shortest form
 * of it, tells that, and ends with 1.
 *
 * `--self-test`: proves instead that it would find something (`self-test.ts`). `--story`: tells every life.
 */
import { parseArgs } from 'node:util';
import type { PGlite } from '@electric-sql/pglite';
import './install.ts';

const { AS_IT_IS, BROKEN_BUILDS } = await import('./builds.ts');
const { prepareDatabase } = await import('./database.ts');
const { simulate } = await import('./simulate.ts');
const { selfTest } = await import('./self-test.ts');

const options = readOptions();
// The channel to the door must not keep a finished run alive.
process.channel?.unref();
const postgres: PGlite = await prepareDatabase();
process.exitCode = options.selfTest ? await proveItself() : await run();
// PGlite keeps what it opened until the process ends.
process.exit();

async function run(): Promise<number> {
  const report = await simulate(postgres, { ...options, progress: (line) => console.error(line) });
  console.log(options.json ? JSON.stringify(report, null, 2) : report.text);
  return report.failure === null ? 0 : 1;
}

async function proveItself(): Promise<number> {
  const proof = await selfTest(postgres, (line) => console.error(line));
  console.log(options.json ? JSON.stringify(proof, null, 2) : proof.text);
  return proof.passed ? 0 : 1;
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: 'string', default: '1' },
        cycles: { type: 'string', default: '5000' },
        build: { type: 'string' },
        story: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        'self-test': { type: 'boolean', default: false },
      },
    });
    const build = values.build === undefined ? AS_IT_IS : BROKEN_BUILDS[values.build];
    if (build === undefined) throw new Error(`no build "${values.build}": ${Object.keys(BROKEN_BUILDS).join(', ')}`);
    return {
      seed: wholeNumber('seed', values.seed),
      cycles: wholeNumber('cycles', values.cycles),
      build,
      buildName: values.build ?? null,
      story: values.story,
      json: values.json,
      selfTest: values['self-test'],
    };
  } catch (error) {
    console.error(
      `simulate: ${(error as Error).message}\n` +
        'usage: npm run simulate -- [--seed N] [--cycles N] [--build NAME] [--story] [--json] | --self-test [--json]',
    );
    process.exit(2);
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} takes a whole number, not "${text}"`);
  return value;
}
