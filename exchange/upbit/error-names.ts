/**
 * What an error name of Upbit's means for us:
 *
 * - `rejected`: the exchange read the order and will not take it; of a request that makes no order, `unexpected`
 * - `key`: about our key, signature, address or permission
 * - `limited`: too many requests
 * - `offline`: the market is halted or under maintenance
 * - `unavailable`: the exchange failed
 * - `unexpected`: a request that we should not have made, or one about something that is not there
 */
type ErrorKind = 'rejected' | 'key' | 'limited' | 'offline' | 'unavailable' | 'unexpected';

interface KnownError {
  readonly kind: ErrorKind;
  /** For the operator: what has happened. */
  readonly means: string;
  /** For the operator: what to do about it. */
  readonly remedy: string;
}

/** The error names under which Upbit says that it knows no such order or market. */
export const ORDER_NOT_FOUND = 'order_not_found';
export const CODE_NOT_FOUND = '404';
/** The name that a 429 was seen with; none is documented. */
export const TOO_MANY_REQUESTS = 'too_many_requests';

const SETTLES_ITSELF = 'nothing to do, it is tried again';
const REPORT = 'report it with this message, it is a fault of this program';

const badRequest = 'the exchange finds the request faulty without saying where';
const badMix = (side: string) => `price, volume and ord_type do not go together on the ${side} side`;
const belowMinimum = (side: string) => `the order to ${side} is worth less than the least the market takes (5,000 KRW)`;
const aboveMaximum = 'the order is worth more than the market takes at once';
const offTick = (side: string) => `the price to ${side} at is not a multiple of the market's tick`;
const badVolume = (side: string) => `the volume to ${side} is not a positive number of at most 8 decimals`;
const badFunds = 'the total to spend is not an amount that the market takes';
const smallerOrder = 'order less at a time';
const biggerOrder = 'give the market more money, or wait: what is worth less than the minimum cannot be traded';
const fewerDecimals = 'round it down to 8 decimals';
const roundPrice = 'round it to the tick, which GET /v1/orderbook/instruments tells';
const notOurAddress = "this machine's address is not among those the key is allowed from";
const allowAddress = "add the address at the exchange under the key's allowed addresses, or make a new key with it";
const noAddress = 'the address to withdraw to is not registered at the exchange';
const registerAddress = 'register it on the website of the exchange; this program never withdraws';
const badToken = 'the exchange cannot verify our signature';
const checkSecret = 'check that UPBIT_SECRET_KEY belongs to UPBIT_ACCESS_KEY';

/**
 * Every error name that Upbit documents or was seen to send (upbit.md §6). Those known from other clients' code alone,
 * or inferred from their counterpart on the other side, are here too: `over_krw_funds_ask`, `under_min_total_market_bid`.
 * A name that is not here means nothing: an order must never be written off because of an answer we do not understand.
 */
export const ERROR_NAMES: ReadonlyMap<string, KnownError> = new Map(
  Object.entries<readonly [ErrorKind, means: string, remedy: string]>({
    invalid_parameter: ['rejected', 'a parameter is missing or has a value the exchange does not take', REPORT],
    validation_error: ['rejected', badRequest, REPORT],
    bad_request: ['rejected', badRequest, REPORT],
    create_bid_error: ['rejected', badMix('bid'), REPORT],
    create_ask_error: ['rejected', badMix('ask'), REPORT],
    insufficient_funds_bid: [
      'rejected',
      'the account has less free KRW than the order and its fee need',
      'deposit KRW, or cancel the orders and withdrawals that lock it',
    ],
    insufficient_funds_ask: [
      'rejected',
      'the account has fewer free coins than the order sells',
      'deposit coins, or cancel the orders and withdrawals that lock them',
    ],
    under_min_total_bid: ['rejected', belowMinimum('buy'), biggerOrder],
    under_min_total_ask: ['rejected', belowMinimum('sell'), biggerOrder],
    under_min_total_market_bid: ['rejected', belowMinimum('buy'), biggerOrder],
    under_min_total_market_ask: ['rejected', belowMinimum('sell'), biggerOrder],
    invalid_price_bid: ['rejected', offTick('buy'), roundPrice],
    invalid_price_ask: ['rejected', offTick('sell'), roundPrice],
    invalid_volume_bid: ['rejected', badVolume('buy'), fewerDecimals],
    invalid_volume_ask: ['rejected', badVolume('sell'), fewerDecimals],
    invalid_funds_bid: ['rejected', badFunds, fewerDecimals],
    invalid_funds: ['rejected', badFunds, fewerDecimals],
    over_krw_funds_bid: ['rejected', aboveMaximum, smallerOrder],
    over_krw_funds_ask: ['rejected', aboveMaximum, smallerOrder],
    volume_too_large: ['rejected', 'the volume is more than the market takes at once', smallerOrder],
    invalid_time_in_force: ['rejected', 'time_in_force does not go with this type of order', REPORT],
    invalid_post_only: ['rejected', 'post_only does not go with the smp_type that was sent', 'leave smp_type out'],
    duplicated_identifier: [
      'rejected',
      'this identifier was used before, and the exchange takes each one once for ever',
      'look the order up by its identifier before anything else; the bot does so by itself',
    ],
    notfoundmarket: [
      'rejected',
      'the exchange lists no such market',
      'compare the name with GET /v1/market/all; it may have been delisted',
    ],

    invalid_query_payload: ['key', 'the signature does not fit the parameters that were sent', REPORT],
    jwt_verification: ['key', badToken, checkSecret],
    expired_access_key: [
      'key',
      'the key is older than a year and has expired',
      'make a new key at the exchange, set UPBIT_ACCESS_KEY and UPBIT_SECRET_KEY to it and restart',
    ],
    nonce_used: [
      'key',
      'the exchange has seen the nonce of this request before',
      'a new one is used with the next try; if it goes on, look for something that repeats requests on the way',
    ],
    no_authorization_ip: ['key', notOurAddress, allowAddress],
    no_authorization_i_p: ['key', notOurAddress, allowAddress],
    no_authorization_token: [
      'key',
      'the request arrived without our signature',
      'look for a proxy on the way that removes the Authorization header',
    ],
    invalid_access_key: [
      'key',
      'the exchange knows no such key',
      'check UPBIT_ACCESS_KEY; the key may have been deleted',
    ],
    out_of_scope: [
      'key',
      'the key lacks the permission for this call',
      'make a key that may query assets, query orders and order; it need not withdraw',
    ],
    thirdparty_agreement_required: [
      'key',
      'the exchange asks for consent to the use of the key by a third party',
      'give it on the website of the exchange',
    ],
    open_api_withdraw_locked: [
      'key',
      'withdrawing by key is locked for this account',
      'unlock it on the website of the exchange; this program never withdraws',
    ],

    market_offline: [
      'offline',
      'the market is halted or under maintenance',
      "see the exchange's notices; it is tried again",
    ],

    [TOO_MANY_REQUESTS]: [
      'limited',
      'more requests than the exchange takes in a second',
      'it is tried again; if it goes on, see what else uses this key or address',
    ],
    too_many_request_order: ['limited', 'the exchange is still busy with orders placed before', SETTLES_ITSELF],

    internal_server_error: [
      'unavailable',
      'the exchange failed at something of its own',
      "see the exchange's notices; it is tried again",
    ],

    [ORDER_NOT_FOUND]: [
      'unexpected',
      'the exchange knows no such order, or it is over',
      "compare with the exchange's list of orders",
    ],
    pocket_not_found: ['unexpected', 'the exchange knows no such sub-account', 'make a key for one that exists'],
    currency_not_found: ['unexpected', 'the exchange knows no such currency', 'it may have been delisted'],
    withdraw_address_not_registered: ['unexpected', noAddress, registerAddress],
    withdraw_address_not_registerd: ['unexpected', noAddress, registerAddress],
    QUERY_PARAMETER_NOT_SUPPORTED: ['unexpected', 'a body was sent where the exchange takes none', REPORT],
    '400': ['unexpected', 'the exchange finds a parameter of the request faulty', REPORT],
    [CODE_NOT_FOUND]: [
      'unexpected',
      'the exchange lists no such market, or has no such address',
      'compare the name with GET /v1/market/all',
    ],
  }).map(([name, [kind, means, remedy]]) => [name, { kind, means, remedy }]),
);

/** No request leaves without a key; not a name of Upbit's. */
export const NO_KEY = 'no_key';

/** What the exchange looks at before it looks at what is asked: a call that it answers proves that this is over. */
const ABOUT_WHOLE_KEY: ReadonlySet<string> = new Set([
  ...['expired_access_key', 'invalid_access_key', 'jwt_verification', 'nonce_used'],
  ...['no_authorization_ip', 'no_authorization_i_p', NO_KEY],
]);

/**
 * Whether a refusal of the key concerns all that the key signs. Else it may concern what was asked: a permission that is
 * missing, a signature of its parameters, or something that we do not know; another call that is answered proves nothing.
 */
export function isAboutWholeKey(name: string): boolean {
  return ABOUT_WHOLE_KEY.has(name);
}

/** 418 comes under no name: the address or key is blocked for a while. */
export const BLOCKED =
  'too many requests were made in spite of being refused; stop what else uses this key or address, it is tried again';

/**
 * A sentence for the operator about an error the exchange named, with its own words, in whatever language, after it. Empty
 * where there is nothing to say: an unknown name without words.
 */
export function explain({ name, message = '' }: { readonly name: string; readonly message?: string }): string {
  const known = ERROR_NAMES.get(name);
  return [known?.means, known?.remedy, message === '' ? undefined : `the exchange says: ${message}`]
    .filter((part) => part !== undefined)
    .join('; ');
}
