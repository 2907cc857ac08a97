import type { Market } from '../../../config/market.ts';
import type { Balances } from '../../matching/balances.ts';
import { selfMatchOf } from '../../matching/book/self-match.ts';
import { deterministicUuid } from '../../matching/deterministic-uuid.ts';
import { type LedgerEvent, orderChangedBy } from '../../matching/events.ts';
import type { Decimal } from '../../matching/exact.ts';
import { applyEvent, type Ledger } from '../../matching/ledger.ts';
import { type Fill, lockedByOrder, type Order, remainingFee, remainingVolume } from '../../matching/order.ts';
import { type Fields, quoted, type StreamMessage } from './message.ts';

export interface OrderMessage {
  readonly market: Market;
  readonly message: StreamMessage;
}

/** What events tell of orders and of balances. */
export interface AccountMessages {
  /** One for every step of every order. */
  readonly orders: readonly OrderMessage[];
  /** Undefined when no balance changed. */
  readonly asset: StreamMessage | undefined;
}

/** Decimals of an average price, which need not end. */
const AVERAGE_DECIMALS = 8;

/** @param before what the events touch as it was before them; they are applied to it. */
export function accountMessages(events: readonly LedgerEvent[], before: Ledger, at: number): AccountMessages {
  const balancesBefore = new Map([...before.balances].map(([currency, balance]) => [currency, { ...balance }]));
  const arrived = new Set<string>();
  const orders: OrderMessage[] = [];
  for (const event of events) {
    applyEvent(before, event);
    if (event.type === 'accepted') arrived.add(event.uuid);
    const order = before.orders.get(orderChangedBy(event) ?? '');
    if (order === undefined) continue;
    const fill = event.type === 'filled' ? order.fills.at(-1) : undefined;
    const step = event.type === 'prevented' ? 'prevented' : fill === undefined ? order.state : 'trade';
    const message = orderMessage(order, step, 'at' in event ? event.at : at, {
      fill,
      isMaker: !arrived.has(order.uuid),
    });
    orders.push({ market: order.request.market, message });
  }
  return { orders, asset: assetMessage(events, balancesBefore, before.balances, at) };
}

function orderMessage(
  order: Order,
  state: string,
  at: number,
  { fill, isMaker }: { readonly fill: Fill | undefined; readonly isMaker: boolean },
): StreamMessage {
  const { request } = order;
  const average = order.executedVolume.isZero()
    ? order.executedVolume
    : order.executedFunds.div(order.executedVolume).toDecimalPlaces(AVERAGE_DECIMALS);
  return {
    kind: 'myOrder',
    fields: [
      ['type', quoted('myOrder')],
      ['code', quoted(request.market)],
      ['uuid', quoted(order.uuid)],
      ['ask_bid', quoted(request.side.toUpperCase())],
      ['order_type', quoted(request.type)],
      ['state', quoted(state)],
      ['trade_uuid', orNull(fill?.uuid)],
      ['price', number(fill === undefined ? order.price : fill.price)],
      ['avg_price', number(average)],
      ['volume', number(fill === undefined ? order.volume : fill.volume)],
      ['remaining_volume', number(remainingVolume(order))],
      ['executed_volume', number(order.executedVolume)],
      ['trades_count', String(order.fills.length)],
      ['reserved_fee', number(order.reservedFee)],
      ['remaining_fee', number(remainingFee(order))],
      ['paid_fee', number(order.paidFee)],
      ['locked', number(lockedByOrder(order))],
      ['executed_funds', number(order.executedFunds)],
      ['time_in_force', orNull(request.timeInForce)],
      ['trade_fee', number(fill?.fee)],
      ['is_maker', fill === undefined ? 'null' : String(isMaker)],
      ['identifier', orNull(request.identifier)],
      ['smp_type', quoted(selfMatchOf(request))],
      ['prevented_volume', order.volume === undefined ? 'null' : number(order.preventedVolume)],
      ['prevented_locked', number(order.preventedLocked)],
      ['trade_timestamp', fill === undefined ? 'null' : String(fill.at)],
      ['order_timestamp', String(order.createdAt)],
      ['timestamp', String(at)],
      ['stream_type', quoted('REALTIME')],
    ],
  };
}

/** The balances that changed, as they are now. */
function assetMessage(
  events: readonly LedgerEvent[],
  before: Balances,
  after: Balances,
  at: number,
): StreamMessage | undefined {
  const assets = [...after].flatMap(([currency, { free, locked }]): Fields[] => {
    const old = before.get(currency);
    if (old?.free.eq(free) && old.locked.eq(locked)) return [];
    return [
      [
        ['currency', quoted(currency)],
        ['balance', number(free)],
        ['locked', number(locked)],
      ],
    ];
  });
  if (assets.length === 0) return undefined;
  return {
    kind: 'myAsset',
    fields: [
      ['type', quoted('myAsset')],
      ['asset_uuid', quoted(deterministicUuid('asset', at, JSON.stringify(events)))],
      ['assets', assets],
      ['asset_timestamp', String(at)],
      ['timestamp', String(at)],
      ['stream_type', quoted('REALTIME')],
    ],
  };
}

/** Every digit: these are JSON numbers, beyond what a JavaScript number holds. */
function number(value: Decimal | undefined): string {
  return value?.toFixed() ?? 'null';
}

function orNull(text: string | undefined): string {
  return text === undefined ? 'null' : quoted(text);
}
