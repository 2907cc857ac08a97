import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TradingActivities } from '../../activities/trading.ts';
import { parseMarket } from '../../config/market.ts';
import type { TradeWorkflow } from '../../workflows/trade.ts';
import { connectTestTemporal, type TestTemporal } from '../support/temporal.ts';
import { type TradeScript, tradeScripts } from '../support/trade-scripts.ts';

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await connectTestTemporal();
});
afterAll(() => temporal.close());

type Made = Extract<Awaited<ReturnType<TradingActivities['decide']>>, { readonly kind: 'decided' }>;

/** One scripted run: what it came to, what it asked its steps for, and what it says in the Temporal Web UI. */
async function run({ steps }: TradeScript) {
  const asked: { readonly step: string; readonly input: unknown }[] = [];
  const account = [
    { currency: 'BTC', free: '7', locked: '0', averageBuyPrice: '0' },
    { currency: 'KRW', free: '1000000', locked: '5', averageBuyPrice: '0' },
  ];
  const all = { fetchBalances: async () => account, resolveUnfinished: async () => null, ...steps };
  const activities = Object.fromEntries(
    Object.entries(all).map(([step, answer]) => [
      step,
      async (input: never) => {
        asked.push({ step, input });
        return (answer as (input: never) => Promise<unknown>)(input);
      },
    ]),
  );
  const taskQueue = `trade-told-${randomUUID()}`;
  return temporal.withWorker({ taskQueue, activities }, async () => {
    const handle = await temporal.client.workflow.start<typeof TradeWorkflow>('TradeWorkflow', {
      ...{ workflowId: taskQueue, taskQueue },
      args: [{ account: 'paper-test', market: parseMarket('KRW-BTC'), timeframe: '1m', intervalMs: 1_000 }],
    });
    const result = await handle.result();
    const attributes = (await handle.describe()).typedSearchAttributes.getAll();
    // What the Temporal Web UI shows under "Current Details".
    const { currentDetails = '' } = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
    const candleTime = attributes.find((pair) => pair.key.name === 'CandleTime')?.value;
    return { result, candleTime, currentDetails, inputsOf: (name: string) => inputsOf(asked, name) };
  });
}

function inputsOf(asked: readonly { readonly step: string; readonly input: unknown }[], name: string): unknown[] {
  return asked.filter(({ step }) => step === name).map(({ input }) => input);
}

function script(name: string): TradeScript {
  const found = tradeScripts().find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no script ${name}`);
  return found;
}

const decisionOf = async ({ steps }: TradeScript) => (await steps.decide?.({} as never)) as Made;

describe('a run tells without a payload being opened', () => {
  it.each(['held', 'bought', 'rejected', 'still-resting'])(
    '%s: its candle, what came of it, why, and the order',
    async (name) => {
      const made = await decisionOf(script(name));
      const { result, candleTime, currentDetails } = await run(script(name));

      expect(candleTime).toEqual(new Date(made.candle));
      expect(currentDetails).toContain(`${result.outcome}: ${result.reason}`);
      if (made.order !== null) expect(currentDetails).toContain(made.order);
    },
  );

  it('that there was no candle', async () => {
    const { candleTime, currentDetails } = await run(script('no-candle'));
    expect(candleTime).toBeUndefined();
    expect(currentDetails).toContain('no-candle: ');
  });
});

it('a run decides with the won that the exchange has free, and looks after its order until its deadline', async () => {
  const { order: identifier, deadline } = await decisionOf(script('still-resting'));
  const { inputsOf } = await run(script('still-resting'));

  expect(inputsOf('decide')).toMatchObject([{ account: 'paper-test', market: 'KRW-BTC', exchangeFreeKrw: '1000000' }]);
  expect(inputsOf('placeOrder')).toMatchObject([{ identifier }]);
  const [first, ...later] = inputsOf('pollOrderFills') as { readonly until: number }[];
  expect(first).toMatchObject({ identifier, until: deadline });
  expect(later.every(({ until }) => until > deadline)).toBe(true);
  expect(later).not.toEqual([]);
});
