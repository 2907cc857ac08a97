import { describe, expect, it } from 'vitest';
import { resolveOrder } from '../../../activities/trading/resolve-order.ts';
import { recordAccepted } from '../../../db/order-outcomes.ts';
import { beginSending } from '../../../db/order-sending.ts';
import { requireOrder } from '../../../db/orders.ts';
import { haltTrading } from '../../../db/trading-state.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

async function resolveNow(scene: TradingScene, identifier: string): Promise<string> {
  return (await resolveOrder(scene.deps, await requireOrder(scene.db, identifier), 'now')).status;
}

describe('while trading is halted an order is brought to its end before its deadline:', () => {
  it('one that was never sent expires', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    await haltTrading(scene.db, TRADED.account, 'test');

    expect(await resolveNow(scene, identifier)).toBe('expired');
    expect((await requireOrder(scene.db, identifier)).status_reason).toBe('trading was halted before it was sent');
  });

  it('one that rests is cancelled', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    await beginSending(scene.db, identifier, scene.deps.clock.now() ?? 0);
    const { quantity: volume } = await requireOrder(scene.db, identifier);
    // A price the market does not reach.
    const terms = { identifier, type: 'limit', side: 'bid', price: '1000000', volume } as const;
    const { exchangeOrderId } = await scene.exchange.createOrder({ market: TRADED.market, ...terms });
    await recordAccepted(scene.db, identifier, exchangeOrderId);

    expect((await resolveOrder(scene.deps, await requireOrder(scene.db, identifier))).status).toBe('open');
    expect(await resolveNow(scene, identifier)).toBe('canceled');
  });

  it('one that is nowhere becomes unknown, when what was sent has had its time to arrive', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    await beginSending(scene.db, identifier, scene.deps.clock.now() ?? 0);

    expect(await resolveNow(scene, identifier)).toBe('sending');
    const sending_at = new Date(Date.now() - 6_000);
    await scene.db.updateTable('orders').set({ sending_at }).where('identifier', '=', identifier).execute();
    expect(await resolveNow(scene, identifier)).toBe('unknown');
  });
});

it('a candle is decided on while trading is halted, its vote recorded, and nothing is reserved or ordered', async () => {
  const scene = await openTradingScene();
  await haltTrading(scene.db, TRADED.account, 'exchange notice');
  for (let candles = 0; candles < 60; candles += 1) {
    const { action, reason, order } = await scene.decide();
    expect(order).toBeNull();
    if (action === 'blocked') {
      expect(reason).toMatch(/: buy; trading is halted: exchange notice$/);
      expect(await scene.db.selectFrom('orders').select('id').execute()).toEqual([]);
      return;
    }
    expect(action).toBe('hold');
    scene.pass(1_000);
  }
  throw new Error('no wish in sixty candles');
});
