import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { serveSearch } from '../activities/optimization/serve-search.ts';

if (parentPort === null) throw new Error('workers/search-thread.ts is a thread of the optimizer, no program');
// Of this thread alone: on a busy machine those who trade go first.
setPriority(constants.priority.PRIORITY_LOW);
serveSearch(parentPort);
