import { Decimal } from 'decimal.js';
import { z } from 'zod';
import type { DecimalText } from '../../strategy/candle.ts';

/**
 * A decimal number of any length, as canonical text: trailing zeros and exponents go, digits do not. An exponent of three
 * digits would be none of a price, and one of nine a text that no memory holds.
 */
export const decimalText = z
  .string()
  .regex(/^-?\d+(\.\d+)?([eE][+-]?\d{1,2})?$/, 'is not a decimal number')
  .transform((text): DecimalText => new Decimal(text).toFixed());

/** `yyyy-MM-ddTHH:mm:ss` without a zone, which is UTC in the fields named `_utc`. */
export const utcWithoutZone = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/, 'is not a time like 2025-09-01T00:00:00')
  .transform((text) => Date.parse(`${text}Z`));

/** ISO 8601 with a zone (`+09:00`), fractions of a second allowed. */
export const zonedInstant = z
  .string()
  .transform((text) => Date.parse(text))
  .refine((instant) => Number.isFinite(instant), 'is not an ISO 8601 time');

/** A whole number that may exceed 2^53, as its text. */
export const wholeNumberText = z.string().regex(/^\d+$/, 'is not a whole number');

/** Epoch milliseconds, which a JavaScript number holds for 285,000 years. */
export const epochMs = z
  .string()
  .regex(/^\d{1,15}$/, 'is not a time in epoch milliseconds')
  .transform(Number);

/** A market code, quote currency first: `KRW-BTC`, `USDT-BTC`. */
export const marketCode = z.string().regex(/^[A-Z0-9]+-[A-Z0-9]+$/, 'is not a market like KRW-BTC');

/** A day as `yyyy-MM-dd`. */
export const calendarDay = z.string().regex(/^\d{4}-\d\d-\d\d$/, 'is not a day like 2025-09-01');
