import { expect, test, vi } from 'vitest';
import type { NewFaultRule } from '../../../support/fault-control.ts';
import { signed } from '../paper.ts';
import { openFaulty } from './faulty.ts';

const ENDPOINT = 'POST /v1/orders/cancel_and_new';
const ONCE = { endpoint: ENDPOINT, next: 1 } as const;

async function open() {
  const scene = await openFaulty();
  return {
    ...scene,
    replace: (previous: string, identifier: string) =>
      signed(scene.url, 'POST', '/v1/orders/cancel_and_new', {
        body: {
          ...{ prev_order_identifier: previous, new_identifier: identifier },
          ...{ new_ord_type: 'limit', new_price: '140000000', new_volume: '0.0001' },
        },
      }),
    states: async () => (await scene.control.ledger()).orders.map(({ identifier, state }) => `${identifier} ${state}`),
  };
}

test('a request to replace an order is noted like any that makes one', async () => {
  const { post, replace, control, outcomes } = await open();
  await post('a');
  await replace('a', 'b');
  await replace('a', 'c');

  expect(await outcomes()).toEqual([
    ['a', 'accepted', null],
    ['b', 'accepted', null],
    ['c', 'refused', 'order_not_found'],
  ]);
  const [, noted] = await control.requests();
  expect(noted?.uuid).toBe((await control.ledger()).orders[1]?.uuid);
});

test('an order that fills first leaves none in its place, though the answer names one', async () => {
  const { post, replace, control, call, states, outcomes } = await open();
  await post('a');
  await control.add({ kind: 'filled-first', next: 1 });

  const { status, json } = await replace('a', 'b');

  expect([status, json.state, json.new_order_identifier]).toEqual([201, 'wait', 'b']);
  expect((await call('GET', '/v1/order', `uuid=${json.new_order_uuid}`)).status).toBe(404);
  expect((await call('GET', '/v1/order', 'identifier=b')).status).toBe(404);
  expect(await states()).toEqual(['a done']);
  const { json: order } = await call('GET', '/v1/order', 'identifier=a');
  expect([order.executed_volume, order.trades[0].price]).toEqual(['0.0001', '140000000']);
  expect(await outcomes()).toEqual([
    ['a', 'accepted', null],
    ['b', 'dropped', 'filled-first'],
  ]);
  expect((await post('b')).json.error.name).toBe('duplicated_identifier');
});

test('an order that is not there cannot fill first either', async () => {
  const { replace, control } = await open();
  await control.add({ kind: 'filled-first', next: 1 });

  const { status, json } = await replace('nobody', 'b');

  expect([status, json.error.name]).toEqual([404, 'order_not_found']);
});

test.each<[NewFaultRule, number, string]>([
  [{ kind: 'burned-identifier', ...ONCE }, 400, 'validation_error'],
  [{ kind: 'too-many-request-order', ...ONCE }, 400, 'too_many_request_order'],
  [{ kind: 'refused', status: 403, error: 'out_of_scope', ...ONCE }, 403, 'out_of_scope'],
])('%j leaves the order as it was', async (rule, status, name) => {
  const { post, replace, control, states } = await open();
  await post('a');
  await control.add(rule);

  const refused = await replace('a', 'b');
  const again = await replace('a', 'b');

  expect([refused.status, refused.json.error.name]).toEqual([status, name]);
  expect(again.status).toBe(rule.kind === 'burned-identifier' ? 400 : 201);
  expect(await states()).toEqual(rule.kind === 'burned-identifier' ? ['a wait'] : ['a cancel', 'b wait']);
});

test('a replacement that is accepted late is one whole thing, later', async () => {
  const { post, replace, control, states } = await open();
  await post('a');
  await control.add({ kind: 'accept-late', connection: 'closed', delay_ms: 100, ...ONCE });

  await expect(replace('a', 'b')).rejects.toThrow();

  expect(await states()).toEqual(['a wait']);
  await vi.waitFor(async () => expect(await states()).toEqual(['a cancel', 'b wait']));
});

test('what is refused by name has no effect, and the name is what was asked for', async () => {
  const { control, post, call, identifiers } = await openFaulty();
  await control.add({ kind: 'refused', status: 401, error: 'expired_access_key', next: 2 });

  const answers = [await post('a'), await call('GET', '/v1/accounts')];

  expect(answers.map(({ status, json }) => [status, json.error.name])).toEqual([
    [401, 'expired_access_key'],
    [401, 'expired_access_key'],
  ]);
  expect(await identifiers()).toEqual([]);
  await expect(control.add({ kind: 'refused', status: 200, error: 'x', next: 1 })).rejects.toThrow('status');
});
