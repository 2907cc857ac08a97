/** Why an order exists, the last part of its identifier. */
export const ORDER_LEGS = ['entry', 'exit', 'stop', 'flatten', 'manual', 'scheduled'] as const;

export type OrderLeg = (typeof ORDER_LEGS)[number];

/**
 * Legs that wait while an order of their market is `unknown`. Getting out (`stop`, `flatten`) and what the owner asks
 * for (`manual`) do not: reservations guard the money of the unknown one.
 */
export const LEGS_BLOCKED_BY_UNKNOWN: readonly OrderLeg[] = ['entry', 'exit', 'scheduled'];

/** Eight characters of `[a-z0-9]`, minted once per database: tells our orders from anybody else's. */
export type BotId = string & { readonly __brand: 'BotId' };

/** Upbit's client order id: unique for the account for ever, used up even by a rejection. */
export type OrderIdentifier = string & { readonly __brand: 'OrderIdentifier' };

/** The business facts an identifier is made of; no attempt, no run, nothing random, so that every retry says the same. */
export interface OrderFacts {
  readonly botId: BotId;
  /** As Upbit writes it: `KRW-BTC`. */
  readonly market: string;
  /** Open of the candle decided on, UTC epoch milliseconds of market time, a whole second. */
  readonly candle: number;
  readonly leg: OrderLeg;
}

/** Upbit's limit. */
const MAX_LENGTH = 64;
const BOT_ID = /^[a-z0-9]{8}$/;
const MARKET = '[A-Z0-9]+-[A-Z0-9]+';
const IDENTIFIER = new RegExp(`^([a-z0-9]{8})-(${MARKET})-(0|[1-9a-z][0-9a-z]*)-(${ORDER_LEGS.join('|')})$`);
const BOT_ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function isBotId(text: string): text is BotId {
  return BOT_ID.test(text);
}

/** @param randomBelow an integer from 0 up to, not including, its argument: `crypto.randomInt` */
export function mintBotId(randomBelow: (limit: number) => number): BotId {
  const letters = Array.from({ length: 8 }, () => BOT_ID_LETTERS.charAt(randomBelow(BOT_ID_LETTERS.length)));
  return letters.join('') as BotId;
}

/**
 * `<botId>-<market>-<candle open, epoch seconds, base 36>-<leg>`: `k3v9x0ab-KRW-BTC-ssf41o-entry`.
 *
 * @throws {RangeError} when the facts do not make an identifier that reads back as they are
 */
export function orderIdentifier({ botId, market, candle, leg }: OrderFacts): OrderIdentifier {
  const text = `${botId}-${market}-${(candle / 1000).toString(36)}-${leg}`;
  if (text.length > MAX_LENGTH || !IDENTIFIER.test(text)) {
    throw new RangeError(
      `"${text}" is not an order identifier; bot id, market, candle (whole seconds) or leg is wrong`,
    );
  }
  return text as OrderIdentifier;
}

/** The facts back from an identifier; undefined for one that {@link orderIdentifier} cannot have made. */
export function parseOrderIdentifier(text: string): OrderFacts | undefined {
  const [, botId, market, seconds, leg] = text.length <= MAX_LENGTH ? (IDENTIFIER.exec(text) ?? []) : [];
  if (botId === undefined || market === undefined || seconds === undefined) return undefined;
  const candle = Number.parseInt(seconds, 36) * 1000;
  if (!Number.isSafeInteger(candle)) return undefined;
  return { botId: botId as BotId, market, candle, leg: leg as OrderLeg };
}
