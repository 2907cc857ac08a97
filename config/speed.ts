import { UserError } from './user-error.ts';

/**
 * How many seconds of market time pass in one second of wall time. A run of the whole bot needs a divisor of 60,
 * because Temporal schedules tick on whole wall seconds; the paper exchange alone goes up to 600.
 */
export function parseRunSpeed(text: string): number {
  const speed = Number(text);
  if (!Number.isInteger(speed) || speed < 1 || 60 % speed !== 0) {
    throw new UserError(
      `--speed ${text} does not divide 60: a candle must take a whole number of seconds. ` +
        'Choose 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60',
      2,
    );
  }
  return speed;
}

/** @throws {UserError} unless `text` is a number from 1 to 600. */
export function parsePaperSpeed(text: string): number {
  const speed = Number(text);
  if (!Number.isInteger(speed) || speed < 1 || speed > 600) {
    throw new UserError(`--speed ${text} is out of range: the paper exchange takes a whole number from 1 to 600`, 2);
  }
  return speed;
}
