import { expect, it } from 'vitest';
import type { QuoteSubscription } from '../../../../exchange/upbit/stream/subscription.ts';
import { scriptedQuotes, tradeOf } from './scripted-lines.ts';

const BTC = { type: 'trade', market: 'KRW-BTC' };
const ETH = { type: 'trade', market: 'KRW-ETH' };
const BOTH: QuoteSubscription = { type: 'trade', markets: ['KRW-BTC', 'KRW-ETH'] };

it('tells of the gap as soon as every topic has shown how it stands, and not before', async () => {
  const { line, of, pass } = await scriptedQuotes({ subscriptions: [BOTH] });
  line().open();
  line().say(tradeOf('KRW-BTC', 'SNAPSHOT'));
  line().say(tradeOf('KRW-BTC', 'REALTIME'));
  expect(of('gap')).toEqual([]);
  line().say(tradeOf('KRW-ETH', 'SNAPSHOT'));
  expect(of('gap')).toEqual([{ kind: 'gap', reason: 'connected', topics: [BTC, ETH] }]);
  await pass(10_000);
  expect(of('gap')).toHaveLength(1);
});

it('tells of the gap after 2 s where a topic shows nothing, or was asked for without its snapshot', async () => {
  const realtime = { type: 'trade', markets: ['KRW-ETH'], only: 'realtime' } as const;
  for (const subscriptions of [[BOTH], [{ ...BOTH, markets: ['KRW-BTC'] }, realtime]]) {
    const { line, of, pass, stream } = await scriptedQuotes({ subscriptions });
    line().open();
    line().say(tradeOf('KRW-BTC', 'SNAPSHOT'));
    await pass(1_999);
    expect(of('gap')).toEqual([]);
    await pass(1);
    expect(of('gap')).toEqual([{ kind: 'gap', reason: 'connected', topics: [BTC, ETH] }]);
    await stream.close();
  }
});

it('tells of no gap on a line that broke before it flowed, and of one on the next', async () => {
  const { line, of, pass } = await scriptedQuotes();
  line().open();
  await pass(1_999);
  line().end(1006);
  await pass(500);
  expect(of('gap')).toEqual([]);
  line().open().say(tradeOf('KRW-BTC', 'SNAPSHOT'));
  expect(of('gap')).toHaveLength(1);
});

it('tells of a silent topic alone, after 60 s and again after as long, until something comes', async () => {
  const { line, of, pass } = await scriptedQuotes({ subscriptions: [BOTH] });
  line().open();
  for (const market of BOTH.markets) line().say(tradeOf(market, 'SNAPSHOT'));
  const hearBtc = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await pass(1_000);
      line().say(tradeOf('KRW-BTC', 'REALTIME'));
    }
  };
  const silent = () => of('gap').filter(({ reason }) => reason === 'silent');
  await hearBtc(59_000);
  expect(silent()).toEqual([]);
  await hearBtc(62_000);
  expect(silent()).toEqual([
    { kind: 'gap', reason: 'silent', topics: [ETH] },
    { kind: 'gap', reason: 'silent', topics: [ETH] },
  ]);
  line().say(tradeOf('KRW-ETH', 'REALTIME'));
  await hearBtc(59_000);
  expect(silent()).toHaveLength(2);
});

it('waits for nothing of a topic asked for only as it stands', async () => {
  const { line, of, pass } = await scriptedQuotes({ subscriptions: [{ ...BOTH, only: 'snapshot' }] });
  line().open();
  await pass(300_000);
  expect(of('gap')).toEqual([]);
});
