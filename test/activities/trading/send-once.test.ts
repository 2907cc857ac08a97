import { describe, expect, it } from 'vitest';
import { placeOrder } from '../../../activities/trading/place-order.ts';
import { readMarketAccounts } from '../../../db/market-accounts.ts';
import { type Order, requireOrder } from '../../../db/orders.ts';
import { haltTrading } from '../../../db/trading-state.ts';
import {
  AmbiguousSubmission,
  AuthenticationFailed,
  Banned,
  MarketOffline,
  NotSent,
  OrderRejected,
  RateLimited,
  UnexpectedResponse,
} from '../../../exchange/errors.ts';
import type { Exchange } from '../../../exchange/port.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

/** What the ledger says, at the moment a request is about to leave, to everybody who reads it. */
function watchRequests(scene: TradingScene, identifier: string) {
  const ledger: Order[] = [];
  const exchange = new Proxy(scene.deps.exchange as Exchange, {
    get: (target, name: keyof Exchange) =>
      name !== 'createOrder'
        ? target[name]
        : async (...given: Parameters<Exchange['createOrder']>) => {
            ledger.push(await requireOrder(scene.db, identifier));
            return target.createOrder(...given);
          },
  });
  return { deps: { ...scene.deps, exchange }, ledger };
}

/** An order whose first request, or its answer, was lost. */
async function lostOrder(moment: 'before' | 'after') {
  const scene = await openTradingScene();
  const { identifier } = await scene.decideUntilOrder();
  scene.breakNext('createOrder', moment, new AmbiguousSubmission(identifier, 'the answer was lost'));
  await expect(placeOrder(scene.deps, identifier)).rejects.toThrow(AmbiguousSubmission);
  return { scene, identifier };
}

async function expectStillSending(scene: TradingScene, identifier: string): Promise<void> {
  const { status, status_reason, reserved_cash } = await requireOrder(scene.db, identifier);
  expect({ status, status_reason }).toEqual({ status: 'sending', status_reason: null });
  expect((await readMarketAccounts(scene.db, TRADED.account))[0]?.reserved.cash).toBe(reserved_cash);
  expect(Number(reserved_cash)).toBeGreaterThan(9_000_000);
}

describe('before a request leaves', () => {
  it('the ledger says `sending`, committed', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();
    const { deps, ledger } = watchRequests(scene, identifier);

    await placeOrder(deps, identifier);

    expect(ledger.map(({ status }) => status)).toEqual(['sending']);
  });

  it('again, the ledger says when: the settle delay counts from the last request', async () => {
    const { scene, identifier } = await lostOrder('before');
    const first = await requireOrder(scene.db, identifier);
    const { deps, ledger } = watchRequests(scene, identifier);

    expect(await placeOrder(deps, identifier)).toEqual({ kind: 'open' });

    expect(ledger.map(({ status }) => status)).toEqual(['sending']);
    expect(ledger[0]?.sending_at?.getTime()).toBeGreaterThan(first.sending_at?.getTime() ?? 0);
  });
});

it('no answer that is not a rejection by name writes an order off', async () => {
  const scene = await openTradingScene();
  const { identifier } = await scene.decideUntilOrder();
  for (const error of [
    new AuthenticationFailed('nonce_used', 'used'),
    new AuthenticationFailed('no_authorization_ip', 'not from here'),
    new RateLimited('order', 100),
    new Banned(Date.now() + 1_000),
    new MarketOffline('closed for maintenance'),
    new UnexpectedResponse('what is this'),
  ]) {
    scene.breakNext('createOrder', 'before', error);
    await expect(placeOrder(scene.deps, identifier)).rejects.toThrow(error);
    await expectStillSending(scene, identifier);
  }
  expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'open' });
});

it('a duplicate that is not found yet is not written off: the exchange has it', async () => {
  const scene = await openTradingScene();
  const { identifier } = await scene.decideUntilOrder();
  scene.breakNext('createOrder', 'after', new OrderRejected('duplicated_identifier', ''));
  scene.answerNext('fetchOrder', undefined);

  await expect(placeOrder(scene.deps, identifier)).rejects.toThrow(AmbiguousSubmission);
  await expectStillSending(scene, identifier);

  expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'open' });
  expect(scene.calls('createOrder')).toBe(1);
});

it('nor is one refused as a duplicate of its own first request', async () => {
  const { scene, identifier } = await lostOrder('after');
  // Look-ups lag behind, before the repetition and after it.
  for (let looks = 0; looks < 2; looks += 1) scene.answerNext('fetchOrder', undefined);

  await expect(placeOrder(scene.deps, identifier)).rejects.toThrow(AmbiguousSubmission);
  expect(scene.calls('createOrder')).toBe(2);
  await expectStillSending(scene, identifier);

  expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'open' });
});

describe('an order that may have been sent and is not found is not sent again, and not called unsent,', () => {
  it('past its deadline', async () => {
    const { scene, identifier } = await lostOrder('before');
    scene.pass(1_000);

    expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'unresolved' });

    expect(scene.calls('createOrder')).toBe(1);
    await expectStillSending(scene, identifier);
  });

  it('while trading is halted', async () => {
    const { scene, identifier } = await lostOrder('before');
    await haltTrading(scene.db, TRADED.account, 'test');

    expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'unresolved' });

    expect(scene.calls('createOrder')).toBe(1);
    await expectStillSending(scene, identifier);
  });
});

describe('a request whose commit took longer than half a second does not leave', () => {
  /** Somebody holds the order's market for 700 ms. */
  async function slowCommit(scene: TradingScene, attempt: () => Promise<unknown>): Promise<unknown> {
    let release = (): void => undefined;
    let locked = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      locked = resolve;
    });
    const holding = scene.db.transaction().execute(async (trx) => {
      await trx.selectFrom('market_accounts').selectAll().forUpdate().execute();
      locked();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    await held;
    setTimeout(() => release(), 700);
    const outcome = attempt();
    await Promise.allSettled([holding, outcome]);
    return outcome;
  }

  it('the first time', async () => {
    const scene = await openTradingScene();
    const { identifier } = await scene.decideUntilOrder();

    await expect(slowCommit(scene, () => placeOrder(scene.deps, identifier))).rejects.toThrow(NotSent);

    expect(await scene.exchange.fetchOrder({ identifier })).toBeUndefined();
    // The only request there ever was.
    expect((await requireOrder(scene.db, identifier)).status).toBe('intended');
  });

  it('nor when it is sent again', async () => {
    const { scene, identifier } = await lostOrder('before');
    const { fetchOrder } = scene.deps.exchange;
    // The look-up before it takes its time too, and does not count.
    const exchange = new Proxy(scene.deps.exchange, {
      get: (target, name: keyof Exchange) => (name === 'fetchOrder' ? lookUp : target[name as keyof typeof target]),
    });
    let renewing: Promise<unknown> | undefined;
    async function lookUp(reference: Parameters<typeof fetchOrder>[0]) {
      const answer = await fetchOrder(reference);
      const began = new Promise<void>((resolve) => {
        renewing = slowCommit(scene, async () => resolve());
      });
      await began;
      return answer;
    }

    await expect(placeOrder({ ...scene.deps, exchange }, identifier)).rejects.toThrow(NotSent);
    await renewing;

    expect(await scene.exchange.fetchOrder({ identifier })).toBeUndefined();
    await expectStillSending(scene, identifier);
  });
});
