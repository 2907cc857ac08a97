import { asyncLocalStorage } from '@temporalio/activity';
import { ActivityFailure, RetryState, type TimeoutFailure, TimeoutType } from '@temporalio/common';
import type { ActivityOptions } from '@temporalio/workflow';
import { asFailure, attemptContext, isFinal, pauseBefore, said, timedOut } from './attempts.ts';
import type { Rates } from './faults.ts';
import { type Host, inHost } from './host.ts';
import { type RunOfWorkflow, runs } from './workflow-stand-in.ts';
import type { World } from './world.ts';

/** A process that serves the task queue. */
export interface Worker {
  readonly host: Host;
  readonly activities: Readonly<Record<string, (input: unknown) => Promise<unknown>>>;
}

interface Run {
  readonly id: string;
  alive: boolean;
}

interface Task {
  readonly run: Run;
  readonly activity: string;
  readonly input: unknown;
  readonly options: ActivityOptions;
  readonly scheduledAt: number;
  attempt: Attempt | undefined;
  attempts: number;
  over: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Attempt {
  readonly host: Host;
  readonly startedAt: number;
  readonly cancel: () => void;
}

const REPORT_FAULTS: Rates<string> = {
  'the word that the activity has ended is lost': 0.003,
  'the process dies with the activity just ended': 0.002,
};

/** Signs of life of a worker (workers/heartbeats.ts). */
const HEARTBEAT_MS = 1_000;
/** A worker that takes over a workflow from a dead one waits for its task to time out (workflows/policies.ts). */
const TAKE_OVER_MS = 3_000;

/** Temporal as far as the bot can tell: runs, activities tried again as their policies say, time-outs, lost workers. */
export class TemporalServer {
  readonly #world: World;
  readonly #running = new Map<string, Run>();
  #worker: Worker | undefined;
  #tasks = new Set<Task>();
  readonly #forWorker: (() => void)[] = [];
  #died = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** Runs still going on. */
  get busy(): boolean {
    return this.#running.size > 0;
  }

  serve(worker: Worker): void {
    this.#worker = worker;
    const { time } = this.#world;
    const waiting = this.#forWorker.splice(0);
    time.after(this.#died ? TAKE_OVER_MS : 5, () => {
      for (const go of waiting) go();
    });
    this.#died = false;
  }

  /** Starts a run unless the one before it still goes on. */
  start<I>(id: string, serial: number, workflow: (input: I) => Promise<unknown>, input: I): void {
    if (this.#running.has(id)) {
      this.#world.story.trace(`${id} skipped: still running`);
      return;
    }
    const run: Run = { id: `${id}@${serial}`, alive: true };
    this.#running.set(id, run);
    const handle: RunOfWorkflow = {
      activity: (name, given, options) => this.#schedule(run, name, given, options),
      tell: (line) => this.#world.story.tell(`${run.id}: ${line}`),
    };
    const ended = (line: string) => {
      if (run.alive) this.#running.delete(id);
      this.#world.story.tell(`${run.id}: ${line}`);
    };
    this.#onWorker(() => {
      if (!run.alive) return;
      runs
        .run(handle, () => workflow(input))
        .then(
          (result) => ended(JSON.stringify(result)),
          (error: unknown) => ended(`failed: ${said(error)}`),
        );
    });
  }

  /** Forgets every run, as when its database is lost. Workers find out when they next say that they live. */
  wipe(): void {
    for (const run of this.#running.values()) run.alive = false;
    this.#running.clear();
    for (const task of this.#tasks) this.#abandon(task);
    this.#tasks.clear();
  }

  died(host: Host): void {
    if (this.#worker?.host !== host) return;
    this.#worker = undefined;
    this.#died = true;
    for (const task of this.#tasks) if (task.attempt?.host === host) this.#unheard(task, this.#world.time.now);
  }

  standsStill(host: Host): void {
    for (const task of this.#tasks) if (task.attempt?.host === host) this.#unheard(task, this.#world.time.now);
  }

  /** Runs it on the worker: now, or once there is one. */
  #onWorker(go: () => void): void {
    const { time } = this.#world;
    time.after(1, () => {
      if (this.#worker === undefined) this.#forWorker.push(go);
      else go();
    });
  }

  #schedule(run: Run, activity: string, input: unknown, options: ActivityOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { time } = this.#world;
      const task: Task = {
        ...{ run, activity, input, options, resolve, reject },
        ...{ scheduledAt: time.now, attempt: undefined, attempts: 0, over: false },
      };
      this.#tasks.add(task);
      time.after(Number(options.scheduleToCloseTimeout), () => {
        if (!task.over)
          this.#fail(task, timedOut('schedule to close', TimeoutType.SCHEDULE_TO_CLOSE), RetryState.TIMEOUT);
      });
      this.#handOut(task);
    });
  }

  #handOut(task: Task): void {
    const { time, chance } = this.#world;
    time.after(chance.between(`${nameOf(task)} handed out`, 1, 6), () => {
      if (task.over) return;
      if (this.#worker === undefined) this.#forWorker.push(() => this.#handOut(task));
      else this.#begin(task, this.#worker);
    });
  }

  #begin(task: Task, { host, activities }: Worker): void {
    const { time, faults, story } = this.#world;
    task.attempts += 1;
    const name = nameOf(task);
    const { context, cancel } = attemptContext();
    const attempt: Attempt = { host, startedAt: time.now, cancel };
    task.attempt = attempt;
    story.trace(`${name} begins`);
    time.after(Number(task.options.startToCloseTimeout), () => {
      this.#lose(task, attempt, timedOut('start to close', TimeoutType.START_TO_CLOSE));
    });
    const report = (tell: () => void, what: string) => {
      if (!host.alive) return;
      story.trace(`${name} ${what}`);
      const fault = host.faulty ? faults.strike(`${name} ends`, REPORT_FAULTS) : undefined;
      if (fault === 'the process dies with the activity just ended') return this.#world.kill(host);
      if (fault !== undefined) return;
      time.after(1, () => {
        if (!task.over && task.attempt === attempt) tell();
      });
    };
    const run = activities[task.activity];
    if (run === undefined) throw new Error(`no activity ${task.activity}`);
    inHost(host, name, () => asyncLocalStorage.run(context, () => run(task.input))).then(
      (value) => report(() => this.#succeed(task, value), `gives ${JSON.stringify(value)}`),
      (error: unknown) => report(() => this.#again(task, error), `fails: ${said(error)}`),
    );
  }

  /** Its worker says nothing any more: the attempt counts as lost once the heartbeat time-out has passed. */
  #unheard(task: Task, since: number): void {
    const { attempt, options } = task;
    if (attempt === undefined || options.heartbeatTimeout === undefined) return;
    const { time } = this.#world;
    const beats = Math.floor((since - attempt.startedAt) / HEARTBEAT_MS);
    const lostAt = attempt.startedAt + beats * HEARTBEAT_MS + Number(options.heartbeatTimeout);
    time.after(lostAt - time.now, () => {
      const silent = !attempt.host.alive || attempt.host.standsUntil > time.now;
      if (silent) this.#lose(task, attempt, timedOut('heartbeat', TimeoutType.HEARTBEAT));
    });
  }

  #lose(task: Task, attempt: Attempt, why: TimeoutFailure): void {
    if (task.over || task.attempt !== attempt) return;
    this.#tellCancelled(nameOf(task), attempt);
    this.#again(task, why);
  }

  /** The next sign of life of a worker is answered that the attempt is not wanted any more; that answer may be lost. */
  #tellCancelled(name: string, attempt: Attempt): void {
    const { time, chance } = this.#world;
    if (chance.of(`${name} never hears`) < 0.2) return;
    time.after(chance.between(`${name} hears`, 0, HEARTBEAT_MS), attempt.cancel, attempt.host);
  }

  #again(task: Task, error: unknown): void {
    const { time, story } = this.#world;
    const retry = task.options.retry ?? {};
    const pause = pauseBefore(task.attempts, retry, error);
    task.attempt = undefined;
    const tooLate = time.now + pause >= task.scheduledAt + Number(task.options.scheduleToCloseTimeout);
    if (isFinal(error, retry)) this.#fail(task, error, RetryState.NON_RETRYABLE_FAILURE);
    else if (tooLate) this.#fail(task, error, RetryState.TIMEOUT);
    else {
      story.tell(`${nameOf(task)} failed (${said(error)}), again in ${Math.round(pause)} ms`);
      time.after(pause, () => this.#handOut(task));
    }
  }

  #succeed(task: Task, value: unknown): void {
    this.#end(task, () => task.resolve(value));
  }

  #fail(task: Task, cause: unknown, state: RetryState): void {
    if (task.attempt !== undefined) this.#tellCancelled(nameOf(task), task.attempt);
    const failure = new ActivityFailure(
      'Activity task failed',
      task.activity,
      nameOf(task),
      state,
      undefined,
      asFailure(cause),
    );
    this.#world.story.tell(`${nameOf(task)} given up: ${said(cause)}`);
    this.#end(task, () => task.reject(failure));
  }

  #end(task: Task, told: () => void): void {
    task.over = true;
    this.#tasks.delete(task);
    this.#onWorker(() => {
      if (task.run.alive) told();
    });
  }

  #abandon(task: Task): void {
    task.over = true;
    if (task.attempt !== undefined) this.#tellCancelled(nameOf(task), task.attempt);
  }
}

function nameOf({ run, activity, attempts }: Task): string {
  return `${run.id} ${activity}#${attempts}`;
}
