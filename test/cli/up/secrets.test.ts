import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { paperKeys } from '../../../cli/up/paper-keys.ts';
import { postgresPassword } from '../../../cli/up/postgres-password.ts';
import { temporaryDirectory } from './support.ts';

test('the database password and the account keys are minted once, for their owner only', () => {
  const { path, remove } = temporaryDirectory();
  const [password, keys] = [postgresPassword(path), paperKeys(path)];

  expect([postgresPassword(path), paperKeys(path)]).toEqual([password, keys]);
  const modes = readdirSync(path).map((name) => `${name} ${(statSync(join(path, name)).mode & 0o777).toString(8)}`);
  expect(modes.sort()).toEqual(['paper-keys.json 600', 'postgres-password 600']);
  remove();
});
