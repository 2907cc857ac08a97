import { randomInt } from 'node:crypto';
import { userInfo } from 'node:os';
import { sql } from 'kysely';
import { UserError } from '../../config/user-error.ts';
import { ensureBotId } from '../../db/bot-settings.ts';
import { type Db, isConnectionFailure } from '../../db/connect.ts';
import { findUnfinishedOrders, type Order } from '../../db/orders.ts';
import { resumeTrading, type TradingState } from '../../db/trading-state.ts';
import { type CommonOptions, commandContext } from '../context.ts';
import { type HaltOutcome, haltAccount } from '../halt/halt-account.ts';
import { reachExchange } from '../halt/reach-exchange.ts';
import { reachLedger } from '../halt/reach-ledger.ts';
import { type HaltStep, haltReport, haltText, stepText } from '../halt/report.ts';
import { renderJson, wallTime } from '../output.ts';
import type { RunningInstance } from '../up/instance-file.ts';

export interface HaltOptions extends CommonOptions {
  readonly reason?: string;
  /** Milliseconds. */
  readonly timeout: number;
}

export interface UnhaltOptions extends CommonOptions {
  readonly reason?: string;
}

/** PostgreSQL's code for a lock that was not to be had in time. */
const LOCK_NOT_AVAILABLE = '55P03';

/** Stops the bot from ordering, cancels what is open, and proves it; ends with 1 when something is not known. */
export async function halt({ reason = defaultReason('halt'), timeout, ...options }: HaltOptions): Promise<void> {
  const context = commandContext(options);
  const { output } = context;
  const began = performance.now();
  const giveUpAt = began + timeout;
  const steps: HaltStep[] = [];
  const say = (step: string) => {
    const said = { after_ms: Math.round(performance.now() - began), step };
    steps.push(said);
    output.note(stepText(said));
  };
  let halted: TradingState | undefined;
  const onHalted = (state: TradingState) => {
    halted = state;
  };

  let outcome: HaltOutcome;
  try {
    outcome = await reachLedger(
      context,
      giveUpAt,
      (error, instance) =>
        say(`${error.message} ${halted ? 'It stays halted' : `NOT HALTED yet. ${otherwise(instance)}`}`),
      async (db, account) => {
        const botId = await ensureBotId(db, randomInt);
        const reached = reachExchange(context, account);
        return haltAccount({ db, account, botId, reached, reason, giveUpAt, say, onHalted }).catch(async (error) => {
          throw error.code === LOCK_NOT_AVAILABLE ? await nameHolders(db) : error;
        });
      },
    );
  } catch (error) {
    if (!isConnectionFailure(error)) throw error;
    const problem = (error as Error).message;
    if (halted === undefined) throw new UserError(`trading is NOT halted: ${problem} ${otherwise(null)}`);
    const cure =
      'npx durabit halt, when it is back: it stays halted, and what is open has not been looked at to the end';
    outcome = { state: halted, orders: [], notKnown: [{ about: 'postgres', problem, cure }] };
  }
  const report = haltReport(outcome, steps, performance.now() - began);
  output.result(options.json ? renderJson(report) : haltText(report));
  if (!report.proven) process.exitCode = 1;
}

/** What stops orders when the ledger cannot be told. */
function otherwise(instance: RunningInstance | null): string {
  const stop =
    instance === null
      ? 'Ctrl-C where npm start runs'
      : `kill ${instance.supervisor.pid} (or Ctrl-C where npm start runs)`;
  return `While PostgreSQL is away no order begins, because each is committed first; stop the bot for certain with: ${stop}`;
}

/** Ours end by themselves within seconds (`db/connect.ts`), so it is somebody else's. */
async function nameHolders(db: Db): Promise<UserError> {
  const { rows } = await sql<{ pid: number; name: string; seconds: number }>`
    SELECT pid, application_name AS name, extract(epoch FROM clock_timestamp() - xact_start)::int AS seconds
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
    ORDER BY xact_start LIMIT 3`.execute(db);
  const holders = rows.map(({ pid, name, seconds }) => `"${name}" (backend ${pid}, for ${seconds} s)`).join(', ');
  return new UserError(
    `trading is NOT halted: a transaction holds the trading state; open ones: ${holders}. End it ` +
      '(SELECT pg_terminate_backend(…)) and halt again, or stop the bot with Ctrl-C where npm start runs',
  );
}

/** Lets the bot order again, from now on; refuses nothing, and says what is still open. */
export async function unhalt({ reason = defaultReason('unhalt'), ...options }: UnhaltOptions): Promise<void> {
  const context = commandContext(options);
  const { output } = context;
  const patience = performance.now() + UNHALT_PATIENCE_MS;
  const { change, unfinished } = await reachLedger(
    context,
    patience,
    (error) => output.note(error.message),
    async (db, account) => ({
      change: await resumeTrading(db, account, reason),
      unfinished: await findUnfinishedOrders(db, account),
    }),
  );
  const { state, changed } = change;
  const { account, since } = state;
  const open = unfinished.map(({ identifier, market, status }) => ({ identifier, market, status }));
  if (options.json) {
    output.result(renderJson({ account, state: 'active', since, reason: state.reason, changed, unfinished: open }));
    return;
  }
  const said = changed
    ? `Trading is active again: ${state.reason} (account ${account})`
    : `Trading was active already, since ${wallTime(since)}; nothing was changed (account ${account})`;
  output.result([said, ...open.map(stillText)].join('\n'));
}

/** One that was decided before goes out without another decision: its run tries until its deadline. */
function stillText({ identifier, status }: Pick<Order, 'identifier' | 'status'>): string {
  return `still ${status}: ${identifier}${status === 'intended' ? ', which goes out at once while its deadline is ahead' : ''}`;
}

const UNHALT_PATIENCE_MS = 15_000;

function defaultReason(command: string): string {
  return `${userInfo().username} with durabit ${command}`;
}
