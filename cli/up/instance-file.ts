import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readJsonFile, writeJsonFile } from '../../process/json-file.ts';
import { identifyProcess, isAlive, type ProcessIdentity } from '../../process/process-identity.ts';
import type { PartCondition } from './part-condition.ts';
import { recordedProcesses } from './pid-files.ts';

/** What the other commands need to know of a running instance. Holds a password: readable by its owner only. */
export interface InstanceDetails {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly temporalUiUrl: string | null;
  readonly exchangeUrl: string;
  /** The account traded, as the ledger names it; null where candles are only collected. */
  readonly account: string | null;
  readonly paperControlUrl: string | null;
  readonly dashboardUrl: string | null;
  readonly feed: string;
  readonly markets: readonly string[];
  readonly candleIntervalMs: number;
  readonly speed: number;
}

export type InstanceState = 'setting-up' | 'ready' | 'stopping';

export interface RunningInstance extends InstanceDetails {
  readonly state: InstanceState;
  readonly startedAt: string;
  readonly supervisor: ProcessIdentity;
  /** The services it keeps alive, in the order of its plan. */
  readonly parts: readonly PartCondition[];
  /** Every process of the instance by its name, as of the moment of reading: a restarted one has another pid. */
  readonly pids: Readonly<Record<string, number>>;
}

/** `parts` is not there in a file of a version before it was told. */
type InstanceFile = Omit<RunningInstance, 'pids' | 'parts'> & Partial<Pick<RunningInstance, 'parts'>>;

/** Tells the other commands how to reach this process's instance; called again when it or one of its parts changes. */
export function writeInstance(
  dataDir: string,
  details: InstanceDetails,
  state: RunningInstance['state'],
  startedAt: Date,
  parts: readonly PartCondition[] = [],
): void {
  const supervisor = identifyProcess(process.pid);
  if (supervisor === null) throw new Error(`cannot tell when process ${process.pid} started`);
  const file: InstanceFile = { ...details, state, startedAt: startedAt.toISOString(), supervisor, parts };
  writeJsonFile(fileOf(dataDir), file);
}

export function removeInstance(dataDir: string): void {
  rmSync(fileOf(dataDir), { force: true });
}

/** The instance that runs on this data directory, or `null`: a file whose supervisor is gone does not count. */
export function readRunningInstance(dataDir: string): RunningInstance | null {
  const path = resolve(dataDir);
  const file = readJsonFile(
    fileOf(path),
    isInstance,
    'run as the user who started durabit, or stop it and remove the file',
  );
  if (file === null || !isAlive(file.supervisor)) return null;
  const pids = Object.fromEntries(recordedProcesses(path).map(({ name, pid }) => [name, pid]));
  return { ...file, parts: file.parts ?? [], pids };
}

function fileOf(dataDir: string): string {
  return join(dataDir, 'instance.json');
}

function isInstance(value: unknown): value is InstanceFile {
  const file = value as Partial<InstanceFile> | null;
  return (
    typeof file === 'object' &&
    typeof file?.supervisor?.pid === 'number' &&
    typeof file.supervisor.startTime === 'string' &&
    ['setting-up', 'ready', 'stopping'].includes(file.state ?? '') &&
    typeof file.databaseUrl === 'string'
  );
}
