import { join } from 'node:path';
import type { ServicePlan } from './service-plan.ts';

/** The project's root folder. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** A TypeScript program of ours as a supervised process; it says itself when it is ready. */
export function nodeService(
  name: string,
  file: readonly string[],
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ServicePlan {
  return {
    name,
    command: process.execPath,
    args: [join(ROOT, ...file), ...args],
    env,
  };
}
