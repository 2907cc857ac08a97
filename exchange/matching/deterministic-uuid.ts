import { createHash } from 'node:crypto';

/**
 * A UUID made from facts instead of chance, so that the same orders at the same market times get the same ids.
 * Formatted as version 8 (RFC 9562: vendor-specific contents).
 */
export function deterministicUuid(...facts: readonly (string | number)[]): string {
  const hex = createHash('sha256').update(facts.join('\u0000')).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
