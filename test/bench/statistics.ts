/**
 * The smallest value that at least `share` of all values do not exceed (nearest rank): always one that was observed.
 *
 * @param share 0.5 for the median, 0.95 for the 95th percentile.
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (found === undefined) throw new Error('no values to take a percentile of');
  return found;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}
