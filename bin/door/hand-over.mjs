import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { SetupFault } from './fault.mjs';
import { signalExitCode } from './interruption.mjs';

const KEYBOARD_GRACE_MS = 2_000;

/**
 * Runs the command as a child on the terminal the door was given, and answers with its exit code.
 *
 * The child holds one end of an IPC channel: when the door is killed outright the kernel closes the other end, and
 * `process.on('disconnect')` tells the child.
 *
 * @param {string} node
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
export function handOver(node, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { env, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
    const stopForwarding = forwardSignals((name) => child.kill(name));
    child.once('error', (error) => {
      stopForwarding();
      reject(new SetupFault(`${node} does not start: ${error.message}`));
    });
    child.once('exit', (code, signal) => {
      stopForwarding();
      // A grandchild may have inherited the channel's other end; the door does not wait for it.
      if (child.connected) child.disconnect();
      resolve(signal === null ? (code ?? 1) : signalExitCode(signal));
    });
  });
}

/**
 * The door itself outlives its signals: it ends when the child has cleaned up.
 *
 * Ctrl-C and a closed terminal reach the child without the door's help, and npm passes them on once more, so there the
 * first one is held back for a while and dropped when the child has ended by then. A signal sent to the door alone
 * (`kill`, systemd, a container engine) still arrives. Never more than one of a kind is passed on at a time.
 *
 * @param {(name: NodeJS.Signals) => void} deliver
 */
function forwardSignals(deliver) {
  const keyboard = hasTerminal();
  /** @type {Map<NodeJS.Signals, NodeJS.Timeout>} */
  const held = new Map();
  /**
   * @param {NodeJS.Signals} name
   * @param {boolean} mayComeTwice
   */
  const forward = (name, mayComeTwice) => () => {
    if (held.has(name)) return;
    const hold = mayComeTwice && keyboard;
    if (!hold) deliver(name);
    const release = () => {
      held.delete(name);
      if (hold) deliver(name);
    };
    held.set(name, setTimeout(release, KEYBOARD_GRACE_MS));
  };
  /** @type {[NodeJS.Signals, () => void][]} */
  const handlers = [
    ['SIGINT', forward('SIGINT', true)],
    ['SIGHUP', forward('SIGHUP', true)],
    ['SIGTERM', forward('SIGTERM', false)],
  ];
  for (const [name, handler] of handlers) process.on(name, handler);
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler);
    for (const timer of held.values()) clearTimeout(timer);
  };
}

/** Only a process with a controlling terminal can get a signal from a keyboard, wherever its streams lead. */
function hasTerminal() {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return process.stdin.isTTY === true;
  }
}
