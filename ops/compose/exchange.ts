import { join, resolve } from 'node:path';
import { marketsOf, speedOf } from '../../cli/described-bot.ts';
import { readSettings } from '../../config/settings.ts';
import { UserError } from '../../config/user-error.ts';
import { startPaperExchange } from '../../exchange/paper/server.ts';
import { heldBook } from '../../exchange/paper/state/binding.ts';
import { endWithParent } from '../../process/supervised.ts';
import { exchangeArguments } from './exchange-arguments.ts';

/**
 * `node exchange.ts FEED BOOK SPREAD DEPTH`: the paper exchange in a container of its own, for the other containers; `durabit
 * paper` is for its own machine only.
 */
try {
  const settings = readSettings(process.env);
  const stateDir = join(resolve(settings.DURABIT_DATA_DIR), 'exchange');
  const speed = speedOf(settings);
  const exchange = await startPaperExchange({
    ...exchangeArguments(process.argv, { speed, held: heldBook(stateDir) }),
    seed: 1,
    markets: marketsOf(settings),
    speed,
    accessKey: settings.PAPER_ACCESS_KEY,
    secretKey: settings.PAPER_SECRET_KEY,
    stateDir,
    host: '0.0.0.0',
    port: settings.PAPER_PORT,
    log: console.error,
  });
  endWithParent(() => exchange.close());
} catch (error) {
  console.error(error instanceof UserError ? error.message : error);
  process.exit(1);
}
