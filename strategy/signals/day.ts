import type { Strategy } from '../strategy.ts';
import { trend } from './trend.ts';

/** Votes as trend does. A voter of its own, because the reference weighs it apart. */
export const day = { ...trend, name: 'day' } as const satisfies Strategy;
