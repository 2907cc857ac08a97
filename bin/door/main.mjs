import { dirname, join } from 'node:path';
import { readCommand } from './command.mjs';
import { readDotEnv } from './dot-env.mjs';
import { explain } from './fault.mjs';
import { handOver } from './hand-over.mjs';
import { watchInterruption } from './interruption.mjs';
import { withFirstOnPath } from './path-search.mjs';
import { findPlaces } from './places.mjs';
import { prepare } from './prepare.mjs';
import { say } from './progress.mjs';

/** Where Node keeps the JavaScript it made of our TypeScript: a process starts 50 ms sooner and 17 MB smaller. */
const COMPILE_CACHE = ['node_modules', '.cache', 'durabit-compile'];

/**
 * Prepares what the command needs, then becomes its parent.
 *
 * @param {string[]} argv what was typed behind `durabit`
 */
export async function main(argv) {
  const interruption = watchInterruption();
  try {
    const places = findPlaces(process.env);
    const settings = { ...readDotEnv(places.root), ...process.env };
    const command = readCommand(argv, settings);
    const ready = await prepare(command, places, settings, interruption.signal);
    interruption.stop();

    process.exitCode = await handOver(ready.node, [command.file(places.root), ...command.args], {
      ...withFirstOnPath(process.env, dirname(ready.node)),
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(places.root, ...COMPILE_CACHE),
      ...(ready.temporal && {
        TEMPORAL_CLI_PATH: ready.temporal.path,
        DURABIT_TEMPORAL_SOURCE: ready.temporal.source,
      }),
    });
  } catch (error) {
    if (interruption.exitCode() !== undefined) {
      say('interrupted; the next start continues where this one stopped.');
      process.exitCode = interruption.exitCode();
    } else {
      say(explain(error).message);
      process.exitCode = 1;
    }
  }
}
