import type { z } from 'zod';
import { UnknownMarket } from '../../errors.ts';
import type { CandleUnit } from '../../quotation-port.ts';
import { exchangeClockOf, parseBody } from '../answer.ts';
import type { Parameters } from '../authorization.ts';
import { CODE_NOT_FOUND } from '../error-names.ts';
import type { RateGroup } from '../rate-limits.ts';
import type { Transport } from '../transport.ts';
import { candlesSchemaOf } from './candle-schema.ts';
import { UPBIT_UNITS } from './candle-units.ts';
import { instrumentsSchema, listedMarketsSchema } from './market-schema.ts';
import { tickersSchema } from './ticker-schema.ts';
import { tradesSchema } from './trade-schema.ts';

/** What may be asked for without a key. */
export type PublicQuestion = 'markets' | 'tickers' | 'trades' | 'instruments' | { readonly candles: CandleUnit };

/** An answer as the exchange wrote it, to the last digit. */
export interface AnswerInItsWords {
  /** JSON. */
  readonly body: string;
  /** The `Date` header: UTC epoch milliseconds, whole seconds. */
  readonly exchangeClock: number;
}

/**
 * Asks with parameters in Upbit's words.
 *
 * @throws what `exchange/errors.ts` names; `UnexpectedResponse` for what our own reading of it would refuse
 */
export type PublicRelay = (question: PublicQuestion, parameters: Parameters) => Promise<AnswerInItsWords>;

interface Place {
  readonly path: string;
  readonly group: RateGroup;
  readonly schema: z.ZodType<unknown>;
}

const PLACES: Readonly<Record<Exclude<PublicQuestion, object>, Place>> = {
  markets: { path: 'v1/market/all', group: 'market', schema: listedMarketsSchema },
  tickers: { path: 'v1/ticker', group: 'ticker', schema: tickersSchema },
  trades: { path: 'v1/trades/ticks', group: 'crix-trades', schema: tradesSchema },
  instruments: { path: 'v1/orderbook/instruments', group: 'orderbook', schema: instrumentsSchema },
};

/** Upbit's public REST API for whoever shows it to others: each answer is understood first and handed on as it came. */
export function createUpbitRelay(transport: Transport): PublicRelay {
  return async (question, parameters) => {
    const { path, group, schema } = placeOf(question);
    const answer = await transport.askOrMissing(
      { method: 'GET', path, group, parameters, signed: false },
      CODE_NOT_FOUND,
    );
    if (answer === undefined) throw new UnknownMarket(parameters.map(([, value]) => value).join(' '));
    parseBody(answer, schema);
    return { body: answer.body, exchangeClock: exchangeClockOf(answer) };
  };
}

function placeOf(question: PublicQuestion): Place {
  if (typeof question === 'string') return PLACES[question];
  const { candles: unit } = question;
  return { path: `v1/candles/${UPBIT_UNITS[unit].path}`, group: 'candles', schema: candlesSchemaOf(unit) };
}
