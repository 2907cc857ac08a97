import { hashAt } from '../../../../exchange/numbers/noise.ts';

/** Chance that comes out the same for the same seed and index, whatever was drawn before. */
export interface Random {
  /** From 0 to `below` - 1. */
  int(below: number): number;
  chance(share: number): boolean;
  pick<T>(from: readonly T[]): T;
  bytes(length: number): Buffer;
}

export function randomAt(seed: number, index: number): Random {
  let drawn = 0;
  const next = (): number => {
    drawn += 1;
    return hashAt(seed, index, drawn);
  };
  const int = (below: number): number => next() % below;
  return {
    int,
    chance: (share) => next() < share * 2 ** 32,
    pick<T>(from: readonly T[]): T {
      return from[int(from.length)] as T;
    },
    bytes: (length) => Buffer.from(Array.from({ length }, () => int(256))),
  };
}
