import { describe, expect, it } from 'vitest';
import { drive } from './exchange/drive.ts';
import { growthOf } from './exchange/exchange-speed.ts';
import { type Line, lengthOf } from './exchange/line.ts';

const request = (expected = 201) => ({ bytes: Buffer.from('POST /v1/orders HTTP/1.1\r\n\r\n'), expected });

/** A line whose answers come when they are called for, or after so long. */
function slowLine(afterMs: (index: number) => number) {
  let sent = 0;
  const line: Line = {
    send(_request, answered) {
      const wait = afterMs(sent);
      sent += 1;
      setTimeout(() => answered({ status: 201, text: 'HTTP/1.1 201 Created\r\n\r\n{}' }), wait);
    },
    close() {},
  };
  return { line, sent: () => sent };
}

describe('a load at a fixed rate', () => {
  it('counts latency from when a request was due, so that a pause of the exchange makes all late that were due in it', async () => {
    const { line } = slowLine((index) => (index === 0 ? 200 : 0));

    const { latency } = await drive(
      Array.from({ length: 20 }, () => request()),
      [line],
      100,
    );

    // One request was answered late, but those that were due in the 200 ms waited too: half of all.
    expect(latency.slowest).toBeGreaterThanOrEqual(190);
    expect(latency.p50).toBeGreaterThan(20);
  });

  it('does not send before a request is due', async () => {
    const { line } = slowLine(() => 0);

    const { seconds } = await drive(
      Array.from({ length: 11 }, () => request()),
      [line],
      100,
    );

    expect(seconds).toBeGreaterThanOrEqual(0.1);
  });
});

describe('a load of all that goes', () => {
  it('sends the next as soon as a line is free, and fails at an answer it does not expect', async () => {
    const { line, sent } = slowLine(() => 0);

    const wrong = drive([request(), request(), request(200), request()], [line]);

    await expect(wrong).rejects.toThrow('POST /v1/orders was answered 201: {}');
    expect(sent()).toBe(3);
  });
});

describe('an answer', () => {
  it.each([
    ['HTTP/1.1 200 OK\r\nContent-Le', Number.POSITIVE_INFINITY],
    ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\nx: y\r\n\r\n[', 47],
  ])('%j is %d bytes long', (received, length) => {
    expect(lengthOf(received)).toBe(length);
  });
});

describe('growth', () => {
  it('is of the median of the last third over that of the first', () => {
    expect(growthOf([100, 90, 500, 1, 1, 1, 110, 120, 0])).toEqual({
      first: 100,
      last: 110,
      growthPercent: expect.closeTo(10),
    });
  });
});
