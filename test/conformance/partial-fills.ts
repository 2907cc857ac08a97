import assert from 'node:assert/strict';
import { OrderRejected } from '../../exchange/errors.ts';
import type { OrderTicket } from '../../exchange/operator-port.ts';
import type { ExchangeOrder, Side } from '../../exchange/port.ts';
import { Exact } from '../../strategy/exact-decimal.ts';
import { agree, type Case, type Suite } from './case.ts';
import { failureOf } from './failing.ts';
import { bookThat } from './prices.ts';
import { BTC, openStage, type Stage } from './stage.ts';

/** KRW at the best price: the account's money is several times what thirty of them are worth. */
const THIN = 50_000;
const BOUGHT_KRW = '1000000';
const PURCHASES = 5;
/** Coins at the best price, so that they are worth an order and there are more of them in the account. */
const [LEAST, MOST] = [0.0001, 0.01];
/** Coins that are not there at the best price. */
const MORE = '0.005';

/** Orders bigger than what they find, in an order book: without one there is no end to what they find. */
export const PARTIAL_FILLS: Suite = {
  area: 'partial fills, levels',
  async open() {
    const stage = await openStage({ book: 'levels', depthKrw: THIN });
    for (let bought = 0; bought < PURCHASES; bought += 1) {
      const identifier = stage.newName();
      await stage.client.createOrder({ market: BTC, identifier, type: 'market', side: 'bid', spendKrw: BOUGHT_KRW });
      // The next trade of the feed brings another book.
      await bookThat(stage, () => true);
    }
    return stage;
  },
  cases: (['bid', 'ask'] as const).flatMap((side) => [
    filledInPart(side, undefined, 'wait', 'rests with what is left, until it is cancelled'),
    filledInPart(side, 'ioc', 'cancel', 'keeps what it took and ends in cancel'),
    filledInPart(side, 'fok', 'cancel', 'takes nothing and ends in cancel'),
    tooBig(side),
  ]),
};

function filledInPart(
  side: Side,
  timeInForce: 'ioc' | 'fok' | undefined,
  state: ExchangeOrder['state'],
  ends: string,
): Case {
  return agree(
    `limit ${timeInForce ?? ''} ${side} of more than its price holds ${ends}`.replace('  ', ' '),
    async (stage) => {
      const { client, operator } = stage;
      const best = (bests: Awaited<ReturnType<typeof bookThat>>) => (side === 'bid' ? bests.ask : bests.bid);
      const { price, size } = best(
        await bookThat(stage, (bests) => best(bests).size > LEAST && best(bests).size < MOST),
      );
      const volume = new Exact(size).plus(MORE).toFixed();
      const ticket: OrderTicket = {
        ...{ market: BTC, type: 'limit', side, price: String(price), volume },
        ...(timeInForce !== undefined && { timeInForce }),
      };
      const identifier = stage.newName();
      const created = await operator.createOrder(ticket, identifier);
      assert.deepEqual([created.state, created.executedVolume], ['wait', '0']);

      const order = await client.fetchOrder({ identifier });
      const taken = timeInForce === 'fok' ? '0' : new Exact(size).toFixed();
      assert.deepEqual([order?.state, order?.executedVolume, order?.volume], [state, taken, volume]);
      assert.deepEqual(
        order?.fills.map((fill) => [Number(fill.price), fill.volume]),
        timeInForce === 'fok' ? [] : [[price, taken]],
      );
      if (state !== 'wait') return;
      assert.equal((await client.cancelOrder({ identifier }))?.state, 'wait');
      const cancelled = await client.fetchOrder({ identifier });
      assert.deepEqual([cancelled?.state, cancelled?.executedVolume], ['cancel', taken]);
    },
  );
}

/** Refused since 2025-05-07; by which name is not documented. */
function tooBig(side: Side): Case {
  return agree(`market ${side} of more than thirty prices hold is refused, and trades nothing`, async (stage) => {
    const { client, operator } = stage;
    const before = await client.fetchBalances();
    const ticket: OrderTicket = { market: BTC, type: 'market', ...(await allThereIs(stage, side)) };
    const identifier = stage.newName();

    const refused = await failureOf(operator.createOrder(ticket, identifier));

    assert.ok(refused instanceof OrderRejected, refused.message);
    assert.equal(refused.reason, `create_${side}_error`);
    assert.deepEqual(await client.fetchBalances(), before);
    assert.equal(await client.fetchOrder({ identifier }), undefined);
  });
}

/** The account's money with room for the fee, or its coins; more than the book has. */
async function allThereIs({ client, quotation }: Stage, side: Side) {
  const [krw, coins] = await client.fetchBalances();
  const [book] = await quotation.fetchOrderBooks([BTC]);
  if (side === 'ask') {
    assert.ok(Number(coins?.free) > Number(book?.totalBidSize), 'the account has fewer coins than the book takes');
    return { side, volume: coins?.free ?? '' } as const;
  }
  const worth = (book?.asks ?? []).reduce((total, { price, size }) => total + Number(price) * Number(size), 0);
  const spendKrw = String(Math.floor(Number(krw?.free) * 0.99));
  assert.ok(Number(spendKrw) > worth, 'the account has less money than the book is worth');
  return { side, spendKrw } as const;
}
