import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { compareAccount } from '../../../activities/trading/compare-account.ts';
import { settleOrders } from '../../../activities/trading/settle-orders.ts';
import { rebuildLedger } from '../../../db/ledger-rebuild.ts';
import { recordRefusal } from '../../../db/order-outcomes.ts';
import { beginSending } from '../../../db/order-sending.ts';
import { requireOrder } from '../../../db/orders.ts';
import type { OrderRequest } from '../../../exchange/port.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const { account } = TRADED;
const settle = ({ deps }: TradingScene) => settleOrders(deps, account);
const statusOf = async ({ db }: TradingScene, identifier: string) => (await requireOrder(db, identifier)).status;

/** A request that is on its way when its deadline passes and the database's clock is set, milliseconds. */
async function sendAndSetClock(ms: number): Promise<{ readonly scene: TradingScene; readonly identifier: string }> {
  const scene = await openTradingScene('4000000');
  await compareAccount(scene.deps, { account, force: true });
  const { identifier } = await scene.decideUntilOrder();
  await beginSending(scene.db, identifier, scene.deps.clock.now() ?? 0);
  scene.pass(1_000);
  await scene.deps.exchange.fetchBalances();
  // What was written before lies as much further back, or ahead.
  await sql`UPDATE orders SET sending_at = sending_at - ${ms} * interval '1 millisecond'`.execute(scene.db);
  return { scene, identifier };
}

async function arrive(scene: TradingScene, identifier: string): Promise<void> {
  const { request } = await requireOrder(scene.db, identifier);
  await scene.exchange.createOrder(request as unknown as OrderRequest);
}

it('set ahead just after a request, it makes the order unknown early; arrived after all, it is booked', async () => {
  const { scene, identifier } = await sendAndSetClock(3_600_000);
  expect(await settle(scene)).toMatchObject([{ identifier, status: 'unknown' }]);
  await arrive(scene, identifier);

  expect(await settle(scene)).toMatchObject([{ identifier, status: 'filled' }]);

  expect(scene.calls('createOrder')).toBe(0);
  expect(await rebuildLedger(scene.db, account)).toEqual([]);
});

it('set ahead just after a repetition that was refused, it calls the order refused; arrived after all, it is told of as lost', async () => {
  const { scene, identifier } = await sendAndSetClock(3_600_000);
  await recordRefusal(scene.db, { identifier, reason: 'insufficient_funds_bid', repeated: true, sentAt: null });
  expect(await settle(scene)).toMatchObject([{ identifier, status: 'rejected' }]);
  await arrive(scene, identifier);

  const { lost, differences } = await compareAccount(scene.deps, { account, force: true });

  expect(lost).toEqual([expect.stringContaining(`${identifier}: the ledger refuses it`)]);
  expect(differences.map(({ cause }) => cause)).toEqual(['fill-not-booked', 'fill-not-booked']);
});

it('set back by an hour just after a request, it keeps the market waiting for five seconds and not for an hour', async () => {
  const { scene, identifier } = await sendAndSetClock(-3_600_000);
  expect(await settle(scene)).toMatchObject([{ identifier, status: 'sending' }]);
  expect(await settle(scene)).toMatchObject([{ identifier, status: 'sending' }]);
  await sql`UPDATE orders SET sending_at = sending_at - interval '5 seconds'`.execute(scene.db);

  expect(await settle(scene)).toMatchObject([{ identifier, status: 'unknown' }]);

  await arrive(scene, identifier);
  await settle(scene);
  expect(await statusOf(scene, identifier)).toBe('filled');
});
