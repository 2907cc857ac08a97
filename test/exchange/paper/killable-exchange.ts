/**
 * A paper exchange in a process of its own, to be killed: `node killable-exchange.ts STATE_DIR [SOURCE_URL] [SPEED] [control]
 * [levels] [forgetful]`, the last with next to no finished order in memory.
 */
import { parseMarket } from '../../../config/market.ts';
import { startPaperExchange } from '../../../exchange/paper/server.ts';
import { THIN_BOOK } from './thin-book.ts';

const [stateDir = '', ...asked] = process.argv.slice(2);
const source = asked.find((word) => word.startsWith('http:'));
const speed = Number(asked.find((word) => /^\d+$/.test(word)) ?? 60);
const { url, controlUrl } = await startPaperExchange({
  feed: source === undefined ? 'simulated' : 'upbit',
  source,
  markets: [parseMarket('KRW-BTC')],
  seed: 1,
  speed,
  accessKey: 'access',
  secretKey: 'a secret that is long enough for anybody',
  stateDir,
  port: 0,
  controlPort: asked.includes('control') ? 0 : undefined,
  ...(asked.includes('forgetful') && { retirement: { kept: 2, together: 3 } }),
  book: asked.includes('levels') ? THIN_BOOK : undefined,
});
process.stdout.write(`${[url, controlUrl].join(' ').trim()}\n`);
