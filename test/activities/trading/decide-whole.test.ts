import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { decideOnce } from '../../../activities/trading/decide.ts';
import { upsertCandles } from '../../../db/candles.ts';
import { adopt } from '../../../db/cash-flows.ts';
import { readDecisions } from '../../../db/decisions.ts';
import { readEquityCurve } from '../../../db/equity-curve.ts';
import { readMarketAccounts } from '../../../db/market-accounts.ts';
import { readOrders, requireOrder } from '../../../db/orders.ts';
import { parseOrderIdentifier } from '../../../strategy/order-identifier.ts';
import { candleAt, minute } from '../../support/candles.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const all = { account: TRADED.account, limit: 1_000 };

async function decideUntilFailure(scene: TradingScene): Promise<number> {
  for (let candles = 0; candles < 60; candles += 1) {
    try {
      await scene.decide();
    } catch (error) {
      expect((error as Error).message).toContain('the disk is full');
      return Math.floor((scene.deps.clock.now() ?? 0) / 60_000) * 60_000 - 60_000;
    }
    scene.pass(1_000);
  }
  throw new Error('no order in sixty candles');
}

it('a decision whose order cannot be written is not recorded either, nor anything reserved; the next try makes both', async () => {
  const scene = await openTradingScene();
  await sql`
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the disk is full'; END $$`.execute(
    scene.db,
  );
  await sql`CREATE TRIGGER fail BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION fail()`.execute(scene.db);
  const candle = await decideUntilFailure(scene);

  const candles = (await readDecisions(scene.db, all)).map((decision) => decision.candle.getTime());
  expect(candles).not.toContain(candle);
  expect((await readMarketAccounts(scene.db, TRADED.account))[0]?.reserved).toEqual({ cash: '0', quantity: '0' });

  await sql`DROP TRIGGER fail ON orders`.execute(scene.db);
  const made = await scene.decide();
  expect(made).toMatchObject({ candle, action: 'buy' });
  const order = await requireOrder(scene.db, made.order ?? '');
  expect((await readMarketAccounts(scene.db, TRADED.account))[0]?.reserved.cash).toBe(order.reserved_cash);
});

it('an order bears its market, candle and leg: a purchase enters, a sale exits', async () => {
  const legs: unknown[] = [];
  for (const coins of [undefined, '0.05']) {
    const scene = await openTradingScene(coins === undefined ? '10000000' : '0');
    const { account, market } = TRADED;
    if (coins !== undefined) await adopt(scene.db, { account, market, quantity: coins, cost: '5000000', note: 'test' });
    const { identifier, candle } = await scene.decideUntilOrder();
    const [order] = await readOrders(scene.db, all);
    expect(parseOrderIdentifier(identifier)).toEqual({ botId: 'testbot1', market, candle, leg: order?.leg });
    expect(order?.request).toMatchObject({ identifier, side: order?.side });
    legs.push([order?.side, order?.leg]);
  }
  expect(legs).toEqual([
    ['bid', 'entry'],
    ['ask', 'exit'],
  ]);
});

it('each decision leaves what its market was worth at the close, the first one when trading began', async () => {
  const scene = await openTradingScene('3000');
  for (let candles = 0; candles < 3; candles += 1) {
    await scene.decide();
    scene.pass(1_000);
  }

  const points = await readEquityCurve(scene.db, { ...all, market: TRADED.market });
  const decisions = await readDecisions(scene.db, all);
  expect(points.map(({ at }) => at.getTime() - 60_000)).toEqual(decisions.map(({ candle }) => candle.getTime()));
  expect(points.every(({ cash, equity }) => cash === '3000' && equity === '3000')).toBe(true);
  // From the first one on every candle has its decision.
  const [owned] = await readMarketAccounts(scene.db, TRADED.account);
  expect(owned?.tradingSince).toBe(decisions.at(-1)?.candle.getTime());
});

it.each([
  ['the oldest of them counts', 2, 0],
  ['the one before it does not', 1, 1],
])('a decision looks at the last 200 candles, and asks no more of what was collected: %s', async (_, high, vote) => {
  const scene = await openTradingScene();
  // Rising prices, but for one candle above all the others: where it counts, the newest is no breakout.
  const candles = Array.from({ length: 202 }, (_, n) =>
    candleAt(n, n === high ? { close: '900000', high: '900000' } : {}),
  );
  await upsertCandles(scene.db, TRADED.market, '1m', { candles, settled: [{ from: minute(2), until: minute(202) }] });

  const made = await decideOnce(scene.deps, TRADED, minute(201), '10000000');

  expect(made.action).toBe('buy');
  const [decision] = await readDecisions(scene.db, all);
  expect(decision?.signals?.price_action).toBe(vote);
});
