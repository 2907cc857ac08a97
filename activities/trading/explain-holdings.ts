import type { NewAccountDifference, RecordedDifferences, UnrecordedEffect } from '../../db/account-differences.ts';
import type { LedgerTotals } from '../../db/ledger-totals.ts';
import type { Balance } from '../../exchange/port.ts';
import type { DecimalText } from '../../strategy/candle.ts';
import { decimalText, Exact } from '../../strategy/exact-decimal.ts';

/** What the exchange and the ledger say of one currency at the same moment. */
interface Held {
  /** At the exchange, free and locked. */
  readonly total: Exact;
  /** By the markets' sub-accounts. */
  readonly owned: Exact;
  /** Of that: what came by cash flows and covers, not by trading. */
  readonly given: Exact;
}

/** By currency, what the exchange holds beyond what the ledger owns; below zero where the ledger owns more. */
export function outsideOf(ledger: LedgerTotals, balances: readonly Balance[]): Readonly<Record<string, DecimalText>> {
  return Object.fromEntries(
    [...heldOf(ledger, balances)].map(([currency, { total, owned }]) => [currency, decimalText(total.minus(owned))]),
  );
}

/**
 * What has changed, beyond what is recorded, in what the account would hold without the bot's trading. That figure moves
 * neither when the bot trades nor when the owner gives it money or takes it back, so every change of it has a cause
 * outside: an order that somebody else made, a deposit, a withdrawal. Where no order explains a change, nothing tells
 * what it was but its shape. Nothing unrecorded: an empty list.
 */
export function explainHoldings(
  ledger: LedgerTotals,
  balances: readonly Balance[],
  recorded: RecordedDifferences,
): readonly NewAccountDifference[] {
  const held = heldOf(ledger, balances);
  const effects = recorded.unrecorded.filter(({ currency }) => held.has(currency));
  const openings: NewAccountDifference[] = [];
  const rests = new Map<string, Exact>();
  for (const [currency, { total, owned, given }] of held) {
    const explained = effects
      .filter((effect) => effect.currency === currency)
      .reduce((sum, { amount }) => sum.plus(amount), new Exact(recorded.sums.get(currency) ?? 0));
    const rest = total.minus(owned).plus(given).minus(explained);
    if (!recorded.sums.has(currency)) openings.push(opening(currency, rest, given));
    else if (!rest.isZero()) rests.set(currency, rest);
  }
  return [
    ...effects.map(fromOrder),
    ...openings,
    ...[...rests].map(([currency, rest]) => unexplained(currency, rest, rests, ledger)),
  ];
}

function heldOf({ markets }: LedgerTotals, balances: readonly Balance[]): ReadonlyMap<string, Held> {
  const nothing: Held = { total: new Exact(0), owned: new Exact(0), given: new Exact(0) };
  const held = new Map<string, Held>();
  const add = (currency: string, owned: DecimalText, given: DecimalText) => {
    const so = held.get(currency) ?? nothing;
    held.set(currency, { ...so, owned: so.owned.plus(owned), given: so.given.plus(given) });
  };
  add('KRW', '0', '0');
  for (const { market, cash, quantity, givenCash, givenQuantity } of markets) {
    const [quote = '', base = ''] = market.split('-');
    add(quote, cash, givenCash);
    add(base, quantity, givenQuantity);
  }
  for (const { currency, free, locked } of balances) {
    const so = held.get(currency);
    if (so !== undefined) held.set(currency, { ...so, total: so.total.plus(free).plus(locked) });
  }
  return held;
}

function opening(currency: string, amount: Exact, given: Exact): NewAccountDifference {
  const detail =
    `${decimalText(amount)} ${currency} held when comparing began, the bot's trading left out; ` +
    `${decimalText(given)} of it was given to the bot`;
  return { currency, amount: decimalText(amount), cause: 'opening', exchangeOrderId: null, detail };
}

function fromOrder(effect: UnrecordedEffect): NewAccountDifference {
  const { exchangeOrderId, identifier, market, side, executedQuantity, currency, amount } = effect;
  const name = identifier === null ? exchangeOrderId : `${exchangeOrderId} (${identifier})`;
  const did = `${side === 'bid' ? 'bought' : 'sold'} ${executedQuantity} on ${market} in all`;
  const because = { 'hand-trade': 'hand trade', 'fill-not-booked': 'not booked', 'order-not-in-ledger': 'lost' };
  const cause = causeOf(effect);
  return { currency, amount, cause, exchangeOrderId, detail: `${because[cause]}: order ${name} ${did}` };
}

function causeOf({ inLedger, ownIdentifier }: UnrecordedEffect) {
  if (inLedger) return 'fill-not-booked';
  return ownIdentifier ? 'order-not-in-ledger' : 'hand-trade';
}

/** Deposits and withdrawals cannot be looked up: it is one when nothing speaks against it. */
function unexplained(
  currency: string,
  rest: Exact,
  rests: ReadonlyMap<string, Exact>,
  ledger: LedgerTotals,
): NewAccountDifference {
  const doubt = doubtOf(currency, rest, rests, ledger);
  const amount = decimalText(rest);
  const moved = `${decimalText(rest.abs())} ${currency} ${rest.gt(0) ? 'came' : 'went'}`;
  const basis = { currency, amount, exchangeOrderId: null };
  if (doubt !== undefined) return { ...basis, cause: 'unknown', detail: `${moved}: ${doubt}` };
  const what = rest.gt(0) ? 'deposit' : 'withdrawal';
  return { ...basis, cause: 'deposit-or-withdrawal', detail: `${moved} and no order explains it: a ${what}` };
}

/** Why a change is no plain deposit or withdrawal; undefined when nothing speaks against one. */
function doubtOf(
  currency: string,
  rest: Exact,
  rests: ReadonlyMap<string, Exact>,
  { unknown }: LedgerTotals,
): string | undefined {
  const lost = unknown.find(({ market }) => market.split('-').includes(currency));
  if (lost !== undefined) return `perhaps by order ${lost.identifier}, which may have been sent and is not found`;
  const against = [...rests].find(([other, change]) => other !== currency && change.gt(0) !== rest.gt(0));
  if (against !== undefined) return `as in a trade against ${against[0]}, but no order shows it`;
  // Won move to and from a bank, whole.
  if (currency === 'KRW' && !rest.isInteger()) return 'not whole won, so that no bank moved it';
  return undefined;
}
