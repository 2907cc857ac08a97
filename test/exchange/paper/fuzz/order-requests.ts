import { orderName, signed } from './account-requests.ts';
import { BODIES, JSON_VALUES, TEXTS } from './nonsense.ts';
import { nameAt, type Place } from './place.ts';
import type { Random } from './random.ts';
import {
  bareField,
  bearer,
  bodyOf,
  type Field,
  type FuzzRequest,
  type Header,
  hashedBody,
  JSON_TYPE,
  messageOf,
  textField,
} from './request.ts';

/** What a right order may still be refused for. */
const UNLUCKY = /^(insufficient_funds_(bid|ask)|under_min_total_market_ask|too_many_requests)$/;

export function rightFields(random: Random): Field[] {
  const price = textField(
    'price',
    String((random.chance(0.5) ? 100_000 + random.int(40_000) : 140_000 + random.int(20_000)) * 1_000),
  );
  const volume = textField('volume', `0.000${100 + random.int(400)}`);
  const total = textField(
    'price',
    `${5_000 + random.int(60_000)}${random.chance(0.3) ? `.${1 + random.int(99_999_999)}` : ''}`,
  );
  const [side, ordType, ...rest] = random.pick<readonly [string, string, ...Field[]]>([
    ['bid', 'limit', price, volume],
    ['bid', 'limit', price, volume],
    ['bid', 'limit', price, volume, textField('time_in_force', random.pick(['ioc', 'fok', 'post_only']))],
    ['ask', 'limit', price, volume],
    ['bid', 'price', total],
    ['bid', 'price', total],
    ['bid', 'best', total, textField('time_in_force', random.pick(['ioc', 'fok']))],
    ['ask', 'market', volume],
    ['ask', 'market', volume],
    ['ask', 'best', volume, textField('time_in_force', 'ioc')],
  ]);
  return [textField('market', 'KRW-BTC'), textField('side', side), textField('ord_type', ordType), ...rest];
}

function createOf(
  name: string,
  fields: readonly Field[],
  expected: Pick<FuzzRequest, 'what' | 'statuses' | 'names'>,
): FuzzRequest {
  const headers = [bearer(name, hashedBody(fields)), JSON_TYPE];
  return { ...expected, method: 'POST', bytes: messageOf('POST', '/v1/orders', headers, bodyOf(fields)) };
}

export function rightOrder({ random, name }: Place): FuzzRequest {
  const fields = [...rightFields(random), textField('identifier', name)];
  return createOf(name, fields, { what: 'a right order', statuses: [201, 400], names: UNLUCKY });
}

/** An order with a field or two out of place. */
export function wrongOrder({ random, name }: Place): FuzzRequest {
  const fields: Field[] = [...rightFields(random), textField('identifier', name)];
  for (let faults = 1 + random.int(2); faults > 0; faults -= 1) {
    const at = random.int(fields.length);
    const field = random.pick([
      'market',
      'side',
      'ord_type',
      'price',
      'volume',
      'time_in_force',
      'smp_type',
      'identifier',
      'x',
    ]);
    const value = random.chance(0.5)
      ? textField(field, random.pick(TEXTS).toWellFormed())
      : bareField(field, random.pick(JSON_VALUES));
    const others = fields.filter(([known]) => known !== field);
    fields.splice(
      0,
      fields.length,
      ...others.slice(0, at),
      ...(random.chance(0.15) ? [] : [value]),
      ...others.slice(at),
    );
  }
  return createOf(name, fields.map(asHashed), { what: 'a wrong order', statuses: [201, 400, 401] });
}

/** A bare value as the exchange reads it: text without its quotes. */
function asHashed([name, json, hashed]: Field): Field {
  return [name, json, hashed === json && json.startsWith('"') ? (JSON.parse(json) as string).toWellFormed() : hashed];
}

export function repeatedOrder(place: Place): FuzzRequest {
  const { random, seed, index, name } = place;
  const fields = [
    ...rightFields(random),
    textField('identifier', nameAt(seed, Math.max(0, index - 1 - random.int(60)))),
  ];
  return createOf(name, fields, { what: 'an identifier used before, or not', statuses: [201, 400] });
}

export function cancellation(place: Place): FuzzRequest {
  return signed(place, 'DELETE', '/v1/order', orderName(place), {
    what: 'a cancellation',
    statuses: [200, 404],
    names: /^order_not_found$/,
  });
}

export function wrongBody({ random, name }: Place): FuzzRequest {
  const types = [
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonp',
    ';;;',
    '\xff',
  ];
  const body = random.chance(0.15) ? random.bytes(1 + random.int(2_000)) : random.pick(BODIES);
  const type: Header[] = random.chance(0.7)
    ? [JSON_TYPE]
    : random.chance(0.2)
      ? []
      : [['content-type', random.pick(types)]];
  const method = random.chance(0.15) ? 'DELETE' : 'POST';
  const headers = [bearer(name, body.toString()), ...type];
  return {
    what: 'a body that is no order',
    method,
    bytes: messageOf(method, method === 'DELETE' ? `/v1/order?identifier=${name}` : '/v1/orders', headers, body),
    statuses: [400, 401, 404, 413, 415],
    lastOnConnection: body.length > 1_048_576,
  };
}

/** A right order in a wrong coat: as another content type, or twice the same header. */
export function wrongContentType({ random, name }: Place): FuzzRequest {
  const fields = [...rightFields(random), textField('identifier', name)];
  const type = random.pick([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'text/json; application/json',
  ]);
  const bytes = messageOf(
    'POST',
    '/v1/orders',
    [bearer(name, hashedBody(fields)), ['content-type', type]],
    bodyOf(fields),
  );
  return { what: 'an order as another content type', method: 'POST', bytes, statuses: [400, 415] };
}
