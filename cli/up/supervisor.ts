import { signalProcess } from '../../process/process-identity.ts';
import { checkBinding, saveBinding } from './data-binding.ts';
import { openDataDirectory } from './data-directory.ts';
import { type EndReason, type EndSignals, listenForEnd } from './end-signals.ts';
import { type InstanceState, removeInstance, writeInstance } from './instance-file.ts';
import { endLeftovers, recordedProcesses } from './pid-files.ts';
import { checkPorts } from './ports.ts';
import { createServiceLog, type ServiceLog, SUPERVISOR } from './service-log.ts';
import { createServiceSet } from './service-set.ts';
import { startInOrder } from './step-graph.ts';
import { nameOf, type SupervisorPlan } from './supervisor-plan.ts';

export interface RunResult {
  readonly reason: EndReason;
  /** False when the run was ended before everything was up. */
  readonly wasReady: boolean;
  readonly restarts: Readonly<Record<string, number>>;
}

/** Thrown inside a start that the user has ended; never leaves this file. */
class StartEnded extends Error {}

/**
 * Runs a whole plan: starts it, keeps it alive, stops it in order. Whatever way this function is left, nothing that it
 * has started is left running.
 *
 * @param where.command as another process is told who has the data directory: `durabit up`.
 * @param planFor makes the plan once the directory is ours; told its absolute path.
 * @param stream where the log goes.
 * @throws what made the start or a hook fail, after everything has been stopped.
 */
export async function runSupervisor(
  where: { readonly command: string; readonly dataDir: string },
  planFor: (dataDir: string) => SupervisorPlan | Promise<SupervisorPlan>,
  stream: NodeJS.WritableStream = process.stderr,
): Promise<RunResult> {
  const directory = await openDataDirectory(where.dataDir, { command: where.command });
  const endings = listenForEnd(() => killEverything(directory.path));
  try {
    const plan = await planFor(directory.path);
    const log = createServiceLog(plan.steps.map(nameOf), stream);
    return await run(plan, { dataDir: directory.path, log, endings });
  } finally {
    removeInstance(directory.path);
    directory.release();
    endings.dispose();
  }
}

interface Surroundings {
  readonly dataDir: string;
  readonly log: ServiceLog;
  readonly endings: EndSignals;
}

async function run(plan: SupervisorPlan, { dataDir, log, endings }: Surroundings): Promise<RunResult> {
  const say = (line: string): void => log(SUPERVISOR, line);
  const starting = new AbortController();
  const startedAt = new Date();
  let state: InstanceState | undefined;
  const services = createServiceSet(plan.steps, { dataDir, log, onChange: publishChange });
  try {
    const wasReady = await start();
    const reason = await endings.ended;
    say(`stopping (${REASONS[reason]})`);
    if (wasReady) publish('stopping');
    if (wasReady) await plan.onClosing?.();
    await services.stop('worker');
    if (wasReady) await plan.onEnd?.({ reason, restarts: services.restarts() });
    return { reason, wasReady, restarts: services.restarts() };
  } finally {
    const began = performance.now();
    starting.abort();
    await services.stopAll();
    // From here on nothing may bring back the file that the caller removes.
    state = undefined;
    await endLeftovers(dataDir);
    say(`stopped in ${seconds(began)}`);
  }

  function publish(next: InstanceState): void {
    state = next;
    writeInstance(dataDir, plan.instance, next, startedAt, services.conditions());
  }

  /** A part that cannot be told of, as on a full disk, must be kept alive all the same. */
  function publishChange(): void {
    if (state === undefined) return;
    try {
      publish(state);
    } catch (error) {
      say(`cannot tell the other commands how the parts are doing: ${(error as Error).message}`);
    }
  }

  async function start(): Promise<boolean> {
    const began = performance.now();
    checkBinding(dataDir, plan.binding);
    publish('setting-up');
    for (const name of await endLeftovers(dataDir)) say(`ended ${name}, left behind by an earlier run`);
    await checkPorts(plan.ports);
    try {
      await untilEnded(endings, startSteps());
      // Not before: a first start that fails on a faulty file must not tie the directory to that file.
      saveBinding(dataDir, plan.binding);
      publish('ready');
      await untilEnded(endings, Promise.resolve(plan.onReady?.()));
    } catch (error) {
      if (error instanceof StartEnded) return false;
      throw error;
    }
    say(`ready after ${seconds(began)}`);
    if (plan.forMs !== undefined) endings.endAfter(plan.forMs);
    return true;
  }

  function startSteps(): Promise<void> {
    const nodes = plan.steps.map((step) => ({ name: nameOf(step), dependsOn: step.dependsOn, step }));
    return startInOrder(nodes, async ({ name, step }) => {
      const began = performance.now();
      if (endings.reason() !== undefined) throw new StartEnded();
      await (step.kind === 'task' ? step.run(starting.signal) : services.start(name));
      say(`${name} ${step.kind === 'task' ? 'done' : 'up'} after ${seconds(began)}`);
    });
  }
}

const REASONS: Readonly<Record<EndReason, string>> = {
  signal: 'Ctrl-C again ends at once',
  elapsed: 'its time is over',
  'parent-gone': 'whoever started it is gone',
};

/** A start can be ended at any moment; what is still under way is stopped by the caller. */
async function untilEnded(endings: EndSignals, work: Promise<void>): Promise<void> {
  await Promise.race([
    work,
    endings.ended.then(() => {
      throw new StartEnded();
    }),
  ]);
}

/** The second Ctrl-C. Every server survives SIGKILL without loss, so nothing is asked any more. */
function killEverything(dataDir: string): never {
  for (const recorded of recordedProcesses(dataDir)) signalProcess(recorded, 'SIGKILL');
  removeInstance(dataDir);
  process.exit(130);
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
