import type { TradingMode } from '../../config/trading-mode.ts';
import type { AccountComparison } from '../../db/account-comparisons.ts';
import type { AccountDifference } from '../../db/account-differences.ts';
import type { CandleSummary } from '../../db/candles.ts';
import type { DecisionSummary } from '../../db/decision-summary.ts';
import type { ForeignOrder } from '../../db/foreign-orders.ts';
import type { KeyRefusalRow } from '../../db/key-refusals.ts';
import type { PositionRow } from '../../db/positions.ts';
import type { Promotion } from '../../db/promotions.ts';
import type { StreamReport } from '../../db/stream-reports.ts';
import type { TradingCounts } from '../../db/trading-counts.ts';
import type { TradingState } from '../../db/trading-state.ts';
import type { FailedSearch, FailureCount } from '../../schedules/failures.ts';
import type { ScheduleState } from '../../schedules/operate.ts';
import type { StuckRun } from '../stuck-runs.ts';
import type { InstanceState } from '../up/instance-file.ts';
import type { PartCondition } from '../up/part-condition.ts';
import type { WorkerPolls } from '../worker-polls.ts';

/** Something to know of, with what to do about it. */
export interface Finding {
  /** Whose it is: a market, a part, a schedule. */
  readonly about: string;
  readonly problem: string;
  readonly cure: string;
}

/** Something worth knowing that needs nobody. */
export type Remark = Omit<Finding, 'cure'>;

/**
 * Everything `durabit status` says, read at one moment; names as its JSON has them. What there is not, or what could not
 * be read, is null or empty; why it could not be read is among the `faults`.
 */
export interface StatusFacts {
  /** Wall time. */
  readonly read_at: Date;
  readonly data_dir: string;
  readonly instance: BotFacts | null;
  /** The exchange's clock; null when it did not answer or nothing runs. */
  readonly market_time: Date | null;
  /** What the supervisor of `durabit up` knows of its processes; empty where somebody else keeps them. */
  readonly parts: readonly PartFacts[];
  /** Who works, as Temporal sees it; empty where a supervisor knows more. */
  readonly workers: readonly WorkerPolls[];
  /** Whether there is a database and it could be read: all of the following is from it, schedules and runs apart. */
  readonly stored: boolean;
  /** How the exchange's streams stand, wall times; empty with `FEED_MODE=rest`, and where nothing runs. */
  readonly streams: readonly StreamReport[];
  /** The account traded; null where none is, or where the database holds several and nothing runs. */
  readonly account: string | null;
  readonly trading: Pick<TradingState, 'state' | 'reason'> | null;
  /** What the exchange refuses the account's key for, wall times; empty where it accepts it. */
  readonly key_refusals: readonly KeyRefusalRow[];
  readonly positions: readonly PositionRow[];
  readonly total: TotalFacts | null;
  readonly decisions: readonly DecisionSummary[];
  /** What the strategies vote with in each market traded. */
  readonly weights: readonly WeightsFacts[];
  readonly open_orders: readonly OpenOrderFacts[];
  readonly today: TodayFacts | null;
  readonly last_fill: LastFillFacts | null;
  /** The newest comparison of ledger and exchange. */
  readonly comparison: Pick<AccountComparison, 'compared_at' | 'market_time' | 'outside'> | null;
  /**
   * What the exchange held more or less of since yesterday (wall time) and trading does not explain, newest first;
   * without what came of orders that somebody has classified.
   */
  readonly differences: readonly AccountDifference[];
  /** Orders of others on the account since yesterday (wall time) that nobody has classified. */
  readonly foreign_orders: readonly ForeignOrder[];
  /** Orders under this bot's id, whenever seen, that the ledger lacks or refuses and that nobody has classified. */
  readonly lost_orders: readonly ForeignOrder[];
  readonly candles: readonly CandleSummary[];
  readonly schedules: readonly ScheduleState[] | null;
  readonly failed_runs: readonly FailureCount[];
  readonly failed_searches: readonly FailedSearch[];
  readonly stuck_runs: readonly StuckRun[];
  readonly faults: readonly Finding[];
}

/** The instance that runs, without the passwords of its database and of its exchange's address. */
export interface BotFacts {
  /** Whether its processes are those of `durabit up`; else somebody else keeps them, and the settings describe it. */
  readonly supervised: boolean;
  readonly state: InstanceState;
  /** The supervisor's, like all that is null without one. */
  readonly pid: number | null;
  /** Wall time, ISO 8601. */
  readonly started_at: string | null;
  readonly uptime_seconds: number | null;
  /** Whose money: `collecting` trades none. */
  readonly mode: TradingMode | 'collecting';
  readonly account: string | null;
  readonly feed: string;
  /** Whether its prices are the feed's: not those of an exchange of the user's own. */
  readonly own_exchange: boolean;
  readonly markets: readonly string[];
  readonly speed: number;
  readonly candle_interval_ms: number;
  readonly temporal_ui_url: string | null;
  readonly temporal_address: string;
  readonly temporal_namespace: string;
  readonly exchange_url: string;
  readonly dashboard_url: string | null;
  readonly database: string;
  readonly pids: Readonly<Record<string, number>>;
}

export interface PartFacts extends Record<string, unknown> {
  readonly name: string;
  readonly state: PartCondition['state'];
  /** Wall time, ISO 8601. */
  readonly since: string;
  /** Null unless it is up. */
  readonly uptime_seconds: number | null;
  readonly restarts: number;
  /** When the newest restarts were begun, oldest first; wall time, ISO 8601. */
  readonly recent_restarts: readonly string[];
  readonly last_end: string | null;
}

/** All sub-accounts together; KRW. Null where a market has coins and no price yet. */
export interface TotalFacts {
  readonly free_cash: string;
  readonly reserved_cash: string;
  readonly value: string | null;
  readonly equity: string | null;
  readonly unrealised_profit: string | null;
  readonly realised_profit: string;
  /** What trading began with, later deposits and withdrawals counted in. */
  readonly put_in: string;
  readonly profit: string | null;
  /** Profit as a fraction of what was put in, six decimals. */
  readonly total_return: string | null;
}

export interface WeightsFacts {
  readonly market: string;
  /** Null: the default weights. */
  readonly optimizer_result: string | null;
  /** Null, like `since` and `reason`, where nobody ever chose. */
  readonly chosen_by: Promotion['chosen_by'] | null;
  /** Since when they have been in force without a break; wall time. */
  readonly since: Date | null;
  readonly reason: string | null;
  readonly weights: Readonly<Record<string, string>>;
  readonly threshold: string;
}

export interface OpenOrderFacts {
  readonly market: string;
  readonly identifier: string;
  readonly leg: string;
  readonly side: 'bid' | 'ask';
  readonly price: string;
  readonly quantity: string;
  readonly executed_quantity: string;
  readonly reserved_cash: string;
  readonly reserved_quantity: string;
  readonly status: string;
  readonly status_reason: string | null;
  /** Why the ledger refuses to book it as the exchange shows it; null where it does not. */
  readonly refused: string | null;
  /** Whether the exchange showed it before the ledger had it, which is an older copy that was put back. */
  readonly seen_before: boolean;
  /** Wall time. */
  readonly created_at: Date;
  readonly age_seconds: number;
  /** Market time. */
  readonly deadline: Date;
}

/** What was done about the candles that closed on the present day of the market, Korean time. */
export interface TodayFacts extends TradingCounts {
  /** The day's midnight in Korea, market time. */
  readonly since: Date;
}

export interface LastFillFacts {
  readonly market: string;
  readonly identifier: string;
  readonly side: 'bid' | 'ask';
  /** Market time. */
  readonly executed_at: Date;
  readonly price: string;
  readonly quantity: string;
  readonly funds: string;
  readonly fee: string;
}
