import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { resolveOrder } from '../../../activities/trading/resolve-order.ts';
import { settleOrders } from '../../../activities/trading/settle-orders.ts';
import { adopt } from '../../../db/cash-flows.ts';
import { readMarketAccounts } from '../../../db/market-accounts.ts';
import { beginSending } from '../../../db/order-sending.ts';
import { insertIntendedOrder, requireOrder } from '../../../db/orders.ts';
import { ExchangeUnavailable } from '../../../exchange/errors.ts';
import { orderIdentifier } from '../../../strategy/order-identifier.ts';
import { markUnknown } from '../../support/order-outcomes.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const HOUR = 3_600_000;

it('an order that is not found keeps its money for 24 hours of market time after its deadline, then gives it back', async () => {
  const scene = await openTradingScene();
  const { identifier, deadline } = await scene.decideUntilOrder();
  await beginSending(scene.db, identifier, scene.deps.clock.now() ?? 0);
  let now = deadline;
  const clock = { ...scene.deps.clock, now: () => now };
  const look = async () => resolveOrder({ ...scene.deps, clock }, await requireOrder(scene.db, identifier));
  const reserved = async () => Number((await readMarketAccounts(scene.db, TRADED.account))[0]?.reserved.cash);

  await sql`UPDATE orders SET sending_at = clock_timestamp() - interval '6 seconds'`.execute(scene.db);
  expect((await look()).status).toBe('unknown');
  now = deadline + 24 * HOUR - 1;
  expect((await look()).status).toBe('unknown');
  expect(await reserved()).toBeGreaterThan(9_000_000);

  now = deadline + 24 * HOUR;
  expect((await look()).status).toBe('expired');
  expect(await reserved()).toBe(0);
});

/** An order that may have been sent and is not found. */
async function lose(scene: TradingScene) {
  const lost = await scene.decideUntilOrder();
  await beginSending(scene.db, lost.identifier, scene.deps.clock.now() ?? 0);
  await markUnknown(scene.db, lost.identifier);
  return lost;
}

it('an order that cannot be settled now keeps the ones after it from nothing, and is told of', async () => {
  const scene = await openTradingScene();
  const { identifier: lost, deadline } = await lose(scene);
  const { account, market } = TRADED;
  // The owner's own order, in flight, is looked at first.
  const other = orderIdentifier({
    botId: scene.deps.botId,
    market,
    candle: deadline - (deadline % 60_000),
    leg: 'manual',
  });
  const order = {
    account,
    identifier: other,
    market,
    leg: 'manual',
    side: 'bid',
    price: '1000',
    quantity: '1',
  } as const;
  const rest = { feeRate: '0.0005', request: {}, deadline: deadline + 48 * HOUR, decision: null };
  await scene.db.transaction().execute((trx) => insertIntendedOrder(trx, { ...order, ...rest }));
  await beginSending(scene.db, other, deadline);
  const clock = { ...scene.deps.clock, now: () => deadline + 25 * HOUR };
  scene.breakNext('fetchOrder', 'before', new ExchangeUnavailable('down'));

  await expect(settleOrders({ ...scene.deps, clock }, account)).rejects.toThrow('down');

  expect((await requireOrder(scene.db, other)).status).toBe('sending');
  expect((await requireOrder(scene.db, lost)).status).toBe('expired');
});

it('a decision to trade is recorded as blocked while an order of its market is unknown', async () => {
  const scene = await openTradingScene();
  const { account, market } = TRADED;
  await adopt(scene.db, { account, market, quantity: '0.05', cost: '5000000', note: 'test' });
  const { identifier: lost } = await lose(scene);

  for (let candles = 0; candles < 60; candles += 1) {
    scene.pass(1_000);
    const made = await scene.decide();
    expect(made.order).toBeNull();
    if (made.action !== 'blocked') continue;
    expect(made.reason).toContain(`order ${lost} is still unknown`);
    return;
  }
  throw new Error('nothing to trade in sixty candles');
});
