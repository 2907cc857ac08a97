/** A paper exchange in a process of its own, to be killed: `node killable-exchange.ts STATE_DIR [control]`. */
import { parseMarket } from '../../../config/market.ts';
import { startPaperExchange } from '../../../exchange/paper/server.ts';

const [stateDir = '', control] = process.argv.slice(2);
const { url, controlUrl } = await startPaperExchange({
  feed: 'simulated',
  markets: [parseMarket('KRW-BTC')],
  seed: 1,
  speed: 60,
  accessKey: 'access',
  secretKey: 'a secret that is long enough for anybody',
  stateDir,
  port: 0,
  controlPort: control === undefined ? undefined : 0,
});
process.stdout.write(`${[url, controlUrl].join(' ').trim()}\n`);
