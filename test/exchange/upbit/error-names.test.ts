import { describe, expect, it } from 'vitest';
import { ERROR_NAMES } from '../../../exchange/upbit/error-names.ts';
import { failureOf } from '../../../exchange/upbit/failures.ts';
import { createKeyHider } from '../../../exchange/upbit/hide-keys.ts';

type Statuses = readonly number[];
type Case = readonly [name: string, statuses: Statuses, ofAnOrder: string, otherwise: string];

/** Every name of the exchange's documentation, or seen to be sent, under the statuses it may come with. */
const rejected = (...names: string[]) =>
  names.map((name): Case => [name, [400, 404, 422], 'OrderRejected', 'UnexpectedResponse']);
const aboutTheKey = (...names: string[]) =>
  names.map((name): Case => [name, [400, 401, 403], 'AuthenticationFailed', 'AuthenticationFailed']);
const unexpected = (...names: string[]) =>
  names.map((name): Case => [name, [400, 404], 'UnexpectedResponse', 'UnexpectedResponse']);
const limited = (...names: string[]) =>
  names.map((name): Case => [name, [400, 403, 429], 'RateLimited', 'RateLimited']);

const CASES: readonly Case[] = [
  ...rejected('invalid_parameter', 'validation_error', 'bad_request'),
  ...rejected('create_bid_error', 'create_ask_error'),
  ...rejected('insufficient_funds_bid', 'insufficient_funds_ask'),
  ...rejected('under_min_total_bid', 'under_min_total_ask'),
  ...rejected('under_min_total_market_bid', 'under_min_total_market_ask'),
  ...rejected('invalid_price_bid', 'invalid_price_ask'),
  ...rejected('invalid_volume_bid', 'invalid_volume_ask', 'invalid_funds_bid', 'invalid_funds'),
  ...rejected('over_krw_funds_bid', 'volume_too_large'),
  ...rejected('invalid_time_in_force', 'invalid_post_only', 'duplicated_identifier', 'notfoundmarket'),
  ...unexpected('QUERY_PARAMETER_NOT_SUPPORTED', 'withdraw_address_not_registered', 'withdraw_address_not_registerd'),
  ...aboutTheKey('invalid_query_payload', 'jwt_verification', 'expired_access_key', 'nonce_used'),
  ...aboutTheKey('no_authorization_ip', 'no_authorization_i_p', 'no_authorization_token', 'invalid_access_key'),
  ...aboutTheKey('out_of_scope', 'open_api_withdraw_locked', 'thirdparty_agreement_required'),
  ['market_offline', [400, 401, 403, 404], 'MarketOffline', 'MarketOffline'],
  ...unexpected('order_not_found', 'pocket_not_found', 'currency_not_found', '400', '404'),
  ...limited('too_many_requests', 'too_many_request_order'),
  ['internal_server_error', [400, 500, 502], 'ExchangeUnavailable', 'ExchangeUnavailable'],
];

const hideKeys = createKeyHider();
const ORDER = { group: 'order', creates: true, hideKeys } as const;
const READ = { group: 'default', creates: false, hideKeys } as const;
const answer = (status: number, name: string, message = '주문을 처리할 수 없습니다.') => ({
  status,
  body: JSON.stringify({ error: { message, name } }),
});

it('every documented name is in the table, and nothing else but one inferred from its counterpart', () => {
  expect([...ERROR_NAMES.keys()].sort()).toEqual([...CASES.map(([name]) => name), 'over_krw_funds_ask'].sort());
});

describe.each(CASES)('%s', (name, statuses, ofAnOrder, otherwise) => {
  it.each(statuses)(`under %i is ${ofAnOrder} for an order and ${otherwise} else`, (status) => {
    expect(failureOf(answer(status, name), ORDER, 0).name).toBe(ofAnOrder);
    expect(failureOf(answer(status, name), READ, 0).name).toBe(otherwise);
  });

  it('tells the operator what it means and what to do, then what the exchange says', () => {
    const { means = '', remedy = '' } = ERROR_NAMES.get(name) ?? {};

    expect([means.split(' ').length > 3, remedy.split(' ').length > 2]).toEqual([true, true]);
    for (const asked of [ORDER, READ]) {
      const { message } = failureOf(answer(statuses[0] ?? 0, name), asked, 0);
      expect(message).toContain(`${means}; ${remedy}; the exchange says: 주문을 처리할 수 없습니다.`);
    }
  });
});

it.each(CASES)('%s is no rejection where the status says that the order was not looked at', (name) => {
  for (const status of [200, 302, 401, 403, 418, 429, 500, 502, 503]) {
    expect(failureOf(answer(status, name), ORDER, 0).name).not.toBe('OrderRejected');
  }
});

it.each([
  'a_name_nobody_documented',
  'insufficient_funds',
  'INVALID_PARAMETER',
  ' invalid_parameter',
  'toString',
  '__proto__',
  '',
])('the unknown name "%s" is never a rejection', (name) => {
  for (const status of [400, 401, 403, 404, 409, 418, 422, 429, 500, 503]) {
    expect(failureOf(answer(status, name), ORDER, 0).name).not.toBe('OrderRejected');
  }
});

it('names keep what programs match on: the reason is the bare name, whatever the sentence', () => {
  expect(failureOf(answer(400, 'duplicated_identifier'), ORDER, 0)).toMatchObject({ reason: 'duplicated_identifier' });
  expect(failureOf(answer(401, 'nonce_used'), READ, 0)).toMatchObject({ reason: 'nonce_used' });
});

it('a block and too many requests say what to do although they bear no name', () => {
  expect(failureOf({ status: 418, body: '' }, READ, 0).message).toMatch(/blocked.* until .*; stop what else uses/);
  expect(failureOf({ status: 429, body: '' }, READ, 0).message).toMatch(/rate limit .*: .*; it is tried again/);
});

it('an error without words is told in ours alone, an unknown one in its own', () => {
  const known = failureOf(answer(400, 'invalid_price_bid', ''), ORDER, 0).message;
  expect(known).toMatch(/^order rejected \(invalid_price_bid\): the price .* tick; round it [^;]*$/);
  expect(failureOf(answer(400, 'new_error'), ORDER, 0).message).toBe(
    'the exchange answered 400 (new_error): the exchange says: 주문을 처리할 수 없습니다.',
  );
  expect(failureOf(answer(400, 'new_error', ''), ORDER, 0).message).toBe('the exchange answered 400 (new_error)');
});
