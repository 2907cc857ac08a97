import assert from 'node:assert/strict';
import { fetchAccountKeys } from '../../exchange/upbit/account-keys.ts';
import { agree, type Suite } from './case.ts';
import { BTC, openStage } from './stage.ts';

const YEAR_MS = 365 * 86_400_000;

/** What an account holds and may do. */
export const ACCOUNT: Suite = {
  area: 'account',
  open: () => openStage({ book: 'endless' }),
  cases: [
    agree('balances, what is locked of them, and what was paid on average', async (stage) => {
      const { client } = stage;
      assert.deepEqual(await client.fetchBalances(), [
        { currency: 'KRW', free: '10000000', locked: '0', averageBuyPrice: '0' },
      ]);
      const identifier = stage.newName();
      await client.createOrder({ market: BTC, identifier, type: 'market', side: 'bid', spendKrw: '1000000' });
      const order = await client.fetchOrder({ identifier });
      const [krw, btc] = await client.fetchBalances();
      assert.deepEqual([krw?.currency, btc?.currency], ['KRW', 'BTC']);
      assert.deepEqual([btc?.free, btc?.locked], [order?.executedVolume, '0']);
      assert.equal(btc?.averageBuyPrice, order?.fills[0]?.price);
    }),
    agree('keys of the account and when they expire', async ({ transport, keys, marketTime }) => {
      const told = await fetchAccountKeys(transport);
      assert.equal(told.exchangeClock, Math.floor(marketTime() / 1_000) * 1_000);
      assert.deepEqual(told.keys, [{ accessKey: keys.accessKey, expiresAt: told.exchangeClock + YEAR_MS }]);
    }),
    agree('fees and limits of a market', async ({ client }) => {
      assert.deepEqual(await client.fetchOrderTerms(BTC), {
        bidFeeRate: '0.0005',
        askFeeRate: '0.0005',
        minimumBidKrw: '5000',
        minimumAskKrw: '5000',
        maximumKrw: '1000000000',
      });
    }),
  ],
};
