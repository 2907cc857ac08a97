import { expect, it } from 'vitest';
import { scriptedQuotes, tradeOf } from './scripted-lines.ts';

const timing = { pingEveryMs: 30_000, pongWithinMs: 10_000, silentAfterMs: 3_600_000 };

it('tries the line every 30 s and keeps one that answers, however long nothing else comes', async () => {
  const { line, lines, of, pass } = await scriptedQuotes({ timing });
  line().open();
  await pass(300_000);
  expect(line().pinged).toHaveLength(10);
  expect(lines).toHaveLength(1);
  expect(of('disconnected')).toEqual([]);
});

it('gives up a line that stays open and answers no PING, comes back, and tells of the gap', async () => {
  const { line, lines, of, pass } = await scriptedQuotes({ timing });
  line().open().answersPings = false;
  line().say(tradeOf('KRW-BTC', 'SNAPSHOT'));
  expect(of('gap')).toHaveLength(1);

  await pass(39_999);
  expect(of('disconnected')).toEqual([]);
  await pass(1);
  expect(of('disconnected').map(({ reason }) => reason)).toEqual(['the line is dead']);
  await pass(500);
  expect(lines).toHaveLength(2);
  line().open();
  line().say(tradeOf('KRW-BTC', 'SNAPSHOT'));
  expect(of('gap').map(({ reason }) => reason)).toEqual(['connected', 'connected']);
});

it('takes a line that answers PING only once for dead at the next', async () => {
  const { line, of, pass } = await scriptedQuotes({ timing });
  line().open();
  await pass(30_000);
  line().answersPings = false;
  await pass(39_999);
  expect(of('disconnected')).toEqual([]);
  await pass(1);
  expect(of('disconnected')).toHaveLength(1);
});

it('keeps a line that answers in time, though after the next PING', async () => {
  const { line, of, pass } = await scriptedQuotes({ timing: { ...timing, pingEveryMs: 100, pongWithinMs: 250 } });
  line().open().answersPings = false;
  for (let answered = 0; answered < 5; answered += 1) {
    await pass(300);
    line().emit('pong');
  }
  expect(of('disconnected')).toEqual([]);
  await pass(1_000);
  expect(of('disconnected')).toHaveLength(1);
});

it('gives up a handshake that takes more than 10 s', async () => {
  const { line, of, pass } = await scriptedQuotes();
  await pass(9_999);
  expect(of('disconnected')).toEqual([]);
  await pass(1);
  expect(of('disconnected').map(({ reason }) => reason)).toEqual(['no handshake in time']);
  expect(line().sent).toEqual([]);
});

it('takes no PING more than is due after it came back', async () => {
  const { line, pass } = await scriptedQuotes({ timing });
  line().open();
  await pass(29_000);
  line().end(1006);
  await pass(500);
  line().open();
  await pass(29_999);
  expect(line().pinged).toEqual([]);
  await pass(1);
  expect(line().pinged).toHaveLength(1);
});
