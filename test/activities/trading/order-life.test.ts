import { describe, expect, it } from 'vitest';
import { pollOnce } from '../../../activities/trading/order-fills.ts';
import { placeOrder } from '../../../activities/trading/place-order.ts';
import { resolveOrder } from '../../../activities/trading/resolve-order.ts';
import { rebuildLedger } from '../../../db/ledger-rebuild.ts';
import { readMarketAccounts } from '../../../db/market-accounts.ts';
import { beginSending } from '../../../db/order-sending.ts';
import { requireOrder } from '../../../db/orders.ts';
import { readTrades } from '../../../db/trades.ts';
import { haltTrading } from '../../../db/trading-state.ts';
import { AmbiguousSubmission, ExchangeUnavailable, OrderRejected } from '../../../exchange/errors.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const lost = (identifier: string) => new AmbiguousSubmission(identifier, 'the answer was lost');

/** Orders of the bot at the exchange and the one in the ledger must tell the same story, and the money add up. */
async function expectOneOrderEverywhere(scene: TradingScene, identifier: string): Promise<void> {
  const order = await requireOrder(scene.db, identifier);
  const there = await scene.exchange.fetchOrder({ identifier });
  expect(there?.exchangeOrderId).toBe(order.exchange_order_id);
  expect(order.executed_quantity).toBe(there?.executedVolume);
  const trades = await readTrades(scene.db, { account: TRADED.account, limit: 100 });
  expect(trades.map((trade) => trade.exchange_trade_id).sort()).toEqual(
    there?.fills.map((fill) => fill.exchangeTradeId).sort(),
  );
  expect(await rebuildLedger(scene.db, TRADED.account)).toEqual([]);
}

async function reserved(scene: TradingScene) {
  return (await readMarketAccounts(scene.db, TRADED.account))[0]?.reserved;
}

describe('an order', () => {
  it('is sent, filled and booked, and the money is where the exchange says it is', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();

    expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'open' });
    expect(await pollOnce(scene.deps, identifier)).toMatchObject({ status: 'filled', final: true });
    await pollOnce(scene.deps, identifier);

    await expectOneOrderEverywhere(scene, identifier);
    const [krw, btc] = await scene.exchange.fetchBalances();
    const [owned] = await readMarketAccounts(scene.db, TRADED.account);
    expect(owned?.holdings).toMatchObject({ cash: krw?.free, quantity: btc?.free });
    expect(owned?.reserved).toEqual({ cash: '0', quantity: '0' });
  });

  it('whose answer was lost is found again and not sent twice', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    scene.breakNext('createOrder', 'after', lost(identifier));

    await expect(placeOrder(scene.deps, identifier)).rejects.toThrow(AmbiguousSubmission);
    expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'open' });

    expect(scene.calls('createOrder')).toBe(1);
    await pollOnce(scene.deps, identifier);
    await expectOneOrderEverywhere(scene, identifier);
  });

  it('that never arrived is sent again, the identical request', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    scene.breakNext('createOrder', 'before', lost(identifier));

    await expect(placeOrder(scene.deps, identifier)).rejects.toThrow(AmbiguousSubmission);
    expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'open' });

    await pollOnce(scene.deps, identifier);
    await expectOneOrderEverywhere(scene, identifier);
  });

  it('refused as a duplicate is looked up: it is there', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    // Two attempts at once: the other one's request arrives between our look-up and our request.
    scene.breakNext('createOrder', 'after', new OrderRejected('duplicated_identifier', ''));

    expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'open' });
    await pollOnce(scene.deps, identifier);
    await expectOneOrderEverywhere(scene, identifier);
  });

  it('refused by name is over, and its money free again', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    scene.breakNext('createOrder', 'before', new OrderRejected('insufficient_funds_bid', ''));

    expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'rejected', reason: 'insufficient_funds_bid' });
    expect(await placeOrder(scene.deps, identifier)).toMatchObject({ kind: 'rejected' });

    expect(scene.calls('createOrder')).toBe(1);
    expect(await reserved(scene)).toEqual({ cash: '0', quantity: '0' });
  });

  it.each([
    ['the exchange is down', new ExchangeUnavailable('down')],
    ['the connection broke', new ExchangeUnavailable('reset')],
  ])('is not written off because %s', async (_, error) => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    scene.breakNext('createOrder', 'before', error);

    await expect(placeOrder(scene.deps, identifier)).rejects.toThrow(error.message);
    expect((await requireOrder(scene.db, identifier)).status).toBe('sending');
    expect(Number((await reserved(scene))?.cash)).toBeGreaterThan(9_000_000);
  });

  it('past its deadline is not sent at all', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    scene.pass(1_000);

    expect(await placeOrder(scene.deps, identifier)).toMatchObject({ kind: 'not-sent' });
    expect(scene.calls('createOrder')).toBe(0);
    expect(scene.calls('fetchOrder')).toBe(0);
    expect((await requireOrder(scene.db, identifier)).status).toBe('expired');
  });

  it('is not sent while trading is halted', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    await haltTrading(scene.db, TRADED.account, 'test');

    expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'not-sent', reason: 'trading is halted' });
    expect(scene.calls('createOrder')).toBe(0);
  });
});

describe('an order left unfinished by a dead worker', () => {
  it('that was never sent expires at its deadline', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();

    const early = await resolveOrder(scene.deps, await requireOrder(scene.db, identifier));
    scene.pass(1_000);
    const late = await resolveOrder(scene.deps, await requireOrder(scene.db, identifier));

    expect([early.status, late.status]).toEqual(['intended', 'expired']);
    expect(await reserved(scene)).toEqual({ cash: '0', quantity: '0' });
  });

  it('that was sent without anybody hearing the answer is found and booked', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    scene.breakNext('createOrder', 'after', lost(identifier));
    await expect(placeOrder(scene.deps, identifier)).rejects.toThrow();

    const state = await resolveOrder(scene.deps, await requireOrder(scene.db, identifier));

    expect(state).toMatchObject({ status: 'filled' });
    await expectOneOrderEverywhere(scene, identifier);
  });

  it('that may have been sent and is nowhere is unknown only after the settle delay, its money kept', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    await beginSending(scene.db, identifier, scene.deps.clock.now() ?? 0);

    const soon = await resolveOrder(scene.deps, await requireOrder(scene.db, identifier));
    const sentLongAgo = { ...(await requireOrder(scene.db, identifier)), sending_at: new Date(Date.now() - 6_000) };
    const later = await resolveOrder(scene.deps, sentLongAgo);

    expect([soon.status, later.status]).toEqual(['sending', 'unknown']);
    expect(Number((await reserved(scene))?.cash)).toBeGreaterThan(9_000_000);
  });

  it('that was unknown and turns up is taken back: cancelled, what it filled booked', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    await beginSending(scene.db, identifier, scene.deps.clock.now() ?? 0);
    const sentLongAgo = { ...(await requireOrder(scene.db, identifier)), sending_at: new Date(Date.now() - 6_000) };
    await resolveOrder(scene.deps, sentLongAgo);
    const { price, quantity } = await requireOrder(scene.db, identifier);
    await scene.exchange.createOrder({
      market: TRADED.market,
      identifier,
      type: 'limit',
      side: 'bid',
      price,
      volume: quantity,
    });
    scene.pass(1_000);

    const found = await resolveOrder(scene.deps, await requireOrder(scene.db, identifier));

    expect(found.final).toBe(true);
    await expectOneOrderEverywhere(scene, identifier);
  });

  it('and rests past its deadline is cancelled and its money given back', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    // A price the market does not reach: the request as stored, lowered at the exchange's door.
    const { price, quantity } = await requireOrder(scene.db, identifier);
    const low = String(Number(price) - 10_000_000);
    await beginSending(scene.db, identifier, scene.deps.clock.now() ?? 0);
    await scene.exchange.createOrder({
      market: TRADED.market,
      identifier,
      type: 'limit',
      side: 'bid',
      price: low,
      volume: quantity,
    });
    scene.pass(1_000);

    const state = await resolveOrder(scene.deps, await requireOrder(scene.db, identifier));

    expect(state).toMatchObject({ status: 'canceled', executedQuantity: '0' });
    expect(await reserved(scene)).toEqual({ cash: '0', quantity: '0' });
  });
});
