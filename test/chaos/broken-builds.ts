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
