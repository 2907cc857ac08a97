import { expect } from 'vitest';
import { toScaled } from '../../../backtest/scaled.ts';
import { unitsOf } from '../../../exchange/matching/book/units.ts';
import type { LedgerEvent } from '../../../exchange/matching/events.ts';
import { Exact } from '../../../exchange/matching/exact.ts';
import type { Ledger } from '../../../exchange/matching/ledger.ts';
import { lockedByOrder, remainingVolume } from '../../../exchange/matching/order.ts';

/** What an account of KRW and BTC began with, as decimal text. */
export interface Opening {
  readonly KRW: string;
  readonly BTC: string;
}

/** KRW in 1e-24, coins in 1e-8: what prices × coins × fees are whole numbers of, so the sums here round nothing. */
const krw = (text: string): bigint => toScaled('KRW', text, 24);
const units = (text: string): bigint => unitsOf(new Exact(text));
const FEE_PER_MILLION = 500n;

/** Balances from the executions alone, in whole numbers, without any of the ledger's arithmetic. */
export function expectConserved(events: readonly LedgerEvent[], ledger: Ledger, opening: Opening): void {
  let won = krw(opening.KRW);
  let coins = units(opening.BTC);
  const sides = new Map<string, bigint>();
  for (const event of events) {
    if (event.type === 'accepted') sides.set(event.uuid, event.request.side === 'bid' ? -1n : 1n);
    if (event.type !== 'filled') continue;
    const sign = sides.get(event.order) ?? 0n;
    const funds = units(event.price) * units(event.volume) * 10n ** 8n;
    const fee = (funds * FEE_PER_MILLION) / 1_000_000n;
    if (krw(event.funds) !== funds || krw(event.fee) !== fee) throw new Error(`${JSON.stringify(event)} is wrong`);
    won += sign * funds - fee;
    coins -= sign * units(event.volume);
  }
  let [lockedWon, lockedCoins] = [0n, 0n];
  for (const order of ledger.orders.values()) {
    if (order.state !== 'wait') continue;
    const locked = lockedByOrder(order);
    const rest = remainingVolume(order)?.toFixed() ?? '0';
    if (order.request.side === 'bid') {
      const needed =
        (units(rest) * units(order.request.price ?? '0') * 10n ** 8n * (1_000_000n + FEE_PER_MILLION)) / 1_000_000n;
      if (krw(locked.toFixed()) < needed) throw new Error(`${locked} KRW do not pay for ${rest} coins`);
      lockedWon += krw(locked.toFixed());
    } else {
      if (locked.toFixed() !== rest) throw new Error(`${locked} coins are locked for ${rest}`);
      lockedCoins += units(rest);
    }
  }
  const [freeKrw, heldKrw] = balanceOf(ledger, 'KRW');
  const [freeBtc, heldBtc] = balanceOf(ledger, 'BTC');
  expect([krw(freeKrw) + krw(heldKrw), krw(heldKrw)]).toEqual([won, lockedWon]);
  expect([units(freeBtc) + units(heldBtc), units(heldBtc)]).toEqual([coins, lockedCoins]);
  if (krw(freeKrw) < 0n || units(freeBtc) < 0n) throw new Error('a balance is below zero');
}

function balanceOf({ balances }: Ledger, currency: string): [free: string, locked: string] {
  const balance = balances.get(currency);
  return [balance?.free.toFixed() ?? '0', balance?.locked.toFixed() ?? '0'];
}
