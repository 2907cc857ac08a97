import type { Migration } from 'kysely/migration';
import { up as candles } from './0001-candles.ts';
import { up as trading } from './0002-trading.ts';
import { up as reconciliation } from './0003-reconciliation.ts';
import { up as optimizer } from './0004-optimizer.ts';
import { up as lookUps } from './0005-look-ups.ts';
import { up as foreignOrders } from './0006-foreign-orders.ts';
import { up as streamReports } from './0007-stream-reports.ts';
import { up as keyRefusals } from './0008-key-refusals.ts';

/** Every migration in order of its number. Names are recorded in the database: never rename one that has run. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-candles': { up: candles },
  '0002-trading': { up: trading },
  '0003-reconciliation': { up: reconciliation },
  '0004-optimizer': { up: optimizer },
  '0005-look-ups': { up: lookUps },
  '0006-foreign-orders': { up: foreignOrders },
  '0007-stream-reports': { up: streamReports },
  '0008-key-refusals': { up: keyRefusals },
};
