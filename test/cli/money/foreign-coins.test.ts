import { Decimal } from 'decimal.js';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { pollOnce } from '../../../activities/trading/order-fills.ts';
import { placeOrder } from '../../../activities/trading/place-order.ts';
import { auditAccount } from '../../../cli/audit/audit.ts';
import { coinsBeyondLedger } from '../../../cli/money/beyond-ledger.ts';
import { recordWithin } from '../../../cli/money/record-within.ts';
import { adopt } from '../../../db/cash-flows.ts';
import { figures, requireProven } from '../../support/ledger.ts';
import { openTradingScene, TRADED, type TradingScene } from '../../support/trading-scene.ts';

async function heldAt({ exchange }: TradingScene): Promise<string> {
  const btc = (await exchange.fetchBalances()).find(({ currency }) => currency === 'BTC');
  return new Decimal(btc?.free ?? 0).plus(btc?.locked ?? 0).toFixed();
}

it('coins that are not the bot’s are never sold; of those adopted in part it sells that part', async () => {
  const { account, market } = TRADED;
  const scene = await openTradingScene('4000000');
  const { db, exchange } = scene;
  await sql`INSERT INTO settings (key, value) VALUES ('bot_id', 'testbot1')`.execute(db);
  const byHand = { market, identifier: 'by-hand', type: 'market', side: 'bid', spendKrw: '3000000' } as const;
  await exchange.createOrder(byHand);
  const foreign = await heldAt(scene);
  await recordWithin(
    {
      ...{ db, account, amount: '0.0125', cure: '' },
      beyond: (claims) => coinsBeyondLedger(exchange, claims, market),
    },
    (trx) => adopt(trx, { account, market, quantity: '0.0125', cost: '1875937.5', note: 'test' }),
  );
  const kept = new Decimal(foreign).minus('0.0125').toFixed();

  const sold: string[] = [];
  for (let orders = 0; orders < 6; orders += 1) {
    const { identifier } = await scene.decideUntilOrder();
    await placeOrder(scene.deps, identifier);
    const state = await pollOnce(scene.deps, identifier);
    if (state?.side === 'ask') sold.push(state.executedQuantity);
    const owned = (await figures(db, account)).quantity;
    expect(new Decimal(await heldAt(scene)).minus(owned).toFixed()).toBe(kept);
    scene.pass(1_000);
  }

  expect(sold.length).toBeGreaterThan(0);
  // The adopted coins were sold with the first sale, and with them nothing else.
  expect(new Decimal(sold[0] ?? 0).gte('0.0125')).toBe(true);
  await requireProven(db, account);
  const audit = await auditAccount({ exchange, db, account, openingKrw: '10000000' });
  expect(audit.findings).toEqual([]);
  expect(new Decimal(audit.outside.BTC ?? 0).toFixed()).toBe(kept);
});
