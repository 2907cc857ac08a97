import { describe, expect, it } from 'vitest';
import { pollOnce } from '../../../activities/trading/order-fills.ts';
import { placeOrder } from '../../../activities/trading/place-order.ts';
import { resolveOrder } from '../../../activities/trading/resolve-order.ts';
import { rebuildLedger } from '../../../db/ledger-rebuild.ts';
import { readMarketAccounts } from '../../../db/market-accounts.ts';
import { recordRefusal } from '../../../db/order-outcomes.ts';
import { beginSending, renewSending } from '../../../db/order-sending.ts';
import { requireOrder } from '../../../db/orders.ts';
import { readTrades } from '../../../db/trades.ts';
import { haltTrading } from '../../../db/trading-state.ts';
import { AmbiguousSubmission, ExchangeUnavailable, OrderRejected } from '../../../exchange/errors.ts';
import type { TradingExchange } from '../../../exchange/port.ts';
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

/** As if the last request for the order had gone out `wallMs` ago. */
async function sentAgo({ db }: TradingScene, identifier: string, wallMs: number): Promise<void> {
  const sending_at = new Date(Date.now() - wallMs);
  await db.updateTable('orders').set({ sending_at }).where('identifier', '=', identifier).execute();
}

/** A candle passes, and the bot learns of it. */
async function passDeadline(scene: TradingScene): Promise<void> {
  scene.pass(1_000);
  await scene.deps.exchange.fetchBalances();
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

  it('is not sent when its turn comes later than half a second after the commit', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    const startBy: (number | undefined)[] = [];
    const { exchange: real } = scene.deps;
    const exchange: TradingExchange = {
      ...{ fetchBalances: real.fetchBalances, fetchOrderTerms: real.fetchOrderTerms, fetchOrder: real.fetchOrder },
      ...{ cancelOrder: real.cancelOrder, fetchOpenOrders: real.fetchOpenOrders },
      fetchClosedOrders: real.fetchClosedOrders,
      createOrder(request, by) {
        startBy.push(by);
        return real.createOrder(request, performance.now() - 1);
      },
    };

    const began = performance.now();
    await expect(placeOrder({ ...scene.deps, exchange }, identifier)).rejects.toThrow('its turn came too late');
    expect(startBy[0]).toBeGreaterThanOrEqual(began + 500);
    expect(startBy[0]).toBeLessThan(performance.now() + 500);
    expect(await scene.exchange.fetchOrder({ identifier })).toBeUndefined();
    expect((await requireOrder(scene.db, identifier)).status).toBe('intended');
  });

  describe('refused when it was sent again', () => {
    // Upbit may check funds before the identifier, and the first request has locked them.
    const refusal = new OrderRejected('insufficient_funds_bid', '');

    it('is there, when the first request had arrived', async () => {
      const scene = await openTradingScene();
      const { identifier } = await scene.decideUntilOrder();
      scene.breakNext('createOrder', 'after', lost(identifier));
      await expect(placeOrder(scene.deps, identifier)).rejects.toThrow(AmbiguousSubmission);
      // The look-up lags behind once; then the repetition is refused.
      scene.answerNext('fetchOrder', undefined);
      scene.breakNext('createOrder', 'before', refusal);

      expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'open' });
      await pollOnce(scene.deps, identifier);
      await expectOneOrderEverywhere(scene, identifier);
    });

    it('stays in doubt while it is not found, is not sent a third time, and is rejected in the end', async () => {
      const scene = await openTradingScene();
      const { identifier } = await scene.decideUntilOrder();
      scene.breakNext('createOrder', 'before', lost(identifier));
      await expect(placeOrder(scene.deps, identifier)).rejects.toThrow(AmbiguousSubmission);
      scene.breakNext('createOrder', 'before', refusal);

      await expect(placeOrder(scene.deps, identifier)).rejects.toThrow('refused (insufficient_funds_bid)');
      expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'unresolved' });
      expect(scene.calls('createOrder')).toBe(2);
      expect((await requireOrder(scene.db, identifier)).status).toBe('sending');

      await passDeadline(scene);
      await sentAgo(scene, identifier, 6_000);
      await resolveOrder(scene.deps, await requireOrder(scene.db, identifier));
      expect(await requireOrder(scene.db, identifier)).toMatchObject({
        status: 'rejected',
        status_reason: 'insufficient_funds_bid',
      });
      expect(await reserved(scene)).toEqual({ cash: '0', quantity: '0' });
    });

    it('is not written off when another attempt sent it since', async () => {
      const scene = await openTradingScene();
      const { identifier } = await scene.decideUntilOrder();
      const now = scene.deps.clock.now() ?? 0;
      const begun = await beginSending(scene.db, identifier, now);
      const first = begun.kind === 'send' ? begun.order : undefined;
      await renewSending(scene.db, identifier, now);

      const sentAt = first?.sending_at ?? null;
      const refused = { identifier, reason: 'insufficient_funds_bid', repeated: false, sentAt };
      expect(await recordRefusal(scene.db, refused)).toEqual({ rejected: false });
      expect((await requireOrder(scene.db, identifier)).status).toBe('sending');
    });
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

    const statuses: string[] = [];
    const resolve = async () => {
      statuses.push((await resolveOrder(scene.deps, await requireOrder(scene.db, identifier))).status);
    };

    await sentAgo(scene, identifier, 6_000);
    await resolve();
    await passDeadline(scene);
    await sentAgo(scene, identifier, 4_000);
    await resolve();
    await sentAgo(scene, identifier, 6_000);
    await resolve();

    // Before its deadline it may still be sent again; just after a request that one may be on its way.
    expect(statuses).toEqual(['sending', 'sending', 'unknown']);
    expect(Number((await reserved(scene))?.cash)).toBeGreaterThan(9_000_000);
  });

  it('that was unknown and turns up is taken back: cancelled, what it filled booked', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    await beginSending(scene.db, identifier, scene.deps.clock.now() ?? 0);
    await passDeadline(scene);
    await sentAgo(scene, identifier, 6_000);
    await resolveOrder(scene.deps, await requireOrder(scene.db, identifier));
    expect((await requireOrder(scene.db, identifier)).status).toBe('unknown');
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
