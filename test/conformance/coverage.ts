/** @returns what of all was not driven, as a reason for the whole to fail; undefined when nothing was left out. */
export function gapOf(all: Iterable<string>, driven: ReadonlySet<string>): string | undefined {
  const left = [...all].filter((one) => !driven.has(one));
  return left.length === 0 ? undefined : `no case drives ${left.join(', ')}`;
}
