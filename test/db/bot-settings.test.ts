import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { ensureBotId, keepFirstSetting, readSetting } from '../../db/bot-settings.ts';
import { isBotId } from '../../strategy/order-identifier.ts';
import { useLedgerDatabase } from '../support/ledger.ts';

const { db } = await useLedgerDatabase();

it('several who mint the bot id at once get the same, and so does everybody later', async () => {
  const minted = await Promise.all(Array.from({ length: 8 }, () => ensureBotId(db, randomInt)));
  expect(new Set(minted).size).toBe(1);
  expect(isBotId(minted[0] as string)).toBe(true);
  expect(await ensureBotId(db, () => 0)).toBe(minted[0]);
});

it('a setting keeps the first value it was given', async () => {
  expect(await readSetting(db, 'account')).toBeUndefined();
  expect(await keepFirstSetting(db, 'account', 'paper-a')).toBe('paper-a');
  expect(await keepFirstSetting(db, 'account', 'live-b')).toBe('paper-a');
});
