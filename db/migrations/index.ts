import type { Migration } from 'kysely/migration';
import { up as candles } from './0001-candles.ts';
import { up as trading } from './0002-trading.ts';
import { up as reconciliation } from './0003-reconciliation.ts';

/** Every migration in order of its number. Names are recorded in the database: never rename one that has run. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-candles': { up: candles },
  '0002-trading': { up: trading },
  '0003-reconciliation': { up: reconciliation },
};
