import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** `npm run histories:record`: writes the workflow histories that the tests replay. */
export default defineConfig({ test: { ...base.test, include: ['test/**/*.record.ts'] } });
