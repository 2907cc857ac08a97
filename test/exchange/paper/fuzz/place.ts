import { type Random, randomAt } from './random.ts';

/** What a request is made of: chance, and a name that no other request has. */
export interface Place {
  readonly random: Random;
  readonly seed: number;
  readonly index: number;
  /** A nonce or an identifier. */
  readonly name: string;
}

export const nameAt = (seed: number, index: number): string => `${seed.toString(36)}-${index}`;

export function placeAt(seed: number, index: number): Place {
  return { random: randomAt(seed, index), seed, index, name: nameAt(seed, index) };
}
