/** Kinds of schedule as the command line names them. The kind is the first word of the schedule's id. */
export const SCHEDULE_KINDS = ['collect', 'trade', 'optimize', 'reconcile'] as const;

export type ScheduleKind = (typeof SCHEDULE_KINDS)[number];
