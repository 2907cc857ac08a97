import assert from 'node:assert/strict';
import type { SelfMatch } from '../../exchange/operator-port.ts';
import type { ExchangeOrder, Side } from '../../exchange/port.ts';
import { agree, type Case, type Suite } from './case.ts';
import { bookThat, TICK } from './prices.ts';
import { BTC, openStage } from './stage.ts';

const RESTING = '0.0004';
const ARRIVING = '0.0002';
const BOUGHT_KRW = '200000';

type Ends = readonly [state: ExchangeOrder['state'], executedVolume: string];

/** What becomes of the resting and of the arriving order where both are ours; the arriving one's word counts. */
const ENDS: Readonly<Record<SelfMatch, { readonly resting: Ends; readonly arriving: Ends }>> = {
  none: { resting: ['wait', ARRIVING], arriving: ['done', ARRIVING] },
  cancel_maker: { resting: ['cancel', '0'], arriving: ['wait', '0'] },
  cancel_taker: { resting: ['wait', '0'], arriving: ['cancel', '0'] },
  reduce: { resting: ['wait', '0'], arriving: ['cancel', '0'] },
};

/** Two orders of the account that would trade with each other, in an order book: without one they never meet. */
export const SELF_MATCH: Suite = {
  area: 'self-match, levels',
  async open() {
    const stage = await openStage({ book: 'levels' });
    const identifier = stage.newName();
    await stage.client.createOrder({ market: BTC, identifier, type: 'market', side: 'bid', spendKrw: BOUGHT_KRW });
    return stage;
  },
  cases: (['bid', 'ask'] as const).flatMap((side) =>
    (Object.keys(ENDS) as SelfMatch[]).map((selfMatch) => meeting(side, selfMatch)),
  ),
};

function meeting(side: Side, selfMatch: SelfMatch): Case {
  return agree(`${selfMatch}, arriving as ${side}`, async (stage) => {
    const { client, operator, newName } = stage;
    const { ask, bid } = await bookThat(stage, (bests) => bests.ask.price - bests.bid.price > TICK);
    // Better than everybody's: nobody else stands between the two.
    const price = String(side === 'bid' ? ask.price - TICK : bid.price + TICK);
    const [first, second] = [newName(), newName()];
    const base = { market: BTC, type: 'limit', price } as const;
    const opposite = side === 'bid' ? 'ask' : 'bid';
    await operator.createOrder({ ...base, side: opposite, volume: RESTING, selfMatch: 'none' }, first);
    await operator.createOrder({ ...base, side, volume: ARRIVING, selfMatch }, second);

    const ends = async (identifier: string): Promise<Ends | undefined> => {
      const order = await client.fetchOrder({ identifier });
      return order && [order.state, order.executedVolume];
    };
    const { resting, arriving } = ENDS[selfMatch];
    assert.deepEqual(await ends(first), resting);
    assert.deepEqual(await ends(second), arriving);
    for (const identifier of [first, second]) await client.cancelOrder({ identifier });
  });
}
