import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Answer, signed, standingWall, startForTest, temporaryFolder } from './paper.ts';
import { THIN_BOOK } from './thin-book.ts';

type Body = Record<string, unknown>;

/** The fixture trades near 150,000,000. */
const farBid = { market: 'KRW-BTC', side: 'bid', ord_type: 'limit', price: '140000000', volume: '0.0001' };
/** The same again, as the order in its place. */
const again = { new_ord_type: 'limit', new_price: '140000000', new_volume: '0.0001' };

async function open(book: 'endless' | 'levels') {
  const wall = standingWall();
  const stateDir = temporaryFolder();
  const { url } = await startForTest({
    wallClock: wall.now,
    stateDir,
    book: book === 'levels' ? THIN_BOOK : undefined,
  });
  const post = (body: Body) => signed(url, 'POST', '/v1/orders', { body });
  const call = (method: string, path: string, query = '') => signed(url, method, path, { query });
  return {
    wall,
    post,
    replace: (body: Body) => signed(url, 'POST', '/v1/orders/cancel_and_new', { body: said(body) }),
    order: async (identifier: string) => (await call('GET', '/v1/order', `identifier=${identifier}`)).json,
    balance: async (currency: string) => {
      const accounts: { currency: string; balance: string; locked: string }[] = (await call('GET', '/v1/accounts'))
        .json;
      const { balance, locked } = accounts.find((one) => one.currency === currency) ?? { balance: '0', locked: '0' };
      return [balance, locked];
    },
    waiting: async () =>
      (await call('GET', '/v1/orders/open', 'order_by=asc')).json.map((one: { identifier: string }) => one.identifier),
    journal: () =>
      readFileSync(join(stateDir, 'journal.jsonl'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).events),
  };
}

/** What is said of it: a signature would cover what is undefined, and JSON leaves it out. */
function said(body: Body): Body {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}

const refusal = ({ status, json }: Answer) => [status, json.error.name];

describe.each(['endless', 'levels'] as const)('with the %s book', (book) => {
  it('ends one order and has another in its place, in one line of the journal', async () => {
    const { post, replace, order, balance, waiting, journal } = await open(book);
    const placed = (await post({ ...farBid, identifier: 'a' })).json;

    const { status, json } = await replace({
      ...{ prev_order_identifier: 'a', new_ord_type: 'limit', new_price: '130000000', new_volume: '0.0002' },
      ...{ new_identifier: 'b', new_smp_type: 'none' },
    });

    const fresh = await order('b');
    expect(status).toBe(201);
    expect(json).toEqual({ ...placed, new_order_uuid: fresh.uuid, new_order_identifier: 'b' });
    expect(fresh).toMatchObject({
      ...{ market: 'KRW-BTC', side: 'bid', ord_type: 'limit', state: 'wait', price: '130000000', volume: '0.0002' },
      ...{ smp_type: 'none', trades_count: 0 },
    });
    expect(await order('a')).toMatchObject({ state: 'cancel', executed_volume: '0' });
    expect(await waiting()).toEqual(['b']);
    expect(await balance('KRW')).toEqual(['9973987', '26013']);
    expect(
      journal()
        .at(-1)
        .map(({ type }: { type: string }) => type),
    ).toEqual(
      // Far down in a book it waits behind others.
      book === 'levels' ? ['ended', 'accepted', 'queued'] : ['ended', 'accepted'],
    );
  });

  it('names the order to end by its uuid as well, which counts where both names are given', async () => {
    const { post, replace, waiting } = await open(book);
    const { uuid } = (await post({ ...farBid, identifier: 'a' })).json;
    await post({ ...farBid, identifier: 'b' });

    const { json } = await replace({ prev_order_uuid: uuid, prev_order_identifier: 'b', ...again });

    expect(json).toMatchObject({ uuid, identifier: 'a' });
    expect(json).not.toHaveProperty('new_order_identifier');
    expect(await waiting()).toEqual(['b', undefined]);
  });

  it('pays for the new order with what the old one had locked', async () => {
    const { post, replace, balance } = await open(book);
    await post({ ...farBid, volume: '0.07', identifier: 'a' });

    const tooMuch = await replace({ prev_order_identifier: 'a', ...again, new_volume: '0.0714' });
    const { status } = await replace({ prev_order_identifier: 'a', ...again, new_volume: '0.0713' });

    expect(refusal(tooMuch)).toEqual([400, 'insufficient_funds_bid']);
    expect(status).toBe(201);
    expect(await balance('KRW')).toEqual(['13009', '9986991']);
  });

  it('lets the new order trade at once, as any order does', async () => {
    const { post, replace, order, balance } = await open(book);
    await post({ ...farBid, identifier: 'a' });

    const { status } = await replace({
      ...{ prev_order_identifier: 'a', new_ord_type: 'best', new_price: '6000', new_time_in_force: 'ioc' },
      new_identifier: 'b',
    });

    expect(status).toBe(201);
    const bought = await order('b');
    expect([bought.side, bought.trades_count > 0, bought.state === 'wait']).toEqual(['bid', true, false]);
    expect((await balance('BTC'))[0]).toBe(bought.executed_volume);
    expect((await balance('KRW'))[1]).toBe('0');
  });

  it.each([
    ['invalid_price_bid', { new_price: '140000500' }],
    ['under_min_total_bid', { new_volume: '0.00001' }],
    ['insufficient_funds_bid', { new_volume: '1' }],
    ['create_bid_error', { new_ord_type: 'market', new_price: undefined }],
    // What is spent in all goes with no volume, not even with what is left of another.
    ['create_bid_error', { new_ord_type: 'price', new_volume: 'remain_only' }],
    ['invalid_volume_bid', { new_volume: 'remaining' }],
    ['invalid_time_in_force', { new_time_in_force: 'gtc' }],
    ['invalid_post_only', { new_time_in_force: 'post_only', new_smp_type: 'reduce' }],
    ['invalid_parameter', { new_ord_type: undefined }],
    ['invalid_parameter', { new_ord_type: 'stop' }],
    ['invalid_parameter', { new_volume: ['0.0001'] }],
  ])('leaves the old order alone where the new one is refused as %s (%j)', async (name, fault) => {
    const { post, replace, order, balance } = await open(book);
    await post({ ...farBid, identifier: 'a' });

    const refused = await replace({ prev_order_identifier: 'a', ...again, new_identifier: 'b', ...fault });

    expect(refusal(refused)).toEqual([400, name]);
    expect((await order('a')).state).toBe('wait');
    expect(await balance('KRW')).toEqual(['9985993', '14007']);
  });

  it('uses the new identifier up with a refusal, whatever the reason, and takes none twice', async () => {
    const { post, replace, waiting } = await open(book);
    await post({ ...farBid, identifier: 'a' });
    const used = async (identifier: string) =>
      refusal(await replace({ prev_order_identifier: 'a', ...again, new_identifier: identifier }));

    await replace({ prev_order_identifier: 'nobody', ...again, new_identifier: 'b' });
    await replace({ prev_order_identifier: 'a', ...again, new_price: '1', new_identifier: 'c' });
    await replace({ ...again, new_identifier: 'd' });

    for (const identifier of ['a', 'b', 'c', 'd']) {
      expect(await used(identifier)).toEqual([400, 'duplicated_identifier']);
    }
    expect(refusal(await post({ ...farBid, identifier: 'b' }))).toEqual([400, 'duplicated_identifier']);
    expect(await waiting()).toEqual(['a']);
  });

  it('knows no order that is over, was never there, or is not named', async () => {
    const { post, replace } = await open(book);
    await post({ ...farBid, identifier: 'a' });
    await replace({ prev_order_identifier: 'a', ...again });

    expect(refusal(await replace({ prev_order_identifier: 'a', ...again }))).toEqual([404, 'order_not_found']);
    expect(refusal(await replace({ prev_order_uuid: 'nobody', ...again }))).toEqual([404, 'order_not_found']);
    expect(refusal(await replace(again))).toEqual([400, 'invalid_parameter']);
  });

  it('counts with other orders against their limit', async () => {
    const { post, replace, wall } = await open(book);
    await post({ ...farBid, identifier: '0' });
    const statuses: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      const body = { prev_order_identifier: String(n), ...again, new_identifier: String(n + 1) };
      statuses.push((await replace(body)).status);
    }
    wall.pass(1_000);

    expect(statuses).toEqual([...Array.from({ length: 11 }, () => 201), 429]);
    const { headers } = await replace({ prev_order_identifier: '11', ...again });
    expect(headers.get('remaining-req')).toBe('group=order; min=720; sec=11');
  });
});

it('takes as much as is left of an order that filled in part', async () => {
  const { post, replace, order } = await open('levels');
  await post({ market: 'KRW-BTC', side: 'bid', ord_type: 'price', price: '1000000', identifier: 'coins' });
  // Inside the spread, so that the two meet and nobody else does.
  const price = String(Number((await order('coins')).trades[0].price) - 1_000);
  await post({ ...farBid, price, volume: '0.0005', identifier: 'a' });
  await post({ ...farBid, side: 'ask', price, volume: '0.0002', smp_type: 'none' });
  expect(await order('a')).toMatchObject({ state: 'wait', executed_volume: '0.0002' });

  const { status, json } = await replace({
    ...{ prev_order_identifier: 'a', new_ord_type: 'limit', new_price: '140000000', new_volume: 'remain_only' },
    new_identifier: 'b',
  });

  expect([status, json.remaining_volume]).toEqual([201, '0.0003']);
  expect(await order('b')).toMatchObject({ volume: '0.0003', state: 'wait' });
  expect(await order('a')).toMatchObject({ executed_volume: '0.0002', state: 'cancel' });
});
