import { randomUUID } from 'node:crypto';
import type { TradingActivities } from '../../activities/trading.ts';
import type { ReconcileOutcome, ReconcileWorkflow } from '../../workflows/reconcile.ts';
import type { TestTemporal } from './temporal.ts';

type Settled = Awaited<ReturnType<TradingActivities['settleOrders']>>;
type Compared = Awaited<ReturnType<TradingActivities['compareAccount']>>;

/** What the steps of one ReconcileWorkflow run find, and what the run must say. */
export interface ReconcileScript {
  readonly outcome: ReconcileOutcome;
  readonly orders: Settled;
  readonly stale: number;
  readonly compared: Compared;
  /** Whether the comparison must be made although it was made a moment ago. */
  readonly force: boolean;
  /** What a person reads in the Temporal Web UI, in parts. */
  readonly says: readonly string[];
}

const order = {
  identifier: 'testbot1-KRW-BTC-ss96io-entry',
  side: 'bid',
  executedQuantity: '0',
  executed: false,
  overdue: true,
} as const;
const canceled = { ...order, status: 'canceled', final: true } as const;
const unknown = { ...order, status: 'unknown', final: false } as const;
const calm: Compared = {
  ...{ skipped: null, found: [], foreign: [], lost: [], differences: [] },
  outside: { KRW: '5000000', BTC: '0' },
};
const nothing = { orders: [], stale: 0, compared: calm, force: false };
const change = (cause: Compared['differences'][number]['cause']) => ({
  ...{ currency: 'KRW', amount: '-5000', cause, detail: `5000 KRW went: ${cause}` },
});

/** One script for every outcome, the gravest first where a run finds several things. */
export const reconcileScripts: readonly ReconcileScript[] = [
  {
    ...{ outcome: 'settled', orders: [canceled], stale: 2, compared: calm, force: true },
    says: ['testbot1-KRW-BTC-ss96io-entry is canceled', '2 stale candles', 'Balances compared'],
  },
  {
    ...{ ...nothing, outcome: 'unresolved', orders: [unknown] },
    compared: { ...calm, skipped: 'the account moved', outside: {} },
    says: ['is unknown', 'Balances not compared: the account moved'],
  },
  {
    ...{ ...nothing, outcome: 'found' },
    compared: { ...calm, found: [canceled], foreign: ['by-hand-1'], differences: [change('hand-trade')] },
    says: ['Found late: testbot1', 'Orders of others: by-hand-1', '-5000 KRW: 5000 KRW went: hand-trade'],
  },
  {
    ...{ ...nothing, outcome: 'differs' },
    compared: { ...calm, differences: [change('deposit-or-withdrawal'), change('unknown')] },
    says: ['went: unknown'],
  },
  {
    ...{ ...nothing, outcome: 'short', orders: [unknown] },
    compared: { ...calm, outside: { KRW: '0', BTC: '-0.5' }, differences: [change('unknown')] },
    says: ['The ledger owns 0.5 BTC more than the exchange holds'],
  },
  {
    ...{ ...nothing, outcome: 'lost' },
    compared: { ...calm, lost: ['testbot1-x: not in the ledger'], outside: { KRW: '-1' } },
    says: ['MUST NOT HAPPEN: order testbot1-x: not in the ledger'],
  },
];

/** Runs one scripted ReconcileWorkflow on the real server. */
export async function runReconcile(
  temporal: TestTemporal,
  script: Omit<ReconcileScript, 'outcome' | 'says' | 'force'>,
) {
  const taskQueue = `reconcile-test-${randomUUID()}`;
  const forced: boolean[] = [];
  const activities = {
    settleOrders: async () => script.orders,
    recordStale: async () => script.stale,
    compareAccount: async ({ force }: { readonly force: boolean }) => {
      forced.push(force);
      return script.compared;
    },
  };
  return temporal.withWorker({ taskQueue, activities }, async () => {
    const handle = await temporal.client.workflow.start<typeof ReconcileWorkflow>('ReconcileWorkflow', {
      workflowId: taskQueue,
      taskQueue,
      args: [{ account: 'paper-test', timeframe: '1m', intervalMs: 1_000 }],
    });
    const result = await handle.result();
    const description = await handle.describe();
    const outcome = description.typedSearchAttributes.getAll().find((pair) => pair.key.name === 'Outcome')?.value;
    // What the Temporal Web UI shows under "Current Details".
    const { currentDetails = '' } = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
    return { result, forced, outcome, currentDetails, history: await handle.fetchHistory() };
  });
}
