import type { Balance, ExchangeOrder } from '../../exchange/port.ts';
import { Amount, Amounts } from './amounts.ts';
import { isInFlight, type OrderPair } from './check-orders.ts';
import type { Findings } from './findings.ts';
import type { LedgerRecords, LedgerTrade } from './ledger-records.ts';

/** What an order did to its market's cash and coins. */
interface Effect {
  readonly cash: Amount;
  readonly coins: Amount;
}

/**
 * Every market owns what was given to it plus what its orders did, as the exchange's own fills and fees say. An order
 * on its way counts with what the ledger has booked of it.
 */
export function checkHoldings(
  ledger: LedgerRecords,
  ours: readonly ExchangeOrder[],
  pairs: readonly OrderPair[],
  findings: Findings,
): void {
  const cash = new Amounts();
  const coins = new Amounts();
  const add = (market: string, effect: Effect) => {
    cash.add(market, effect.cash);
    coins.add(market, effect.coins);
  };
  for (const move of ledger.moves) {
    // What the exchange charged beyond rate × funds is in its `paid_fee` already.
    if (move.kind === 'fee-difference') continue;
    add(move.market, { cash: new Amount(move.cash), coins: new Amount(move.quantity) });
  }
  for (const order of ours) add(order.market, effectAtExchange(order));
  for (const pair of pairs) add(pair.here.market, negated(notBooked(pair, ledger)));

  for (const { market, cash: owned, quantity } of ledger.holdings) {
    if (!cash.of(market).eq(owned)) {
      const difference = new Amount(owned).minus(cash.of(market)).toFixed();
      findings.fault(
        'cash',
        `${market} owns ${owned} KRW; by the exchange's fills it is ${cash.of(market).toFixed()} (${difference})`,
      );
    }
    if (!coins.of(market).eq(quantity)) {
      findings.fault(
        'coins',
        `${market} owns ${quantity} coins; by the exchange's fills ${coins.of(market).toFixed()}`,
      );
    }
  }
}

export interface TotalsChecked {
  /** By currency, what the account holds beyond what the ledger owns. */
  readonly outside: Readonly<Record<string, string>>;
}

/**
 * The exchange holds at least what the ledger owns. Where it is known what the account began with, undoing every order
 * on it, ours and others', must lead back to exactly that: then no order is missing from the exchange's record.
 */
export function checkTotals(
  ledger: LedgerRecords,
  exchange: { readonly balances: readonly Balance[]; readonly orders: readonly ExchangeOrder[] },
  pairs: readonly OrderPair[],
  openingKrw: string | undefined,
  findings: Findings,
): TotalsChecked {
  const owned = new Amounts();
  for (const { market, cash, quantity } of ledger.holdings) {
    addBoth(owned, market, { cash: new Amount(cash), coins: new Amount(quantity) });
  }
  for (const pair of pairs) addBoth(owned, pair.here.market, notBooked(pair, ledger));
  const totals = new Amounts();
  for (const { currency, free, locked } of exchange.balances) totals.add(currency, new Amount(free).plus(locked));

  const outside: Record<string, string> = {};
  for (const currency of owned.keys()) {
    const beyond = totals.of(currency).minus(owned.of(currency));
    outside[currency] = beyond.toFixed();
    if (!beyond.lt(0)) continue;
    findings.fault(
      'exchange total',
      `the account holds ${totals.of(currency).toFixed()} ${currency}, the ledger owns ${owned.of(currency).toFixed()}`,
    );
  }
  if (openingKrw !== undefined) checkOpening(totals, exchange.orders, openingKrw, findings);
  return { outside };
}

function checkOpening(totals: Amounts, orders: readonly ExchangeOrder[], krw: string, findings: Findings): void {
  const moved = new Amounts();
  for (const order of orders) addBoth(moved, order.market, effectAtExchange(order));
  for (const currency of new Set(['KRW', ...totals.keys(), ...moved.keys()])) {
    const opening = totals.of(currency).minus(moved.of(currency));
    const expected = currency === 'KRW' ? krw : '0';
    if (opening.eq(expected)) continue;
    findings.fault(
      'exchange record',
      `without its orders the account would hold ${opening.toFixed()} ${currency}; it began with ${expected}`,
    );
  }
}

function effectAtExchange(order: ExchangeOrder): Effect {
  const funds = order.fills.reduce((sum, fill) => sum.plus(fill.funds), new Amount(0));
  return effect(order.side, funds, new Amount(order.paidFee), new Amount(order.executedVolume));
}

/** What the exchange has done for an order on its way that the ledger has not booked. */
function notBooked({ there, here }: OrderPair, ledger: LedgerRecords): Effect {
  if (!isInFlight(here)) return { cash: new Amount(0), coins: new Amount(0) };
  const trades = ledger.trades.filter(({ order_id }) => order_id === here.id);
  const sum = (of: (trade: LedgerTrade) => string) => trades.reduce((all, trade) => all.plus(of(trade)), new Amount(0));
  const booked = effect(
    here.side,
    sum(({ funds }) => funds),
    sum(({ fee }) => fee),
    sum(({ quantity }) => quantity),
  );
  const done = effectAtExchange(there);
  return { cash: done.cash.minus(booked.cash), coins: done.coins.minus(booked.coins) };
}

function effect(side: string, funds: Amount, fee: Amount, coins: Amount): Effect {
  return side === 'bid'
    ? { cash: funds.plus(fee).negated(), coins }
    : { cash: funds.minus(fee), coins: coins.negated() };
}

function negated({ cash, coins }: Effect): Effect {
  return { cash: cash.negated(), coins: coins.negated() };
}

/** A market `KRW-BTC` moves KRW and BTC. */
function addBoth(amounts: Amounts, market: string, { cash, coins }: Effect): void {
  const [quote = '', base = ''] = market.split('-');
  amounts.add(quote, cash);
  amounts.add(base, coins);
}
