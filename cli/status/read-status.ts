import type { CommandContext } from '../context.ts';
import { describedBot } from '../described-bot.ts';
import { readRunningInstance } from '../up/instance-file.ts';
import { botFacts, describedBotFacts } from './bot.ts';
import type { StatusFacts } from './facts.ts';
import { partFacts } from './parts.ts';
import { pausedSince } from './pauses.ts';
import { NOTHING_OF_TEMPORAL, readExchangeClock, readTemporal } from './read-servers.ts';
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
    ...{ ...NOTHING_OF_TEMPORAL, faults: [] },
    ...NOTHING_STORED,
  };
  // While it starts or stops its servers come and go: asking them would tell of faults that are none.
  if (instance !== null && instance.state !== 'ready') return facts;
  const described = instance === null ? describedBot(context.settings) : null;
  const [temporal, exchange] = await Promise.all([
    readTemporal(context, {
      supervised: instance !== null,
      described: described !== null,
      exchangeUrl: (instance ?? described)?.exchangeUrl,
    }),
    readExchangeClock(instance ?? described),
  ]);
  const paused = pausedSince(temporal.facts.schedules ?? []);
  const stored = await readStored(context, instance, { clock: exchange.clock, pausedSince: paused });
  // Whether it is to trade is the settings' to say; which account that is, the ledger knows without its key.
  const account = context.settings.TRADING_MODE === undefined ? null : stored.facts.account;
  return {
    ...facts,
    ...stored.facts,
    // Where nothing runs nobody listens, whatever was said last.
    streams: instance === null && described === null ? [] : stored.facts.streams,
    ...temporal.facts,
    instance: described === null ? facts.instance : describedBotFacts(described, account),
    market_time: exchange.clock,
    faults: [...stored.faults, ...temporal.faults, ...exchange.faults],
  };
}
