// Everything the door says goes to stderr: with `--json`, stdout belongs to the command's document.

/** @param {string} text */
export function say(text) {
  process.stderr.write(`durabit: ${text}\n`);
}

/**
 * One line that keeps changing on a terminal, and a new line every 15 s elsewhere, so that minutes of work never
 * look like a hang and never flood a log.
 *
 * @param {string} label
 */
export function startProgress(label) {
  const terminal = process.stderr.isTTY === true;
  const began = Date.now();
  let detail = '';
  const line = () => `${label} … ${duration(Date.now() - began)}${detail === '' ? '' : `, ${detail}`}`;

  say(`${label} …`);
  const timer = setInterval(
    () => (terminal ? process.stderr.write(`\x1b[1A\x1b[2Kdurabit: ${line()}\n`) : say(line())),
    terminal ? 500 : 15_000,
  );
  return {
    /** @param {string} text */
    update(text) {
      detail = text;
    },
    /** @param {string} outcome */
    end(outcome) {
      clearInterval(timer);
      say(`${label}: ${outcome} after ${duration(Date.now() - began)}`);
    },
  };
}

/**
 * @param {number} ms
 * @returns {string}
 */
function duration(ms) {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
