import { describe, expect, it, test } from 'vitest';
import { parseMarket } from '../../config/market.ts';
import { adjust, adopt, allocate, transferCash } from '../../db/cash-flows.ts';
import { ensureMarketAccounts } from '../../db/first-start.ts';
import { readMarketAccounts, startTrading } from '../../db/market-accounts.ts';
import { minute } from '../support/candles.ts';
import { anAccount, anOrder, BTC, ETH, figures, intend, requireProven, useLedgerDatabase } from '../support/ledger.ts';

const { db } = await useLedgerDatabase();

const XRP = parseMarket('KRW-XRP');
const cashOf = async (account: string) =>
  Object.fromEntries((await readMarketAccounts(db, account)).map(({ market, holdings }) => [market, holdings.cash]));
const flows = (account: string) => db.selectFrom('cash_flows').selectAll().where('account', '=', account).execute();

describe('the first start of an account', () => {
  test.each([
    ['10000000', { 'KRW-BTC': '3333334', 'KRW-ETH': '3333333', 'KRW-XRP': '3333333' }],
    ['10000000.99999999', { 'KRW-BTC': '3333334.99999999', 'KRW-ETH': '3333333', 'KRW-XRP': '3333333' }],
    ['2', { 'KRW-BTC': '2', 'KRW-ETH': '0', 'KRW-XRP': '0' }],
    ['0', { 'KRW-BTC': '0', 'KRW-ETH': '0', 'KRW-XRP': '0' }],
  ])('shares %s KRW in whole won, the rest to the first', async (total, shares) => {
    const account = `paper-first-${total}`;
    expect(await ensureMarketAccounts(db, account, [BTC, ETH, XRP], total)).toEqual({
      firstStart: true,
      added: [BTC, ETH, XRP],
    });
    expect(await cashOf(account)).toEqual(shares);
    await requireProven(db, account);
  });

  it('happens once, whoever starts at the same time and whatever they find', async () => {
    const results = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => ensureMarketAccounts(db, 'paper-race', [BTC, ETH], `${n}000`)),
    );
    expect(results.filter((one) => one.firstStart)).toHaveLength(1);
    expect(await flows('paper-race')).toHaveLength(2);
  });

  it("gives a market that joins later nothing: that money is in others' hands", async () => {
    await ensureMarketAccounts(db, 'paper-join', [BTC], '1000');
    expect(await ensureMarketAccounts(db, 'paper-join', [BTC, ETH], '500')).toEqual({
      firstStart: false,
      added: [ETH],
    });
    expect(await cashOf('paper-join')).toEqual({ 'KRW-BTC': '1000', 'KRW-ETH': '0' });
  });
});

describe("a market's first trading start", () => {
  it('is the first one named, for ever', async () => {
    const account = await anAccount(db, '0');
    expect((await readMarketAccounts(db, account))[0]?.tradingSince).toBeUndefined();
    expect(await startTrading(db, account, BTC, minute(5))).toBe(minute(5));
    expect(await startTrading(db, account, BTC, minute(1))).toBe(minute(5));
    await expect(startTrading(db, account, ETH, minute(1))).rejects.toMatchObject({ name: 'NotInLedger' });
  });
});

describe("the owner's money", () => {
  it('comes and goes by recorded flows, never as profit', async () => {
    const account = await anAccount(db, '1000');
    await allocate(db, { account, market: BTC, cash: '-400.5', note: 'rent' });
    await adopt(db, { account, market: BTC, quantity: '3', cost: '100', note: 'mine' });
    await adjust(db, { account, market: BTC, quantity: '-1', note: 'sent to a wallet' });
    expect(await figures(db, account)).toMatchObject({
      cash: '599.5',
      quantity: '2',
      cost: '66.66666667',
      realisedProfit: '0',
    });
    expect((await flows(account)).map((flow) => flow.kind)).toEqual(['allocate', 'withdraw', 'adopt', 'adjust']);
    await requireProven(db, account);
  });

  it('with a reference moves once, also for several at once', async () => {
    const account = await anAccount(db, '0');
    const give = () => allocate(db, { account, market: BTC, cash: '7', note: 'deposit', reference: 'deposit-1' });
    const results = await Promise.all([give(), give(), give()]);
    expect(results.filter((one) => one.recorded)).toHaveLength(1);
    expect((await give()).marketAccount.holdings.cash).toBe('7');
  });

  it('with the reference of another flow is refused, whatever differs', async () => {
    const account = await anAccount(db, '100', [BTC, ETH]);
    const basis = { account, market: BTC, note: 'test', reference: 'r' };
    await allocate(db, { ...basis, cash: '7' });
    const others = [
      () => allocate(db, { ...basis, cash: '8' }),
      () => allocate(db, { ...basis, cash: '-7' }),
      () => allocate(db, { ...basis, market: ETH, cash: '7' }),
      () => adopt(db, { ...basis, quantity: '7', cost: '0' }),
      () => adjust(db, { ...basis, cash: '7' }),
      () => transferCash(db, { account, from: ETH, to: BTC, cash: '7', note: 'test', reference: 'r' }),
    ];
    for (const other of others) await expect(other()).rejects.toMatchObject({ name: 'ReferenceTaken' });
    expect(await allocate(db, { ...basis, cash: '7.0', note: 'in other words' })).toMatchObject({ recorded: false });
    expect(await flows(account)).toHaveLength(3);
  });

  it('with one reference for two markets at once moves in one of them', async () => {
    const account = await anAccount(db, '0', [BTC, ETH]);
    const give = (market: string) =>
      allocate(db, { account, market, cash: '7', note: 'test', reference: 'r' }).then(
        () => 'given',
        (error: Error) => error.name,
      );
    expect((await Promise.all([give(BTC), give(ETH)])).sort()).toEqual(['ReferenceTaken', 'given']);
  });

  it.each([
    ['more cash than is there', { cash: '-20000.01' }, 'InsufficientFree'],
    ['cash an order has reserved', { cash: '-9995.01' }, 'InsufficientFree'],
    ['all that is free', { cash: '-9995' }, 'taken'],
    ['more coins than are there', { quantity: '-5.1' }, 'InsufficientFree'],
    ['all coins, and all their cost with them', { quantity: '-5' }, 'taken'],
    ['all coins but not their cost', { quantity: '-5', cost: '0' }, 'InsufficientFree'],
    ['more cost than they had', { cost: '-50.01' }, 'InsufficientFree'],
  ])('taking %s: %#', async (_, change, expected) => {
    const account = await anAccount(db, '20000');
    await adopt(db, { account, market: BTC, quantity: '5', cost: '50', note: 'test' });
    await intend(db, anOrder(account));
    const before = await figures(db, account);

    const taken = adjust(db, { account, market: BTC, note: 'test', ...change });

    expect(
      await taken.then(
        () => 'taken',
        (error: Error) => error.name,
      ),
    ).toBe(expected);
    if (expected !== 'taken') expect(await figures(db, account)).toEqual(before);
    await requireProven(db, account);
  });

  it.each([
    ['nothing', '0', '0'],
    ['less than nothing', '-1', '0'],
    ['coins at a negative cost', '1', '-1'],
  ])('adopting %s is refused', async (_, quantity, cost) => {
    const account = await anAccount(db, '0');
    await expect(adopt(db, { account, market: BTC, quantity, cost, note: 'test' })).rejects.toThrow(RangeError);
  });

  it('is never more than there is when two take it at once', async () => {
    const account = await anAccount(db, '100');
    const take = () =>
      allocate(db, { account, market: BTC, cash: '-60', note: 'test' }).then(
        () => 1,
        () => 0,
      );
    expect((await Promise.all([take(), take(), take()])).filter((took) => took === 1)).toHaveLength(1);
    expect(await figures(db, account)).toMatchObject({ cash: '40' });
  });
});

describe('moving cash between markets', () => {
  const move = (account: string, from: string, to: string, cash: string, reference?: string) =>
    transferCash(db, { account, from, to, cash, note: 'test', reference });

  it('takes from one what the other gets, as two flows', async () => {
    const account = await anAccount(db, '1000', [BTC, ETH]);
    const outcome = await move(account, BTC, ETH, '400.5');

    expect(outcome).toMatchObject({
      recorded: true,
      from: { market: BTC, holdings: { cash: '599.5' } },
      to: { market: ETH, holdings: { cash: '1400.5' } },
    });
    expect((await flows(account)).slice(-2).map(({ kind, market, cash }) => [kind, market, Number(cash)])).toEqual([
      ['withdraw', BTC, -400.5],
      ['allocate', ETH, 400.5],
    ]);
    await requireProven(db, account);
  });

  it.each([
    ['more than is free', BTC, ETH, '995.01', 'InsufficientFree'],
    ['to a market without sub-account', BTC, XRP, '1', 'NotInLedger'],
    ['from a market without sub-account', XRP, BTC, '1', 'NotInLedger'],
    ['to itself', BTC, BTC, '1', 'RangeError'],
    ['nothing', BTC, ETH, '0', 'RangeError'],
    ['less than nothing', BTC, ETH, '-1', 'RangeError'],
  ])('%s: nothing moves on either side', async (_, from, to, cash, error) => {
    const account = await anAccount(db, '11000', [BTC, ETH]);
    await intend(db, anOrder(account));
    const before = await cashOf(account);

    await expect(move(account, from, to, cash)).rejects.toMatchObject({ name: error });

    expect(await cashOf(account)).toEqual(before);
    expect(await flows(account)).toHaveLength(2);
    await requireProven(db, account);
  });

  it('with a reference moves once, also for several at once and both ways at once', async () => {
    const account = await anAccount(db, '1000', [BTC, ETH]);
    const there = () => move(account, BTC, ETH, '300', 'there');
    const back = () => move(account, ETH, BTC, '100', 'back');
    const results = await Promise.all([there(), back(), there(), back(), there(), back()]);

    expect(results.filter(({ recorded }) => recorded)).toHaveLength(2);
    expect(await cashOf(account)).toEqual({ 'KRW-BTC': '800', 'KRW-ETH': '1200' });
    await expect(move(account, ETH, BTC, '300', 'there')).rejects.toMatchObject({ name: 'ReferenceTaken' });
  });
});
