import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { startCommand } from '../../cli/context.ts';

const root = resolve(import.meta.dirname, '..', '..');

it.each([
  ['the default data directory', resolve(root, 'data'), 'npm start'],
  ['another one', '/srv/bot', 'npm start -- --data-dir /srv/bot'],
])('%s is started with its own name', (_, dataDir, command) => {
  expect(startCommand(dataDir)).toBe(command);
});
