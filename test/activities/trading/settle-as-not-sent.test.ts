import { expect, it } from 'vitest';
import { compareAccount } from '../../../activities/trading/compare-account.ts';
import { placeOrder } from '../../../activities/trading/place-order.ts';
import { settleAsNotSent } from '../../../activities/trading/settle-as-not-sent.ts';
import { settleOrders } from '../../../activities/trading/settle-orders.ts';
import { rebuildLedger } from '../../../db/ledger-rebuild.ts';
import { readMarketAccounts } from '../../../db/market-accounts.ts';
import { markExpired } from '../../../db/order-outcomes.ts';
import { beginSending } from '../../../db/order-sending.ts';
import { insertIntendedOrder, requireOrder } from '../../../db/orders.ts';
import { OrderRejected } from '../../../exchange/errors.ts';
import type { OrderRequest } from '../../../exchange/port.ts';
import { orderIdentifier } from '../../../strategy/order-identifier.ts';
import { markUnknown } from '../../support/order-outcomes.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const { account, market } = TRADED;
const WHY = 'settled as not-sent by somebody: test';
const settle = ({ deps }: TradingScene, identifier: string) => settleAsNotSent(deps, identifier, WHY);
const reserved = async ({ db }: TradingScene) => (await readMarketAccounts(db, account))[0]?.reserved.cash;

/** An order that may have been sent and is not found. */
async function lose(): Promise<{ readonly scene: TradingScene; readonly identifier: string }> {
  const scene = await openTradingScene('4000000');
  const { identifier } = await scene.decideUntilOrder();
  await beginSending(scene.db, identifier, scene.deps.clock.now() ?? 0);
  await markUnknown(scene.db, identifier);
  scene.pass(1_000);
  await scene.deps.exchange.fetchBalances();
  return { scene, identifier };
}

/** The request arrives at the exchange after all. */
async function turnUp(scene: TradingScene, identifier: string): Promise<void> {
  const { request } = await requireOrder(scene.db, identifier);
  await scene.exchange.createOrder(request as unknown as OrderRequest);
}

it('an order that nobody finds is given up by its owner, who says why, and its market trades on', async () => {
  const { scene, identifier } = await lose();

  expect(await settle(scene, identifier)).toMatchObject({ kind: 'settled', order: { status: 'expired' } });

  expect(await requireOrder(scene.db, identifier)).toMatchObject({ status_reason: WHY, settled_at: expect.any(Date) });
  expect(await reserved(scene)).toBe('0');
  expect((await scene.decideUntilOrder()).identifier).not.toBe(identifier);
  expect(await rebuildLedger(scene.db, account)).toEqual([]);
});

it('one that turns up after all is found, booked, and keeps what was said of it', async () => {
  const { scene, identifier } = await lose();
  await settle(scene, identifier);
  await turnUp(scene, identifier);

  const { found } = await compareAccount(scene.deps, { account, force: true });

  expect(found).toMatchObject([{ identifier, status: 'filled' }]);
  expect((await requireOrder(scene.db, identifier)).status_reason).toBe(`found although given up (${WHY})`);
  expect(await rebuildLedger(scene.db, account)).toEqual([]);
});

it('an order that the exchange has is not given up but booked', async () => {
  const { scene, identifier } = await lose();
  await turnUp(scene, identifier);

  expect(await settle(scene, identifier)).toMatchObject({ kind: 'at-exchange', order: { status: 'filled' } });
});

it('nor is one that is shown only when it is asked for again', async () => {
  const { scene, identifier } = await lose();
  await turnUp(scene, identifier);
  for (let looks = 0; looks < 2; looks += 1) scene.answerNext('fetchOrder', undefined);

  expect(await settle(scene, identifier)).toMatchObject({ kind: 'at-exchange', order: { status: 'unknown' } });
  expect(Number(await reserved(scene))).toBeGreaterThan(3_000_000);
});

it('nor one that cannot be booked yet because its market is busy', async () => {
  const { scene, identifier } = await lose();
  await turnUp(scene, identifier);
  const candle = Math.floor((scene.deps.clock.now() ?? 0) / 60_000) * 60_000;
  const other = orderIdentifier({ botId: scene.deps.botId, market, candle, leg: 'manual' });
  const order = { account, identifier: other, market, leg: 'manual', side: 'bid', price: '1', quantity: '1' } as const;
  const rest = { feeRate: '0.0005', request: {}, deadline: candle + 120_000, decision: null };
  await scene.db.transaction().execute((trx) => insertIntendedOrder(trx, { ...order, ...rest }));

  expect(await settle(scene, identifier)).toMatchObject({ kind: 'at-exchange', order: { status: 'unknown' } });
});

it('one that another owner gives up at the same time is not said to be at the exchange', async () => {
  const { scene, identifier } = await lose();
  let looks = 0;
  const fetchOrder: typeof scene.exchange.fetchOrder = async (reference) => {
    looks += 1;
    // The last look, right before it is given up.
    if (looks === 3) await markExpired(scene.db, identifier, 'the other was quicker');
    return scene.exchange.fetchOrder(reference);
  };
  const exchange = { ...scene.exchange, fetchOrder };

  expect(await settleAsNotSent({ ...scene.deps, exchange }, identifier, WHY)).toMatchObject({
    kind: 'not-unknown',
    order: { status: 'expired', status_reason: 'the other was quicker' },
  });
});

it('nor one that contradicts the ledger', async () => {
  const { scene, identifier } = await lose();
  await turnUp(scene, identifier);
  const shown = await scene.exchange.fetchOrder({ identifier });
  const executedVolume = String(Number(shown?.executedVolume) * 2);
  for (let looks = 0; looks < 3; looks += 1) scene.answerNext('fetchOrder', { ...shown, executedVolume });

  expect(await settle(scene, identifier)).toMatchObject({
    kind: 'contradicted',
    why: expect.stringContaining('is said to have filled'),
  });
});

it('only an unknown order is given up: none that was never sent, may be on its way, or has ended', async () => {
  const scene = await openTradingScene('4000000');
  const { identifier } = await scene.decideUntilOrder();
  expect(await settle(scene, identifier)).toMatchObject({ kind: 'not-unknown', order: { status: 'intended' } });

  await beginSending(scene.db, identifier, scene.deps.clock.now() ?? 0);
  expect(await settle(scene, identifier)).toMatchObject({ kind: 'not-unknown', order: { status: 'sending' } });
  scene.pass(1_000);
  // Its deadline is over, its time to arrive is not.
  expect(await settle(scene, identifier)).toMatchObject({ kind: 'not-unknown', order: { status: 'sending' } });

  await markUnknown(scene.db, identifier);
  await markExpired(scene.db, identifier, 'not found for a day');
  expect(await settle(scene, identifier)).toMatchObject({ kind: 'not-unknown', order: { status: 'expired' } });
  expect((await requireOrder(scene.db, identifier)).status_reason).toBe('not found for a day');
});

it('one whose refusal nobody recorded, its name used up, blocks its market no longer', async () => {
  const scene = await openTradingScene('4000000');
  const { identifier } = await scene.decideUntilOrder();
  // Refused by name, and killed before the ledger knew; every repetition is refused as a duplicate, every look finds nothing.
  await beginSending(scene.db, identifier, scene.deps.clock.now() ?? 0);
  scene.breakNext('createOrder', 'before', new OrderRejected('duplicated_identifier', ''));
  await expect(placeOrder(scene.deps, identifier)).rejects.toThrow('duplicated_identifier');
  await scene.db
    .updateTable('orders')
    .set({ sending_at: new Date(Date.now() - 6_000) })
    .where('identifier', '=', identifier)
    .execute();
  scene.pass(1_000);
  await scene.deps.exchange.fetchBalances();
  expect(await settleOrders(scene.deps, account)).toMatchObject([{ identifier, status: 'unknown' }]);

  expect(await settle(scene, identifier)).toMatchObject({ kind: 'settled' });

  expect(await reserved(scene)).toBe('0');
});
