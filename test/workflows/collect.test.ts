import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCandles } from '../../db/candles.ts';
import { ExchangeUnavailable, UnknownMarket } from '../../exchange/errors.ts';
import { type CollectScene, openCollectScene, SCENE_MARKET } from '../support/collect-scene.ts';

let scene: CollectScene;
beforeAll(async () => {
  scene = await openCollectScene();
});
afterAll(() => scene.close());

describe('CollectWorkflow', () => {
  it('stores what closed and says so in words and search attributes', async () => {
    scene.exchange.clockSeconds = 10 * 60 + 4;

    const { result, description } = await scene.run();

    expect(result).toEqual({ outcome: 'collected', inserted: 10, corrected: 0, late: 0 });
    expect(await readCandles(scene.db, { market: SCENE_MARKET, timeframe: '1m', limit: 100 })).toHaveLength(10);
    const attributes = description.typedSearchAttributes.getAll();
    expect(attributes.find((pair) => pair.key.name === 'Outcome')?.value).toBe('collected');
    expect(attributes.find((pair) => pair.key.name === 'CandleTime')?.value).toEqual(new Date('2025-03-01T00:09:00Z'));
  });

  it('has nothing to do when run again within the minute', async () => {
    scene.exchange.clockSeconds = 10 * 60 + 30;
    expect((await scene.run()).result).toMatchObject({ outcome: 'unchanged', inserted: 0 });
  });

  it('outlasts an exchange that is down, by its declared retries', async () => {
    scene.exchange.clockSeconds = 11 * 60 + 4;
    scene.exchange.failures.push(new ExchangeUnavailable('down'), new ExchangeUnavailable('still down'));

    expect((await scene.run()).result).toMatchObject({ outcome: 'collected', inserted: 1 });
    expect(scene.exchange.failures).toEqual([]);
  });

  it('comes back for a candle that is not there yet after a sixtieth of an interval', async () => {
    scene.exchange.clockSeconds = 25 * 60 + 2;
    const later = setTimeout(() => {
      scene.exchange.clockSeconds = 25 * 60 + 8;
    }, 300);

    const { result } = await scene.run();
    clearTimeout(later);

    expect(result).toMatchObject({ outcome: 'collected', inserted: 9 });
  });

  it('fails at once, and says which, for a market the exchange does not list', async () => {
    scene.exchange.failures.push(new UnknownMarket('KRW-NOPE'));

    const { result } = await scene.run();

    expect(result).toMatchObject({ cause: { cause: { type: 'UnknownMarket' } } });
    expect(scene.exchange.failures).toEqual([]);
  });
});
