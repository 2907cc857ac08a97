import { expect, test } from 'vitest';
import type { FaultReport, NewFaultRule } from '../support/fault-control.ts';
import { keepRules } from './exchange-faults.ts';

const ABOUT_MINUTES: readonly NewFaultRule['kind'][] = ['idle', 'late-candle', 'late-trade'];

/** An exchange that keeps rules about minutes on disk and forgets the others when it is killed. */
function forgetfulExchange() {
  const added: NewFaultRule[] = [];
  let rules = new Map<string, FaultReport>();
  return {
    added,
    kill(): void {
      rules = new Map([...rules].filter(([, { kind }]) => ABOUT_MINUTES.includes(kind)));
    },
    strike(kind: NewFaultRule['kind'], times: number): void {
      for (const [id, rule] of rules) if (rule.kind === kind) rules.set(id, { ...rule, struck: times });
    },
    control: {
      add(rule: NewFaultRule) {
        added.push(rule);
        const report = { ...rule, struck: 0 } as FaultReport;
        rules.set(rule.id ?? '', report);
        return Promise.resolve(report);
      },
      rules: () => Promise.resolve([...rules.values()]),
      remove(id: string) {
        rules.delete(id);
        return Promise.resolve();
      },
    },
  };
}

test('each exchange that comes back draws anew, the same run the same; minutes that were shown stay as they are', async () => {
  const seedsOf = async () => {
    const exchange = forgetfulExchange();
    const kept = keepRules(exchange.control, 7, 1);
    for (const adds of [21, 39, 57]) {
      await expect.poll(() => exchange.added.length, { interval: 1 }).toBe(adds);
      exchange.kill();
    }
    await kept.end();
    return exchange.added.map(({ id, seed }) => `${id} ${seed}`);
  };
  const seeds = await seedsOf();
  const of = (kind: string) => seeds.filter((one) => one.startsWith(`${kind} `)).slice(0, 3);

  expect(new Set(of('too many orders')).size).toBe(3);
  expect(of('minute without a trade')).toHaveLength(1);
  expect(new Set(seeds).size).toBe(seeds.length);
  expect((await seedsOf()).slice(0, 57)).toEqual(seeds.slice(0, 57));
});

test('what struck before an exchange was killed is counted with what struck after', async () => {
  const exchange = forgetfulExchange();
  const kept = keepRules(exchange.control, 7, 1);
  await expect.poll(() => exchange.added.length, { interval: 1 }).toBe(21);
  exchange.strike('http-429', 3);
  await new Promise((resolve) => setTimeout(resolve, 20));
  exchange.kill();
  await expect.poll(() => exchange.added.length, { interval: 1 }).toBe(39);
  exchange.strike('http-429', 2);

  expect(await kept.end()).toMatchObject({ 'exchange: 429': 5, 'exchange: too many orders': 0 });
});
