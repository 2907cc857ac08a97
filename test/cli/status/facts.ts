import type { BotFacts, OpenOrderFacts, PartFacts, StatusFacts, WeightsFacts } from '../../../cli/status/facts.ts';
import { totalOf } from '../../../cli/status/holdings.ts';
import type { DecisionSummary } from '../../../db/decision-summary.ts';
import type { PositionRow } from '../../../db/positions.ts';
import type { ScheduleState } from '../../../schedules/operate.ts';

/** Wall time of these tests. */
export const NOW = new Date('2026-11-22T15:00:00Z');
/** Market time of these tests: 12:05:30 in Korea. */
export const CLOCK = new Date('2025-03-01T03:05:30Z');

export const ago = (seconds: number): string => new Date(NOW.getTime() - seconds * 1_000).toISOString();
export const marketAgo = (minutes: number): Date => new Date(CLOCK.getTime() - minutes * 60_000);

export const aBot: BotFacts = {
  ...{ supervised: true, state: 'ready', pid: 100, started_at: ago(3_600), uptime_seconds: 3_600, mode: 'paper' },
  ...{ account: 'paper-3f9a01c2', feed: 'simulated', own_exchange: true, markets: ['KRW-BTC'], speed: 60 },
  ...{ candle_interval_ms: 1_000, temporal_ui_url: 'http://127.0.0.1:8233', temporal_address: '127.0.0.1:7233' },
  ...{ temporal_namespace: 'durabit', exchange_url: 'http://127.0.0.1:8787', dashboard_url: null },
  ...{ database: '127.0.0.1:54329/durabit', pids: { trader: 101 } },
};

export function aPart(changes: Partial<PartFacts> = {}): PartFacts {
  return {
    ...{ name: 'trader', state: 'up', since: ago(3_600), uptime_seconds: 3_600 },
    ...{ restarts: 0, recent_restarts: [], last_end: null },
    ...changes,
  };
}

export function aPosition(changes: Partial<PositionRow> = {}): PositionRow {
  return {
    ...{ market: 'KRW-BTC', cash: '10000000', reserved_cash: '0', free_cash: '10000000' },
    ...{ quantity: '0', reserved_quantity: '0', free_quantity: '0', average_cost: null, price: '149373000' },
    ...{ value: '0', equity: '10000000', unrealised_profit: '0', realised_profit: '0', put_in: '10000000' },
    ...changes,
  };
}

export function aDecision(changes: Partial<DecisionSummary> = {}): DecisionSummary {
  return {
    ...{ market: 'KRW-BTC', candle: new Date('2025-03-01T03:04:00Z'), action: 'hold' as const },
    ...{ score: '0.1000', threshold: '0.2000', signals: null, decided_at: NOW },
    ...{ reason: 'score 0.1000 between -0.2000 and 0.2000: hold', live: 60, blocked: 0, stale: 0 },
    stale_while_paused: 0,
    ...changes,
  };
}

/** Those that decide before any were chosen. */
export function someWeights(changes: Partial<WeightsFacts> = {}): WeightsFacts {
  return {
    ...{ market: 'KRW-BTC', optimizer_result: null, chosen_by: null, since: null, reason: null },
    ...{ weights: { trend: '0.5000', momentum: '0.0000', swing: '0.2500' }, threshold: '0.2000' },
    ...changes,
  };
}

export function aCandleSummary(changes: Partial<StatusFacts['candles'][number]> = {}): StatusFacts['candles'][number] {
  return {
    ...{ market: 'KRW-BTC', timeframe: '1m', candles: 1234, close: '149373000', no_trade: 8 },
    ...{ newest: new Date('2025-03-01T03:04:00Z'), covered_from: new Date('2025-02-28T06:00:00Z') },
    ...{ covered_until: new Date('2025-03-01T03:05:00Z'), missing: 0, corrected: 0, late: 0 },
    ...changes,
  };
}

export function anOpenOrder(changes: Partial<OpenOrderFacts> = {}): OpenOrderFacts {
  return {
    ...{ market: 'KRW-BTC', identifier: 'k3v9x0ab-KRW-BTC-ssf41o-entry', leg: 'entry', side: 'bid' },
    ...{ price: '149597000', quantity: '0.0667', executed_quantity: '0', reserved_cash: '9983129', age_seconds: 2 },
    ...{
      reserved_quantity: '0',
      status: 'open',
      status_reason: null,
      refused: null,
      seen_before: false,
      created_at: NOW,
      deadline: marketAgo(-1),
    },
    ...changes,
  };
}

export function aSchedule(id: string, changes: Partial<ScheduleState> = {}): ScheduleState {
  const [kind = '', ...market] = id.split('-');
  return {
    ...{ schedule_id: id, kind: kind as ScheduleState['kind'], market: market.join('-') || null, paused: false },
    ...{
      note: null,
      every: '1 s',
      every_seconds: 1,
      last_run_at: NOW,
      next_run_at: NOW,
      runs: 9,
      skipped: 0,
      ticks_while_down: 0,
    },
    ...changes,
  };
}

/** Those of a bot that trades one market. */
export const SCHEDULES = ['collect-KRW-BTC', 'trade-KRW-BTC', 'optimize-KRW-BTC', 'reconcile'] as const;

/** A bot that trades one market and has nothing wrong with it. */
export function aStatus(changes: Partial<StatusFacts> = {}): StatusFacts {
  const positions = changes.positions ?? [aPosition()];
  return {
    ...{ read_at: NOW, data_dir: 'data', instance: aBot, market_time: CLOCK, stored: true, streams: [] },
    parts: ['postgres', 'temporal', 'exchange', 'collector', 'trader', 'optimizer'].map((name) => aPart({ name })),
    account: aBot.account,
    trading: { state: 'active', reason: null },
    positions,
    total: totalOf(positions),
    decisions: [aDecision()],
    weights: [someWeights()],
    open_orders: [],
    today: {
      since: new Date('2025-02-28T15:00:00Z'),
      decisions: { live: 185, stale: 0 },
      orders: { sent: 12, filled: 10, canceled: 1, rejected: 1, open: 0, unresolved: 0 },
      trades: 14,
    },
    last_fill: {
      ...{ market: 'KRW-BTC', identifier: 'k3v9x0ab-KRW-BTC-ssf41o-exit', side: 'ask', price: '149026000' },
      ...{ executed_at: marketAgo(7), quantity: '0.02227521', funds: '3319585.44546', fee: '1659.79272273' },
    },
    comparison: { compared_at: NOW, market_time: CLOCK, outside: {} },
    key_refusals: [],
    ...{ differences: [], foreign_orders: [], lost_orders: [] },
    candles: [aCandleSummary()],
    schedules: SCHEDULES.map((id) => aSchedule(id)),
    ...{ workers: [], failed_runs: [], failed_searches: [], stuck_runs: [], faults: [] },
    ...changes,
  };
}

/** What a data directory holds before the first start. */
export const NOTHING_YET: StatusFacts = aStatus({
  ...{ instance: null, market_time: null, parts: [], stored: false, account: null, trading: null, positions: [] },
  ...{ decisions: [], weights: [], today: null, last_fill: null, candles: [], schedules: null },
});
