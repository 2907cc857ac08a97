import { expect, test } from 'vitest';
import { loadReplayFile } from '../../../exchange/paper/feed/replay-file.ts';
import { BTC_FILE, signed, standingWall, startForTest } from './paper.ts';

test.each(['bid', 'ask'] as const)('a resting %s at the very extreme of a minute is touched by it', async (side) => {
  const wall = standingWall();
  const { url, marketTime } = await startForTest({ wallClock: wall.now });
  const order = { market: 'KRW-BTC', side, ord_type: 'limit', volume: '0.001', identifier: 'touched' };
  const coins = { market: 'KRW-BTC', side: 'bid', ord_type: 'price', price: '1000000' };
  if (side === 'ask') await signed(url, 'POST', '/v1/orders', { body: coins });
  const coming = [...loadReplayFile(BTC_FILE)].filter(({ start }) => start > marketTime());
  const extreme = side === 'bid' ? 'low' : 'high';
  const beyond = (a: string, b: string) => (side === 'bid' ? Number(a) < Number(b) : Number(a) > Number(b));
  // The first minute that goes further than all since now, the market's own movement on arrival included.
  const index = coming.findIndex(
    (candle, n) => n > 0 && coming.slice(0, n).every((earlier) => beyond(candle[extreme], earlier[extreme])),
  );
  const minute = coming[index];
  if (minute === undefined) throw new Error('the file only goes one way');

  const made = await signed(url, 'POST', '/v1/orders', { body: { ...order, price: minute[extreme] } });
  expect(made.status).toBe(201);
  wall.pass(minute.start - marketTime());
  expect((await signed(url, 'GET', '/v1/order', { query: 'identifier=touched' })).json.state).toBe('wait');
  wall.pass(60_000);

  const { json } = await signed(url, 'GET', '/v1/order', { query: 'identifier=touched' });
  expect([json.state, json.trades[0].price]).toEqual(['done', minute[extreme]]);
});
