import type { DataBinding } from './data-binding.ts';
import type { EndReason } from './end-signals.ts';
import type { InstanceDetails } from './instance-file.ts';
import type { PortNeed } from './ports.ts';
import type { AfterRestart, ServicePlan } from './service-plan.ts';

/** A whole run as data: what to start after what, and what to do at its turning points. */
export interface SupervisorPlan {
  readonly binding: DataBinding;
  readonly ports: readonly PortNeed[];
  readonly steps: readonly Step[];
  readonly instance: InstanceDetails;
  /** Ends the run so long after it is ready. */
  readonly forMs?: number;
  readonly onReady?: () => void | Promise<void>;
  /** When a run that was ready begins to end: everything still works. */
  readonly onClosing?: () => Promise<void>;
  /** When the workers have ended in order and the servers are still up: the place for a summary. */
  readonly onEnd?: (end: RunEnd) => Promise<void>;
}

export type Step = ServiceStep | TaskStep;

/** A process kept alive for the whole run. Workers are stopped before servers. */
export interface ServiceStep {
  readonly kind: 'server' | 'worker';
  readonly service: ServicePlan;
  /** Names of steps. */
  readonly dependsOn: readonly string[];
  /** What must be seen to when it had died and is back. */
  readonly afterRestart?: AfterRestart;
}

/** Something done once, such as migrating the database. */
export interface TaskStep {
  readonly kind: 'task';
  readonly name: string;
  /** Told to give up by `signal` when the start is ended. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly dependsOn: readonly string[];
}

export interface RunEnd {
  readonly reason: EndReason;
  /** How often each service had to be started again. */
  readonly restarts: Readonly<Record<string, number>>;
}

export function nameOf(step: Step): string {
  return step.kind === 'task' ? step.name : step.service.name;
}
