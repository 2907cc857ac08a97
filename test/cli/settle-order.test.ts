import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginSending } from '../../db/order-sending.ts';
import { requireOrder } from '../../db/orders.ts';
import { anAccount, anOrder, BTC, figures, IN_TIME, intend, requireProven } from '../support/ledger.ts';
import { type MoneyScene, openMoneyScene } from '../support/money-scene.ts';
import { markUnknown } from '../support/order-outcomes.ts';

let scene: MoneyScene;
beforeAll(async () => {
  scene = await openMoneyScene('8000000');
});
afterAll(() => scene.close());

const settle = (identifier: string, ...more: string[]) =>
  scene.run('orders', 'settle', identifier, '--as', 'not-sent', ...more);
/** An order of which market time has not passed the deadline by a day, and which has not expired either. */
async function decide(untilDeadlineMs: number): Promise<string> {
  const { exchangeClock } = await scene.exchange.fetchMinuteCandles(BTC, { count: 1 });
  const order = anOrder(scene.account, {
    price: '1000000',
    quantity: '0.1',
    deadline: exchangeClock + untilDeadlineMs,
  });
  return (await intend(scene.db, order)).identifier;
}

async function lose(): Promise<string> {
  const identifier = await decide(60_000);
  await beginSending(scene.db, identifier, IN_TIME);
  await markUnknown(scene.db, identifier);
  return identifier;
}

describe('durabit orders settle', { timeout: 60_000 }, () => {
  it('ends an unknown order by its owner’s word, on record, after status has named it as the cure', async () => {
    const identifier = await lose();
    const { json } = await scene.run('status');
    expect(JSON.stringify(json.wrong)).toContain(
      `a quarter of an hour after its last try: npx durabit orders settle ${identifier} --as not-sent --reason WHY`,
    );
    const before = await figures(scene.db, scene.account);

    const settled = await settle(identifier, '--reason', 'not on the exchange’s page');

    expect(settled).toMatchObject({ code: 0, json: { identifier, status: 'expired' } });
    const { status_reason: why } = await requireOrder(scene.db, identifier);
    expect(why).toMatch(/^settled as not-sent by \S+, \d{4}-\d\d-\d\d .*UTC.*: not on the exchange’s page$/);
    expect(await figures(scene.db, scene.account)).toEqual({ ...before, reservedCash: '0' });
    expect((await scene.run('orders', '--limit', '1')).json).toMatchObject([{ identifier, status_reason: why }]);
    await requireProven(scene.db, scene.account);
  });

  it('says it in words', async () => {
    const identifier = await lose();
    const { code, stdout } = await scene.bot.runHere([
      'orders',
      'settle',
      identifier,
      '--as',
      'not-sent',
      '--reason',
      'x',
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain(`${identifier} is expired: settled as not-sent by`);
    expect(stdout).toContain(`100,050 KRW are free again in ${BTC}.`);
    expect(stdout).toMatch(/may be on its way until \d{4}-\d\d-\d\d .*: until then npx durabit halt names it/);
    expect(await settle(identifier, '--reason', 'y')).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining('is expired: given up already (settled as not-sent by') },
    });
  });

  it('books an order that the exchange has instead, and says so', async () => {
    const identifier = await scene.trade('bid', '160000000', '0.01', 'lost');
    await markUnknown(scene.db, identifier);

    const { code, stderr } = await settle(identifier, '--reason', 'x');

    expect(code).toBe(1);
    expect(stderr).toContain(`the exchange has ${identifier}: it is booked, and filled now`);
    expect(await requireOrder(scene.db, identifier)).toMatchObject({ status: 'filled', executed_quantity: '0.01' });
  });

  it('refuses what is not unknown, is nobody’s, or comes without a reason', async () => {
    const identifier = await decide(10 * 60_000);
    expect(await settle(identifier, '--reason', 'x')).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining(`${identifier} is intended: it was never sent`) },
    });
    expect(await settle('testbot1-KRW-BTC-none-entry', '--reason', 'x')).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('those there are: durabit orders') },
    });
    const other = await intend(scene.db, anOrder(await anAccount(scene.db, '20000')));
    expect(await settle(other.identifier, '--reason', 'x')).toMatchObject({ code: 2 });
    expect(await settle(identifier)).toMatchObject({ code: 2, stderr: expect.stringContaining('--reason') });
    expect(await scene.run('orders', 'settle', identifier, '--as', 'sold', '--reason', 'x')).toMatchObject({ code: 2 });
    expect((await requireOrder(scene.db, identifier)).status).toBe('intended');
  });
});

/** Last: the exchange does not come back. */
it('changes nothing where the exchange cannot be asked', { timeout: 60_000 }, async () => {
  const open = (await scene.run('orders', '--limit', '1')).json[0];
  await scene.closeExchange();
  expect(await settle(open.identifier, '--reason', 'x')).toMatchObject({
    ...{ code: 1, stderr: expect.stringContaining('Nothing was given up: the exchange has to be asked') },
  });
  expect((await requireOrder(scene.db, open.identifier)).status).toBe(open.status);
});
