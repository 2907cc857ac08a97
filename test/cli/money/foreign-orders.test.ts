import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { markForeignOrderBooked, recordForeignOrder } from '../../../db/foreign-orders.ts';
import { BTC, ETH, figures } from '../../support/ledger.ts';
import { type MoneyScene, openMoneyScene } from '../../support/money-scene.ts';

let scene: MoneyScene;
beforeAll(async () => {
  scene = await openMoneyScene('4000000');
  const { account } = scene;
  const seen = { account, state: 'done', executedQuantity: '0.5', executedFunds: '5000', paidFee: '2.5' } as const;
  await recordForeignOrder(scene.db, { ...seen, exchangeOrderId: 'mine', identifier: null, market: BTC, side: 'bid' });
  const note = 'it bears the id of this bot, and the ledger has no such order';
  const lost = { ...seen, exchangeOrderId: 'lost', identifier: 'testbot1-x', market: ETH, side: 'ask', note } as const;
  await recordForeignOrder(scene.db, lost);
  const difference = { account, currency: 'BTC', amount: '0.5', market_time: new Date(), detail: 'lost: order lost' };
  await scene.db
    .insertInto('account_differences')
    .values({ ...difference, cause: 'order-not-in-ledger', exchange_order_id: 'lost' })
    .execute();
});
afterAll(() => scene.close());

const idsOf = (rows: readonly { readonly exchange_order_id: string }[]) => rows.map((row) => row.exchange_order_id);
async function status() {
  const { json } = await scene.run('status');
  const problems = [...json.wrong, ...json.remarks].map(({ problem }: { problem: string }) => problem);
  return { ids: [idsOf(json.foreign_orders), idsOf(json.lost_orders), idsOf(json.differences)], problems };
}

describe('orders on the account that are not the bot’s', () => {
  it('are listed newest first, as the table has them, and for people', async () => {
    const { code, json } = await scene.run('foreign');
    expect(code).toBe(0);
    expect(idsOf(json)).toEqual(['lost', 'mine']);
    expect(json[1]).toMatchObject({
      market: BTC,
      side: 'bid',
      executed_funds: '5000',
      classified_as: null,
      note: null,
    });
    expect(idsOf((await scene.run('foreign', '--market', 'KRW-BTC', '--limit', '1')).json)).toEqual(['mine']);

    const { stdout } = await scene.bot.run(['foreign']);
    expect(stdout).toMatch(/^mine +KRW-BTC +buy +0\.5 +5,000 +done +nobody has said$/m);
  });

  it('are told of by status until somebody says whose they are; no money moves by it', async () => {
    const before = await status();
    expect(before.ids).toEqual([['mine'], ['lost'], ['lost']]);
    expect(before.problems.join('\n')).toMatch(/lost: order lost\norder testbot1-x must not be: it bears the id/);
    expect(before.problems.join('\n')).toContain("1 order since yesterday that is not the bot's");
    const money = await figures(scene.db, scene.account);

    const said = await scene.run('foreign', 'classify', 'mine', '--as', 'by-hand', '--note', 'for the long run');
    expect(said).toMatchObject({ code: 0, json: { classified_as: 'by-hand', note: 'for the long run' } });
    await scene.run('foreign', 'classify', 'lost', '--as', 'other-program', '--note', 'a copy of the database');

    const after = await status();
    expect(after.ids).toEqual([[], [], []]);
    expect(after.problems.join('\n')).not.toMatch(/testbot1-x|order lost|not the bot's/);
    expect(await figures(scene.db, scene.account)).toEqual(money);
  });

  it('are told of again when they move money after somebody said whose they are, until that is said anew', async () => {
    const difference = { account: scene.account, currency: 'ETH', amount: '-0.5', market_time: new Date() };
    await scene.db
      .insertInto('account_differences')
      .values({ ...difference, detail: 'lost: more', cause: 'order-not-in-ledger', exchange_order_id: 'lost' })
      .execute();

    const moved = await status();
    expect(moved.ids).toEqual([[], [], ['lost']]);
    expect(moved.problems.join('\n')).toContain('lost: more');
    await scene.run('foreign', 'classify', 'lost', '--as', 'other-program', '--note', 'I know');
    expect((await status()).ids).toEqual([[], [], []]);
  });

  it('are told of no more once the ledger has booked them and what they had moved is taken back', async () => {
    const { account, db } = scene;
    const seen = { account, exchangeOrderId: 'refused', market: BTC, side: 'bid', state: 'done' } as const;
    const moved = { executedQuantity: '2', executedFunds: '9', paidFee: '1' };
    await recordForeignOrder(db, { ...seen, ...moved, identifier: 'testbot1-refused', note: 'the ledger refuses it' });
    const booked = async (amount: string) =>
      db
        .insertInto('account_differences')
        .values({
          ...{ account, currency: 'BTC', amount, market_time: new Date(), detail: 'not booked' },
          ...{ cause: 'fill-not-booked', exchange_order_id: 'refused' },
        })
        .execute();
    await booked('2');
    expect((await status()).ids).toEqual([[], ['refused'], ['refused']]);

    await markForeignOrderBooked(db, { ...seen, executedQuantity: '1', executedFunds: '5', paidFee: '0.1' });

    expect((await status()).ids).toEqual([[], [], ['refused']]);
    await booked('-2');
    expect((await status()).ids).toEqual([[], [], []]);
    const { stdout } = await scene.bot.runHere(['foreign']);
    expect(stdout).toMatch(/^refused +KRW-BTC +buy +1 +5 +done +ours, booked since +the ledger refuses it$/m);
  });

  it('cannot be classified before they were seen, as nobody’s, or without a reason', async () => {
    const classify = (...args: string[]) => scene.run('foreign', 'classify', ...args);
    expect(await classify('nope', '--as', 'by-hand', '--note', 'x')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/has no foreign order nope; those there are: durabit foreign\n$/),
    });
    expect(await classify('mine', '--as', 'nobody', '--note', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('by-hand, other-program'),
    });
    expect(await classify('mine', '--as', 'by-hand')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--note'),
    });
  });
});
