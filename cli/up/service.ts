import { setTimeout as pause } from 'node:timers/promises';
import { UserError } from '../../config/user-error.ts';
import { nextBackOff } from './back-off.ts';
import { keepCondition, type PartCondition } from './part-condition.ts';
import { type ServiceLog, SUPERVISOR } from './service-log.ts';
import type { AfterRestart, ServicePlan } from './service-plan.ts';
import { type ServiceProcess, type StartFailure, startProcess } from './service-process.ts';

export interface Service {
  readonly name: string;
  /** Resolves when it does its work for the first time; from then on it is restarted whenever it dies. */
  start(): Promise<void>;
  stop(): Promise<void>;
  restarts(): number;
  condition(): PartCondition;
}

/** An ephemeral port taken in the very moment, memory a killed server's processes still hold: both pass by themselves. */
const START_ATTEMPTS = 3;

export interface ServiceContext {
  readonly dataDir: string;
  readonly log: ServiceLog;
  /** Told after every change of a service's condition; must not throw. */
  readonly onChange?: () => void;
}

/** Keeps one child process alive. Its lines go to `log`, its pid to the data directory's `pids/`. */
export function createService(
  plan: ServicePlan,
  context: ServiceContext,
  afterRestart: AfterRestart = async () => undefined,
): Service {
  const { dataDir, log } = context;
  const stopped = new AbortController();
  let current: ServiceProcess | undefined;
  let supervision: Promise<void> = Promise.resolve();
  const condition = keepCondition(plan.name, context.onChange ?? (() => undefined));

  async function attempt(): Promise<StartFailure | null> {
    current = startProcess(plan, dataDir, log);
    const outcome = await current.outcome;
    if (outcome === 'ready') return null;
    await kill(current);
    return outcome;
  }

  async function kill(run: ServiceProcess): Promise<void> {
    run.child.kill(plan.stopSignal ?? 'SIGTERM');
    const graceMs = plan.stopGraceMs ?? 15_000;
    const inTime = await Promise.race([run.ended.then(() => true), pause(graceMs, false, { ref: false })]);
    if (inTime) return;
    log(SUPERVISOR, `${plan.name} did not stop within ${graceMs / 1000} s; killing it`);
    run.child.kill('SIGKILL');
    await run.ended;
  }

  async function waitUnlessStopped(ms: number): Promise<void> {
    // Only `stop` rejects this wait, and the callers look at `stopped` next.
    await pause(ms, undefined, { signal: stopped.signal }).catch(() => undefined);
  }

  async function start(): Promise<void> {
    condition.enter('starting');
    for (let attempts = 1, waitMs = 0; ; attempts++) {
      const failure = stopped.signal.aborted ? null : await attempt();
      if (stopped.signal.aborted) throw new UserError(`${plan.name} was stopped before it was ready`);
      if (failure === null) break;
      if (failure.mendable) throw new UserError(failure.reason);
      if (attempts === START_ATTEMPTS) throw new UserError(`${plan.name} did not start: ${failure.reason}`);
      waitMs = nextBackOff(waitMs, 0);
      await waitUnlessStopped(waitMs);
    }
    condition.enter('up');
    supervision = supervise();
    supervision.catch((error: unknown) => log(SUPERVISOR, `${plan.name} is no longer watched: ${error}`));
  }

  async function supervise(): Promise<void> {
    for (let waitMs = 0; !stopped.signal.aborted; ) {
      const readyAt = performance.now();
      const how = await current?.ended;
      if (stopped.signal.aborted) return;
      let failure: StartFailure | null = { reason: how ?? 'gone', mendable: false };
      for (let healthyMs = performance.now() - readyAt; failure !== null; healthyMs = 0) {
        waitMs = nextBackOff(waitMs, healthyMs);
        condition.restart(failure.reason);
        const { restarts } = condition.current();
        log(SUPERVISOR, `${plan.name} ended (${failure.reason}); restart ${restarts} in ${waitMs} ms`);
        await waitUnlessStopped(waitMs);
        if (stopped.signal.aborted) return;
        failure = await attempt();
        if (stopped.signal.aborted) return;
      }
      condition.enter('up');
      log(SUPERVISOR, `${plan.name} is back`);
      void seeToRestart(current);
    }
  }

  async function seeToRestart(run: ServiceProcess | undefined): Promise<void> {
    for (let waitMs = 0; current === run && !stopped.signal.aborted; await waitUnlessStopped(waitMs)) {
      try {
        const done = await afterRestart();
        if (done !== undefined) log(SUPERVISOR, done);
        return;
      } catch (error) {
        waitMs = nextBackOff(waitMs, 0);
        const why = error instanceof Error ? error.message : String(error);
        log(SUPERVISOR, `${plan.name} is back, but ${why}; trying again in ${waitMs} ms`);
      }
    }
  }

  async function stop(): Promise<void> {
    stopped.abort();
    if (current !== undefined) await kill(current);
    await supervision;
    condition.enter('stopped');
  }

  return { name: plan.name, start, stop, restarts: () => condition.current().restarts, condition: condition.current };
}
