import { workerMain } from './run-worker.ts';

/** Serves workflow tasks of its queue; searching weights is CPU work and gets a process of its own. */
workerMain('optimizer', async () => ({}));
