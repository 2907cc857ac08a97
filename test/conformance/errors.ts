import assert from 'node:assert/strict';
import { AuthenticationFailed, OrderRejected } from '../../exchange/errors.ts';
import { createOrder } from '../../exchange/upbit/create-order.ts';
import { ERROR_NAMES } from '../../exchange/upbit/error-names.ts';
import type { Transport } from '../../exchange/upbit/transport.ts';
import type { NewFaultRule } from '../support/fault-control.ts';
import { agree, type Case, type Suite } from './case.ts';
import { failureOf } from './failing.ts';
import { type Message, openMeddler } from './meddler.ts';
import { openStage, type Stage } from './stage.ts';

/** How a name is met: by a request that deserves it, on a way that spoils requests, or because a fault was asked for. */
type Source = 'real' | 'spoilt on the way' | 'a fault';

interface Met {
  readonly name: string;
  /** Class of our error. */
  readonly type: string;
  readonly source: Source;
  readonly meet: (stage: Stage) => Promise<unknown>;
}

/** An order that would be accepted, as fields of its body; it is spoilt a field at a time. */
const LIMIT = { market: 'KRW-BTC', side: 'bid', ord_type: 'limit', price: '135000000', volume: '0.0001' };
const MARKET_BUY = { market: 'KRW-BTC', side: 'bid', ord_type: 'price', price: '10000' };
const MARKET_SALE = { market: 'KRW-BTC', side: 'ask', ord_type: 'market', volume: '0.0001' };
/** Calls that a limit of one second allows for `market`. */
const MARKET_CALLS = 10;

/** Every name of the table of errors, once. */
const ERRORS_MET: readonly Met[] = [
  ...refusedOrders([
    ['invalid_parameter', { ...LIMIT, side: 'up' }],
    ['create_bid_error', { ...MARKET_BUY, volume: '1' }],
    ['create_ask_error', { ...MARKET_SALE, price: '135000000' }],
    ['insufficient_funds_bid', { ...LIMIT, volume: '1' }],
    ['insufficient_funds_ask', { ...LIMIT, side: 'ask', volume: '1' }],
    ['under_min_total_bid', { ...LIMIT, volume: '0.00001' }],
    ['under_min_total_ask', { ...LIMIT, side: 'ask', volume: '0.00001' }],
    ['under_min_total_market_ask', { ...MARKET_SALE, volume: '0.00001' }],
    ['invalid_price_bid', { ...LIMIT, price: '135000500' }],
    ['invalid_price_ask', { ...LIMIT, side: 'ask', price: '135000500' }],
    ['invalid_volume_bid', { ...LIMIT, volume: '0.000100001' }],
    ['invalid_volume_ask', { ...MARKET_SALE, volume: '0.000100001' }],
    ['invalid_funds_bid', { ...MARKET_BUY, price: '10000.000000001' }],
    ['over_krw_funds_bid', { ...LIMIT, volume: '10' }],
    ['over_krw_funds_ask', { ...LIMIT, side: 'ask', volume: '10' }],
    ['invalid_time_in_force', { ...LIMIT, time_in_force: 'gtc' }],
    ['invalid_post_only', { ...LIMIT, time_in_force: 'post_only', smp_type: 'reduce' }],
    ['notfoundmarket', { ...LIMIT, market: 'KRW-NONE' }],
  ]),
  {
    name: 'duplicated_identifier',
    type: 'OrderRejected',
    source: 'real',
    async meet(stage) {
      const identifier = stage.newName();
      await createOrder(stage.transport, [...Object.entries(LIMIT), ['identifier', identifier]], identifier);
      return createOrder(stage.transport, [...Object.entries(LIMIT), ['identifier', identifier]], identifier);
    },
  },
  {
    name: 'bad_request',
    type: 'OrderRejected',
    source: 'real',
    // A path that cannot be decoded.
    meet: ({ transport }) => transport.ask({ ...POST, path: 'v1/orders%zz', parameters: Object.entries(LIMIT) }),
  },
  // The paper exchange has one name for every bid that is too small: that there is another is inferred (upbit.md §5).
  ...['validation_error', 'invalid_funds', 'volume_too_large', 'under_min_total_market_bid'].map(
    (name): Met => ({
      name,
      type: 'OrderRejected',
      source: 'a fault',
      meet: (stage) => under(stage, { kind: 'burned-identifier', error: name, next: 1 }, order(LIMIT)),
    }),
  ),

  {
    name: 'jwt_verification',
    type: 'AuthenticationFailed',
    source: 'real',
    meet: ({ connect, keys }) => connect({ keys: { ...keys, secretKey: 'another secret' } }).client.fetchBalances(),
  },
  {
    name: 'invalid_access_key',
    type: 'AuthenticationFailed',
    source: 'real',
    meet: ({ connect, keys }) => connect({ keys: { ...keys, accessKey: 'another key' } }).client.fetchBalances(),
  },
  {
    name: 'nonce_used',
    type: 'AuthenticationFailed',
    source: 'spoilt on the way',
    meet: (stage) => through(stage, (message) => [message, message], fetchAnOrder),
  },
  {
    name: 'no_authorization_token',
    type: 'AuthenticationFailed',
    source: 'spoilt on the way',
    meet: (stage) => through(stage, (message) => [withoutSignature(message)], fetchAnOrder),
  },
  {
    name: 'invalid_query_payload',
    type: 'AuthenticationFailed',
    source: 'spoilt on the way',
    meet: (stage) => through(stage, (message) => [{ ...message, target: `${message.target}2` }], fetchAnOrder),
  },
  ...(
    [
      ['expired_access_key', 401],
      ['no_authorization_ip', 401],
      ['no_authorization_i_p', 401],
      ['out_of_scope', 403],
      ['thirdparty_agreement_required', 403],
      ['open_api_withdraw_locked', 403],
    ] as const
  ).map(
    ([error, status]): Met => ({
      name: error,
      type: 'AuthenticationFailed',
      source: 'a fault',
      meet: (stage) => under(stage, { kind: 'refused', status, error, next: 1 }, order(LIMIT)),
    }),
  ),

  {
    name: 'market_offline',
    type: 'MarketOffline',
    source: 'a fault',
    meet: (stage) => under(stage, { kind: 'market-offline', next: 1 }, order(LIMIT)),
  },
  {
    name: 'too_many_requests',
    type: 'RateLimited',
    source: 'real',
    async meet(stage) {
      // Our client alone does not come to this: somebody else on the same address used the second up.
      await stage.stranger('/v1/market/all', MARKET_CALLS);
      return stage.client.listMarkets();
    },
  },
  {
    name: 'too_many_request_order',
    type: 'RateLimited',
    source: 'a fault',
    meet: (stage) => under(stage, { kind: 'too-many-request-order', next: 1 }, order(LIMIT)),
  },
  {
    name: 'internal_server_error',
    type: 'ExchangeUnavailable',
    source: 'a fault',
    meet: (stage) =>
      under(stage, { kind: 'http-500', when: 'before', next: 1 }, ({ client }) => client.fetchBalances()),
  },

  {
    name: 'order_not_found',
    type: 'UnexpectedResponse',
    source: 'real',
    meet: ({ transport }) => transport.ask({ ...GET, path: 'v1/order', parameters: [['identifier', 'nobody']] }),
  },
  {
    name: 'QUERY_PARAMETER_NOT_SUPPORTED',
    type: 'UnexpectedResponse',
    source: 'spoilt on the way',
    meet: (stage) =>
      through(
        stage,
        (message) => [withBody(message)],
        ({ client }) => client.cancelOrder({ identifier: 'nobody' }),
      ),
  },
  ...(
    [
      ['pocket_not_found', 404],
      ['currency_not_found', 404],
      ['withdraw_address_not_registered', 400],
      ['withdraw_address_not_registerd', 400],
    ] as const
  ).map(
    ([error, status]): Met => ({
      name: error,
      type: 'UnexpectedResponse',
      source: 'a fault',
      meet: (stage) =>
        under(stage, { kind: 'refused', status, error, next: 1 }, ({ client }) => client.fetchBalances()),
    }),
  ),
  {
    name: '400',
    type: 'UnexpectedResponse',
    source: 'real',
    meet: ({ quotation }) => quotation.fetchTickers([]),
  },
  {
    name: '404',
    type: 'UnexpectedResponse',
    source: 'real',
    meet: ({ transport }) => transport.ask({ ...GET, path: 'v1/nothing', parameters: [], signed: false }),
  },
];

const GET = { method: 'GET', group: 'default', signed: true } as const;
const POST = { method: 'POST', group: 'order', signed: true } as const;

/** Every error of Upbit's, met by our client: its type and its sentence. */
export const ERRORS: Suite = {
  area: 'errors',
  open: () => openStage({ book: 'endless' }),
  cases: [
    ...ERRORS_MET.map(met),
    agree('the three ways in which a quotation request can be faulty', async ({ quotation }) => {
      const faulty = [
        [() => quotation.fetchTrades('KRW-BTC', { count: 1, daysAgo: 9 }), /Invalid parameter/],
        [() => quotation.fetchTrades('KRW-BTC', { count: 1, cursor: 'x' }), /Type mismatch/],
        [() => quotation.fetchInstruments([]), /Missing request parameter/],
      ] as const;
      for (const [ask, said] of faulty) assert.match((await failureOf(ask())).message, said);
    }),
    ...[401, 403].map((status) =>
      agree(`${status} is about the key, whatever it is called: no order is taken for rejected`, async (stage) => {
        for (const error of ['insufficient_funds_bid', 'a_new_reason']) {
          const failure = await failureOf(under(stage, { kind: 'refused', status, error, next: 1 }, order(LIMIT)));
          assert.ok(failure instanceof AuthenticationFailed, failure.name);
        }
      }),
    ),
    // Which of the two it comes under depends on the part of the API (upbit.md §1).
    ...[401, 403].map((status) =>
      agree(`out_of_scope is about the key under ${status} as well, also where nothing is ordered`, async (stage) => {
        const rule = { kind: 'refused', status, error: 'out_of_scope', next: 1 } as const;
        const failure = await failureOf(under(stage, rule, ({ client }) => client.fetchBalances()));
        assert.ok(failure instanceof AuthenticationFailed, failure.name);
        assert.deepEqual([failure.reason, failure.message.includes('lacks the permission')], ['out_of_scope', true]);
      }),
    ),
    agree('a name that nobody knows rejects no order', async (stage) => {
      const rule = { kind: 'refused', status: 400, error: 'a_new_reason', next: 1 } as const;
      assert.equal((await failureOf(under(stage, rule, order(LIMIT)))).name, 'AmbiguousSubmission');
    }),
  ],
};

function met({ name, type, source, meet }: Met): Case {
  const looked = agree(`${name} (${source}) is ${type}`, async (stage) => {
    const failure = await failureOf(meet(stage));
    const { means = '', remedy = '' } = ERROR_NAMES.get(name) ?? {};
    assert.equal(failure.name, type, failure.message);
    assert.ok(failure.message.includes(`${means}; ${remedy}`), `no sentence for the operator: ${failure.message}`);
    if (failure instanceof OrderRejected || failure instanceof AuthenticationFailed) assert.equal(failure.reason, name);
    else if (!SILENT_ABOUT_NAMES.includes(type)) assert.ok(failure.message.includes(`(${name})`), failure.message);
  });
  return { ...looked, meets: [name] };
}

/** Errors of ours that say in their own words what the exchange's name stands for. */
const SILENT_ABOUT_NAMES: readonly string[] = ['MarketOffline', 'RateLimited'];

function refusedOrders(orders: readonly (readonly [name: string, fields: Readonly<Record<string, string>>])[]): Met[] {
  return orders.map(([name, fields]) => ({ name, type: 'OrderRejected', source: 'real', meet: order(fields) }));
}

/** Sends an order with these fields, whatever they are. */
function order(fields: Readonly<Record<string, string>>) {
  return ({ transport, newName }: { readonly transport: Transport; readonly newName: () => string }) => {
    const identifier = newName();
    return createOrder(transport, [...Object.entries(fields), ['identifier', identifier]], identifier);
  };
}

function fetchAnOrder({ client }: Pick<Stage, 'client'>): Promise<unknown> {
  return client.fetchOrder({ identifier: 'nobody' });
}

/** Does it while the exchange has been asked for a fault. */
async function under(stage: Stage, rule: NewFaultRule, act: (stage: Stage) => Promise<unknown>): Promise<unknown> {
  const { id } = await stage.control.add(rule);
  try {
    return await act(stage);
  } finally {
    await stage.control.remove(id);
  }
}

/** Does it with our client behind somebody who changes requests. */
async function through(
  stage: Stage,
  meddle: (message: Message) => readonly Message[],
  act: (parts: Pick<Stage, 'client'>) => Promise<unknown>,
): Promise<unknown> {
  const meddler = await openMeddler(stage.url, meddle);
  try {
    return await act(stage.connect({ url: meddler.url }));
  } finally {
    await meddler.close();
  }
}

function withoutSignature(message: Message): Message {
  const { authorization: _, ...headers } = message.headers;
  return { ...message, headers };
}

function withBody(message: Message): Message {
  const body = Buffer.from('{}');
  const headers = { ...message.headers, 'content-type': 'application/json', 'content-length': body.length };
  return { ...message, headers, body };
}
