import { deterministicUuid } from '../../../../exchange/matching/deterministic-uuid.ts';
import { BAD_QUERIES } from './nonsense.ts';
import { nameAt, type Place } from './place.ts';
import { wrongQuery } from './quotation-requests.ts';
import { bearer, type FuzzRequest, hashedQuery, messageOf } from './request.ts';

/** The seed of the exchange under test: its orders' ids are made of it. */
const EXCHANGE_SEED = 1;

/** An order made a while ago, or never. */
export function orderName({ random, seed, index }: Place): string {
  if (random.chance(0.2))
    return `uuid=${deterministicUuid('order', EXCHANGE_SEED, 1 + random.int(1 + Math.floor(index / 5)))}`;
  return `identifier=${nameAt(seed, Math.max(0, index - 1 - random.int(60)))}`;
}

const LISTS: readonly string[] = [
  '',
  'market=KRW-BTC',
  'state=wait',
  'states%5B%5D=wait&states[]=watch',
  'market=KRW-BTC&limit=3&page=2&order_by=asc',
];
const CLOSED_LISTS: readonly string[] = [
  '',
  'states[]=done&states[]=cancel&limit=5',
  'start_time=2025-01-01T00:00:00Z&limit=5',
  'state=done&end_time=1735702240500&limit=2',
];

export function signedRead(place: Place): FuzzRequest {
  const { random } = place;
  const [path, query] = random.pick<readonly [string, string]>([
    ['/v1/accounts', ''],
    ['/v1/api_keys', ''],
    ['/v1/orders/chance', 'market=KRW-BTC'],
    ['/v1/order', orderName(place)],
    ['/v1/order', orderName(place)],
    ['/v1/orders/open', random.pick(LISTS)],
    ['/v1/orders/closed', random.pick(CLOSED_LISTS)],
    ['/v1/orders/uuids', `identifiers[]=${nameAt(place.seed, place.index - 1)}&identifiers%5B%5D=other`],
  ]);
  return signed(place, 'GET', path, query, {
    what: 'a right read',
    statuses: path === '/v1/order' ? [200, 404] : [200],
  });
}

export function signed(
  { name }: Place,
  method: string,
  path: string,
  query: string,
  expected: Pick<FuzzRequest, 'what' | 'statuses' | 'names'>,
): FuzzRequest {
  const bytes = messageOf(method, query === '' ? path : `${path}?${query}`, [bearer(name, hashedQuery(query))]);
  return { ...expected, method, bytes };
}

export function wrongRead(place: Place): FuzzRequest {
  const { random } = place;
  if (random.chance(0.1)) {
    const expected = { what: 'a query that is no text', statuses: [400] };
    return signed(place, 'GET', '/v1/orders/open', random.pick(BAD_QUERIES), expected);
  }
  const path = random.pick([
    '/v1/order',
    '/v1/orders/open',
    '/v1/orders/closed',
    '/v1/orders/uuids',
    '/v1/orders/chance',
  ]);
  const query = wrongQuery(random, [
    ['market', ['KRW-BTC']],
    ['state', ['wait', 'done']],
    ['states[]', ['wait', 'done']],
    ['limit', ['3']],
    ['order_by', ['asc']],
    ['start_time', ['2025-01-01T00:00:00Z']],
    ['end_time', ['2025-01-01T00:00:00Z']],
    ['uuids[]', ['no-uuid']],
    ['identifiers[]', ['nobody']],
    ['identifier', ['nobody']],
  ]);
  return signed(place, 'GET', path, query, { what: 'a wrong read', statuses: [200, 400, 404, 431] });
}

/** Several orders at once, named or open. */
export function cancellations(place: Place): FuzzRequest {
  const { random } = place;
  const name = () => orderName(place).replace('=', 's[]=');
  const kind = name();
  const names = Array.from({ length: 1 + random.int(20) }, name).filter(
    (one) => one.split('=')[0] === kind.split('=')[0],
  );
  const [path, query] = random.pick<readonly [string, string]>([
    ['/v1/orders/uuids', [kind, ...names].slice(0, 20).join('&')],
    ['/v1/orders/open', `count=${1 + random.int(3)}&order_by=${random.pick(['asc', 'desc'])}`],
    ['/v1/orders/open', `cancel_side=${random.pick(['bid', 'ask'])}&pairs=KRW-BTC,KRW-ETH&count=1`],
    ['/v1/orders/open', 'quote_currencies=KRW&excluded_pairs=KRW-BTC'],
  ]);
  return signed(place, 'DELETE', path, query, { what: 'cancellations', statuses: [200] });
}

export function wrongCancellations(place: Place): FuzzRequest {
  const { random } = place;
  const query = wrongQuery(random, [
    ['uuids[]', ['no-uuid']],
    ['identifiers[]', ['nobody']],
    ['cancel_side', ['ask']],
    ['count', ['1']],
    ['order_by', ['asc']],
    ['pairs', ['KRW-ETH']],
    ['quote_currencies', ['BTC']],
    ['excluded_pairs', ['KRW-BTC']],
  ]);
  return signed(place, 'DELETE', random.pick(['/v1/orders/uuids', '/v1/orders/open']), query, {
    what: 'wrong cancellations',
    statuses: [200, 400, 431],
  });
}
