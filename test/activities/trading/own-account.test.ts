import { expect, it } from 'vitest';
import { forAccount } from '../../../activities/trading/own-account.ts';
import { createTradingActivities } from '../../../activities/trading.ts';
import { requireOrder } from '../../../db/orders.ts';
import { openTradingScene, TRADED } from '../../support/trading-scene.ts';

it('an order decided for another account is never sent, not even looked up', async () => {
  const scene = await openTradingScene();
  const { identifier } = await scene.decideUntilOrder();
  const foreign = forAccount(createTradingActivities(scene.deps), 'live-00000000', scene.db);

  await expect(foreign.placeOrder({ identifier })).rejects.toMatchObject({
    type: 'WrongAccount',
    nonRetryable: true,
    message: `this worker trades live-00000000, not ${TRADED.account}: placeOrder refused`,
  });
  await expect(foreign.cancelOrder({ identifier })).rejects.toMatchObject({ type: 'WrongAccount' });
  expect(scene.calls('createOrder') + scene.calls('fetchOrder') + scene.calls('cancelOrder')).toBe(0);
  expect((await requireOrder(scene.db, identifier)).status).toBe('intended');
});

it('a worker that trades nothing serves no account', async () => {
  const scene = await openTradingScene();
  const none = forAccount(createTradingActivities(scene.deps), null, scene.db);

  await expect(none.decide({ ...TRADED, exchangeFreeKrw: '10000000' })).rejects.toThrow(
    `this worker trades nothing, not ${TRADED.account}: decide refused`,
  );
  await expect(none.settleOrders({ account: TRADED.account })).rejects.toMatchObject({ type: 'WrongAccount' });
});

it('what is about the worker’s own account goes through', async () => {
  const scene = await openTradingScene();
  const { identifier } = await scene.decideUntilOrder();
  const own = forAccount(createTradingActivities(scene.deps), TRADED.account, scene.db);

  expect(await own.placeOrder({ identifier })).toEqual({ kind: 'open' });
  expect((await own.fetchBalances()).map(({ currency }) => currency)).toContain('KRW');
});
