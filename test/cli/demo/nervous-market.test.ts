import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeNervousMarkets } from '../../../cli/demo/nervous-market.ts';
import { loadReplayFile } from '../../../exchange/paper/feed/replay-file.ts';
import { isOnTick } from '../../../strategy/tick-size.ts';
import { naiveAction, naiveScore, naiveSignals } from '../../support/naive-strategies.ts';
import { WEIGHTS } from '../../support/recomputed-decisions.ts';

function written(seed: number): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'durabit-nervous-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return writeNervousMarkets(folder, seed);
}

describe('the markets of the crash demo', () => {
  it('are candles a paper exchange replays, on the tick grid, with idle minutes', () => {
    for (const file of written(1)) {
      const candles = [...loadReplayFile(file)];
      expect(candles.every(({ open, close }) => isOnTick(open) && isOnTick(close))).toBe(true);
      const minutes = ((candles.at(-1)?.start ?? 0) - (candles[0]?.start ?? 0)) / 60_000 + 1;
      expect(candles.length).toBeLessThan(minutes);
      expect(candles.length).toBeGreaterThan(900);
    }
  });

  it.each([1, 2, 3])('turn the strategies’ vote about every third candle (seed %i)', (seed) => {
    for (const file of written(seed)) {
      const closes = [...loadReplayFile(file)].map(({ close }) => close);
      let holds = false;
      let orders = 0;
      for (let newest = 200; newest < 300; newest += 1) {
        const signals = naiveSignals(closes.slice(newest - 199, newest + 1));
        const action = naiveAction(naiveScore(signals, WEIGHTS), '0.2');
        if (action !== (holds ? 'sell' : 'buy')) continue;
        holds = !holds;
        orders += 1;
      }
      expect(orders, file).toBeGreaterThanOrEqual(20);
    }
  });

  it('are the same for the same seed and others for another', () => {
    const text = (seed: number) => written(seed).map((file) => readFileSync(file, 'utf8'));

    expect(text(7)).toEqual(text(7));
    expect(text(8)).not.toEqual(text(7));
  });
});
