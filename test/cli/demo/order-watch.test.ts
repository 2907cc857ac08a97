import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { watchOrders } from '../../../cli/demo/order-watch.ts';
import { recordAccepted } from '../../../db/order-outcomes.ts';
import { beginSending } from '../../../db/order-sending.ts';
import { anAccount, anOrder, createLedgerDatabase, IN_TIME, intend } from '../../support/ledger.ts';

it('tells of an order the moment it is about to be sent, and goes on when its connection is broken', async () => {
  const { db, url, close } = await createLedgerDatabase();
  const watch = watchOrders(url);
  onTestFinished(async () => {
    await watch.close();
    await close();
  });
  const send = async () => {
    const order = anOrder(await anAccount(db, '100000'));
    await intend(db, order);
    const told = watch.next('sending', 20_000);
    await beginSending(db, order.identifier, IN_TIME);
    return { order, told: await told };
  };
  await expect.poll(() => watch.countUnderWay()).toBe(0);

  const first = await send();
  const { identifier } = first.order;
  expect(first.told).toEqual({ identifier, market: 'KRW-BTC', side: 'bid', status: 'sending' });
  expect(await watch.countUnderWay()).toBe(1);

  await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'durabit-demo'`.execute(db);
  await expect.poll(async () => (await watch.read(identifier))?.status).toBe('sending');
  const second = await send();

  expect(second.told?.identifier).toBe(second.order.identifier);
  await recordAccepted(db, identifier, 'exchange-1');
  await expect.poll(() => watch.lastStatus(identifier)).toBe('open');
  expect(await watch.read(identifier)).toMatchObject({ status: 'open', exchange_order_id: 'exchange-1' });
  expect(await watch.next('filled', 50)).toBeUndefined();
});
