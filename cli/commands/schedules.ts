import type { Client } from '@temporalio/client';
import { accountToTrade } from '../../config/account.ts';
import { type Market, parseMarket } from '../../config/market.ts';
import type { Settings } from '../../config/settings.ts';
import { UserError } from '../../config/user-error.ts';
import { applySchedules } from '../../schedules/apply.ts';
import { listSchedules, type ScheduleState, scheduledAccounts } from '../../schedules/operate.ts';
import { type CommandContext, type CommonOptions, commandContext, readyInstance } from '../context.ts';
import { DESCRIBED_BY, describedBot } from '../described-bot.ts';
import { renderJson, renderTable } from '../output.ts';
import { withTemporal } from '../temporal-session.ts';
import type { InstanceDetails } from '../up/instance-file.ts';
import { optimizeAt } from '../up/optimize-at.ts';

export interface SchedulesOptions extends CommonOptions {
  readonly market?: Market;
  readonly limit: number;
}

/** Lists the schedules with state, last and next run. */
export async function schedules(options: SchedulesOptions): Promise<void> {
  const context = commandContext(options);
  const states = await withTemporal(context, ({ client }) => listSchedules(client));
  const shown = states.filter((state) => options.market === undefined || state.market === options.market);
  const page = shown.slice(0, options.limit);
  context.output.result(options.json ? renderJson(page) : scheduleTable(page));
}

export function scheduleTable(states: readonly ScheduleState[]): string {
  if (states.length === 0) return 'no schedules; npm start makes them, or: npx durabit schedules apply';
  const rows = states.map((state) => ({
    ...state,
    state: state.paused ? 'paused' : 'active',
    note: state.note ?? '',
  }));
  const triggered = rows.some((row) => row.last_triggered_at) ? ([['last_triggered_at', 'TRIGGERED']] as const) : [];
  return renderTable(rows, [
    ['schedule_id', 'SCHEDULE'],
    ['state', 'STATE'],
    ['every', 'EVERY'],
    ['last_run_at', 'LAST RUN'],
    ...triggered,
    ['next_run_at', 'NEXT RUN'],
    ['skipped', 'SKIPPED'],
    ['note', 'NOTE'],
  ]);
}

/** Creates or updates the schedules of the bot's markets; what an operator paused stays paused. */
export async function schedulesApply(options: CommonOptions): Promise<void> {
  const context = commandContext(options);
  const bot = botToSchedule(context);
  const { TRADE_TIMEFRAME: timeframe } = context.settings;
  const applied = await withTemporal(context, async ({ client }) => {
    await requireSameAccount(client, bot.account);
    const { candleIntervalMs: intervalMs, account } = bot;
    const markets = bot.markets.map(parseMarket);
    const inputs = { markets, timeframe, intervalMs, account: account ?? undefined };
    return applySchedules(client, { ...inputs, optimizeAt: await optimizeAt(bot) });
  });
  context.output.result(
    options.json
      ? renderJson(applied.map(({ scheduleId, ...rest }) => ({ schedule_id: scheduleId, ...rest })))
      : applied.map((one) => `${one.change} ${one.scheduleId}${one.paused ? ' (stays paused)' : ''}`).join('\n'),
  );
}

/**
 * The bot whose schedules are meant: the running one, else the one the settings describe.
 *
 * @throws {UserError} where it is not known what it collects, how fast, and who trades: schedules are not made of guesses
 */
function botToSchedule(context: CommandContext): InstanceDetails {
  const { settings, dataDir } = context;
  const instance = readyInstance(context);
  if (instance !== null) {
    requireItsTemporal(settings, instance);
    noteOtherMarkets(context, instance);
    return instance;
  }
  const described = describedBot(settings, accountToTrade);
  const missing = [...DESCRIBED_BY, 'MARKETS' as const].filter((name) => settings[name] === undefined);
  if (described !== null && missing.length === 0) return described;
  throw new UserError(
    `no durabit is running on data directory ${dataDir}, so that it is not known what is collected, how fast, and who ` +
      `trades. Start it with npm start, which applies the schedules; of a bot whose processes are kept elsewhere give ` +
      `the settings it has (not set here: ${missing.join(', ')})`,
    2,
  );
}

function requireItsTemporal(settings: Settings, bot: InstanceDetails): void {
  const { TEMPORAL_ADDRESS: address = bot.temporalAddress, TEMPORAL_NAMESPACE: namespace = bot.temporalNamespace } =
    settings;
  if (address === bot.temporalAddress && namespace === bot.temporalNamespace) return;
  throw new UserError(
    `the running bot has its schedules on Temporal at ${bot.temporalAddress} (namespace ${bot.temporalNamespace}), and ` +
      `TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE name ${address} (namespace ${namespace}); leave them as it was started with`,
    2,
  );
}

function noteOtherMarkets({ settings, output }: CommandContext, bot: InstanceDetails): void {
  const { MARKETS: wanted } = settings;
  if (wanted === undefined || [...wanted].sort().join() === [...bot.markets].sort().join()) return;
  output.note(`the running bot keeps its markets (${bot.markets.join(', ')}); its next start takes those of MARKETS`);
}

/** A start changes who trades; here it would be a setting forgotten, and schedules deleted or another account traded. */
async function requireSameAccount(client: Client, account: string | null): Promise<void> {
  const others = (await scheduledAccounts(client)).filter((name) => name !== account);
  if (others.length === 0) return;
  throw new UserError(
    `the schedules trade account ${others.join(', ')}, and by the settings here it is ${account ?? 'none'}: nothing was ` +
      'changed. Give TRADING_MODE, UPBIT_… and the data directory as the bot was started with them',
  );
}
