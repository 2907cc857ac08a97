import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { SetupFault } from './fault.mjs';

/** npm finishes the whole install before it heeds a SIGTERM (seen: 32 s); what it leaves half done is done again. */
const PATIENCE_MS = 2_000;

/**
 * @typedef {object} StepResult
 * @property {boolean} ok
 * @property {string[]} stdout
 * @property {string} output both streams, as they came
 */

/**
 * @typedef {object} StepOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {boolean} [shell]
 * @property {(line: string) => void} [onLine] called for every line of either stream
 */

/** @typedef {(program: string, args: string[], options?: StepOptions) => Promise<StepResult>} RunStep */

/**
 * Runs the programs of set-up, their output kept off the terminal. An interruption stops the program and is only
 * reported once it has ended, so that nobody else gets the lock while it still writes.
 *
 * @param {{ signal: AbortSignal, onSpawn?: (pid: number) => void }} context
 * @returns {RunStep}
 */
export function createStepRunner({ signal, onSpawn }) {
  return (program, args, options = {}) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(new SetupFault('interrupted'));
        return;
      }
      const child = spawn(program, args, {
        cwd: options.cwd,
        env: options.env ?? process.env,
        shell: options.shell ?? false,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      /** @type {string[]} */
      const stdout = [];
      /** @type {string[]} */
      const output = [];
      createInterface({ input: child.stdout }).on('line', (line) => {
        stdout.push(line);
        output.push(line);
        options.onLine?.(line);
      });
      createInterface({ input: child.stderr }).on('line', (line) => {
        output.push(line);
        options.onLine?.(line);
      });

      /** @type {NodeJS.Timeout | undefined} */
      let impatience;
      const stop = () => {
        child.kill('SIGTERM');
        impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      };
      signal.addEventListener('abort', stop);
      if (child.pid !== undefined) onSpawn?.(child.pid);
      child.once('error', (error) => {
        signal.removeEventListener('abort', stop);
        reject(error);
      });
      child.once('close', (code) => {
        clearTimeout(impatience);
        signal.removeEventListener('abort', stop);
        if (signal.aborted) reject(new SetupFault('interrupted'));
        else resolve({ ok: code === 0, stdout, output: output.join('\n') });
      });
    });
}
