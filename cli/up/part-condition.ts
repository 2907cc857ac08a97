/** How one part of a running bot is doing, as the supervisor tells the other commands. */
export interface PartCondition {
  readonly name: string;
  /** `down`: it ended by itself and is being started again. `stopped`: it was told to end. */
  readonly state: 'waiting' | 'starting' | 'up' | 'down' | 'stopped';
  /** Since when it is in this state; wall time, ISO 8601. */
  readonly since: string;
  /** How often it had to be started again since the bot was started. */
  readonly restarts: number;
  /** When the newest of these restarts were begun, oldest first; wall time, ISO 8601. */
  readonly recentRestarts: readonly string[];
  /** How it ended the last time, in words; null when it never ended by itself. */
  readonly lastEnd: string | null;
}

/** Enough to tell a part that restarts again and again from one that was killed once. */
const REMEMBERED_RESTARTS = 5;

export interface ConditionKeeper {
  current(): PartCondition;
  enter(state: PartCondition['state']): void;
  /** It ended by itself, or a restart of it failed: another one is due. */
  restart(how: string): void;
}

/** Keeps the condition of one part and calls `changed` after every change. */
export function keepCondition(name: string, changed: () => void, now = () => new Date()): ConditionKeeper {
  const time = (): string => now().toISOString();
  let condition: PartCondition = {
    ...{ name, state: 'waiting', since: time(), restarts: 0, recentRestarts: [], lastEnd: null },
  };
  function change(changes: Partial<PartCondition>): void {
    condition = { ...condition, ...changes };
    changed();
  }
  return {
    current: () => condition,
    enter(state) {
      if (state !== condition.state) change({ state, since: time() });
    },
    restart(how) {
      const at = time();
      change({
        state: 'down',
        // A restart that fails leaves it down for as long as it is.
        since: condition.state === 'down' ? condition.since : at,
        restarts: condition.restarts + 1,
        recentRestarts: [...condition.recentRestarts, at].slice(-REMEMBERED_RESTARTS),
        // Its last lines may follow; they are in the log.
        lastEnd: how.split('\n', 1)[0] ?? how,
      });
    },
  };
}
