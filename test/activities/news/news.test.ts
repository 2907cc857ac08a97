import { describe, expect, it } from 'vitest';
import { openMinuteNews } from '../../../activities/news/minute-news.ts';
import { openOrderNews } from '../../../activities/news/order-news.ts';
import type { Listener } from '../../../activities/news/wake-ups.ts';
import { parseMarket } from '../../../config/market.ts';
import { AuthenticationFailed } from '../../../exchange/errors.ts';
import { standingTime } from '../../exchange/upbit/stream/scripted-lines.ts';
import { stepOf, toldLines } from '../../support/told-lines.ts';

const BTC = parseMarket('KRW-BTC');
const ETH = parseMarket('KRW-ETH');
const NOON = Date.UTC(2026, 0, 5, 12);

type Lines = ReturnType<typeof open>;

function open() {
  const lines = toldLines();
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const { pass } = standingTime();
  return {
    ...lines,
    said,
    minutes: openMinuteNews(lines.markets, [BTC, ETH], say),
    orders: openOrderNews(lines.account, say),
    /** Whether the listener is woken by what was told so far. */
    async isWoken(listener: Listener): Promise<boolean> {
      let woken = false;
      void listener.next(1_000).then(() => {
        woken = true;
      });
      await pass(0);
      return woken;
    },
  };
}

describe('of minutes', () => {
  it('a market whose minute is over wakes who waits for it, and says until when', async () => {
    const { minutes, tellMarkets, isWoken } = open();
    const [btc, eth] = [minutes.listen(BTC), minutes.listen(ETH)];
    tellMarkets({ kind: 'minute-closed', market: BTC, until: NOON });
    expect([await isWoken(btc), await isWoken(eth)]).toEqual([true, false]);
    expect([btc.justClosed(NOON), btc.justClosed(NOON + 60_000), eth.justClosed(NOON)]).toEqual([true, false, false]);
    // Who comes later knows as well.
    expect(minutes.listen(BTC).justClosed(NOON)).toBe(true);
  });

  it('a price alone wakes nobody', async () => {
    const { minutes, tellMarkets, isWoken } = open();
    const btc = minutes.listen(BTC);
    tellMarkets({ kind: 'price', market: BTC, price: '1', at: NOON });
    expect(await isWoken(btc)).toBe(false);
  });

  it('a gap wakes those whose news may be missing, and proves nothing', async () => {
    const { minutes, tellMarkets, isWoken } = open();
    const [btc, eth] = [minutes.listen(BTC), minutes.listen(ETH)];
    tellMarkets({ kind: 'gap', reason: 'silent', markets: [ETH] });
    expect([await isWoken(btc), await isWoken(eth)]).toEqual([false, true]);
    expect(eth.justClosed(NOON)).toBe(false);
  });
});

describe('of orders', () => {
  it('each step wakes who looks after the order, and nobody who comes later', async () => {
    const { orders, tellAccount, isWoken } = open();
    const [mine, other] = [orders.listen('mine'), orders.listen('other')];
    tellAccount(stepOf('mine'));
    expect([await isWoken(mine), await isWoken(other), await isWoken(orders.listen('mine'))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('an order told without its name may be anybody’s, and a gap is everybody’s', async () => {
    for (const news of [stepOf(undefined), { kind: 'gap', reason: 'connected' } as const]) {
      const { orders, tellAccount, isWoken } = open();
      const listeners = [orders.listen('mine'), orders.listen('other')];
      tellAccount(news);
      expect(await Promise.all(listeners.map(isWoken))).toEqual([true, true]);
    }
  });

  it('balances wake nobody', async () => {
    const { orders, tellAccount, isWoken } = open();
    const mine = orders.listen('mine');
    tellAccount({ kind: 'balances', balances: [] });
    expect(await isWoken(mine)).toBe(false);
  });
});

describe('of a line', () => {
  it('the operator is told when it comes and goes, once each', () => {
    const { tellMarkets, said } = open();
    const offline = { kind: 'offline', reason: 'the line broke', retryInMs: 500 } as const;
    const there = { kind: 'gap', reason: 'connected', markets: [BTC, ETH] } as const;
    for (const news of [there, { ...there, reason: 'silent' } as const, offline, offline, there, there])
      tellMarkets(news);
    const isThere = "the exchange's stream of prices is there";
    expect(said).toEqual([
      isThere,
      'no stream of prices from the exchange (the line broke): until it is there closed candles are asked for at the usual pace',
      isThere,
    ]);
  });

  it('that is refused for good is an error that says what it costs', () => {
    const { tellAccount, said } = open();
    tellAccount({ kind: 'stopped', error: new AuthenticationFailed('invalid_access_key', 'no such key') });
    expect(said).toEqual([
      "ERROR the exchange's stream of orders has ended: authentication failed (invalid_access_key): no such key. " +
        'Until that is mended and the bot started again fills are looked for at the usual pace',
    ]);
  });

  it('that cannot be read is told of once', () => {
    const { tellAccount, said } = open();
    for (let n = 0; n < 3; n += 1) tellAccount({ kind: 'gap', reason: 'unreadable' });
    expect(said).toEqual([
      "the exchange's stream of orders tells something that cannot be read; REST is asked instead",
    ]);
  });

  it('stands as it was last heard of, each by itself', () => {
    const { minutes, orders, tellMarkets, tellAccount } = open();
    expect([minutes.standing().state, orders.standing().state]).toEqual(['connecting', 'connecting']);
    tellMarkets({ kind: 'gap', reason: 'connected', markets: [BTC, ETH] });
    tellAccount({ kind: 'offline', reason: 'the line broke', retryInMs: 500 });
    expect(minutes.standing()).toMatchObject({ state: 'connected', lastNewsMs: null });
    expect(orders.standing()).toMatchObject({ state: 'cut', reason: 'the line broke', lastNewsMs: null });
  });

  it.each([
    ['a price', 'minutes', (lines: Lines) => lines.tellMarkets({ kind: 'price', market: BTC, price: '1', at: NOON })],
    ['a close', 'minutes', (lines: Lines) => lines.tellMarkets({ kind: 'minute-closed', market: BTC, until: NOON })],
    ['a step of an order', 'orders', (lines: Lines) => lines.tellAccount(stepOf('mine'))],
    ['balances', 'orders', (lines: Lines) => lines.tellAccount({ kind: 'balances', balances: [] })],
  ] as const)('that tells %s has told something', (_what, of, tell) => {
    const lines = open();
    tell(lines);
    expect(lines[of].standing().lastNewsMs).toEqual(expect.any(Number));
  });

  it('is closed with who opened it', async () => {
    const { minutes, orders, closed } = open();
    await Promise.all([minutes.close(), orders.close()]);
    expect(closed.lines).toBe(2);
  });
});
