import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { placeOrder } from '../../../activities/trading/place-order.ts';
import { readKeyRefusals } from '../../../db/key-refusals.ts';
import { requireOrder } from '../../../db/orders.ts';
import { AuthenticationFailed } from '../../../exchange/errors.ts';
import { watchKey } from '../../../exchange/key-watch.ts';
import { createUpbitClient } from '../../../exchange/upbit/client.ts';
import { reportKey } from '../../../workers/key-report.ts';
import { FaultControl } from '../../support/fault-control.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

const { account } = TRADED;

/** An order that is about to be sent by a worker whose key is watched, to an exchange that may refuse it. */
async function decided() {
  const scene = await openTradingScene(undefined, { exchange: { controlPort: 0 } });
  const { identifier } = await scene.decideUntilOrder();
  const said: string[] = [];
  let passed = 0;
  const now = () => performance.now() + passed;
  const key = reportKey(scene.db, { account, say: (line) => void said.push(line) }, now);
  onTestFinished(() => key.close());
  const deps = { ...scene.deps, exchange: watchKey(scene.deps.exchange, key.hear) };
  const control = new FaultControl(scene.at.controlUrl ?? '');
  return {
    ...{ scene, identifier, said, key, control },
    place: () => placeOrder(deps, identifier),
    status: async () => {
      const { status, status_reason: reason } = await requireOrder(scene.db, identifier);
      return [status, reason];
    },
    alerts: async () => {
      await key.close();
      return readKeyRefusals(scene.db, account);
    },
    /** The key is accepted again, and that no longer counts as chance. */
    accept: async () => {
      await control.remove('key');
      passed += 1_000;
    },
    refuse: (status: number, error: string, endpoint: '*' | 'POST /v1/orders') =>
      control.add({ id: 'key', kind: 'refused', status, error, endpoint, next: 100 }),
    there: async () => (await control.ledger()).orders.map((order) => order.identifier),
  };
}

async function whileTheTableIsLocked<T>({ db }: TradingScene, work: () => Promise<T>): Promise<T> {
  return db.transaction().execute(async (trx) => {
    await sql`LOCK TABLE key_refusals IN ACCESS EXCLUSIVE MODE`.execute(trx);
    return work();
  });
}

describe('an order that is refused for the key', () => {
  it.each([
    [401, 'invalid_access_key', '*', 'every call', 1],
    [401, 'no_authorization_ip', '*', 'every call', 1],
    [403, 'out_of_scope', 'POST /v1/orders', 'orders', 2],
  ] as const)(
    '(%i %s) is alerted, not rejected, looked up, and goes on when the key is accepted again',
    async (httpStatus, reason, endpoint, scope, sent) => {
      const { scene, identifier, place, status, alerts, refuse, there, accept, said } = await decided();
      await refuse(httpStatus, reason, endpoint);

      await expect(place()).rejects.toThrow(AuthenticationFailed);

      expect(await status()).toEqual(['sending', null]);
      expect(await alerts()).toMatchObject([{ scope, reason, call: 'createOrder', identifier, refusals: 1 }]);

      // Nothing is sent again before a look-up, which needs the key too, or has another permission.
      await expect(place()).rejects.toThrow(AuthenticationFailed);
      expect([scene.calls('fetchOrder'), scene.calls('createOrder')]).toEqual([1, sent]);
      expect(await status()).toEqual(['sending', null]);
      expect(await alerts()).toMatchObject([{ scope, reason }]);
      expect(said).toHaveLength(1);
      expect(said[0]).toMatch(new RegExp(`^ERROR the exchange refuses the key for ${scope} \\(${reason}\\): .{20}`));

      await accept();
      expect(await place()).toEqual({ kind: 'open' });

      expect(await status()).toEqual(['open', null]);
      expect(await there()).toEqual([identifier]);
      expect(await alerts()).toEqual([]);
      expect(said.slice(1)).toEqual([`the exchange accepts the key again for ${scope} (${reason}, 2 in a row)`]);
    },
  );

  it('fails and goes on the same where the alert cannot be written', async () => {
    const { scene, place, status, refuse, accept, said } = await decided();
    await sql`ALTER TABLE key_refusals RENAME TO away`.execute(scene.db);
    await refuse(401, 'no_authorization_ip', '*');

    await expect(place()).rejects.toThrow(AuthenticationFailed);
    expect(await status()).toEqual(['sending', null]);
    await accept();

    expect(await place()).toEqual({ kind: 'open' });
    expect(said.filter((line) => line.startsWith('durabit status is not told'))).toHaveLength(1);
  });

  it('waits for nobody who writes the alert down', async () => {
    const { scene, place, status, refuse, accept, alerts } = await decided();
    await refuse(401, 'no_authorization_ip', '*');

    await whileTheTableIsLocked(scene, async () => {
      await expect(place()).rejects.toThrow(AuthenticationFailed);
      await accept();
      expect(await place()).toEqual({ kind: 'open' });
    });

    expect(await status()).toEqual(['open', null]);
    expect(await alerts()).toEqual([]);
  });
});

it('an exchange that says our own request back puts no key and no signature into the alert', async () => {
  const keys = { accessKey: 'access-key-of-the-test', secretKey: 'secret-key-of-the-test' };
  const echo = createServer(({ headers }, response) => {
    const message = `${headers.authorization} of ${keys.accessKey} with ${keys.secretKey}`;
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { name: keys.secretKey, message } }));
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void echo.close());
  const { scene, key, alerts, said } = await decided();
  const baseUrl = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`;
  const exchange = watchKey(createUpbitClient({ baseUrl, keys }), key.hear);

  await expect(exchange.fetchBalances()).rejects.toThrow(AuthenticationFailed);

  const rows = await alerts();
  expect(rows).toMatchObject([{ scope: 'balances', call: 'fetchBalances' }]);
  const kept = JSON.stringify([await readKeyRefusals(scene.db, account), said]);
  expect(kept).toContain('(key hidden)');
  expect(kept).toContain('(token hidden)');
  expect(kept).not.toMatch(/eyJ|key-of-the-test/);
});
