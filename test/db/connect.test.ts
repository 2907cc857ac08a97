import { describe, expect, it } from 'vitest';
import { freePort } from '../../cli/up/ports.ts';
import { UserError } from '../../config/user-error.ts';
import { connectDatabase, explainConnectionFailure } from '../../db/connect.ts';
import { pendingMigrations } from '../../db/migrate.ts';

describe('a database that cannot be reached', () => {
  it('is named by its address, without its password', async () => {
    const url = `postgres://durabit:hunter2@127.0.0.1:${await freePort()}/durabit`;
    const db = connectDatabase(url, { applicationName: 'test' });
    const error = await pendingMigrations(db).catch((failure: unknown) => explainConnectionFailure(failure, url));
    await db.destroy();

    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(
      /PostgreSQL at 127\.0\.0\.1:\d+\/durabit cannot be reached \(ECONNREFUSED\)/,
    );
    expect((error as UserError).message).not.toContain('hunter2');
  });
});
