import { expect, it } from 'vitest';
import { requireListedMarkets } from '../../../cli/up/prepare-run.ts';
import { parseMarket } from '../../../config/market.ts';
import { startForTest } from '../../exchange/paper/paper.ts';

it('a market that the exchange does not list is refused before anything is collected', async () => {
  const { url } = await startForTest();
  const instance = (market: string) => ({ exchangeUrl: url, markets: [parseMarket(market)] });

  await expect(requireListedMarkets(instance('KRW-BTC'))).resolves.toBeUndefined();
  await expect(requireListedMarkets(instance('KRW-NOPE'))).rejects.toThrow(/lists no market KRW-NOPE; mend --markets/);

  // Named by what tells it from others: nothing else of an address, such as a password, is shown.
  const refusal = requireListedMarkets({ exchangeUrl: `${url}/`, markets: [parseMarket('KRW-NOPE')] });
  await expect(refusal).rejects.toThrow(`${url} lists no market`);
});
