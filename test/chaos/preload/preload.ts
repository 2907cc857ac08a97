/**
 * Loaded before everything else into every process of a bot under test (`node --import`), and a stranger in all but
 * three: the trader, whose functions get gates; the exchange, which gets a control port; the supervisor, which restarts
 * at once however often a part is killed. No file of the product is changed for it.
 */
import { basename } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { readPreloadOptions } from './options.ts';

const options = readPreloadOptions(import.meta.url);
const [, program = '', command] = process.argv;
const role = basename(program);

if (isMainThread) {
  if (role === 'trader.ts') {
    const { gateModules } = await import('./gate-modules.ts');
    gateModules(options);
  } else if (role === 'main.ts' && command === 'paper') {
    const { prepareExchange } = await import('./prepare-exchange.ts');
    prepareExchange(options);
  } else if (role === 'main.ts' && command === 'up') {
    const { restartAtOnce } = await import('./restart-at-once.ts');
    restartAtOnce();
  }
}
