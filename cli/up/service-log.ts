/** Writes one line in the name of one speaker. */
export type ServiceLog = (speaker: string, line: string) => void;

/** The supervisor's own name in the log. */
export const SUPERVISOR = 'durabit';

const COLOURS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

/**
 * A log in which every line begins with who speaks, padded to the longest name: `collector | …`. Coloured on a
 * terminal only, and not where `NO_COLOR` is set.
 */
export function createServiceLog(
  speakers: readonly string[],
  stream: NodeJS.WritableStream & { readonly isTTY?: boolean } = process.stderr,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ServiceLog {
  const names = [SUPERVISOR, ...speakers];
  const width = Math.max(...names.map((name) => name.length));
  const coloured = stream.isTTY === true && !env.NO_COLOR;
  // Nobody reads any more once the terminal or the parent is gone; that must not stop the orderly end.
  let closed = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    closed = true;
  });

  return (speaker, line) => {
    if (closed) return;
    const prefix = `${speaker.padEnd(width)} |`;
    const colour = COLOURS[Math.max(0, names.indexOf(speaker)) % COLOURS.length];
    stream.write(`${coloured ? `\u001b[${colour}m${prefix}\u001b[0m` : prefix} ${line}\n`);
  };
}
