import assert from 'node:assert/strict';
import type { OrderTicket, SelfMatch } from '../../exchange/operator-port.ts';
import type { ExchangeOrder, Side } from '../../exchange/port.ts';
import { orderParameters } from '../../exchange/upbit/order-parameters.ts';
import { parseLosslessJson } from '../../exchange/upbit/wire.ts';
import { agree, type Case, type Suite } from './case.ts';
import { bookThat, type Prices, pricesNow } from './prices.ts';
import { type BookKind, BTC, openStage, type Stage } from './stage.ts';

const SIDES = ['bid', 'ask'] as const;
const SELF_MATCHES: readonly (SelfMatch | undefined)[] = [undefined, 'none', 'cancel_maker', 'cancel_taker', 'reduce'];
const VOLUME = '0.0002';
const SPENT_KRW = '30000';
/** So that there is something to sell, and to spend. */
const BOUGHT_KRW = '2000000';
/** Coins at the best price, so that one that trades there alone finds all it wants. */
const ENOUGH = 0.001;

/** What becomes of an order that nobody touches. */
type End = 'rests' | 'is filled' | 'is cancelled unfilled';

interface TypeCase {
  readonly what: string;
  readonly end: End;
  readonly ticketAt: (prices: Prices) => OrderTicket;
}

/** Every side, type, time in force and self-match word that go together, with what comes of it. */
const TYPES: readonly TypeCase[] = SIDES.flatMap((side) => [
  ...SELF_MATCHES.flatMap((selfMatch) => [...limits(side, selfMatch), ...immediates(side, selfMatch)]),
  ...([undefined, 'none'] as const).flatMap((selfMatch) => postOnlys(side, selfMatch)),
]);

export function orderTypes(book: BookKind): Suite {
  return {
    area: `order types, ${book}`,
    async open() {
      const stage = await openStage({ book });
      const identifier = stage.newName();
      await stage.client.createOrder({ market: BTC, identifier, type: 'market', side: 'bid', spendKrw: BOUGHT_KRW });
      return stage;
    },
    cases: TYPES.map(taken),
  };
}

/** The order is tested, placed as tested, seen as sent, and ends as it should. */
function taken({ what, end, ticketAt }: TypeCase): Case {
  return agree(`${what} ${end}`, async (stage) => {
    if (stage.book === 'levels') await bookThat(stage, ({ ask, bid }) => Math.min(ask.size, bid.size) > ENOUGH);
    const { client, operator } = stage;
    const ticket = ticketAt(await pricesNow(stage));
    const identifier = stage.newName();

    const cost = await operator.testOrder(ticket);
    const created = await operator.createOrder(ticket, identifier);
    assert.deepEqual([created.state, created.executedVolume, created.identifier], ['wait', '0', identifier]);
    const shown = await wireFormOf(stage, identifier);
    assert.equal(shown.reserved_fee, cost.reservedFee);
    for (const [name, value] of orderParameters(ticket, identifier)) assert.equal(shown[name], value, name);
    // Said by everything but a post_only, which goes with none alone.
    assert.equal(shown.smp_type, ticket.selfMatch ?? (isPostOnly(ticket) ? 'none' : 'cancel_taker'));

    const order = await client.fetchOrder({ identifier });
    assert.ok(order);
    assertEnded(order, end);
    if (end !== 'rests') return;
    assert.equal((await client.cancelOrder({ identifier }))?.state, 'wait');
    assert.equal((await client.fetchOrder({ identifier }))?.state, 'cancel');
  });
}

function isPostOnly(ticket: OrderTicket): boolean {
  return ticket.type === 'limit' && ticket.timeInForce === 'post_only';
}

function assertEnded(order: ExchangeOrder, end: End): void {
  if (end === 'rests') assert.deepEqual([order.state, order.executedVolume], ['wait', '0']);
  else if (end === 'is cancelled unfilled') assert.deepEqual([order.state, order.executedVolume], ['cancel', '0']);
  else if (order.volume === undefined) {
    // Won that buy no further 0.00000001 coin are given back, so that most of them end in `cancel`.
    assert.match(order.state, /^(done|cancel)$/);
    assert.ok(Number(order.executedVolume) > 0);
  } else assert.deepEqual([order.state, order.executedVolume], ['done', order.volume]);
}

/** The order as the exchange shows it, in Upbit's words. */
async function wireFormOf({ transport }: Stage, identifier: string): Promise<Readonly<Record<string, unknown>>> {
  const parameters = [['identifier', identifier]] as const;
  const call = { method: 'GET', path: 'v1/order', group: 'default', parameters, signed: true } as const;
  return parseLosslessJson((await transport.ask(call)).body) as Record<string, unknown>;
}

function limits(side: Side, selfMatch: SelfMatch | undefined): TypeCase[] {
  const limit = { market: BTC, type: 'limit', side, volume: VOLUME, ...word(selfMatch) } as const;
  const ways = [undefined, 'ioc', 'fok'] as const;
  return ways.flatMap((timeInForce): TypeCase[] => {
    const when = timeInForce === undefined ? {} : { timeInForce };
    const what = `limit ${timeInForce ?? ''} ${side}`.replace('  ', ' ');
    return [
      {
        what: `${what} that trades, smp_type ${selfMatch ?? 'unsaid'},`,
        end: 'is filled',
        ticketAt: (prices) => ({ ...limit, ...when, price: crossing(side, prices) }),
      },
      {
        what: `${what} far away, smp_type ${selfMatch ?? 'unsaid'},`,
        end: timeInForce === undefined ? 'rests' : 'is cancelled unfilled',
        ticketAt: (prices) => ({ ...limit, ...when, price: farAway(side, prices) }),
      },
    ];
  });
}

function postOnlys(side: Side, selfMatch: 'none' | undefined): TypeCase[] {
  const limit = { market: BTC, type: 'limit', side, volume: VOLUME, timeInForce: 'post_only' } as const;
  const ticket = selfMatch === undefined ? limit : { ...limit, selfMatch };
  return [
    {
      what: `limit post_only ${side} that would trade, smp_type ${selfMatch ?? 'unsaid'},`,
      end: 'is cancelled unfilled',
      ticketAt: (prices) => ({ ...ticket, price: crossing(side, prices) }),
    },
    {
      what: `limit post_only ${side} far away, smp_type ${selfMatch ?? 'unsaid'},`,
      end: 'rests',
      ticketAt: (prices) => ({ ...ticket, price: farAway(side, prices) }),
    },
  ];
}

/** Market orders and orders at the best price. */
function immediates(side: Side, selfMatch: SelfMatch | undefined): TypeCase[] {
  const amount = side === 'bid' ? ({ side, spendKrw: SPENT_KRW } as const) : ({ side, volume: VOLUME } as const);
  const base = { market: BTC, ...word(selfMatch), ...amount };
  const said = `smp_type ${selfMatch ?? 'unsaid'},`;
  return [
    { what: `market ${side}, ${said}`, end: 'is filled', ticketAt: () => ({ ...base, type: 'market' }) },
    ...(['ioc', 'fok'] as const).map(
      (timeInForce): TypeCase => ({
        what: `best ${timeInForce} ${side}, ${said}`,
        end: 'is filled',
        ticketAt: () => ({ ...base, type: 'best', timeInForce }),
      }),
    ),
  ];
}

function word(selfMatch: SelfMatch | undefined) {
  return selfMatch === undefined ? {} : { selfMatch };
}

function crossing(side: Side, { low, high }: Prices): string {
  return side === 'bid' ? high : low;
}

function farAway(side: Side, { low, high }: Prices): string {
  return side === 'bid' ? low : high;
}
