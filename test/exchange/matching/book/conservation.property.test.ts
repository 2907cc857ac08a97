import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backgroundLevels, type Print } from '../../../../exchange/matching/book/background.ts';
import { tradingQueue } from '../../../../exchange/matching/book/queue.ts';
import type { LedgerEvent } from '../../../../exchange/matching/events.ts';
import { applyEvent, emptyLedger } from '../../../../exchange/matching/ledger.ts';
import { ledgerToJson } from '../../../../exchange/matching/ledger-json.ts';
import { expectConserved } from '../conserved.ts';
import { CHEAP_COIN, coinsFor, DEAR_COIN, type RandomStep, randomSteps, take } from './random-steps.ts';
import { bookScene, units } from './scene.ts';

const COINS = [DEAR_COIN, CHEAP_COIN];
/** Thin: the account can empty several levels, and be refused for more than thirty of them. */
const THIN = { spreadPpm: 20, spacingPpm: 10, depthKrw: 150_000 };
const SEQUENCES = 10_000;
const openingOf = (coin = DEAR_COIN) => ({ KRW: '10000000', BTC: coinsFor('0.05', coin) });

function live(steps: readonly RandomStep[], { coin = DEAR_COIN, restartAfter = -1 } = {}) {
  const scene = bookScene(openingOf(coin), coin.basePrice, THIN);
  steps.forEach((step, index) => {
    const before = scene.events.length;
    take(scene, step, coin);
    if (index === restartAfter) scene.restart();
    else expectUncrossed(scene);
    expectTakenOnce(scene, scene.events.slice(before));
  });
  return scene;
}

type Scene = ReturnType<typeof live>;

/** The best offers of both sides, ours and others', never meet. */
function expectUncrossed(scene: Scene): void {
  const [bid] = tradingQueue(scene.ledger(), scene.print(), 'bid', scene.parameters);
  const [ask] = tradingQueue(scene.ledger(), scene.print(), 'ask', scene.parameters);
  if (bid !== undefined && ask !== undefined && !bid.price.lt(ask.price)) {
    throw new Error(`bid ${bid.price} meets ask ${ask.price}`);
  }
}

/** Every coin an arriving order trades comes from the background or from an order of ours, which loses as much. */
function expectTakenOnce(scene: Scene, events: readonly LedgerEvent[]): void {
  const [accepted] = events;
  if (accepted?.type !== 'accepted') return;
  let [traded, given] = [0n, 0n];
  for (const event of events) {
    if (event.type === 'filled' && event.order === accepted.uuid) traded += units(event.volume);
    else if (event.type === 'filled' || event.type === 'taken') given += units(event.volume);
  }
  if (traded !== given) throw new Error(`${traded} coins were traded and ${given} given`);
  const { taken } = scene.ledger().books.get(accepted.request.market) ?? {};
  if (taken === undefined || taken.print !== scene.print().at) return;
  for (const side of ['bid', 'ask'] as const) {
    const offered = new Map(offersOf(scene.print(), side, scene));
    for (const [price, volume] of taken[side]) {
      if (volume > (offered.get(price) ?? 0n)) throw new Error(`more was taken at ${price} than there was`);
    }
  }
}

function offersOf(print: Print, side: 'bid' | 'ask', { parameters }: Scene): [bigint, bigint][] {
  return [...backgroundLevels(print, side, parameters)].map(({ price, volume }) => [price, volume]);
}

test(`no won and no coin appears or vanishes, the book is never crossed, over ${SEQUENCES} sequences of orders`, () => {
  const seen = { fills: 0, prevented: 0, taken: 0, passed: 0, queued: 0 };
  fc.assert(
    fc.property(randomSteps, fc.constantFrom(...COINS), (steps, coin) => {
      const scene = live(steps, { coin });
      expectConserved(scene.events, scene.ledger(), openingOf(coin));
      for (const { type } of scene.events) {
        if (type === 'filled') seen.fills += 1;
        else if (type === 'prevented' || type === 'taken' || type === 'passed' || type === 'queued') seen[type] += 1;
      }
    }),
    { numRuns: SEQUENCES, seed: 20_261_122 },
  );

  // The sequences do reach what is claimed about.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(SEQUENCES / 20);
}, 120_000);

test('the same orders at the same times give byte-identical events, a restart in between or not', () => {
  fc.assert(
    fc.property(randomSteps, fc.nat(15), (steps, restartAfter) => {
      const scene = live(steps);
      const again = live(steps, { restartAfter: restartAfter % steps.length });

      expect(JSON.stringify(again.events)).toBe(JSON.stringify(scene.events));
    }),
    { numRuns: 1_000, seed: 20_261_123 },
  );
}, 60_000);

test('replaying the events gives the same ledger', () => {
  fc.assert(
    fc.property(randomSteps, (steps) => {
      const scene = live(steps);
      const replayed = emptyLedger();
      for (const event of JSON.parse(JSON.stringify(scene.events)) as LedgerEvent[]) applyEvent(replayed, event);

      expect(ledgerToJson(replayed)).toEqual(ledgerToJson(scene.ledger()));
    }),
    { numRuns: 1_000, seed: 20_261_124 },
  );
}, 60_000);
