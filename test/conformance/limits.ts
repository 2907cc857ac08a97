import assert from 'node:assert/strict';
import { Banned, RateLimited } from '../../exchange/errors.ts';
import { agree, type Suite } from './case.ts';
import { failureOf } from './failing.ts';
import { openMeddler } from './meddler.ts';
import { BTC, openStage, type Stage } from './stage.ts';

/** More than two seconds' worth of the widest limit, that of `default`. */
const MANY = 70;
/** What of `market` is answered in a second, and after how many refusals the address is blocked. */
const [ALLOWED, REFUSED] = [10, 100];
/** The first block of the paper exchange, and what our client takes one for. */
const [BLOCK_MS, OUR_GUESS_MS] = [60_000, 300_000];

/** Limits as our client keeps them, and what happens where somebody does not. */
export const LIMITS: Suite = {
  area: 'limits',
  open: () => openStage({ book: 'levels' }),
  cases: [
    agree('no call of ours is one too many, in any group, however many follow one another', async (stage) => {
      const { client, quotation, operator } = stage;
      const ticket = { market: BTC, type: 'limit', side: 'bid', price: '135000000', volume: '0.0001' } as const;
      const calls: readonly (() => Promise<unknown>)[] = [
        () => quotation.listMarkets(),
        () => quotation.fetchCandles(BTC, '1m', { count: 1 }),
        () => quotation.fetchTickers([BTC]),
        () => quotation.fetchOrderBooks([BTC], { count: 1 }),
        () => quotation.fetchTrades(BTC, { count: 1 }),
        () => client.fetchBalances(),
        () => operator.testOrder(ticket),
        () => operator.createOrder(ticket, stage.newName()),
        () => operator.cancelOpenOrders(),
      ];
      for (const call of calls) for (let times = 0; times < MANY; times += 1) await call();
    }),
    agree('one too many is refused, and the next waits for the next second', async (stage) => {
      const { quotation, wall } = stage;
      startSecond(stage);
      await stage.stranger('/v1/trades/ticks?market=KRW-BTC', ALLOWED);
      const refused = await failureOf(quotation.fetchTrades(BTC, { count: 1 }));
      assert.ok(refused instanceof RateLimited, refused.message);
      const before = wall.now();
      await quotation.fetchTrades(BTC, { count: 1 });
      assert.equal(Math.floor(before / 1_000) + 1, Math.floor(wall.now() / 1_000));
    }),
    agree(
      'refusals that are not heeded block the address; nothing of that group leaves until it is over',
      async (stage) => {
        const { wall } = stage;
        startSecond(stage);
        const statuses = await stage.stranger('/v1/market/all', ALLOWED + REFUSED + 1);
        assert.deepEqual(
          [200, 429, 418].map((status) => statuses.filter((one) => one === status).length),
          [ALLOWED, REFUSED, 1],
        );
        const way = await openMeddler(stage.url, (message) => [message]);
        try {
          const { client, quotation } = stage.connect({ url: way.url });
          const banned = await failureOf(quotation.listMarkets());
          assert.ok(banned instanceof Banned, banned.message);
          assert.equal(banned.until, wall.now() + OUR_GUESS_MS);
          assert.match(banned.message, /stop what else uses this key or address/);
          for (let again = 0; again < 3; again += 1) {
            assert.ok((await failureOf(client.listMarkets())) instanceof Banned);
            wall.pass(BLOCK_MS / 4);
          }
          assert.equal(way.seen(), 1);
          // The account is counted by pocket, which is not blocked.
          await client.fetchBalances();
          wall.pass(banned.until - wall.now());
          assert.equal((await client.listMarkets()).length, 2);
          assert.equal(way.seen(), 3);
        } finally {
          await way.close();
        }
      },
    ),
  ],
};

function startSecond({ wall }: Stage): void {
  wall.pass(1_000 - (wall.now() % 1_000));
}
