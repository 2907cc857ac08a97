import { migrateToLatest } from '../../db/migrate.ts';
import { type CommonOptions, commandContext } from '../context.ts';
import { withDatabase } from '../database-session.ts';
import { renderJson } from '../output.ts';

/** Brings the database to the newest version. */
export async function migrate(options: CommonOptions): Promise<void> {
  const context = commandContext(options);
  const applied = await withDatabase(context, (db) => migrateToLatest(db), { migrated: false });
  context.output.result(
    options.json
      ? renderJson({ applied })
      : applied.length === 0
        ? 'the database is up to date'
        : `applied ${applied.join(', ')}`,
  );
}
