import { createAccountActivities } from '../activities/account.ts';
import { openDependencies } from './dependencies.ts';
import { workerMain } from './run-worker.ts';

workerMain('trader', async () => {
  const { db, exchange } = openDependencies('trader');
  return { activities: createAccountActivities({ exchange }), close: () => db.destroy() };
});
