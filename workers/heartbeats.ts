import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { lastProgress } from '../activities/progress.ts';

/** Well below the heartbeat time-out of `workflows/policies.ts`. */
const EVERY_MS = 1_000;

/**
 * Reports once a second that an activity's worker lives, so that the work of a killed one is taken up again within the
 * heartbeat time-out and not after the whole time an attempt may take.
 */
export const heartbeats: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    async execute(input, next) {
      const timer = setInterval(() => context.heartbeat(lastProgress(context)), EVERY_MS);
      try {
        return await next(input);
      } finally {
        clearInterval(timer);
      }
    },
  },
});
