import { constants } from 'node:os';

/** @type {readonly NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * While the door sets up, a signal stops the running step and lets go of the lock instead of just dying.
 */
export function watchInterruption() {
  const controller = new AbortController();
  /** @type {NodeJS.Signals | undefined} */
  let received;
  /** @param {NodeJS.Signals} name */
  const interrupt = (name) => {
    received ??= name;
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of SIGNALS) process.off(name, interrupt);
    },
    exitCode: () => (received === undefined ? undefined : signalExitCode(received)),
  };
}

/**
 * What a shell reports for a process that a signal ended.
 *
 * @param {NodeJS.Signals} name
 */
export function signalExitCode(name) {
  return 128 + constants.signals[name];
}
