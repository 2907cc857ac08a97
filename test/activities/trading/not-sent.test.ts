import { Client } from 'pg';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { placeOrder } from '../../../activities/trading/place-order.ts';
import { freePort } from '../../../cli/up/ports.ts';
import { readMarketAccounts } from '../../../db/market-accounts.ts';
import { recordNotSent } from '../../../db/order-outcomes.ts';
import { renewSending } from '../../../db/order-sending.ts';
import { requireOrder } from '../../../db/orders.ts';
import { lockTradingState } from '../../../db/trading-state.ts';
import { AmbiguousSubmission, NotSent } from '../../../exchange/errors.ts';
import { createUpbitClient } from '../../../exchange/upbit/client.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const statusOf = async ({ db }: TradingScene, identifier: string) => (await requireOrder(db, identifier)).status;
const reserved = async ({ db }: TradingScene) => (await readMarketAccounts(db, TRADED.account))[0]?.reserved.cash;

async function decided(): Promise<{ readonly scene: TradingScene; readonly identifier: string }> {
  const scene = await openTradingScene();
  return { scene, identifier: (await scene.decideUntilOrder()).identifier };
}

const STANDS_AT = new Date('2026-01-01T00:00:00.123Z');

/** The database's clock shows one microsecond for ever: a function of that name that is found before its own. */
async function stopItsClock(url: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query(`
      CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
        $$ SELECT '${STANDS_AT.toISOString()}'::timestamptz + interval '456 microseconds' $$;
      DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$`);
  } finally {
    await client.end();
  }
}

describe('an order of which nothing has left', () => {
  it('goes out when the exchange is back in time, once', async () => {
    const { scene, identifier } = await decided();
    const keys = { accessKey: 'paper', secretKey: 'paper-secret' };
    const nobody = createUpbitClient({ baseUrl: `http://127.0.0.1:${await freePort()}`, keys });

    await expect(placeOrder({ ...scene.deps, exchange: nobody }, identifier)).rejects.toThrow(NotSent);
    // Whoever looks for orders that may have been sent must not find it.
    expect(await requireOrder(scene.db, identifier)).toMatchObject({ status: 'intended', sending_at: null });
    expect(Number(await reserved(scene))).toBeGreaterThan(9_000_000);

    expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'open' });
    expect(scene.calls('createOrder')).toBe(1);
  });

  it('expires at its deadline and frees its market, where the exchange stays away', async () => {
    const { scene, identifier } = await decided();
    scene.breakNext('createOrder', 'before', new NotSent(identifier, 'connect ECONNREFUSED'));
    await expect(placeOrder(scene.deps, identifier)).rejects.toThrow(NotSent);
    scene.pass(1_000);

    expect(await placeOrder(scene.deps, identifier)).toMatchObject({ kind: 'not-sent' });

    expect(await statusOf(scene, identifier)).toBe('expired');
    expect(await reserved(scene)).toBe('0');
    expect(scene.calls('fetchOrder')).toBe(0);
  });
});

describe('an order of which an earlier request may have left', () => {
  it('is not called unsent because its repetition was not sent', async () => {
    const { scene, identifier } = await decided();
    scene.breakNext('createOrder', 'after', new AmbiguousSubmission(identifier, 'lost'));
    await expect(placeOrder(scene.deps, identifier)).rejects.toThrow(AmbiguousSubmission);
    scene.answerNext('fetchOrder', undefined);
    scene.breakNext('createOrder', 'before', new NotSent(identifier, 'connect ECONNREFUSED'));
    await expect(placeOrder(scene.deps, identifier)).rejects.toThrow(NotSent);
    expect(await statusOf(scene, identifier)).toBe('sending');

    expect(await placeOrder(scene.deps, identifier)).toEqual({ kind: 'open' });
  });

  it('is not called unsent by the first of two workers when the second has sent it', async () => {
    const { scene, identifier } = await decided();
    const { createOrder } = scene.exchange;
    const exchange = {
      ...scene.exchange,
      async createOrder(...given: Parameters<typeof createOrder>) {
        // The second one takes over just now.
        expect((await renewSending(scene.db, identifier, scene.deps.clock.now() ?? 0)).kind).toBe('send');
        await createOrder(...given);
        throw new NotSent(identifier, 'connect ECONNREFUSED');
      },
    };

    await expect(placeOrder({ ...scene.deps, exchange }, identifier)).rejects.toThrow(NotSent);

    expect(await statusOf(scene, identifier)).toBe('sending');
  });

  it('is told from its renewal by the time of sending, however quick that was', async () => {
    const scene = await openTradingScene(undefined, { prepareDatabase: stopItsClock });
    const { identifier } = await scene.decideUntilOrder();
    scene.breakNext('createOrder', 'before', new AmbiguousSubmission(identifier, 'lost'));
    await expect(placeOrder(scene.deps, identifier)).rejects.toThrow(AmbiguousSubmission);
    const { sending_at: sentAt } = await requireOrder(scene.db, identifier);
    expect(sentAt).toEqual(STANDS_AT);

    expect(await renewSending(scene.db, identifier, scene.deps.clock.now() ?? 0)).toMatchObject({ kind: 'send' });

    expect(await recordNotSent(scene.db, { identifier, repeated: false, sentAt })).toMatchObject({ moved: false });
    expect(await statusOf(scene, identifier)).toBe('sending');
  });
});

describe('a machine that sleeps between the commit and the request', () => {
  it('sends nothing when it wakes, although the clock that nobody sets has slept too', async () => {
    const { scene, identifier } = await decided();
    const deps = asleepWhenLeaving(scene);
    onTestFinished(() => void vi.useRealTimers());

    await expect(placeOrder(deps, identifier)).rejects.toThrow('its turn came too late');

    expect(await requireOrder(scene.db, identifier)).toMatchObject({ status: 'intended', sending_at: null });
    expect(await scene.exchange.fetchOrder({ identifier })).toBeUndefined();
  });

  it('sends nothing after it either: the exchange is asked what time it is', async () => {
    const { scene, identifier } = await decided();
    scene.sleep(8 * 3_600_000);

    expect(await placeOrder(scene.deps, identifier)).toMatchObject({ kind: 'not-sent' });

    expect(await statusOf(scene, identifier)).toBe('expired');
    expect(scene.calls('createOrder')).toBe(0);
  });

  it('sends nothing again that it had looked up before', async () => {
    const { scene, identifier } = await decided();
    scene.breakNext('createOrder', 'before', new AmbiguousSubmission(identifier, 'lost'));
    await expect(placeOrder(scene.deps, identifier)).rejects.toThrow(AmbiguousSubmission);
    const { exchange: real } = scene.deps;
    const fetchOrder: typeof real.fetchOrder = async (reference) => {
      const found = await real.fetchOrder(reference);
      scene.sleep(8 * 3_600_000);
      return found;
    };
    const exchange = new Proxy(real, {
      get: (target, name) => (name === 'fetchOrder' ? fetchOrder : Reflect.get(target, name)),
    });

    expect(await placeOrder({ ...scene.deps, exchange }, identifier)).toEqual({ kind: 'unresolved' });

    expect(scene.calls('createOrder')).toBe(1);
    expect(await statusOf(scene, identifier)).toBe('sending');
  });
});

/** The machine sleeps when a request is about to leave: only the wall clock tells. */
function asleepWhenLeaving(scene: TradingScene): TradingScene['deps'] {
  const { exchange: real } = scene.deps;
  const createOrder: typeof real.createOrder = (...given) => {
    const now = Date.now() + 8 * 3_600_000;
    vi.useFakeTimers({ toFake: ['Date'], now, shouldAdvanceTime: true });
    return real.createOrder(...given);
  };
  const exchange = new Proxy(real, {
    get: (target, name) => (name === 'createOrder' ? createOrder : Reflect.get(target, name)),
  });
  return { ...scene.deps, exchange };
}

describe('a process that stands still between looking at the deadline and sending', () => {
  it('sends nothing after the deadline, and the order expires instead of being looked for', async () => {
    const { scene, identifier } = await decided();
    const other = scene.secondWorker();
    let placing: Promise<unknown> = Promise.resolve();
    await other.db.transaction().execute(async (trx) => {
      // It waits here, after it has looked at the time, until the deadline is over.
      await lockTradingState(trx, TRADED.account);
      placing = placeOrder(scene.deps, identifier).catch((error: unknown) => error);
      await new Promise((resolve) => setTimeout(resolve, 300));
      scene.pass(1_000);
    });

    expect(await placing).toBeInstanceOf(NotSent);
    expect(await statusOf(scene, identifier)).toBe('intended');
    expect(await placeOrder(scene.deps, identifier)).toMatchObject({ kind: 'not-sent' });
    expect(await scene.exchange.fetchOrder({ identifier })).toBeUndefined();
    expect(await reserved(scene)).toBe('0');
  });
});
