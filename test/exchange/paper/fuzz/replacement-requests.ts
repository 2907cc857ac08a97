import { orderName } from './account-requests.ts';
import { JSON_VALUES, TEXTS } from './nonsense.ts';
import { rightFields } from './order-requests.ts';
import type { Place } from './place.ts';
import type { Random } from './random.ts';
import {
  bareField,
  bearer,
  bodyOf,
  type Field,
  type FuzzRequest,
  hashedBody,
  JSON_TYPE,
  messageOf,
  textField,
} from './request.ts';

const PATH = '/v1/orders/cancel_and_new';
/** What a right replacement may still be refused for: the order is over, or what it had locked does not reach. */
const UNLUCKY = /^(order_not_found|insufficient_funds_(bid|ask))$/;
const NAMES = [
  'prev_order_uuid',
  'prev_order_identifier',
  'new_ord_type',
  'new_price',
  'new_volume',
  'new_time_in_force',
  'new_smp_type',
  'new_identifier',
  'market',
] as const;

/** A limit order in the place of one made a while ago, or never. */
export function replacement(place: Place): FuzzRequest {
  return replacing(place, rightReplacement(place), {
    what: 'a right replacement',
    statuses: [201, 400, 404],
    names: UNLUCKY,
  });
}

/** One with a field or two out of place. */
export function wrongReplacement(place: Place): FuzzRequest {
  const { random } = place;
  let fields = rightReplacement(place);
  for (let faults = 1 + random.int(2); faults > 0; faults -= 1) {
    const name = random.pick(NAMES);
    const at = random.int(fields.length);
    const others = fields.filter(([known]) => known !== name);
    const wrong = random.chance(0.15) ? [] : [wrongField(random, name)];
    fields = [...others.slice(0, at), ...wrong, ...others.slice(at)];
  }
  return replacing(place, fields, { what: 'a wrong replacement', statuses: [201, 400, 401, 404] });
}

/** An order that is only checked. */
export function testedOrder({ random, name }: Place): FuzzRequest {
  const fields = rightFields(random);
  return {
    what: 'an order to be checked',
    method: 'POST',
    makes: 'nothing',
    bytes: messageOf('POST', '/v1/orders/test', [bearer(name, hashedBody(fields)), JSON_TYPE], bodyOf(fields)),
    statuses: [201, 400],
    names: /^(insufficient_funds_(bid|ask)|under_min_total_market_ask)$/,
  };
}

function rightReplacement(place: Place): Field[] {
  const { random, name } = place;
  const [kind = '', previous = ''] = orderName(place).split('=');
  const volume = random.chance(0.3) ? 'remain_only' : `0.000${100 + random.int(400)}`;
  return [
    textField(`prev_order_${kind}`, previous),
    textField('new_ord_type', 'limit'),
    textField('new_price', String((100_000 + random.int(60_000)) * 1_000)),
    textField('new_volume', volume),
    ...(random.chance(0.3) ? [textField('new_time_in_force', random.pick(['ioc', 'fok', 'post_only']))] : []),
    textField('new_identifier', name),
  ];
}

function wrongField(random: Random, name: string): Field {
  if (random.chance(0.5)) return textField(name, random.pick(TEXTS).toWellFormed());
  const json = random.pick(JSON_VALUES);
  // A text as the exchange reads it: without its quotes.
  return json.startsWith('"') ? [name, json, (JSON.parse(json) as string).toWellFormed()] : bareField(name, json);
}

function replacing(
  { name }: Place,
  fields: readonly Field[],
  expected: Pick<FuzzRequest, 'what' | 'statuses' | 'names'>,
): FuzzRequest {
  const headers = [bearer(name, hashedBody(fields)), JSON_TYPE];
  return { ...expected, method: 'POST', makes: 'replacement', bytes: messageOf('POST', PATH, headers, bodyOf(fields)) };
}
