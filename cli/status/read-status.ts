import type { CommandContext } from '../context.ts';
import { readRunningInstance } from '../up/instance-file.ts';
import { botFacts } from './bot.ts';
import type { StatusFacts } from './facts.ts';
import { partFacts } from './parts.ts';
import { readExchangeClock, readTemporal } from './read-servers.ts';
import { NOTHING_STORED, readStored } from './read-stored.ts';

/**
 * Reads everything the screen shows. What does not answer becomes one of the `faults` and leaves the rest readable.
 *
 * @throws {UserError} when the database is there and not of this version, or another command holds the data directory
 */
export async function readStatus(context: CommandContext): Promise<StatusFacts> {
  const now = new Date();
  const instance = readRunningInstance(context.dataDir);
  const facts: StatusFacts = {
    read_at: now,
    data_dir: context.dataDir,
    instance: instance === null ? null : botFacts(instance, now),
    market_time: null,
    parts: instance === null ? [] : partFacts(instance, now),
    ...{ schedules: null, failed_runs: [], faults: [] },
    ...NOTHING_STORED,
  };
  // While it starts or stops its servers come and go: asking them would tell of faults that are none.
  if (instance !== null && instance.state !== 'ready') return facts;
  const [temporal, exchange] = await Promise.all([readTemporal(context, instance), readExchangeClock(instance)]);
  const stored = await readStored(context, instance, exchange.clock);
  return {
    ...facts,
    ...stored.facts,
    market_time: exchange.clock,
    schedules: temporal.schedules,
    failed_runs: temporal.failedRuns,
    faults: [...stored.faults, ...temporal.faults, ...exchange.faults],
  };
}
