import { fdatasyncSync, writeSync } from 'node:fs';
import { beforeEach, expect, test, vi } from 'vitest';
import { signed, standingWall, startForTest } from './paper.ts';

// Kill -9 cannot show a missing sync, only a power cut could: so the calls themselves are watched.
vi.mock('node:fs', { spy: true });
beforeEach(() => {
  vi.mocked(fdatasyncSync).mockClear();
  vi.mocked(writeSync).mockClear();
});

/** How often the file an event went to was synced after it was written. */
function syncsAfterLastWrite(word: string): number {
  const written = vi.mocked(writeSync).mock.calls.findLastIndex(([, text]) => String(text).includes(word));
  expect(written, `${word} was never written`).toBeGreaterThanOrEqual(0);
  const descriptor = vi.mocked(writeSync).mock.calls[written]?.[0];
  const at = vi.mocked(writeSync).mock.invocationCallOrder[written] ?? 0;
  const { calls, invocationCallOrder } = vi.mocked(fdatasyncSync).mock;
  return calls.filter(([synced], index) => synced === descriptor && (invocationCallOrder[index] ?? 0) > at).length;
}

test('what an order, a refusal and a cancellation changed is on disk before they are answered', async () => {
  const { url } = await startForTest({ wallClock: standingWall().now });
  const body = { market: 'KRW-BTC', side: 'bid', ord_type: 'limit', price: '100000000', volume: '0.0001' };

  await signed(url, 'POST', '/v1/orders', { body: { ...body, identifier: 'a' } });
  expect(syncsAfterLastWrite('"accepted"')).toBe(1);

  await signed(url, 'POST', '/v1/orders', { body: { ...body, price: '1', identifier: 'b' } });
  expect(syncsAfterLastWrite('"identifier-burned"')).toBe(1);

  await signed(url, 'POST', '/v1/orders', { body: { ...body, side: 'neither', identifier: 'c' } });
  expect(syncsAfterLastWrite('"identifier":"c"')).toBe(1);

  const next = { new_ord_type: 'limit', new_price: '100000000', new_volume: '0.0001', new_identifier: 'd' };
  await signed(url, 'POST', '/v1/orders/cancel_and_new', { body: { prev_order_identifier: 'a', ...next } });
  expect(syncsAfterLastWrite('"identifier":"d"')).toBe(1);

  await signed(url, 'DELETE', '/v1/order', { query: 'identifier=d' });
  expect(syncsAfterLastWrite('"ended"')).toBe(1);
});
