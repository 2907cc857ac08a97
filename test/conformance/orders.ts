import assert from 'node:assert/strict';
import { OrderRejected } from '../../exchange/errors.ts';
import { agree, type Suite } from './case.ts';
import { failureOf } from './failing.ts';
import { pricesNow } from './prices.ts';
import { type BookKind, BTC, ETH, openStage, type Stage } from './stage.ts';

const VOLUME = '0.0002';
const NOBODY = 'nobody';
const DAY_MS = 86_400_000;
/** Between two requests to cancel all that is open. */
const CANCEL_ALL_EVERY_MS = 2_000;

/** Orders as they are placed, read, listed and cancelled, one at a time and several at once. */
export function orders(book: BookKind): Suite {
  return {
    area: `orders, ${book}`,
    open: () => openStage({ book }),
    cases: [
      agree('one is placed, found by both names, listed as open, cancelled, listed as closed', async (stage) => {
        const { client } = stage;
        const began = stage.marketTime();
        const [identifier, other] = [stage.newName(), stage.newName()];
        const created = await client.createOrder({ ...(await resting(stage)), identifier });
        await client.createOrder({ ...(await resting(stage)), identifier: other });
        const { exchangeOrderId } = created;
        assert.deepEqual(await client.fetchOrder({ exchangeOrderId }), await client.fetchOrder({ identifier }));
        assert.deepEqual(namesOf(await client.fetchOpenOrders()), [identifier, other]);

        assert.equal((await client.cancelOrder({ exchangeOrderId }))?.state, 'wait');
        assert.equal((await client.cancelOrder({ identifier: other }))?.state, 'wait');
        assert.deepEqual(await client.fetchOpenOrders(), []);
        const closed = await client.fetchClosedOrders({ from: began - 1_000, until: stage.marketTime() });
        assert.deepEqual(
          closed.map((order) => [order.identifier, order.state]),
          [
            [identifier, 'cancel'],
            [other, 'cancel'],
          ],
        );
        assert.deepEqual(await client.fetchClosedOrders({ from: began - DAY_MS, until: began - 1_000 }), []);
      }),
      agree(
        'one that is not there is neither found nor cancelled nor replaced, and over is as good as that',
        async (stage) => {
          const { client, operator } = stage;
          const identifier = stage.newName();
          await client.createOrder({ ...(await resting(stage)), identifier });
          await client.cancelOrder({ identifier });
          assert.equal(await client.fetchOrder({ identifier: NOBODY }), undefined);
          for (const name of [NOBODY, identifier]) {
            assert.equal(await client.cancelOrder({ identifier: name }), undefined);
            const ticket = await resting(stage);
            assert.equal(await operator.replaceOrder({ identifier: name }, ticket, stage.newName()), undefined);
          }
        },
      ),
      agree('one that is tested costs what it would and is not there afterwards', async (stage) => {
        const { client, operator } = stage;
        const before = await client.fetchBalances();
        const ticket = { market: BTC, type: 'limit', side: 'bid', price: '140000000', volume: '0.0001' } as const;
        assert.deepEqual(await operator.testOrder(ticket), { locked: '14007', reservedFee: '7' });
        assert.deepEqual(await client.fetchBalances(), before);
      }),
      agree('named ones are read and cancelled together, by both kinds of names', async (stage) => {
        const { client, operator } = stage;
        const identifiers = [stage.newName(), stage.newName(), stage.newName()];
        const ids: string[] = [];
        for (const identifier of identifiers) {
          ids.push((await client.createOrder({ ...(await resting(stage)), identifier })).exchangeOrderId);
        }
        const read = await operator.fetchOrders({ identifiers: [...identifiers, NOBODY] });
        assert.deepEqual(namesOf(read).sort(), [...identifiers].sort());
        assert.deepEqual((await operator.fetchOrders({ exchangeOrderIds: ids })).length, 3);

        const [first = '', second = '', third = ''] = identifiers;
        const byName = await operator.cancelOrders({ identifiers: [first, NOBODY] });
        assert.deepEqual([namesOf(byName.accepted), namesOf(byName.refused)], [[first], [NOBODY]]);
        const byId = await operator.cancelOrders({ exchangeOrderIds: ids });
        assert.deepEqual([namesOf(byId.accepted), namesOf(byId.refused)], [[second, third], [first]]);
      }),
      agree('open ones are cancelled by side, market and number', async (stage) => {
        const { client, operator, wall } = stage;
        const [eth] = await stage.quotation.fetchTickers([ETH]);
        const far = String(Math.floor((Number(eth?.price) * 0.9) / 1_000) * 1_000);
        const names = [stage.newName(), stage.newName(), stage.newName()];
        const [one = '', two = '', three = ''] = names;
        for (const identifier of [one, two]) await client.createOrder({ ...(await resting(stage)), identifier });
        await client.createOrder({
          ...(await resting(stage)),
          market: ETH,
          price: far,
          volume: '0.01',
          identifier: three,
        });
        const cancel = async (filter: Parameters<typeof operator.cancelOpenOrders>[0]) => {
          wall.pass(CANCEL_ALL_EVERY_MS);
          return namesOf((await operator.cancelOpenOrders(filter)).accepted);
        };
        assert.deepEqual(await cancel({ side: 'ask' }), []);
        assert.deepEqual(await cancel({ among: { markets: [BTC, ETH] }, except: [ETH], atMost: 1, first: 'oldest' }), [
          one,
        ]);
        assert.deepEqual(await cancel({ among: { markets: [ETH] } }), [three]);
        assert.deepEqual(await cancel({ among: { quoteCurrencies: ['BTC'] } }), []);
        assert.deepEqual(await cancel({ among: { quoteCurrencies: ['KRW'] }, side: 'bid' }), [two]);
      }),
      agree('one takes the place of another, named by either name', async (stage) => {
        const { client, operator } = stage;
        const [first, second, third] = [stage.newName(), stage.newName(), stage.newName()];
        const ticket = await resting(stage);
        const placed = await client.createOrder({ ...ticket, identifier: first });
        const lower = String(Number(ticket.price) - 1_000_000);

        const replaced = await operator.replaceOrder({ identifier: first }, { ...ticket, price: lower }, second);
        assert.deepEqual(replaced?.previous, placed);
        assert.equal(replaced.identifier, second);
        const [old, fresh] = [
          await client.fetchOrder({ identifier: first }),
          await client.fetchOrder({ identifier: second }),
        ];
        assert.deepEqual([old?.state, fresh?.state, fresh?.price], ['cancel', 'wait', lower]);
        assert.equal(fresh?.exchangeOrderId, replaced.exchangeOrderId);

        const { exchangeOrderId } = replaced;
        await operator.replaceOrder({ exchangeOrderId }, { ...ticket, volume: 'remaining' }, third);
        const last = await client.fetchOrder({ identifier: third });
        assert.deepEqual([last?.state, last?.volume, last?.side], ['wait', VOLUME, 'bid']);
        await client.cancelOrder({ identifier: third });
      }),
      agree('the funds of the one pay for the one in its place', async (stage) => {
        const { client, operator } = stage;
        const [first, second] = [stage.newName(), stage.newName()];
        const ticket = { ...(await resting(stage)), volume: '0.05' };
        await client.createOrder({ ...ticket, identifier: first });
        const replaced = await operator.replaceOrder({ identifier: first }, { ...ticket, volume: '0.06' }, second);
        assert.equal((await client.fetchOrder({ identifier: second }))?.exchangeOrderId, replaced?.exchangeOrderId);
        await client.cancelOrder({ identifier: second });
      }),
      agree('one that is refused in the place of another leaves that alone and has used its name up', async (stage) => {
        const { client, operator } = stage;
        const [first, second] = [stage.newName(), stage.newName()];
        const ticket = await resting(stage);
        await client.createOrder({ ...ticket, identifier: first });
        const offTick = { ...ticket, price: `${ticket.price}.5` };

        const refused = await failureOf(operator.replaceOrder({ identifier: first }, offTick, second));
        assert.deepEqual([refused instanceof OrderRejected, reasonOf(refused)], [true, 'invalid_price_bid']);
        assert.equal((await client.fetchOrder({ identifier: first }))?.state, 'wait');
        for (const used of [first, second]) {
          const again = await failureOf(operator.replaceOrder({ identifier: first }, ticket, used));
          assert.equal(reasonOf(again), 'duplicated_identifier');
        }
        await client.cancelOrder({ identifier: first });
      }),
      agree(
        'where one fills before it is cancelled there is none in its place, though the answer names it',
        async (stage) => {
          const { client, operator, control } = stage;
          const [first, second] = [stage.newName(), stage.newName()];
          const ticket = await resting(stage);
          await client.createOrder({ ...ticket, identifier: first });
          await control.add({ kind: 'filled-first', next: 1 });

          const replaced = await operator.replaceOrder({ identifier: first }, ticket, second);
          assert.equal(replaced?.previous.state, 'wait');
          const { exchangeOrderId = '' } = replaced ?? {};
          assert.equal(await client.fetchOrder({ exchangeOrderId }), undefined);
          assert.equal(await client.fetchOrder({ identifier: second }), undefined);
          assert.deepEqual((await client.fetchOrder({ identifier: first }))?.executedVolume, VOLUME);
        },
      ),
    ],
  };
}

/** A bid that waits far below the market. */
async function resting(stage: Stage) {
  const { low } = await pricesNow(stage);
  return { market: BTC, type: 'limit', side: 'bid', price: low, volume: VOLUME } as const;
}

function namesOf(some: readonly { readonly identifier: string | undefined }[]) {
  return some.map(({ identifier }) => identifier);
}

function reasonOf(error: Error): string | undefined {
  return error instanceof OrderRejected ? error.reason : undefined;
}
