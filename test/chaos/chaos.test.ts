import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startChaosBot } from './chaos-bot.ts';
import { judge, NOTHING_WRONG } from './judge.ts';
import { openLedgerReader } from './ledger-record.ts';
import { runCrashPoints } from './phases.ts';
import { STEPS, type Step } from './steps.ts';
import { type Act, strikeAt } from './strike.ts';

/** The few of `npm run chaos` that every change has to pass: each part dies once, where it hurts most. */
const FIXED: readonly (readonly [step: string, act: Act])[] = [
  ['sending committed', { kind: 'kill', parts: ['trader'] }],
  ['request arrived, not answered', { kind: 'kill', parts: ['trader'] }],
  ['acceptance written, not committed', { kind: 'kill', parts: ['postgres'] }],
  ['answer lost', { kind: 'kill', parts: ['exchange'] }],
  ['decision and order committed', { kind: 'wipe-temporal' }],
  ['fills seen, not booked', { kind: 'kill', parts: ['trader', 'postgres'] }],
];

/** At most closes one of four markets orders; a day of market time may pass twice. */
const SIZE = { markets: 4, stretches: 3 } as const;
const stop = new AbortController().signal;

function stepOf(name: string): Step {
  const step = STEPS.find((one) => one.name === name);
  if (step === undefined) throw new Error(`there is no step "${name}"`);
  return step;
}

test('orders go exactly once whatever dies in the middle of them', { timeout: 420_000 }, async () => {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);

  const result = await runCrashPoints(
    { seed: 1, say, stop },
    FIXED.map(([name, act]) => ({ step: stepOf(name), act })),
    SIZE,
  );

  expect(result.judgement, said.join('\n')).toEqual(NOTHING_WRONG);
  expect({ ...result, recoveries: [] }).toMatchObject({ spared: [], neverRecovered: [], candlesMissing: 0 });
  expect(result.injected).toHaveLength(FIXED.length);
});

test('a build that records an order after sending it is found out', { timeout: 240_000 }, async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'durabit-chaos-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const bot = await startChaosBot(folder, {
    ...{ ...SIZE, seed: 1, speed: 15, interrupted: stop },
    broken: 'record-after-post',
  });
  onTestFinished(async () => void (await bot.stop()));
  const reader = await openLedgerReader(bot.instance.databaseUrl);

  const struck = await strikeAt(bot, stepOf('answered, not recorded'), { kind: 'kill', parts: ['trader'] });

  await expect
    .poll(async () => {
      // The ledger last: whatever the exchange had been asked for by then must have been announced in it.
      const [truth, requests] = [await bot.control.ledger(), await bot.control.requests()];
      const ledger = await reader.read();
      return judge({ truth, requests, ledger, openingKrw: '10000000', halts: [] }).lost_orders;
    })
    .toContainEqual(expect.stringMatching(`^${struck?.injected?.order}: sent at .+, before the ledger said so$`));
});
