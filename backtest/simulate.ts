import type { DecimalText } from '../strategy/candle.ts';
import { type Action, actionOf, type Ensemble, scoreOf } from '../strategy/ensemble.ts';
import type { SizingParameters } from '../strategy/sizing.ts';
import type { PreparedMarket } from './prepared-market.ts';
import { KRW, KRW_DECIMALS, toScaled, UNIT, UNIT_DECIMALS } from './scaled.ts';

/** What trading starts with and costs. The fee is taken of purchases and sales alike. */
export interface Terms extends SizingParameters {
  /** KRW. */
  readonly initialCash: DecimalText;
}

/** {@link Terms} as integers, worked out once for many runs. */
export interface ScaledTerms {
  /** In 1e-24 KRW. */
  readonly initialCash: bigint;
  /** What a coin's price is multiplied with to be afforded, fee and buffer included; in 1e-8. */
  readonly perPrice: bigint;
  /** 1 + fee and 1 − fee, in 1e-8. */
  readonly paid: bigint;
  readonly received: bigint;
}

/** @throws {RangeError} naming the figure that has too many decimals */
export function scaleTerms(terms: Terms): ScaledTerms {
  const fee = toScaled('feeRate', terms.feeRate, UNIT_DECIMALS);
  return {
    initialCash: toScaled('initialCash', terms.initialCash, KRW_DECIMALS),
    perPrice: UNIT + fee + toScaled('feeBuffer', terms.feeBuffer, UNIT_DECIMALS),
    paid: UNIT + fee,
    received: UNIT - fee,
  };
}

/** What an ensemble does on each ballot of a market: the one thing in which two ensembles can differ there. */
export function actionsOn({ ballots }: Pick<PreparedMarket, 'ballots'>, ensemble: Ensemble): readonly Action[] {
  return ballots.map((signals) => actionOf(scoreOf(signals, ensemble.weights), ensemble.threshold));
}

/** What was left at the end of a run. */
export interface Simulated {
  /** In 1e-24 KRW, coins held at the last close. */
  readonly finalEquity: bigint;
  /** Times that coins were bought and sold again; one still held at the end is none. */
  readonly roundTrips: number;
  /** Of those: how many ended with more cash than they began with, fees paid. */
  readonly wins: number;
}

/** 5,000 KRW in 1e-24 and, as a price × coins, in 1e-16. */
const MINIMUM_CASH = 5_000n * KRW;
const MINIMUM_WORTH = 5_000n * UNIT * UNIT;

/**
 * Trades a market as the trader does: on a vote to buy all the cash, on a vote to sell all the coins, in a limit order
 * that fills whole at its limit, the worst price it may have. Exact: integers throughout.
 *
 * @param actionOn what is done on each ballot
 * @param observe told what the account is worth at each close, after what was traded on it; 1e-24 KRW
 */
export function simulate(
  market: PreparedMarket,
  { initialCash, perPrice, paid, received }: ScaledTerms,
  actionOn: readonly Action[],
  observe?: (equity: bigint) => void,
): Simulated {
  const { length, ballotOf, close, buyPrice, sellPrice } = market;
  let cash = initialCash;
  let coins = 0n;
  let cashBefore = cash;
  let roundTrips = 0;
  let wins = 0;
  for (let index = 0; index < length; index += 1) {
    const action = actionOn[ballotOf[index] as number];
    if (action === 'buy') {
      const limit = buyPrice[index] as bigint;
      // An order of 5,000 KRW takes at least that: most votes to buy come while all is spent.
      if (cash >= MINIMUM_CASH && limit > 0n) {
        const volume = cash / (limit * perPrice);
        const worth = limit * volume;
        if (worth >= MINIMUM_WORTH) {
          if (coins === 0n) cashBefore = cash;
          cash -= worth * paid;
          coins += volume;
        }
      }
    } else if (action === 'sell' && coins > 0n) {
      const worth = (sellPrice[index] as bigint) * coins;
      if (worth >= MINIMUM_WORTH) {
        cash += worth * received;
        coins = 0n;
        roundTrips += 1;
        if (cash > cashBefore) wins += 1;
      }
    }
    observe?.(cash + coins * (close[index] as bigint) * UNIT);
  }
  const last = close[length - 1] ?? 0n;
  return { finalEquity: cash + coins * last * UNIT, roundTrips, wins };
}
