import type { Stage } from './stage.ts';

/** One thing that our client and the paper exchange must agree on. */
export interface Case {
  readonly what: string;
  /** Names of Upbit's errors that it meets. */
  readonly meets?: readonly string[];
  /** Throws what is not as it should be. @returns why it could not be looked at, where it could not */
  readonly run: (stage: Stage) => Promise<Absence | undefined>;
}

/** What a case needs is not on this machine. */
export interface Absence {
  readonly absent: string;
}

/** Cases that share one exchange, one after the other. */
export interface Suite {
  readonly area: string;
  readonly open: () => Promise<Stage>;
  readonly cases: readonly Case[];
}

/** A case that is always looked at. */
export function agree(what: string, run: (stage: Stage) => Promise<void>): Case {
  return {
    what,
    async run(stage) {
      await run(stage);
      return undefined;
    },
  };
}
