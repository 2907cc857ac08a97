/** One task queue per kind of work, each served by its own process, so that slow optimizing never delays a trade. */
export const TASK_QUEUES = { collector: 'collector', trader: 'trader', optimizer: 'optimizer' } as const;

export type TaskQueue = keyof typeof TASK_QUEUES;
