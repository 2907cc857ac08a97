import { writeWorkflowBundle } from './workflow-bundle.ts';

/** `node workers/build-bundle.ts PATH`: a process of its own, because the bundler leaves 150 MB behind it. */
const path = process.argv[2];
if (path === undefined) throw new Error('usage: node workers/build-bundle.ts PATH');
await writeWorkflowBundle(path);
