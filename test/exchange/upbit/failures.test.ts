import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../exchange/upbit/failures.ts';
import { createKeyHider } from '../../../exchange/upbit/hide-keys.ts';

const hideKeys = createKeyHider();
const said = (name: string | number) => JSON.stringify({ error: { name, message: 'whatever language' } });

describe('an answer that is not a success', () => {
  it.each([
    [400, said('insufficient_funds_bid'), 'OrderRejected'],
    [400, said('duplicated_identifier'), 'OrderRejected'],
    [400, said('invalid_price_bid'), 'OrderRejected'],
    [400, said('a_name_nobody_documented'), 'UnexpectedResponse'],
    [401, said('nonce_used'), 'AuthenticationFailed'],
    [403, said('out_of_scope'), 'AuthenticationFailed'],
    [401, said('a_new_reason'), 'AuthenticationFailed'],
    [403, said('market_offline'), 'MarketOffline'],
    [429, said('too_many_requests'), 'RateLimited'],
    [429, 'not json', 'RateLimited'],
    [400, said('too_many_request_order'), 'RateLimited'],
    [418, '<html>blocked</html>', 'Banned'],
    [500, said('internal_server_error'), 'ExchangeUnavailable'],
    [502, '<html>bad gateway</html>', 'ExchangeUnavailable'],
    [400, '<html></html>', 'UnexpectedResponse'],
    // A name of a rejection under a status that says something else is none.
    [500, said('insufficient_funds_bid'), 'ExchangeUnavailable'],
    [503, said('duplicated_identifier'), 'ExchangeUnavailable'],
    [429, said('invalid_parameter'), 'RateLimited'],
    [418, said('bad_request'), 'Banned'],
    [404, said(404), 'UnexpectedResponse'],
  ])('%i %s is %s, by status and name, never by message', (status, body, type) => {
    expect(failureOf({ status, body }, { group: 'order', creates: true, hideKeys }, 0).name).toBe(type);
  });

  it('is a rejection only of an order that was sent', () => {
    const refused = { status: 400, body: said('invalid_parameter') };
    expect(failureOf(refused, { group: 'default', creates: false, hideKeys }, 0).name).toBe('UnexpectedResponse');
  });

  it.each([
    ['candles', 1_000],
    ['websocket-connect', 1_000],
    ['order-cancel-all', 2_000],
  ] as const)('after too many requests of %s waits so long that another second has begun there: %i ms', (group, ms) => {
    const limited = failureOf({ status: 429, body: '' }, { group, creates: false, hideKeys }, 12_345);
    expect(limited).toMatchObject({ retryAfterMs: ms });
  });
});
