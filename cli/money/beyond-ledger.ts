import { baseCurrency, type Market } from '../../config/market.ts';
import type { LedgerClaims, UnsettledOrder } from '../../db/ledger-claims.ts';
import type { ExchangeOrder, TradingExchange } from '../../exchange/port.ts';
import type { DecimalText } from '../../strategy/candle.ts';
import { decimalText, Exact } from '../../strategy/exact-decimal.ts';
import { askPatiently } from '../audit/patience.ts';

export type AskedExchange = Pick<TradingExchange, 'fetchBalances' | 'fetchOrder'>;

/** What the exchange holds of a currency beyond what the ledger owns. */
export type BeyondLedger =
  | {
      readonly kind: 'known';
      readonly currency: string;
      /** What may be given to a market; below zero when the ledger owns more than is there. */
      readonly unassigned: DecimalText;
      /** What the exchange holds in all, locked or not. */
      readonly held: DecimalText;
      /** Sum of the sub-accounts. */
      readonly owned: DecimalText;
      /** Locked by orders or withdrawals that are not the ledger's; not among the unassigned. */
      readonly lockedByOthers: DecimalText;
    }
  /** What this order executed cannot be told, so the rest cannot either. */
  | { readonly kind: 'uncertain'; readonly order: UnsettledOrder };

/**
 * KRW on the account that belong to no market. Never too much: what a sale has brought at the exchange and the ledger has
 * not booked counts as its market's, what a purchase has cost meanwhile counts as still there in no one's hands.
 */
export function krwBeyondLedger(
  exchange: AskedExchange,
  { marketAccounts, unsettled }: LedgerClaims,
): Promise<BeyondLedger> {
  return beyondLedger(exchange, 'KRW', {
    owned: marketAccounts.map(({ holdings }) => holdings.cash),
    free: marketAccounts.map(({ free }) => free.cash),
    bringing: unsettled.filter(({ side }) => side === 'ask'),
    notBooked: ({ fills, paidFee }, { booked_krw }) =>
      sum(fills.map(({ funds }) => funds))
        .minus(paidFee)
        .minus(booked_krw),
  });
}

/** Coins of the market on the account that the ledger does not own. Never too many, as with {@link krwBeyondLedger}. */
export function coinsBeyondLedger(
  exchange: AskedExchange,
  { marketAccounts, unsettled }: LedgerClaims,
  market: Market,
): Promise<BeyondLedger> {
  const own = marketAccounts.filter((one) => one.market === market);
  return beyondLedger(exchange, baseCurrency(market), {
    owned: own.map(({ holdings }) => holdings.quantity),
    free: own.map(({ free }) => free.quantity),
    bringing: unsettled.filter((order) => order.side === 'bid' && order.market === market),
    notBooked: ({ executedVolume }, { booked_quantity }) => new Exact(executedVolume).minus(booked_quantity),
  });
}

async function beyondLedger(
  exchange: AskedExchange,
  currency: string,
  ledger: {
    readonly owned: readonly DecimalText[];
    readonly free: readonly DecimalText[];
    /** Orders whose fills bring this currency. */
    readonly bringing: readonly UnsettledOrder[];
    readonly notBooked: (there: ExchangeOrder, here: UnsettledOrder) => Exact;
  },
): Promise<BeyondLedger> {
  const balances = (await askPatiently(() => exchange.fetchBalances())).filter((one) => one.currency === currency);
  const exchangeFree = sum(balances.map(({ free }) => free));
  const held = exchangeFree.plus(sum(balances.map(({ locked }) => locked)));
  // After the balances: whatever is in them is then in the orders too.
  let notBooked = new Exact(0);
  for (const order of ledger.bringing) {
    const there = await executed(exchange, order);
    if (there === 'uncertain') return { kind: 'uncertain', order };
    if (there !== 'nothing') notBooked = notBooked.plus(Exact.max(0, ledger.notBooked(there, order)));
  }

  const owned = sum(ledger.owned);
  const beyond = held.minus(owned);
  // What is locked for our own orders is reserved for them: free without ours is what nobody's order holds.
  const withoutLocked = Exact.min(beyond, exchangeFree.minus(sum(ledger.free)));
  return {
    kind: 'known',
    currency,
    unassigned: decimalText(withoutLocked.minus(notBooked)),
    held: decimalText(held),
    owned: decimalText(owned),
    lockedByOthers: decimalText(beyond.minus(withoutLocked)),
  };
}

async function executed(
  exchange: AskedExchange,
  order: UnsettledOrder,
): Promise<ExchangeOrder | 'nothing' | 'uncertain'> {
  if (order.status === 'intended') return 'nothing';
  const there = await askPatiently(() => exchange.fetchOrder({ identifier: order.identifier }));
  // One given up was looked for during a day; any other may be there without being found yet.
  if (there === undefined) return order.status === 'expired' ? 'nothing' : 'uncertain';
  return sum(there.fills.map(({ volume }) => volume)).eq(there.executedVolume) ? there : 'uncertain';
}

function sum(amounts: readonly DecimalText[]): Exact {
  return amounts.reduce((all, amount) => all.plus(amount), new Exact(0));
}
