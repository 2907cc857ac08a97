import { isLosslessNumber, parse } from 'lossless-json';

/** A JSON object whose numbers keep their digits as written. */
export type JsonFields = Record<string, unknown>;

/** The object in a request body; undefined when it is anything else. */
export function parseJsonObject(text: string): JsonFields | undefined {
  try {
    const value = parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonFields) : undefined;
  } catch {
    return undefined;
  }
}

/** A scalar as its text on the wire; undefined for null, objects and arrays. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (isLosslessNumber(value)) return value.value;
  return typeof value === 'boolean' ? String(value) : undefined;
}
