import type { Transaction } from 'kysely';
import type { DecimalText } from '../strategy/candle.ts';
import { decimalText, Exact } from '../strategy/exact-decimal.ts';
import { addToHoldings, costOf } from '../strategy/position.ts';
import type { Db } from './connect.ts';
import { InsufficientFree } from './ledger-errors.ts';
import { lockMarketAccount, type MarketAccount, writeMarketAccount } from './market-accounts.ts';
import type { CashFlowsTable, Database } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** Where money or coins come or go otherwise than by trading. */
interface FlowTarget {
  readonly account: string;
  readonly market: string;
  /** Why, for people. */
  readonly note: string;
  /** Makes it happen once: a second flow of the account with the same reference changes nothing. */
  readonly reference?: string;
}

export interface FlowOutcome {
  /** False when the reference had been recorded before. */
  readonly recorded: boolean;
  /** The sub-account afterwards. */
  readonly marketAccount: MarketAccount;
}

/**
 * Gives the market `cash` KRW to trade with; below zero takes it back, as far as it is free.
 *
 * @throws {InsufficientFree}
 */
export function allocate(db: Db, flow: FlowTarget & { readonly cash: DecimalText }): Promise<FlowOutcome> {
  return inTransaction(db, (trx) =>
    recordCashFlow(trx, { ...flow, kind: new Exact(flow.cash).lt(0) ? 'withdraw' : 'allocate' }),
  );
}

/**
 * Lets coins the owner already had join the market, at what they cost in KRW, fees included.
 *
 * @throws {RangeError} when quantity is not above zero or cost below it
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
 */
export function adjust(
  db: Db,
  flow: FlowTarget & { readonly cash?: DecimalText; readonly quantity?: DecimalText; readonly cost?: DecimalText },
): Promise<FlowOutcome> {
  return inTransaction(db, (trx) => recordCashFlow(trx, { ...flow, kind: 'adjust' }));
}

interface CashFlow extends FlowTarget {
  readonly kind: CashFlowsTable['kind'];
  readonly cash?: DecimalText;
  readonly quantity?: DecimalText;
  readonly cost?: DecimalText;
}

/** Records the flow and moves the sub-account by it, under its lock. For the ledger's own files. */
export async function recordCashFlow(trx: Transaction<Database>, flow: CashFlow): Promise<FlowOutcome> {
  const { account, market, kind, note } = flow;
  const before = await lockMarketAccount(trx, account, market);
  if (flow.reference !== undefined && (await isRecorded(trx, account, flow.reference))) {
    return { recorded: false, marketAccount: before };
  }

  const { cash, quantity, cost } = requireFree(before, flow);
  await trx
    .insertInto('cash_flows')
    .values({ account, market, kind, cash, quantity, cost, note, reference: flow.reference ?? null })
    .execute();
  const holdings = addToHoldings(before.holdings, { cash, quantity, cost, realisedProfit: '0' });
  await writeMarketAccount(trx, flow, holdings, before.reserved);
  return { recorded: true, marketAccount: await lockMarketAccount(trx, account, market) };
}

async function isRecorded(trx: Transaction<Database>, account: string, reference: string): Promise<boolean> {
  const found = await trx
    .selectFrom('cash_flows')
    .select('id')
    .where('account', '=', account)
    .where('reference', '=', reference)
    .executeTakeFirst();
  return found !== undefined;
}

function requireFree({ market, free, holdings }: MarketAccount, flow: CashFlow) {
  const cash = flow.cash ?? '0';
  const quantity = flow.quantity ?? '0';
  const takes = (amount: DecimalText, available: DecimalText) => new Exact(amount).plus(available).lt(0);
  if (takes(cash, free.cash)) throw new InsufficientFree(`${market} has ${free.cash} KRW free, ${cash} is too much`);
  if (takes(quantity, free.quantity)) {
    throw new InsufficientFree(`${market} has ${free.quantity} coins free, ${quantity} is too much`);
  }
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
