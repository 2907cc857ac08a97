import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  type BotId,
  isBotId,
  mintBotId,
  ORDER_LEGS,
  type OrderLeg,
  orderIdentifier,
  parseOrderIdentifier,
} from '../../strategy/order-identifier.ts';

const BOT = 'k3v9x0ab' as BotId;
const CANDLE = Date.parse('2025-03-01T00:01:00Z');

describe('an order identifier', () => {
  it('says whose, which market, which candle and why', () => {
    expect(orderIdentifier({ botId: BOT, market: 'KRW-BTC', candle: CANDLE, leg: 'entry' })).toBe(
      'k3v9x0ab-KRW-BTC-ssf41o-entry',
    );
  });

  it('reads back as the facts it was made of, and keeps to what Upbit takes', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9]{8}$/),
        fc.stringMatching(/^KRW-[A-Z0-9]{1,12}$/),
        fc.integer({ min: 0, max: 9_000_000_000 }),
        fc.constantFrom(...ORDER_LEGS),
        (botId, market, seconds, leg) => {
          const facts = { botId: botId as BotId, market, candle: seconds * 1000, leg };
          const text = orderIdentifier(facts);
          expect(text).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
          expect(parseOrderIdentifier(text)).toEqual(facts);
        },
      ),
    );
  });

  it.each([
    ['a candle between two seconds', { candle: CANDLE + 1 }],
    ['a candle before 1970', { candle: -60_000 }],
    ['a market that is none', { market: 'BTC' }],
    ['a market in small letters', { market: 'krw-btc' }],
    ['a leg that is none', { leg: 'retry' as OrderLeg }],
    ['a bot id that is none', { botId: 'short' as BotId }],
    ['more than 64 characters', { market: `KRW-${'X'.repeat(50)}` }],
  ])('is refused for %s', (_, wrong) => {
    const facts = { botId: BOT, market: 'KRW-BTC', candle: CANDLE, leg: 'exit' as const, ...wrong };
    expect(() => orderIdentifier(facts)).toThrow(RangeError);
  });

  test.each([
    '',
    'hand-made',
    '5c1f0e0e-7a34-4c32-a21c-0a11d0cbb8f1',
    'k3v9x0ab-KRW-BTC-ssf41o',
    'k3v9x0ab-KRW-BTC-ssf41o-entry-2',
    'k3v9x0ab-KRW-BTC-0ssf41o-entry',
    'k3v9x0ab-KRW-BTC-SSF41O-entry',
    'k3v9x0ab-KRW-BTC-zzzzzzzzzzzzzzz-entry',
    'K3V9X0AB-KRW-BTC-ssf41o-entry',
  ])('is not read out of "%s"', (text) => {
    expect(parseOrderIdentifier(text)).toBeUndefined();
  });
});

describe('a bot id', () => {
  it('is made of the randomness given, all 36 letters of it', () => {
    let next = 0;
    const made = Array.from({ length: 9 }, () => mintBotId((limit) => next++ % limit));
    expect(made.every(isBotId)).toBe(true);
    expect(new Set(made.join('')).size).toBe(36);
  });
});
