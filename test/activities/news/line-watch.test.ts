import { describe, expect, it } from 'vitest';
import { watchLine } from '../../../activities/news/line-watch.ts';
import { AuthenticationFailed } from '../../../exchange/errors.ts';

function watch() {
  let clock = 1_000;
  const said: string[] = [];
  const line = watchLine(
    { what: 'prices', without: 'it is asked' },
    (text) => void said.push(text),
    () => clock,
  );
  const pass = (ms: number): void => {
    clock += ms;
  };
  return { ...line, said, pass };
}
const connected = { kind: 'gap', reason: 'connected' } as const;
const cut = { kind: 'offline', reason: 'the line broke', retryInMs: 500 } as const;

describe('how a line stands', () => {
  it('before anything was heard of it', () => {
    const { standing, pass } = watch();
    pass(70);
    expect(standing()).toEqual({ state: 'connecting', forMs: 70, reason: null, lastNewsMs: null, gapsHealed: 0 });
  });

  it('connected since it first was, however often that is told', () => {
    const { hear, standing, pass } = watch();
    hear(connected);
    pass(300);
    hear(connected);
    pass(40);
    expect(standing()).toMatchObject({ state: 'connected', forMs: 340, reason: null });
  });

  it('cut since it first was, with the newest reason', () => {
    const { hear, standing, pass } = watch();
    hear(connected);
    hear(cut);
    pass(500);
    hear({ ...cut, reason: 'nobody answers' });
    expect(standing()).toMatchObject({ state: 'cut', forMs: 500, reason: 'nobody answers' });
  });

  it('connected again, without the reason it was cut for', () => {
    const { hear, standing } = watch();
    for (const news of [cut, connected]) hear(news);
    expect(standing()).toMatchObject({ state: 'connected', forMs: 0, reason: null });
  });

  it('ended, with why', () => {
    const { hear, standing, pass } = watch();
    hear(connected);
    hear({ kind: 'stopped', error: new AuthenticationFailed('invalid_access_key', 'no such key') });
    pass(9);
    expect(standing()).toMatchObject({
      ...{ state: 'ended', forMs: 9 },
      reason: 'authentication failed (invalid_access_key): no such key',
    });
  });

  it('with how long ago it last told of something; news of the line itself are no such thing', () => {
    const { hear, noteTold, standing, pass } = watch();
    hear(connected);
    expect(standing().lastNewsMs).toBeNull();
    noteTold();
    pass(25);
    hear(cut);
    expect(standing().lastNewsMs).toBe(25);
  });

  it.each([
    ['the first connect, nothing being missed before it', [connected], 0],
    ['tries that failed before it', [cut, cut, connected], 0],
    ['one that lasts', [connected, cut], 0],
    ['one that is over', [connected, cut, cut, connected], 1],
    ['what could not be read', [connected, { kind: 'gap', reason: 'unreadable' }], 1],
    ['a silence, which may be the market’s calm', [connected, { kind: 'gap', reason: 'silent' }], 0],
  ] as const)('counts of gaps that were healed: %s', (_what, news, gaps) => {
    const { hear, standing } = watch();
    for (const one of news) hear(one);
    expect(standing().gapsHealed).toBe(gaps);
  });
});
