import { bringPaperExchangeHere } from './exchange-relay.ts';
import { queueArgument } from './queue-argument.ts';

/** `node worker.ts QUEUE`: the worker of that task queue, with the paper exchange at 127.0.0.1 beside it. */
const queue = queueArgument();
await bringPaperExchangeHere();
await import(`../../workers/${queue}.ts`);
