import { hashAt, hashText } from '../../numbers/noise.ts';

const STREAM = 0;
const OUTCOMES = 2 ** 32;

/** Whether chance strikes at a position: a function of seed, name, position and probability, and of nothing else. */
export function strikesByChance(
  { probability, seed }: { readonly probability?: number | undefined; readonly seed?: number | undefined },
  name: string,
): (position: number) => boolean {
  const generator = hashText(`${seed}/${name}`);
  const below = (probability ?? 0) * OUTCOMES;
  return (position) => hashAt(generator, STREAM, position) < below;
}
