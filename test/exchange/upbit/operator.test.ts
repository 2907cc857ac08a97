import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../../cli/up/ports.ts';
import { parseMarket } from '../../../config/market.ts';
import { type OrderTicket, REMAINING } from '../../../exchange/operator-port.ts';
import { queryHash } from '../../../exchange/upbit/authorization.ts';
import { createUpbitOperator } from '../../../exchange/upbit/operator.ts';
import { createTransport } from '../../../exchange/upbit/transport.ts';
import { BTC_FILE, ETH_FILE, paperOptions, standingWall, startForTest } from '../paper/paper.ts';

const BTC = parseMarket('KRW-BTC');
const ETH = parseMarket('KRW-ETH');
/** The fixtures trade far above these. */
const restingBtc = { market: BTC, type: 'limit', side: 'bid', price: '140000000', volume: '0.0001' } as const;
const restingEth = { market: ETH, type: 'limit', side: 'bid', price: '1000000', volume: '0.01' } as const;

async function operatorOnPaper() {
  const wall = standingWall();
  const options = paperOptions({ replayFiles: [BTC_FILE, ETH_FILE], markets: [BTC, ETH], wallClock: wall.now });
  const exchange = await startForTest(options);
  const keys = { accessKey: options.accessKey, secretKey: options.secretKey };
  // The exchange counts calls by its own clock, which stands: nothing of its limits is to be waited for here.
  const rateLimits = { admit: async () => () => undefined, pause: () => undefined };
  return { wall, operator: createUpbitOperator(createTransport({ baseUrl: exchange.url, keys, rateLimits })) };
}

/** What arrives at a server that answers every request alike. */
async function operatorWatched(status: number, body: unknown) {
  const arrived: { method: string; path: string; query: string; body: string; token: Record<string, unknown> }[] = [];
  const server = createServer(async (request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?');
    let text = '';
    for await (const chunk of request) text += chunk;
    const token = decodeJwt((request.headers.authorization ?? '').replace('Bearer ', ''));
    arrived.push({ method: request.method ?? '', path, query, body: text, token });
    response.writeHead(status).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keys = { accessKey: 'key', secretKey: 'a secret that is long enough for anybody' };
  return { arrived, operator: createUpbitOperator(createTransport({ baseUrl, keys })) };
}

/** As Upbit's documentation shows it: the order to be cancelled, and the id of the new one. */
const replaced = {
  ...{ uuid: 'u-1', side: 'bid', ord_type: 'limit', price: '153559.00', state: 'wait', market: 'KRW-BTC' },
  ...{ created_at: '2025-07-04T15:00:00', volume: '1.0', remaining_volume: '1.0', executed_volume: '0' },
  ...{ reserved_fee: '383.8975', remaining_fee: '383.8975', paid_fee: '0', locked: '153942.8975' },
  ...{ prevented_volume: '0', prevented_locked: '0', trades_count: 0, new_order_uuid: 'u-2' },
};
const nothing = { success: { count: 0, orders: [] }, failed: { count: 0, orders: [] } };

describe('on the paper exchange', () => {
  it('an order is tested: it costs what it would, and is not there afterwards', async () => {
    const { operator } = await operatorOnPaper();

    expect(await operator.testOrder(restingBtc)).toEqual({ locked: '14007', reservedFee: '7' });

    expect(await operator.cancelOpenOrders()).toEqual({ accepted: [], refused: [] });
    await expect(operator.testOrder({ ...restingBtc, price: '140000500' })).rejects.toMatchObject({
      name: 'OrderRejected',
      reason: 'invalid_price_bid',
    });
  });

  it('orders are read and cancelled by both kinds of names', async () => {
    const { operator } = await operatorOnPaper();
    const a = await operator.createOrder(restingBtc, 'a');
    const b = await operator.createOrder(restingEth, 'b');
    const ids = [a.exchangeOrderId, 'none', b.exchangeOrderId];

    const byId = await operator.fetchOrders({ exchangeOrderIds: ids });
    const byIdentifier = await operator.fetchOrders({ identifiers: ['b', 'a'] });
    const cancelled = await operator.cancelOrders({ identifiers: ['a', 'none'] });
    const again = await operator.cancelOrders({ exchangeOrderIds: ids });

    expect(byId.map(({ identifier }) => identifier).sort()).toEqual(['a', 'b']);
    expect(byIdentifier.map(({ exchangeOrderId }) => exchangeOrderId).sort()).toEqual(
      [a.exchangeOrderId, b.exchangeOrderId].sort(),
    );
    expect(cancelled).toEqual({
      accepted: [{ exchangeOrderId: a.exchangeOrderId, identifier: 'a', market: BTC }],
      refused: [{ exchangeOrderId: undefined, identifier: 'none', market: undefined }],
    });
    expect([again.accepted, again.refused].map((orders) => orders.map(({ identifier }) => identifier))).toEqual([
      ['b'],
      ['a', undefined],
    ]);
    expect((await operator.fetchOrders({ identifiers: ['a', 'b'] })).map(({ state }) => state)).toEqual([
      'cancel',
      'cancel',
    ]);
  });

  it('an order takes the place of another, with what is left of it', async () => {
    const { operator } = await operatorOnPaper();
    const placed = await operator.createOrder(restingBtc, 'a');
    const { market: _, ...ticket } = restingBtc;

    const first = await operator.replaceOrder({ identifier: 'a' }, { ...ticket, price: '130000000' }, 'b');
    const { exchangeOrderId = '' } = first ?? {};
    const second = await operator.replaceOrder({ exchangeOrderId }, { ...ticket, volume: REMAINING }, 'c');

    expect(first).toEqual({ previous: placed, exchangeOrderId: expect.any(String), identifier: 'b' });
    expect(second).toMatchObject({ previous: { exchangeOrderId, identifier: 'b' }, identifier: 'c' });
    expect(await operator.fetchOrders({ identifiers: ['a', 'b', 'c'] })).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ identifier: 'a', state: 'cancel' }),
        expect.objectContaining({ identifier: 'b', state: 'cancel', price: '130000000' }),
        expect.objectContaining({ identifier: 'c', state: 'wait', volume: '0.0001' }),
      ]),
    );
  });

  it('an order in the place of none, or of one that is over, is none; one that is refused is rejected', async () => {
    const { operator } = await operatorOnPaper();
    const { market: _, ...ticket } = restingBtc;
    await operator.createOrder(restingBtc, 'a');

    expect(await operator.replaceOrder({ identifier: 'nobody' }, ticket, 'b')).toBeUndefined();
    await expect(operator.replaceOrder({ identifier: 'a' }, ticket, 'b')).rejects.toMatchObject({
      name: 'OrderRejected',
      reason: 'duplicated_identifier',
    });
    await expect(
      operator.replaceOrder({ identifier: 'a' }, { ...ticket, price: '140000000.5' }, 'c'),
    ).rejects.toMatchObject({
      name: 'OrderRejected',
      reason: 'invalid_price_bid',
    });
    expect(await operator.fetchOrders({ identifiers: ['a'] })).toMatchObject([{ state: 'wait' }]);
    await operator.cancelOrders({ identifiers: ['a'] });
    expect(await operator.replaceOrder({ identifier: 'a' }, ticket, 'd')).toBeUndefined();
  });

  it('open orders are cancelled by side, market and number', async () => {
    const { operator, wall } = await operatorOnPaper();
    for (const [n, ticket] of [restingBtc, restingBtc, restingEth, restingEth].entries()) {
      await operator.createOrder(ticket, `n-${n}`);
    }
    const cancel = async (filter: Parameters<typeof operator.cancelOpenOrders>[0]) => {
      const { accepted } = await operator.cancelOpenOrders(filter);
      wall.pass(2_000);
      return accepted.map(({ identifier }) => identifier);
    };

    expect(await cancel({ side: 'ask' })).toEqual([]);
    expect(await cancel({ among: { markets: [BTC, ETH] }, except: [ETH], atMost: 1, first: 'oldest' })).toEqual([
      'n-0',
    ]);
    expect(await cancel({ among: { quoteCurrencies: ['KRW'] }, atMost: 1 })).toEqual(['n-3']);
    expect(await cancel({ among: { markets: [] } })).toEqual([]);
    expect(await cancel({ among: { markets: [ETH] } })).toEqual(['n-2']);
    expect(await cancel(undefined)).toEqual(['n-1']);
  });

  it.each<[OrderTicket, string]>([
    [{ market: BTC, type: 'best', side: 'bid', spendKrw: '100000', timeInForce: 'ioc' }, 'cancel'],
    [{ market: BTC, type: 'limit', side: 'bid', price: '160000000', volume: '0.0001', timeInForce: 'ioc' }, 'done'],
    [{ market: BTC, type: 'limit', side: 'bid', price: '160000000', volume: '0.0001', timeInForce: 'fok' }, 'done'],
    [{ ...restingBtc, timeInForce: 'post_only' }, 'wait'],
    [{ ...restingBtc, timeInForce: 'post_only', selfMatch: 'none' }, 'wait'],
    [{ ...restingBtc, selfMatch: 'reduce' }, 'wait'],
  ])('takes %j, which is then %s', async (ticket, state) => {
    const { operator } = await operatorOnPaper();

    await operator.testOrder(ticket);
    await operator.createOrder(ticket, 'i-1');

    expect(await operator.fetchOrders({ identifiers: ['i-1'] })).toMatchObject([{ state }]);
  });
});

describe('a request', () => {
  it('to test an order carries no identifier, which it might use up', async () => {
    const { arrived, operator } = await operatorWatched(201, { reserved_fee: '7', locked: '14007' });

    await operator.testOrder(restingBtc);

    expect(arrived).toMatchObject([{ method: 'POST', path: '/v1/orders/test' }]);
    expect(JSON.parse(arrived[0]?.body ?? '')).toEqual({
      ...{ market: 'KRW-BTC', side: 'bid', volume: '0.0001', price: '140000000' },
      ...{ ord_type: 'limit', smp_type: 'cancel_taker' },
    });
  });

  it('to replace an order names that, then the new one, and leaves out what stays as it is', async () => {
    const { arrived, operator } = await operatorWatched(201, replaced);

    await operator.replaceOrder(
      { exchangeOrderId: 'u-1' },
      { type: 'limit', side: 'ask', price: '140000000', volume: REMAINING, timeInForce: 'fok' },
      'i-2',
    );
    await operator.replaceOrder({ identifier: 'i-1' }, { type: 'market', side: 'bid', spendKrw: '10000' }, 'i-3');
    await operator.replaceOrder(
      { identifier: 'i-1' },
      { type: 'limit', side: 'bid', price: '1', volume: '1', timeInForce: 'post_only' },
      'i-4',
    );

    expect(arrived.map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array.from({ length: 3 }, () => 'POST /v1/orders/cancel_and_new'),
    );
    const said = arrived.map(({ body }) => Object.entries(JSON.parse(body)) as [string, string][]);
    expect(said.map((fields) => fields.map((field) => field.join('=')).join('&'))).toEqual([
      'prev_order_uuid=u-1&new_volume=remain_only&new_price=140000000&new_ord_type=limit&new_time_in_force=fok&new_identifier=i-2&new_smp_type=cancel_taker',
      'prev_order_identifier=i-1&new_price=10000&new_ord_type=price&new_identifier=i-3&new_smp_type=cancel_taker',
      'prev_order_identifier=i-1&new_volume=1&new_price=1&new_ord_type=limit&new_time_in_force=post_only&new_identifier=i-4',
    ]);
    expect(arrived.map(({ token }) => token.query_hash)).toEqual(said.map(queryHash));
  });

  it('to cancel has its names in the query alone, hashed as they read before they are encoded', async () => {
    const { arrived, operator } = await operatorWatched(200, nothing);

    await operator.cancelOrders({ identifiers: ['a-1', 'b_2', 'a-1'] });
    await operator.cancelOpenOrders({ among: { markets: [BTC, ETH] }, except: [ETH], side: 'bid' });

    expect(arrived).toMatchObject([
      { method: 'DELETE', path: '/v1/orders/uuids', body: '' },
      { method: 'DELETE', path: '/v1/orders/open', body: '' },
    ]);
    expect(arrived.map(({ query }) => decodeURIComponent(query))).toEqual([
      'identifiers[]=a-1&identifiers[]=b_2',
      'cancel_side=bid&pairs=KRW-BTC,KRW-ETH&excluded_pairs=KRW-ETH&count=300&order_by=desc',
    ]);
    for (const { query, token } of arrived) {
      const decoded = decodeURIComponent(query).split('&');
      expect(token.query_hash).toBe(queryHash(decoded.map((part) => part.split('=') as [string, string])));
    }
  });

  it('names a hundred orders to read and twenty to cancel, and is not made for none', async () => {
    const names = Array.from({ length: 101 }, (_, n) => `id-${n}`);
    const cancelling = await operatorWatched(200, nothing);
    const reading = await operatorWatched(200, []);

    await cancelling.operator.cancelOrders({ exchangeOrderIds: names.slice(0, 41) });
    await cancelling.operator.cancelOrders({ identifiers: [] });
    await reading.operator.fetchOrders({ exchangeOrderIds: names });
    await reading.operator.fetchOrders({ exchangeOrderIds: [] });
    const counts = (all: readonly { query: string }[]) => all.map(({ query }) => query.split('&').length);

    expect(counts(cancelling.arrived)).toEqual([20, 20, 1]);
    expect(counts(reading.arrived)).toEqual([100, 1]);
    expect([...cancelling.arrived, ...reading.arrived].every(({ query }) => query.startsWith('uuids%5B%5D='))).toBe(
      true,
    );
  });

  it('to cancel open orders among no market at all is not made: without markets it would mean all', async () => {
    const { arrived, operator } = await operatorWatched(200, nothing);

    await operator.cancelOpenOrders({ among: { markets: [] } });
    await operator.cancelOpenOrders({ among: { quoteCurrencies: [] } });

    expect(arrived).toEqual([]);
  });
});

describe('an answer about cancellations', () => {
  const order = {
    uuid: 'u-1',
    market: 'KRW-BTC',
    identifier: 'i-1',
    new_field: 12_345_678_901_234_567_890n.toString(),
  };
  const answered = async (body: unknown) => {
    const { operator } = await operatorWatched(200, body);
    return operator.cancelOrders({ identifiers: ['i-1'] });
  };

  it('may hold keys that nobody knows, and lack those of orders that are not there', async () => {
    const success = { count: 1, orders: [order], also: {} };

    expect(
      await answered({ success, failed: { count: 1, orders: [{ identifier: 'i-2', market: null }] }, more: [] }),
    ).toEqual({
      accepted: [{ exchangeOrderId: 'u-1', identifier: 'i-1', market: 'KRW-BTC' }],
      refused: [{ exchangeOrderId: undefined, identifier: 'i-2', market: undefined }],
    });
  });

  it.each([
    [{ success: { count: 0, orders: [] } }],
    [{ success: { count: 1, orders: [{ ...order, uuid: ['u-1'] }] }, failed: nothing.failed }],
    [{ success: { count: 1, orders: order }, failed: nothing.failed }],
    [[]],
  ])('that reads %j is refused', async (body) => {
    await expect(answered(body)).rejects.toMatchObject({ name: 'UnexpectedResponse' });
  });
});

describe('an answer about a replacement', () => {
  const ticket = { type: 'limit', side: 'bid', price: '153559', volume: '1' } as const;

  it.each([200, 201])('counts under %i, with or without the identifier', async (status) => {
    for (const [more, identifier] of [
      [{}, undefined],
      [{ new_order_identifier: null, avg_price: '0' }, undefined],
      [{ new_order_identifier: 'i-2' }, 'i-2'],
    ] as const) {
      const { operator } = await operatorWatched(status, { ...replaced, ...more });
      expect(await operator.replaceOrder({ identifier: 'i-1' }, ticket, 'i-2')).toMatchObject({
        ...{ exchangeOrderId: 'u-2', identifier },
        previous: { exchangeOrderId: 'u-1', state: 'wait', price: '153559', executedVolume: '0' },
      });
    }
  });

  it('that does not say which order is the new one leaves it uncertain whether there is one', async () => {
    const { new_order_uuid: _, ...incomplete } = replaced;
    const { operator } = await operatorWatched(201, incomplete);
    await expect(operator.replaceOrder({ identifier: 'i-1' }, ticket, 'i-2')).rejects.toMatchObject({
      name: 'AmbiguousSubmission',
    });
  });

  it.each([
    [500, 'internal_server_error', 'AmbiguousSubmission'],
    [401, 'nonce_used', 'AuthenticationFailed'],
    [429, 'too_many_requests', 'RateLimited'],
    [400, 'a_new_reason', 'AmbiguousSubmission'],
  ])('%i %s is no rejection but %s', async (status, name, error) => {
    const { arrived, operator } = await operatorWatched(status, { error: { name, message: '' } });
    await expect(operator.replaceOrder({ identifier: 'i-1' }, ticket, 'i-2')).rejects.toMatchObject({ name: error });
    expect(arrived).toHaveLength(1);
  });

  it('that cannot come because nobody is there was never asked for', async () => {
    const keys = { accessKey: 'key', secretKey: 'a secret that is long enough for anybody' };
    const transport = createTransport({ baseUrl: `http://127.0.0.1:${await freePort()}`, keys });
    const sending = createUpbitOperator(transport).replaceOrder({ identifier: 'i-1' }, ticket, 'i-2');
    await expect(sending).rejects.toMatchObject({ name: 'NotSent' });
  });
});

it.each([401, 403])('an order refused with %i is neither rejected nor taken for unknown', async (status) => {
  for (const name of ['no_authorization_ip', 'a_new_reason', 'insufficient_funds_bid']) {
    const { operator } = await operatorWatched(status, { error: { name, message: '' } });
    await expect(operator.createOrder(restingBtc, 'i-1')).rejects.toMatchObject({ name: 'AuthenticationFailed' });
  }
});
