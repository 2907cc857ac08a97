import { defineConfig } from 'vitest/config';
import { SERVERS, settings } from './vitest.config.ts';

/** `npm run histories:record`: writes the workflow histories that the tests replay. */
export default defineConfig({ test: { ...settings, globalSetup: SERVERS, include: ['test/**/*.record.ts'] } });
