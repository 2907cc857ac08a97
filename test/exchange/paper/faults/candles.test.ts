import { expect, test } from 'vitest';
import { parseMarket } from '../../../../config/market.ts';
import type { PaperExchangeOptions } from '../../../../exchange/paper/server.ts';
import { FaultControl } from '../../../support/fault-control.ts';
import { BTC_FILE, ETH_FILE, get, signed, standingWall, startForTest, temporaryFolder } from '../paper.ts';
import { farBid, openFaulty } from './faulty.ts';

const MINUTE = 60_000;

/** The newest candles: `03:22 0.5` for the minute and its volume. */
async function newest(url: string, count: number, market = 'KRW-BTC'): Promise<string[]> {
  const { json } = await get(`${url}/v1/candles/minutes/1?market=${market}&count=${count}`);
  return json.map(
    (candle: { candle_date_time_utc: string; candle_acc_trade_volume: number }) =>
      `${candle.candle_date_time_utc.slice(11, 16)} ${candle.candle_acc_trade_volume}`,
  );
}

const minutesOf = (candles: readonly string[]) => candles.map((candle) => candle.slice(0, 5));

/** What the feed has, at the end of minute 03:22 + `minutes`. */
async function withoutFaults(minutes: number, count: number, overrides: Partial<PaperExchangeOptions> = {}) {
  const wall = standingWall();
  const { url } = await startForTest({ wallClock: wall.now, ...overrides });
  wall.pass(minutes * MINUTE);
  return newest(url, count);
}

test('the next two minutes are idle, then trading goes on; the minute that is running is left alone', async () => {
  const { control, url, wall } = await openFaulty();
  wall.pass(30_000);
  const rule = await control.add({ id: 'i', kind: 'idle', next: 2 });
  wall.pass(5 * MINUTE - 30_000);

  expect(rule.from).toBe('2025-09-01T03:23:00.000Z');
  expect(minutesOf(await newest(url, 2))).toEqual(['03:26', '03:22']);
  expect(await control.struck('i')).toBe(2);
});

test('named minutes of a named market are idle', async () => {
  const markets = [parseMarket('KRW-BTC'), parseMarket('KRW-ETH')];
  const { control, url, wall } = await openFaulty({ markets, replayFiles: [BTC_FILE, ETH_FILE] });
  const calm = await openFaulty({ markets, replayFiles: [BTC_FILE, ETH_FILE] });
  calm.wall.pass(6 * MINUTE);
  const minutes = ['2025-09-01T03:24:00Z', '2025-09-01T03:26:00Z'];
  await control.add({ kind: 'idle', market: 'KRW-BTC', minutes });
  wall.pass(6 * MINUTE);

  const kept = (await newest(calm.url, 5)).filter((candle) => !/^03:2[46]/.test(candle));
  expect((await newest(url, 5)).slice(0, kept.length)).toEqual(kept);
  expect(kept.length).toBeLessThan(5);
  expect(await newest(url, 5, 'KRW-ETH')).toEqual(await newest(calm.url, 5, 'KRW-ETH'));
});

test('nothing trades in an idle minute: an order that the feed would have filled rests', async () => {
  const stateOf = async (idle: boolean) => {
    const { control, url, wall } = await openFaulty();
    // Reached in minute 03:30 and not before.
    const body = { ...farBid, price: '150034000', identifier: 'near' };
    await signed(url, 'POST', '/v1/orders', { body });
    if (idle) await control.add({ kind: 'idle', minutes: ['2025-09-01T03:30:00Z'] });
    wall.pass(9 * MINUTE);
    return (await control.ledger()).orders[0]?.state;
  };

  expect([await stateOf(false), await stateOf(true)]).toEqual(['done', 'wait']);
});

test('a late candle is in no list until so long after its close, then it is the row of the feed', async () => {
  const { control, url, wall } = await openFaulty();
  await control.add({ kind: 'late-candle', late_ms: 7_000, minutes: ['2025-09-01T03:23:00Z'] });
  const truth = await withoutFaults(3, 3);

  wall.pass(MINUTE + 50_000);
  expect(minutesOf(await newest(url, 1))).toEqual(['03:22']);
  wall.pass(10_000 + 6_999);
  expect(minutesOf(await newest(url, 2))).toEqual(['03:24', '03:22']);
  wall.pass(1);
  expect(minutesOf(await newest(url, 2))).toEqual(['03:24', '03:23']);
  wall.pass(MINUTE - 7_000);
  expect(await newest(url, 3)).toEqual(truth);
});

test('late trades correct a closed candle', async () => {
  const { control, url, wall } = await openFaulty();
  await control.add({ kind: 'late-trade', late_ms: 20_000, minutes: ['2025-09-01T03:23:00Z'] });
  const [, truth] = await withoutFaults(3, 2);

  wall.pass(2 * MINUTE);
  const [closed] = await newest(url, 1);
  wall.pass(19_999);
  expect((await newest(url, 2))[1]).toBe(closed);
  wall.pass(1);
  const [, corrected] = await newest(url, 2);

  expect(minutesOf([closed ?? ''])).toEqual(['03:23']);
  expect(corrected).toBe(truth);
  expect(Number(closed?.slice(6))).toBeCloseTo(Number(truth?.slice(6)) * 0.75, 6);
});

test('by chance with a seed the same minutes are struck each time, about as many as it says', async () => {
  const idleOf = async (seed: number) => {
    const { control, url, wall } = await openFaulty({ feed: 'simulated', replayFiles: [] });
    await control.add({ id: 'i', kind: 'idle', probability: 0.4, seed });
    wall.pass(200 * MINUTE);
    return { shown: minutesOf(await newest(url, 200)), struck: await control.struck('i') };
  };

  const first = await idleOf(3);

  expect(first.struck).toBeGreaterThan(55);
  expect(first.struck).toBeLessThan(105);
  expect(await idleOf(3)).toEqual(first);
  expect((await idleOf(4)).shown).not.toEqual(first.shown);
});

test('what the lists showed stays: over a restart, and when a rule is taken back', async () => {
  const stateDir = temporaryFolder();
  const wall = standingWall();
  const first = await startForTest({ stateDir, wallClock: wall.now, controlPort: 0 });
  const control = new FaultControl(first.controlUrl ?? '');
  await control.add({ id: 'i', kind: 'idle', probability: 1, seed: 1 });
  await control.add({ kind: 'http-500', when: 'before', probability: 1, seed: 1 });
  wall.pass(3 * MINUTE);
  await control.clear();
  expect(await control.rules()).toMatchObject([{ id: 'i', until: '2025-09-01T03:26:00.000Z', struck: 3 }]);
  wall.pass(2 * MINUTE);
  expect(minutesOf(await newest(first.url, 2))).toEqual(['03:26', '03:22']);
  await first.close();

  const second = await startForTest({ stateDir, wallClock: wall.now, controlPort: 0 });

  expect(minutesOf(await newest(second.url, 2))).toEqual(['03:26', '03:22']);
  expect(await new FaultControl(second.controlUrl ?? '').rules()).toHaveLength(1);
});

test('a minute that has begun is not struck any more', async () => {
  const { control } = await openFaulty();

  await expect(control.add({ kind: 'idle', minutes: ['2025-09-01T03:22:00Z'] })).rejects.toThrow(
    'minute 2025-09-01T03:22:00Z has begun',
  );
  expect(await control.rules()).toEqual([]);
});
