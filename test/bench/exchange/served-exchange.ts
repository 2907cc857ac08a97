/**
 * A paper exchange to be measured, in a process of its own: `node --expose-gc served-exchange.ts STATE_DIR [levels]`.
 * By IPC it says where it is, and what it holds in memory whenever it is asked.
 */
import { parseMarket } from '../../../config/market.ts';
import { USUAL_BOOK } from '../../../exchange/matching/book/parameters.ts';
import { startPaperExchange } from '../../../exchange/paper/server.ts';
import { KEYS, MARKET, type MemorySample, SPEED } from './load.ts';

const [stateDir = '', book] = process.argv.slice(2);
const { url } = await startPaperExchange({
  feed: 'simulated',
  markets: [parseMarket(MARKET)],
  seed: 1,
  speed: SPEED,
  // The limits are counted as ever, and never reached.
  allowance: 10_000,
  ...KEYS,
  stateDir,
  port: 0,
  book: book === 'levels' ? USUAL_BOOK : undefined,
  log: (line) => process.stderr.write(`${line}\n`),
});
process.on('message', () => {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ rss, heap: heapUsed + external } satisfies MemorySample);
});
process.on('disconnect', () => process.exit());
process.send?.({ url });
