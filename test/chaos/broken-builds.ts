import type { Judgement } from './judge.ts';

/** Deliberate faults, by the name that `--break` takes. Each must make the run fail. */
export const BROKEN_BUILDS = [
  'record-after-post',
  'random-identifier',
  'believe-404',
  'reject-on-429',
  'fills-by-time',
  'halt-by-flag',
] as const;

export type BrokenBuild = (typeof BROKEN_BUILDS)[number];

/** What each is found out by. Anything else may be wrong for another reason, such as a machine that is too slow. */
const FOUND_BY: Readonly<Record<BrokenBuild, keyof Judgement>> = {
  'record-after-post': 'lost_orders',
  'random-identifier': 'lost_orders',
  'believe-404': 'lost_orders',
  'reject-on-429': 'lost_orders',
  'fills-by-time': 'lost_fills',
  'halt-by-flag': 'created_after_halt',
};

/** How a broken build was found out. */
export interface FoundOut {
  readonly figure: keyof Judgement;
  /** Undefined when it was not. */
  readonly finding: string | undefined;
}

export function foundOut(build: BrokenBuild, judgement: Judgement): FoundOut {
  const figure = FOUND_BY[build];
  return { figure, finding: judgement[figure][0] };
}
