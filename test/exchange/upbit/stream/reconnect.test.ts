import { expect, it } from 'vitest';
import { CONNECT_LIMITS, createPace } from '../../../../exchange/upbit/stream/pace.ts';
import { openQuoteStream } from '../../../../exchange/upbit/stream/stream.ts';
import { ScriptedLine, scriptedQuotes, TRADES, tradeOf } from './scripted-lines.ts';

/** Breaks so many lines before they are open, and says the pauses told. */
async function pauses(count: number, random: () => number) {
  const scene = await scriptedQuotes({ random });
  for (let broken = 0; broken < count; broken += 1) {
    scene.line().end(1006);
    await scene.pass(scene.of('disconnected').at(-1)?.retryInMs ?? 0);
  }
  expect(scene.lines).toHaveLength(count + 1);
  return scene.of('disconnected').map(({ retryInMs }) => retryInMs);
}

it('waits twice as long after each failure, up to 30 s, when chance says the longest', async () => {
  expect(await pauses(9, () => 1)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

it('waits at least half of that when chance says the shortest', async () => {
  expect(await pauses(8, () => 0)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
});

it('leaves the other half of each pause to chance', async () => {
  const drawn = [0.5, 0.25, 0.75];
  expect(await pauses(3, () => drawn.shift() ?? 0)).toEqual([375, 625, 1_750]);
});

it('tries no sooner than it said', async () => {
  const { line, lines, pass } = await scriptedQuotes();
  line().end(1006);
  await pass(499);
  expect(lines).toHaveLength(1);
  await pass(1);
  expect(lines).toHaveLength(2);
});

it('begins with the first pause again after a line that brought something', async () => {
  const { line, of, pass } = await scriptedQuotes();
  for (let broken = 0; broken < 3; broken += 1) {
    line().end(1006);
    await pass(5_000);
  }
  line().open().say(tradeOf('KRW-BTC', 'SNAPSHOT'));
  line().end(1006);
  expect(of('disconnected').at(-1)?.retryInMs).toBe(500);
});

it('begins with the first pause again after a line that held for 10 s, not after one that held for less', async () => {
  const { line, of, pass } = await scriptedQuotes();
  line().end(1006);
  await pass(500);
  line().open();
  await pass(9_999);
  line().end(1006);
  expect(of('disconnected').at(-1)?.retryInMs).toBe(1_000);
  await pass(1_000);
  line().open();
  await pass(10_000);
  line().end(1006);
  expect(of('disconnected').at(-1)?.retryInMs).toBe(500);
});

it('says why the line is gone: broken, or closed by the exchange with its code', async () => {
  const { line, of, pass } = await scriptedQuotes();
  line().open().end(1001);
  await pass(500);
  line().open().end(1006);
  await pass(1_000);
  line().emit('error', new Error('connect ECONNREFUSED'));
  line().end(1006);
  expect(of('disconnected').map(({ reason }) => reason)).toEqual([
    'the exchange closed the line (1001)',
    'the line broke',
    'connect ECONNREFUSED',
  ]);
});

it('shakes hands at most five times a second, whatever the pauses, with the streams that share its pace', async () => {
  const connectPace = createPace(CONNECT_LIMITS, () => Date.now());
  const timing = { firstRetryMs: 1, longestRetryMs: 1 };
  const { lines, pass, stream } = await scriptedQuotes({ connectPace, timing });
  const others: ScriptedLine[] = [];
  const other = openQuoteStream({
    baseUrl: 'http://exchange.test',
    subscriptions: [TRADES],
    onEvent: () => {},
    now: Date.now,
    timing,
    connectPace,
    openSocket() {
      const line = new ScriptedLine();
      others.push(line);
      return line as never;
    },
  });
  for (let ms = 0; ms < 3_500; ms += 1) {
    await pass(1);
    for (const line of [...lines, ...others]) line.end(1006);
  }
  await Promise.all([stream.close(), other.close()]);
  const opened = [...lines, ...others].map(({ openedAt }) => openedAt).sort((a, b) => a - b);
  expect(opened.length).toBeGreaterThanOrEqual(16);
  for (const [index, at] of opened.entries()) {
    const fifthBefore = opened[index - 5];
    if (fifthBefore !== undefined) expect(at - fifthBefore).toBeGreaterThanOrEqual(1_000);
  }
});

it('waits out the second when the exchange says that there were too many messages', async () => {
  const { line, of, pass } = await scriptedQuotes({ random: () => 0 });
  line()
    .open()
    .say({ error: { name: 'TOO_MANY_REQUEST', message: 'too many' } });
  await pass(0);
  expect(of('refused').map(({ error }) => error.name)).toEqual(['RateLimited']);
  expect(of('disconnected')).toEqual([{ kind: 'disconnected', reason: 'the exchange refused', retryInMs: 1_000 }]);
});

it('cuts a line on which the exchange refused and then does not say goodbye', async () => {
  const { line, of, pass } = await scriptedQuotes();
  line().open().answersFarewells = false;
  line().say({ error: { name: 'NO_CODES', message: 'codes are missing' } });
  line().say(tradeOf('KRW-BTC', 'SNAPSHOT'));
  await pass(999);
  expect(of('disconnected')).toEqual([]);
  await pass(1);
  expect(of('disconnected').map(({ reason }) => reason)).toEqual(['the exchange refused']);
  expect(of('refused').map(({ error }) => error.message)).toEqual([
    expect.stringMatching(
      /^the exchange refused a subscription \(NO_CODES\): .*; the exchange says: codes are missing$/,
    ),
  ]);
  expect(of('trade')).toEqual([]);
});

it('stops after three refusals of the key in a row, and not after three with another end between them', async () => {
  const { line, lines, of, pass } = await scriptedQuotes();
  const pause = async (): Promise<void> => {
    await pass(0);
    await pass(of('disconnected').at(-1)?.retryInMs ?? 0);
  };
  const refuse = (): Promise<void> => {
    line()
      .open()
      .say({ error: { name: 'INVALID_AUTH', message: 'no' } });
    return pause();
  };
  await refuse();
  await refuse();
  line().end(1006);
  await pause();
  await refuse();
  await refuse();
  expect(of('stopped')).toEqual([]);
  await refuse();
  expect(of('stopped').map(({ error }) => error.name)).toEqual(['AuthenticationFailed']);
  const tried = lines.length;
  await pass(3_600_000);
  expect(lines).toHaveLength(tried);
});

it.each([
  ['during the handshake', () => {}],
  ['while the line is open', (line: ScriptedLine) => void line.open()],
  [
    'on a line that says no goodbye',
    (line: ScriptedLine) => void Object.assign(line.open(), { answersFarewells: false }),
  ],
  ['during a pause', (line: ScriptedLine) => line.end(1006)],
])('tells nothing any more and opens nothing once it was closed %s', async (_when, prepare) => {
  const scene = await scriptedQuotes();
  prepare(scene.line());
  const [told, tried] = [scene.events.length, scene.lines.length];
  const closed = scene.stream.close();
  scene.line().say(tradeOf('KRW-BTC', 'SNAPSHOT'));
  await scene.pass(1_000);
  await closed;
  expect(scene.timers()).toBe(0);
  expect(scene.events).toHaveLength(told);
  expect(scene.lines).toHaveLength(tried);
  expect(scene.line().readyState).toBe(3);
});

it('leaves no timer behind when it is closed during a pause', async () => {
  const { line, stream, timers } = await scriptedQuotes();
  line().end(1006);
  expect(timers()).toBe(1);
  await stream.close();
  expect(timers()).toBe(0);
});

it('can be closed from within what it tells', async () => {
  const scene = await scriptedQuotes({
    onEvent(event) {
      if (event.kind === 'disconnected') void scene.stream.close();
    },
  });
  scene.line().end(1006);
  await scene.pass(3_600_000);
  expect(scene.lines).toHaveLength(1);
});
