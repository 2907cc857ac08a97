import { hashText } from '../../exchange/numbers/noise.ts';

/** Chance by name: what comes out depends on the seed and the name alone, so that leaving one fault out moves no other. */
export interface Chance {
  /** From 0 up to, not including, 1. */
  of(name: string): number;
  between(name: string, from: number, to: number): number;
  oneOf<T>(name: string, choices: readonly [T, ...T[]]): T;
}

export function createChance(seed: number): Chance {
  const of = (name: string): number => hashText(`${seed}/${name}`) / 2 ** 32;
  return {
    of,
    between: (name, from, to) => from + of(name) * (to - from),
    oneOf: (name, choices) => choices[Math.floor(of(name) * choices.length)] ?? choices[0],
  };
}
