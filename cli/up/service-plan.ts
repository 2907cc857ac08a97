/** A child process to keep alive, as data. It says by `announceReady` when it does its work. */
export interface ServicePlan {
  /** Short: it begins every line the process writes. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment; see `childEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Default 60 s. */
  readonly readyWithinMs?: number;
  /** Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** How long the process may take to end before it is killed. Default 15 s. */
  readonly stopGraceMs?: number;
}

/** Done each time a service had died and is back, and again until it succeeds. Returns what to log, if anything. */
export type AfterRestart = () => Promise<string | undefined>;
