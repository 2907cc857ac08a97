import { UserError } from '../../config/user-error.ts';
import { keepFirstSetting } from '../../db/bot-settings.ts';
import { type Db, databaseAddress } from '../../db/connect.ts';
import { bindingDifference, type DataBinding } from './data-binding.ts';

/**
 * Ties a database to where its candles come from: with a `DATABASE_URL` two data directories can meet in one, and
 * candles of two feeds under one market would make its history a lie.
 *
 * @throws {UserError} showing both when the database is another feed's
 */
export async function bindDatabase(db: Db, url: string, wanted: DataBinding): Promise<void> {
  const bound = JSON.parse(await keepFirstSetting(db, 'feed', JSON.stringify(wanted))) as DataBinding;
  const difference = bindingDifference(bound, wanted);
  if (difference === undefined) return;
  throw new UserError(
    `the database at ${databaseAddress(url)} holds candles of another feed:\n${difference}\n` +
      'start with the options it holds, or use another database: another DATABASE_URL, or none and another --data-dir',
  );
}
