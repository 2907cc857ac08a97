/**
 * Prints the least processor time that orders and trades of the feed take beside 0, 100 and 10,000 resting orders, each
 * decided and folded: `node test/exchange/matching/book/speed.bench.ts`
 */
import { priceAt } from './random-steps.ts';
import { bookScene } from './scene.ts';

const RICH = { KRW: '10000000000000', BTC: '1000000' };
const BATCHES = 9;
const BATCH = 300;

/** 1,000 ticks and more from the market, where nothing measured goes: a tick apart on both sides, or at one price. */
const spreadOut = (index: number) => 1_000 + Math.floor(index / 2);
const atOnePrice = () => 1_000;

for (const [resting, placing, name] of [
  [0, spreadOut, 'none resting'],
  [100, spreadOut, '100 resting'],
  [10_000, spreadOut, '10,000 resting'],
  [10_000, atOnePrice, '10,000 resting at two prices'],
] as const) {
  const scene = bookScene(RICH, '150000000');
  for (let index = 0; index < resting; index += 1) {
    const away = placing(index);
    const place =
      index % 2 === 0
        ? ({ side: 'bid', price: priceAt(-away) } as const)
        : ({ side: 'ask', price: priceAt(away) } as const);
    scene.submit({ ...place, volume: '0.0001' });
  }
  scene.submit({ price: priceAt(-999), volume: '5' });
  report(`${name}: limit that rests, and its cancellation`, () =>
    scene.cancel(scene.order(scene.submit({ price: priceAt(-1_000), volume: '0.0001' }))),
  );
  report(`${name}: market buy of 10,000 KRW`, () => scene.submit({ type: 'price', price: '10000' }));
  report(`${name}: market buy of 100,000,000 KRW`, () => {
    scene.trade('150000000', '0.1', 'bid');
    scene.submit({ type: 'price', price: '100000000' });
  });
  report(`${name}: trade of the feed at no order's price`, () => scene.trade('150000000', '0.1'));
  report(`${name}: trade of the feed that fills an order in part`, () => scene.trade(priceAt(-999), '0.001'));
  report(`${name}: the book shown`, () => scene.shown());
}

function report(name: string, act: () => unknown): void {
  const batches = Array.from({ length: BATCHES }, () => {
    const before = process.cpuUsage();
    for (let round = 0; round < BATCH; round += 1) act();
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1_000) / BATCH;
  });
  const least = Math.min(...batches);
  process.stdout.write(`${name}: ${Math.round(least).toLocaleString('en')} ns\n`);
}
