import { type Market, parseMarket } from '../../../config/market.ts';
import type { LedgerEvent } from '../../../exchange/matching/events.ts';
import { Exact } from '../../../exchange/matching/exact.ts';
import { applyEvent, emptyLedger, type Ledger } from '../../../exchange/matching/ledger.ts';
import { endlessAt, type Liquidity } from '../../../exchange/matching/liquidity.ts';
import type { OrderRequest } from '../../../exchange/matching/order.ts';
import { type Submission, submitOrder } from '../../../exchange/matching/submit.ts';
import { matchTrade } from '../../../exchange/matching/trade.ts';

export const BTC: Market = parseMarket('KRW-BTC');

export function applyAll(ledger: Ledger, events: readonly LedgerEvent[]): void {
  for (const event of events) applyEvent(ledger, event);
}

/** A ledger that holds the amounts, and shorthands that decide and apply in one go. */
export function accountWith(amounts: Record<string, string>) {
  const ledger = emptyLedger();
  const events: LedgerEvent[] = [];
  const apply = (happened: readonly LedgerEvent[]): void => {
    applyAll(ledger, happened);
    events.push(...happened);
  };
  for (const [currency, amount] of Object.entries(amounts)) apply([{ type: 'deposited', currency, amount }]);
  return {
    ledger,
    /** Whatever was decided and applied here. */
    events,
    submit(request: Partial<OrderRequest>, market: string | Liquidity, at = 1_000): Submission {
      const liquidity = typeof market === 'string' ? endlessAt(new Exact(market)) : market;
      const lastPrice = typeof market === 'string' ? new Exact(market) : (market.asks[0]?.price ?? new Exact(1));
      const arrival = { at, liquidity, lastPrice, feeRate: new Exact('0.0005'), seed: 1 };
      const submission = submitOrder(ledger, { market: BTC, side: 'bid', type: 'limit', ...request }, arrival);
      apply(submission.events);
      return submission;
    },
    trade(price: string, at: number): void {
      apply(matchTrade(ledger, { market: BTC, at, price: new Exact(price) }));
    },
    balance(currency: string): [free: string, locked: string] {
      const balance = ledger.balances.get(currency);
      return [balance?.free.toFixed() ?? '0', balance?.locked.toFixed() ?? '0'];
    },
    order(submission: Submission) {
      if (!submission.accepted) throw new Error(`rejected: ${submission.rejection.name}`);
      const order = ledger.orders.get(submission.uuid);
      if (order === undefined) throw new Error('accepted but not in the ledger');
      return order;
    },
  };
}

export function reasonOf(submission: Submission): string {
  return submission.accepted ? 'accepted' : submission.rejection.name;
}
