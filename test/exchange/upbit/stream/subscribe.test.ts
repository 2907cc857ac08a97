import { expect, it } from 'vitest';
import { scriptedQuotes, TRADES, tradeOf } from './scripted-lines.ts';

const ETH = { type: 'trade', markets: ['KRW-ETH'] } as const;

it('asks at once for types, markets and format, under a ticket of its own each time', async () => {
  const { line, stream } = await scriptedQuotes({
    format: 'SIMPLE_LIST',
    subscriptions: [TRADES, { type: 'orderbook', markets: ['KRW-BTC.15'], only: 'snapshot' }],
  });
  line().open();
  stream.subscribe([{ ...ETH, only: 'realtime' }]);
  const [first, second] = line().sent.map(({ text }) => JSON.parse(text));
  expect(first.slice(1)).toEqual([
    { type: 'trade', codes: ['KRW-BTC'] },
    { type: 'orderbook', codes: ['KRW-BTC.15'], is_only_snapshot: true },
    { format: 'SIMPLE_LIST' },
  ]);
  expect(second.slice(1)).toEqual([
    { type: 'trade', codes: ['KRW-ETH'], is_only_realtime: true },
    { format: 'SIMPLE_LIST' },
  ]);
  expect(first[0].ticket).not.toBe(second[0].ticket);
});

it('asks at run time for other topics on the same line, and tells of their gap once they show how they stand', async () => {
  const { line, lines, of, stream } = await scriptedQuotes();
  line().open().say(tradeOf('KRW-BTC', 'SNAPSHOT'));
  stream.subscribe([ETH]);
  expect(line().asked()).toEqual([{ type: 'trade', codes: ['KRW-ETH'] }]);
  line().say(tradeOf('KRW-BTC', 'REALTIME'));
  expect(of('gap')).toHaveLength(1);
  line().say(tradeOf('KRW-ETH', 'SNAPSHOT'));
  expect(of('gap').at(-1)).toEqual({
    kind: 'gap',
    reason: 'connected',
    topics: [{ type: 'trade', market: 'KRW-ETH' }],
  });
  expect(lines).toHaveLength(1);
});

it('does not take what is still coming of the old subscription for a proof of the new one', async () => {
  const { line, of, stream } = await scriptedQuotes();
  line().open().say(tradeOf('KRW-BTC', 'SNAPSHOT'));
  stream.subscribe([TRADES]);
  line().say(tradeOf('KRW-BTC', 'REALTIME'));
  expect(of('gap')).toHaveLength(1);
  line().say(tradeOf('KRW-BTC', 'SNAPSHOT'));
  expect(of('gap')).toHaveLength(2);
});

it('asks for what was wanted last when it was wanted while there was no line', async () => {
  const { line, pass, stream } = await scriptedQuotes();
  stream.subscribe([ETH]);
  line().open();
  expect(line().asked()).toEqual([{ type: 'trade', codes: ['KRW-ETH'] }]);
  line().end(1006);
  stream.subscribe([TRADES]);
  await pass(500);
  line().open();
  expect(line().sent).toHaveLength(1);
  expect(line().asked()).toEqual([{ type: 'trade', codes: ['KRW-BTC'] }]);
});

it('sends at most five messages a second, pings counted, and of many wishes the last', async () => {
  const { line, pass, stream } = await scriptedQuotes({ timing: { pingEveryMs: 100, pongWithinMs: 50 } });
  line().open();
  for (let wish = 0; wish < 40; wish += 1) {
    stream.subscribe([wish % 2 === 0 ? TRADES : ETH]);
    await pass(50);
  }
  await pass(1_000);
  expect(line().asked()).toEqual([{ type: 'trade', codes: ['KRW-ETH'] }]);
  const turns = [...line().sent.map(({ at }) => at), ...line().pinged].sort((a, b) => a - b);
  for (const [index, at] of turns.entries()) {
    const fifthBefore = turns[index - 5];
    if (fifthBefore !== undefined) expect(at - fifthBefore).toBeGreaterThanOrEqual(1_000);
  }
});

it('sends at most a hundred messages a minute', async () => {
  const { line, pass, stream } = await scriptedQuotes({ timing: { pingEveryMs: 3_600_000 } });
  line().open();
  for (let wish = 0; wish < 700; wish += 1) {
    stream.subscribe([TRADES]);
    await pass(200);
  }
  const turns = line().sent.map(({ at }) => at);
  expect(turns.length).toBeGreaterThan(200);
  for (const [index, at] of turns.entries()) {
    const hundredthBefore = turns[index - 100];
    if (hundredthBefore !== undefined) expect(at - hundredthBefore).toBeGreaterThanOrEqual(60_000);
  }
});

it('tells of the gap only after a request that had to wait for its turn was sent', async () => {
  const { line, of, pass, stream } = await scriptedQuotes({ timing: { settleMs: 100 } });
  line().open();
  const told: number[] = [];
  for (let wish = 0; wish < 6; wish += 1) {
    stream.subscribe([ETH]);
    await pass(0);
  }
  expect(line().sent).toHaveLength(5);
  line().say(tradeOf('KRW-ETH', 'SNAPSHOT'));
  told.push(of('gap').length);
  await pass(999);
  expect(of('gap')).toHaveLength(told[0] ?? 0);
  await pass(1);
  expect(line().sent).toHaveLength(6);
  await pass(100);
  expect(of('gap')).toHaveLength((told[0] ?? 0) + 1);
});
