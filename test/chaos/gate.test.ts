import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Gate, openGate } from './gate.ts';
import { askGate } from './preload/ask-gate.ts';
import type { Verdict, Visit } from './visit.ts';

let gate: Gate;
let ask: (visit: Visit) => Promise<Verdict>;
beforeEach(async () => {
  gate = await openGate();
  ask = askGate(gate.port);
});
afterEach(() => gate.close());

const visit: Visit = {
  pid: 1,
  when: 'after',
  of: 'createOrder',
  within: ['placeOrder'],
  order: 'a',
  market: 'KRW-BTC',
  detail: 'accepted',
};

test('whoever is not waited for goes on, and is counted', async () => {
  expect(await ask(visit)).toBe('go');
  expect(gate.passed.get('after createOrder')).toBe(1);
});

test('the next one to come to a place is held until it is let go', async () => {
  const held = gate.hold({ when: 'after', of: 'createOrder', within: 'placeOrder', detail: 'accepted' }, 5_000);
  await ask({ ...visit, detail: 'RateLimited' });
  await ask({ ...visit, within: [] });
  const asked = ask(visit);

  (await held)?.let('lose');

  expect(await asked).toBe('lose');
});

test('an order that was begun to be sent is not taken for one that was not', async () => {
  const placing: Visit = { ...visit, when: 'before', of: 'placeOrder', within: [], detail: null };
  await ask({ ...visit, when: 'before', of: 'moveOrder', detail: 'sending' });
  const held = gate.hold({ when: 'before', of: 'placeOrder', unsent: true }, 5_000);
  expect(await ask(placing)).toBe('go');
  const asked = ask({ ...placing, order: 'b' });

  (await held)?.let('go');

  expect(await asked).toBe('go');
  expect((await held)?.visit.order).toBe('b');
});

test('nobody who comes too late is held', async () => {
  expect(await gate.hold({ when: 'before', of: 'createOrder' }, 10)).toBeUndefined();
  expect(await ask({ ...visit, when: 'before' })).toBe('go');
});

test('a visit nobody holds may be decided by who watches', async () => {
  gate.watch(({ order }) => (order === 'a' ? Promise.resolve('lose') : undefined));

  expect(await ask(visit)).toBe('lose');
  expect(await ask({ ...visit, order: 'b' })).toBe('go');
});

test('when the harness is gone everything goes on', async () => {
  const held = gate.hold({ when: 'after', of: 'createOrder' }, 5_000);
  const asked = ask(visit);
  await held;

  await gate.close();

  expect(await asked).toBe('go');
  expect(await ask(visit)).toBe('go');
});
