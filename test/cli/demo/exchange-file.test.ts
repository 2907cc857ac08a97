import { expect, it } from 'vitest';
import { readAcceptedIdentifiers } from '../../../cli/demo/exchange-file.ts';
import { parseMarket } from '../../../config/market.ts';
import { startPaperExchange } from '../../../exchange/paper/server.ts';
import { createUpbitClient } from '../../../exchange/upbit/client.ts';
import { paperOptions } from '../../exchange/paper/paper.ts';

const market = parseMarket('KRW-BTC');

it.each([
  ['in the journal as in the snapshot', { kept: 1_000, together: 250 }],
  ['in the archive as well', { kept: 0, together: 1 }],
])(
  'finds every accepted order in the exchange’s files, %s, each once, and no refused one',
  async (_where, retirement) => {
    const options = paperOptions({ retirement });
    const buy = async (...identifiers: string[]) => {
      const exchange = await startPaperExchange(options);
      const client = createUpbitClient({
        baseUrl: exchange.url,
        keys: { accessKey: options.accessKey, secretKey: options.secretKey },
      });
      for (const identifier of identifiers) {
        await client.createOrder({ market, identifier, type: 'market', side: 'bid', spendKrw: '10000' });
      }
      const tooMuch = { market, identifier: `refused-${identifiers[0]}`, type: 'market', side: 'bid' } as const;
      await expect(client.createOrder({ ...tooMuch, spendKrw: '900000000' })).rejects.toThrow(/insufficient_funds/);
      const whileOpen = readAcceptedIdentifiers(options.stateDir);
      await exchange.close();
      return whileOpen;
    };

    expect(await buy('one', 'two')).toEqual(['one', 'two']);
    expect(readAcceptedIdentifiers(options.stateDir)).toEqual(['one', 'two']);
    expect(await buy('three')).toEqual(['one', 'two', 'three']);
    expect(readAcceptedIdentifiers(options.stateDir)).toEqual(['one', 'two', 'three']);
  },
);
