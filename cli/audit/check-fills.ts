import { Amount, sameAmount } from './amounts.ts';
import { nameOf, type OrderPair } from './check-orders.ts';
import type { AuditedOrder } from './exchange-records.ts';
import type { Findings } from './findings.ts';
import { type LedgerTrade, tradesByOrder } from './ledger-records.ts';

/** Every fill of every order is its row with the same figures, and their sums agree; no row is without its fill. */
export function checkFills(pairs: readonly OrderPair[], trades: readonly LedgerTrade[], findings: Findings): void {
  const booked = tradesByOrder(trades);
  const unclaimed = new Map(trades.map((trade) => [trade.exchange_trade_id, trade]));
  for (const pair of pairs) {
    const { there, here, onItsWay } = pair;
    for (const fill of there.fills) {
      const trade = unclaimed.get(fill.exchangeTradeId);
      if (trade === undefined) {
        const what = `${fill.volume} at ${fill.price} (${fill.exchangeTradeId}) of ${here.identifier}`;
        findings.faultUnless(onItsWay, 'fill lost', `${what} is not in the ledger`);
        continue;
      }
      unclaimed.delete(fill.exchangeTradeId);
      const same =
        trade.order_id === here.id &&
        sameAmount(trade.price, fill.price) &&
        sameAmount(trade.quantity, fill.volume) &&
        sameAmount(trade.funds, fill.funds);
      if (same) continue;
      const said = `${fill.volume} at ${fill.price} for ${fill.funds} KRW at the exchange`;
      const booked = `${trade.quantity} at ${trade.price} for ${trade.funds} KRW in the ledger, order ${trade.order_id}`;
      findings.fault('fill differs', `${fill.exchangeTradeId} of ${here.identifier}: ${said}, ${booked}`);
    }
    checkBooked(pair, booked.get(here.id) ?? [], findings);
  }
  for (const trade of unclaimed.values()) {
    findings.fault('fill lost', `${trade.exchange_trade_id} is in the ledger and not at the exchange`);
  }
}

function checkBooked({ here, onItsWay }: OrderPair, booked: readonly LedgerTrade[], findings: Findings): void {
  const sum = booked.reduce((all, { quantity }) => all.plus(quantity), new Amount(0));
  if (sameAmount(sum, here.executed_quantity)) return;
  const why = `${here.identifier}: executed ${here.executed_quantity}, its trades in the ledger add up to ${sum}`;
  findings.faultUnless(onItsWay, 'fill differs', why);
}

/** The exchange's own fills must add up to what it says it executed; else nothing can be held against them. */
export function checkExchangeRecord(order: AuditedOrder, findings: Findings): void {
  if (order.fillsBy !== 'exchange') return;
  const sum = order.fills.reduce((all, { volume }) => all.plus(volume), new Amount(0));
  if (sameAmount(sum, order.executedVolume)) return;
  findings.fault(
    'exchange record',
    `${nameOf(order)}: the exchange says ${order.executedVolume} executed, its fills add up to ${sum}`,
  );
}
