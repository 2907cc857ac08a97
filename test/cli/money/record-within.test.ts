import { expect, it, onTestFinished } from 'vitest';
import { type AskedExchange, coinsBeyondLedger, krwBeyondLedger } from '../../../cli/money/beyond-ledger.ts';
import { type Giving, recordWithin } from '../../../cli/money/record-within.ts';
import { adjust, adopt, allocate } from '../../../db/cash-flows.ts';
import { markExpired } from '../../../db/order-outcomes.ts';
import { BTC, figures, requireProven } from '../../support/ledger.ts';
import { type MoneyScene, openMoneyScene } from '../../support/money-scene.ts';
import { markUnknown } from '../../support/order-outcomes.ts';

async function open(krw: string): Promise<MoneyScene> {
  const scene = await openMoneyScene(krw);
  onTestFinished(() => scene.close());
  return scene;
}

/** For what comes right at a second look, however busy the machine is. */
const PATIENT_MS = 20_000;

/** Won for KRW-BTC from what belongs to no market, as `durabit allocate` gives it. */
function give({ db, account, exchange }: MoneyScene, amount: string, change: Partial<Giving> = {}) {
  const beyond: Giving['beyond'] = (claims) => krwBeyondLedger(exchange, claims);
  const giving = { db, account, amount, beyond, cure: 'take less', patienceMs: 300, ...change };
  return recordWithin(giving, (trx) => allocate(trx, { account, market: BTC, cash: amount, note: 'test' }));
}

/** Coins for KRW-BTC, as `durabit adopt` takes them. */
function take({ db, account, exchange }: MoneyScene, amount: string) {
  const beyond: Giving['beyond'] = (claims) => coinsBeyondLedger(exchange, claims, BTC);
  const giving = { db, account, amount, beyond, cure: 'take fewer', patienceMs: 300 };
  const flow = { account, market: BTC, quantity: amount, cost: '1', note: 'test' };
  return recordWithin(giving, (trx) => adopt(trx, flow));
}

const given = { recorded: true };

it('gives exactly what is unassigned, and not a hundred-millionth more', async () => {
  const scene = await open('4000000');
  await expect(give(scene, '6000000.00000001')).rejects.toThrow(/more than the 6,000,000 KRW unassigned/);
  expect(await give(scene, '6000000')).toMatchObject(given);
  await expect(give(scene, '0.00000001')).rejects.toThrow(/more than the 0 KRW unassigned/);
});

it('what our own resting purchase locks is its market’s, and the rest is still given', async () => {
  const scene = await open('4000000');
  await scene.trade('bid', '140000000', '0.01', 'open');
  await expect(give(scene, '6000001')).rejects.toThrow(/6,000,000 KRW unassigned \((?!.*locked)/);
  expect(await give(scene, '6000000')).toMatchObject(given);
});

it('won locked in somebody else’s order is not given', async () => {
  const scene = await open('4000000');
  await scene.exchange.createOrder({
    ...{ market: BTC, identifier: 'by-hand', type: 'limit', side: 'bid', price: '100000000', volume: '0.02' },
  });
  await expect(give(scene, '3999001')).rejects.toThrow(/3,999,000 KRW .*2,001,000 are locked in .* not the bot's/);
  expect(await give(scene, '3999000')).toMatchObject(given);
});

it('coins a purchase of ours has brought, booked or not, are not there to adopt', async () => {
  const scene = await open('10000000');
  await scene.trade('bid', '151000000', '0.01', 'open');
  await expect(take(scene, '0.00000001')).rejects.toThrow(/more than the 0 BTC unassigned/);
});

it('while an order that may have been sent is not found nobody can tell, and it is named', async () => {
  const scene = await open('8000000');
  await scene.trade('bid', '151000000', '0.02');
  const identifier = await scene.trade('ask', '140000000', '0.02', 'sending');

  await expect(give(scene, '1')).rejects.toThrow(`order ${identifier} is sending, and what it executed is not certain`);
  await markUnknown(scene.db, identifier);
  await expect(give(scene, '1')).rejects.toThrow(`order ${identifier} is unknown`);
  await markExpired(scene.db, identifier, 'test');
  expect(await give(scene, '1')).toMatchObject(given);
});

it('a sale given up as not found, and executed after all, counts as its market’s', async () => {
  const scene = await open('8000000');
  await scene.trade('bid', '151000000', '0.02');
  const { cash } = await figures(scene.db, scene.account);
  const identifier = await scene.trade('ask', '140000000', '0.02', 'lost');
  await markUnknown(scene.db, identifier);
  await markExpired(scene.db, identifier, 'test');

  await expect(give(scene, '2000001')).rejects.toThrow(/more than the 2,000,000 KRW unassigned/);
  expect((await figures(scene.db, scene.account)).cash).toBe(cash);
});

it('waits for an order whose fills the exchange does not all show yet', async () => {
  const scene = await open('8000000');
  await scene.trade('bid', '151000000', '0.02');
  await scene.trade('ask', '140000000', '0.02', 'open');
  let looks = 0;
  const late: AskedExchange = {
    fetchBalances: () => scene.exchange.fetchBalances(),
    fetchOrder: async (reference) => {
      const order = await scene.exchange.fetchOrder(reference);
      looks += 1;
      return order && looks === 1 ? { ...order, fills: [] } : order;
    },
  };
  const beyond: Giving['beyond'] = (claims) => krwBeyondLedger(late, claims);
  expect(await give(scene, '2000000', { beyond, patienceMs: PATIENT_MS })).toMatchObject(given);
  expect(looks).toBe(2);
});

it('asks again when money moved between the question and the answer', async () => {
  const scene = await open('4000000');
  const { db, account, exchange } = scene;
  let asked = 0;
  const beyond: Giving['beyond'] = async (claims) => {
    const known = await krwBeyondLedger(exchange, claims);
    asked += 1;
    // Somebody else takes nearly all of it meanwhile.
    if (asked === 1) await allocate(db, { account, market: BTC, cash: '5999999', note: 'somebody else' });
    return known;
  };
  await expect(give(scene, '2', { beyond, patienceMs: PATIENT_MS })).rejects.toThrow(/more than the 1 KRW unassigned/);
  expect(asked).toBe(2);
  await requireProven(db, account);
});

it('gives up, with nothing written, when the ledger never stands still', async () => {
  const scene = await open('4000000');
  const { db, account, exchange } = scene;
  const beyond: Giving['beyond'] = async (claims) => {
    const known = await krwBeyondLedger(exchange, claims);
    await allocate(db, { account, market: BTC, cash: '1', note: 'somebody else' });
    return known;
  };
  await expect(give(scene, '5000', { beyond })).rejects.toThrow(/traded during each look at it; try again/);
  expect(Number((await figures(db, account)).cash)).toBeLessThan(2_000_100);
});

it('gives nothing while the ledger owns more than the exchange has, and says where to look', async () => {
  const scene = await open('10000000');
  await adjust(scene.db, { account: scene.account, market: BTC, cash: '5', note: 'wrong' });
  await expect(give(scene, '1')).rejects.toThrow(
    /more than the 0 KRW unassigned .*markets own 10,000,005.*the ledger owns more than that: see durabit audit/,
  );
});
