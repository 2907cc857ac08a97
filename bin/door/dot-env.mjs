import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The settings of `.env` that the door itself looks at; Node 18 cannot read the file, and the rest is none of its business.
 *
 * @param {string} root
 * @returns {Record<string, string>}
 */
export function readDotEnv(root) {
  let text;
  try {
    text = readFileSync(join(root, '.env'), 'utf8');
  } catch {
    // No such file is the usual case; an unreadable one is reported by the command, which needs all of it.
    return {};
  }
  /** @type {Record<string, string>} */
  const found = {};
  for (const line of text.split('\n')) {
    const match = /^\s*(?:export\s+)?(TEMPORAL_ADDRESS|TEMPORAL_CLI_PATH)\s*=\s*(.*?)\s*$/.exec(line);
    if (match?.[1] && match[2] !== undefined) found[match[1]] = unquote(match[2]);
  }
  return found;
}

/** @param {string} value */
function unquote(value) {
  const quoted = /^(['"`])(.*?)\1/.exec(value);
  return quoted?.[2] ?? value.replace(/\s*#.*$/, '');
}
