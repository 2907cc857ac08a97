import type { Selectable, Transaction } from 'kysely';
import type { DecimalText } from '../strategy/candle.ts';
import { decimalText, Exact } from '../strategy/exact-decimal.ts';
import { addToHoldings, costOf } from '../strategy/position.ts';
import type { Db } from './connect.ts';
import { lockMarketAccounts } from './ledger-claims.ts';
import { InsufficientFree } from './ledger-errors.ts';
import { lockMarketAccount, type MarketAccount, writeMarketAccount } from './market-accounts.ts';
import type { CashFlowsTable, Database } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** The reference was given to another flow before. Nothing was changed. */
export class ReferenceTaken extends Error {
  override readonly name = 'ReferenceTaken';

  constructor({ reference, kind, market, cash, quantity, cost }: CashFlow) {
    const amounts = `${cash} KRW, ${quantity} coins that cost ${cost} KRW`;
    super(`reference "${reference}" belongs to another flow: ${kind} of ${market}, ${amounts}`);
  }
}

type CashFlow = Selectable<CashFlowsTable>;

interface FlowBasis {
  readonly account: string;
  /** Why, for people. */
  readonly note: string;
  /** Makes it happen once: the same flow of the account with the same reference changes nothing. */
  readonly reference?: string | undefined;
}

/** Where money or coins come or go otherwise than by trading. */
interface FlowTarget extends FlowBasis {
  readonly market: string;
}

export interface FlowOutcome {
  /** False when the reference had been recorded before. */
  readonly recorded: boolean;
  /** The sub-account afterwards. */
  readonly marketAccount: MarketAccount;
}

/**
 * Gives the market `cash` KRW to trade with; below zero takes it back, as far as it is free. Whether the exchange has
 * what is given is the caller's to know (`whileUnchanged`).
 *
 * @throws {InsufficientFree} when more would be taken than is free
 * @throws {ReferenceTaken}
 * @throws {NotInLedger} when the market has no sub-account
 */
export function allocate(db: Db, flow: FlowTarget & { readonly cash: DecimalText }): Promise<FlowOutcome> {
  return inTransaction(db, (trx) =>
    recordCashFlow(trx, { ...flow, kind: new Exact(flow.cash).lt(0) ? 'withdraw' : 'allocate' }),
  );
}

export interface TransferOutcome {
  readonly recorded: boolean;
  /** The sub-accounts afterwards. */
  readonly from: MarketAccount;
  readonly to: MarketAccount;
}

/**
 * Moves `cash` KRW from one market to another, both in one transaction; the account owns what it did before.
 *
 * @throws {RangeError} when the cash is not above zero or both markets are the same
 * @throws {InsufficientFree} when `from` has less free
 * @throws {ReferenceTaken}
 * @throws {NotInLedger} when one of the markets has no sub-account
 */
export async function transferCash(
  db: Db,
  transfer: FlowBasis & { readonly from: string; readonly to: string; readonly cash: DecimalText },
): Promise<TransferOutcome> {
  const { from, to, cash, reference, ...basis } = transfer;
  if (from === to) throw new RangeError(`a transfer needs two markets, not ${from} twice`);
  const amount = new Exact(cash);
  if (!amount.gt(0)) throw new RangeError(`a transfer needs cash above 0, not ${cash}`);
  return inTransaction(db, async (trx) => {
    // Both at once and by market, as everybody locks several: two transfers the other way round must not wait in a circle.
    await lockMarketAccounts(trx, basis.account);
    const giving: FlowWish = {
      ...{ ...basis, market: from, kind: 'withdraw', cash: decimalText(amount.negated()) },
      // A reference is unique, and the two sides are two flows.
      reference: reference === undefined ? undefined : `${reference} (from)`,
    };
    const receiving: FlowWish = { ...basis, market: to, kind: 'allocate', cash, reference };
    const sides = [await findRecorded(trx, giving), await findRecorded(trx, receiving)];
    const known = sides.find((side) => side !== undefined);
    // One side alone was not this transfer.
    if (known !== undefined && sides.includes(undefined)) throw new ReferenceTaken(known);
    const given = await recordCashFlow(trx, giving);
    const received = await recordCashFlow(trx, receiving);
    return { recorded: received.recorded, from: given.marketAccount, to: received.marketAccount };
  });
}

/**
 * Lets coins the owner already had join the market, at what they cost in KRW, fees included.
 * Whether the exchange has them is the caller's to know (`whileUnchanged`).
 *
 * @throws {RangeError} when quantity is not above zero or cost below it
 * @throws {ReferenceTaken}
 * @throws {NotInLedger} when the market has no sub-account
 */
export async function adopt(
  db: Db,
  flow: FlowTarget & { readonly quantity: DecimalText; readonly cost: DecimalText },
): Promise<FlowOutcome> {
  if (!new Exact(flow.quantity).gt(0)) throw new RangeError(`adopt needs a quantity above 0, not ${flow.quantity}`);
  if (new Exact(flow.cost).lt(0)) throw new RangeError(`adopt needs a cost of at least 0, not ${flow.cost}`);
  return inTransaction(db, (trx) => recordCashFlow(trx, { ...flow, kind: 'adopt' }));
}

/**
 * Corrects the sub-account by signed amounts, for what trading does not explain. Coins taken away take their share of
 * the cost along unless `cost` says otherwise. Never profit, never loss.
 *
 * @throws {InsufficientFree} when it would take what is reserved or not there
 * @throws {ReferenceTaken}
 * @throws {NotInLedger} when the market has no sub-account
 */
export function adjust(db: Db, flow: Omit<FlowWish, 'kind'>): Promise<FlowOutcome> {
  return inTransaction(db, (trx) => recordCashFlow(trx, { ...flow, kind: 'adjust' }));
}

/** A flow as asked for; what is not named is zero, and the cost of coins taken away their share. */
export interface FlowWish extends FlowTarget {
  readonly kind: CashFlowsTable['kind'];
  readonly cash?: DecimalText | undefined;
  readonly quantity?: DecimalText | undefined;
  readonly cost?: DecimalText | undefined;
}

/** Records the flow and moves the sub-account by it, under its lock. For the ledger's own files. */
export async function recordCashFlow(trx: Transaction<Database>, flow: FlowWish): Promise<FlowOutcome> {
  const { account, market, kind, note } = flow;
  // A reference is the account's: two markets must not take the same one at once.
  if (flow.reference !== undefined) await lockMarketAccounts(trx, account);
  const before = await lockMarketAccount(trx, account, market);
  if ((await findRecorded(trx, flow)) !== undefined) return { recorded: false, marketAccount: before };

  const { cash, quantity, cost } = requireFree(before, flow);
  await trx
    .insertInto('cash_flows')
    .values({ account, market, kind, cash, quantity, cost, note, reference: flow.reference ?? null })
    .execute();
  const holdings = addToHoldings(before.holdings, { cash, quantity, cost, realisedProfit: '0' });
  await writeMarketAccount(trx, flow, holdings, before.reserved);
  return { recorded: true, marketAccount: await lockMarketAccount(trx, account, market) };
}

/**
 * The flow as it was recorded under its reference; undefined when it was not, or has none.
 *
 * @throws {ReferenceTaken} when another flow has that reference
 */
export async function findRecorded(db: Db, flow: FlowWish): Promise<CashFlow | undefined> {
  if (flow.reference === undefined) return undefined;
  const found = await db
    .selectFrom('cash_flows')
    .selectAll()
    .where('account', '=', flow.account)
    .where('reference', '=', flow.reference)
    .executeTakeFirst();
  if (found !== undefined && !isSame(found, flow)) throw new ReferenceTaken(found);
  return found;
}

/** A note may say it in other words. */
function isSame(found: CashFlow, { kind, market, cash = '0', quantity = '0', cost }: FlowWish): boolean {
  return (
    found.kind === kind &&
    found.market === market &&
    new Exact(found.cash).eq(cash) &&
    new Exact(found.quantity).eq(quantity) &&
    (cost === undefined || new Exact(found.cost).eq(cost))
  );
}

function requireFree({ market, free, reserved, holdings }: MarketAccount, flow: FlowWish) {
  const cash = flow.cash ?? '0';
  const quantity = flow.quantity ?? '0';
  const requireWithin = (change: DecimalText, available: DecimalText, kept: DecimalText, what: string) => {
    if (new Exact(change).plus(available).gte(0)) return;
    const orders = new Exact(kept).isZero() ? '' : ` (${kept} more are reserved for an order)`;
    const wanted = decimalText(new Exact(change).negated());
    throw new InsufficientFree(`${market} has ${available} ${what} free${orders}, not ${wanted}`);
  };
  requireWithin(cash, free.cash, reserved.cash, 'KRW');
  requireWithin(quantity, free.quantity, reserved.quantity, 'coins');
  const cost = flow.cost ?? shareOfCost(holdings, quantity);
  const left = new Exact(holdings.cost).plus(cost);
  const coinsLeft = new Exact(holdings.quantity).plus(quantity);
  if (left.lt(0) || (coinsLeft.isZero() && !left.isZero())) {
    throw new InsufficientFree(
      `${market} would hold ${decimalText(coinsLeft)} coins that cost ${decimalText(left)} KRW`,
    );
  }
  return { cash, quantity, cost };
}

function shareOfCost(holdings: MarketAccount['holdings'], quantity: DecimalText): DecimalText {
  const change = new Exact(quantity);
  return change.lt(0) ? decimalText(new Exact(costOf(holdings, decimalText(change.negated()))).negated()) : '0';
}
