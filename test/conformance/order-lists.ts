import assert from 'node:assert/strict';
import type { Parameters } from '../../exchange/upbit/authorization.ts';
import { parseLosslessJson } from '../../exchange/upbit/wire.ts';
import { agree, type Suite } from './case.ts';
import { failureOf } from './failing.ts';
import { pricesNow } from './prices.ts';
import { BTC, ETH, openStage, type Stage } from './stage.ts';

const DAY_MS = 86_400_000;
const VOLUME = '0.0002';
/** One more than a page holds. */
const MANY = 101;

type Listed = Readonly<Record<string, unknown>>;

/** The lists of orders in Upbit's own words: windows, pages, cuts, sort orders, and what goes not together. */
export const ORDER_LISTS: Suite = {
  area: 'order lists',
  open: () => openStage({ book: 'endless' }),
  cases: [
    agree(
      'closed orders are those created in seven days: the last, those after a start or before an end',
      async (stage) => {
        const { client, wall } = stage;
        const old = await waitingBid(stage);
        const createdAt = Math.floor(stage.marketTime() / 1_000) * 1_000;
        await client.cancelOrder({ identifier: old });
        wall.pass(8 * DAY_MS);
        const young = await waitingBid(stage);
        await client.cancelOrder({ identifier: young });

        const closed = async (parameters: Parameters) => namesOf(await list(stage, 'closed', parameters));
        const kst = `${new Date(createdAt + 9 * 3_600_000).toISOString().slice(0, 19)}+09:00`;
        assert.deepEqual(await closed([]), [young]);
        assert.deepEqual(await closed([['start_time', String(createdAt)]]), [old]);
        assert.deepEqual(await closed([['start_time', kst]]), [old]);
        assert.deepEqual(await closed([['start_time', new Date(createdAt).toISOString()]]), [old]);
        assert.deepEqual(await closed([['start_time', String(createdAt + 1_000)]]), []);
        assert.deepEqual(await closed([['end_time', String(createdAt + 7 * DAY_MS - 1_000)]]), [old]);
        assert.deepEqual(await closed([['end_time', String(createdAt + 7 * DAY_MS + 1_000)]]), []);
        assert.deepEqual(await closed([['start_time', String(createdAt + 2 * DAY_MS)]]), [young]);
        assert.match((await failureOf(closed([['start_time', 'yesterday']]))).message, /\(invalid_parameter\)/);
      },
    ),
    agree('a hundred to a page, the newest first, in the market and the states asked for', async (stage) => {
      const { wall } = stage;
      // So that none of another case is in the window.
      wall.pass(8 * DAY_MS);
      const names: string[] = [];
      for (let made = 0; made < MANY; made += 1) names.push(await waitingBid(stage));
      const newestFirst = names.toReversed();
      const open = async (...parameters: Parameters) => namesOf(await list(stage, 'open', parameters));
      assert.deepEqual(await open(), newestFirst.slice(0, 100));
      assert.deepEqual(await open(['limit', String(MANY)]), newestFirst.slice(0, 100));
      assert.deepEqual(await open(['page', '2']), newestFirst.slice(100));
      assert.deepEqual(await open(['order_by', 'asc'], ['limit', '2'], ['page', '2']), names.slice(2, 4));
      assert.deepEqual(await open(['market', BTC], ['limit', '1']), newestFirst.slice(0, 1));
      assert.deepEqual(await open(['market', ETH]), []);
      assert.deepEqual(await open(['state', 'watch']), []);
      assert.deepEqual(
        await open(['states[]', 'wait'], ['states[]', 'watch'], ['limit', '1']),
        newestFirst.slice(0, 1),
      );

      wall.pass(2_000);
      await stage.operator.cancelOpenOrders();
      const closed = async (...parameters: Parameters) => namesOf(await list(stage, 'closed', parameters));
      assert.deepEqual(await open(), []);
      assert.deepEqual(await closed(), newestFirst.slice(0, 100));
      assert.deepEqual(await closed(['limit', '1001']), newestFirst);
      assert.deepEqual(await closed(['order_by', 'asc'], ['limit', '1']), names.slice(0, 1));
      assert.deepEqual(await closed(['state', 'done']), []);
      assert.deepEqual(
        await closed(['states[]', 'done'], ['states[]', 'cancel'], ['limit', '1']),
        newestFirst.slice(0, 1),
      );
      assert.deepEqual(await closed(['market', ETH]), []);
    }),
    ...(
      [
        [
          'open',
          [
            ['state', 'wait'],
            ['states[]', 'wait'],
          ],
        ],
        ['open', [['state', 'done']]],
        ['open', [['page', '0']]],
        ['open', [['order_by', 'newest']]],
        ['closed', [['order_by', '']]],
        [
          'closed',
          [
            ['state', 'done'],
            ['states[]', 'done'],
          ],
        ],
        ['closed', [['state', 'wait']]],
        ['closed', [['limit', '0']]],
        ['uuids', []],
        [
          'uuids',
          [
            ['uuids[]', 'a'],
            ['identifiers[]', 'a'],
          ],
        ],
        ['uuids', Array.from({ length: MANY }, (_, index) => ['uuids[]', String(index)] as const)],
      ] as const satisfies readonly (readonly [string, Parameters])[]
    ).map(([name, parameters]) =>
      agree(`orders/${name} with ${told(parameters)} is refused`, async (stage) => {
        assert.match((await failureOf(list(stage, name, parameters))).message, /answered 400 \(invalid_parameter\)/);
      }),
    ),
  ],
};

/** @returns the identifier of a bid that waits far below the market. */
async function waitingBid(stage: Stage): Promise<string> {
  const identifier = stage.newName();
  const { low } = await pricesNow(stage);
  await stage.client.createOrder({ market: BTC, identifier, type: 'limit', side: 'bid', price: low, volume: VOLUME });
  return identifier;
}

async function list({ transport }: Stage, name: string, parameters: Parameters): Promise<readonly Listed[]> {
  const call = { method: 'GET', path: `v1/orders/${name}`, group: 'default', parameters, signed: true } as const;
  return parseLosslessJson((await transport.ask(call)).body) as readonly Listed[];
}

function namesOf(orders: readonly Listed[]): readonly unknown[] {
  return orders.map(({ identifier }) => identifier);
}

function told(parameters: Parameters): string {
  if (parameters.length > 2) return `${parameters.length} names`;
  return parameters.map(([name, value]) => `${name}=${value}`).join('&') || 'no name';
}
