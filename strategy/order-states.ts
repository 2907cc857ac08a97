/** What each state of an order means; the only place they are named. */
export const ORDER_STATES = {
  intended: 'decided, its money reserved, its request stored; nothing has been sent',
  sending: 'committed before the request goes out, so from here on it may have arrived',
  open: 'the exchange has it: accepted, resting or filling',
  filled: 'executed whole',
  canceled: 'ended at the exchange with something left unexecuted; what was executed counts',
  rejected: 'refused by the exchange, by name',
  unknown: 'perhaps sent, not found; its money stays reserved',
  expired: 'given up: never sent, not found for a day, or ended by its owner’s word',
} as const;

export type OrderStatus = keyof typeof ORDER_STATES;

/** One allowed step of an order, with the sentence that says when it is taken. */
interface Transition {
  readonly from: OrderStatus;
  readonly to: OrderStatus;
  readonly when: string;
}

/**
 * The state machine. Types, `canMove`, the database's `order_transitions` (and with it the trigger on `orders`) and
 * docs/orders.md all derive from this list; what is not in it does not happen.
 */
export const ORDER_TRANSITIONS = [
  {
    from: 'intended',
    to: 'sending',
    when: 'trading is not halted, the deadline is ahead; then the request, or a look-up',
  },
  { from: 'intended', to: 'expired', when: 'the deadline, or a halt, came before anything was sent' },
  { from: 'sending', to: 'intended', when: 'nothing of its only request left, and that is certain' },
  { from: 'sending', to: 'open', when: 'the exchange accepted it, or a look-up by identifier found it' },
  { from: 'sending', to: 'rejected', when: 'the exchange refused it for a business reason, by name' },
  { from: 'sending', to: 'unknown', when: 'look-ups still do not find it after the settle delay' },
  { from: 'open', to: 'filled', when: 'everything ordered was executed and every fill is recorded' },
  { from: 'open', to: 'canceled', when: 'it ended before all was executed and every fill is recorded' },
  { from: 'unknown', to: 'open', when: 'a late look-up found it after all' },
  {
    from: 'unknown',
    to: 'expired',
    when: 'not found for 24 hours of market time, or its owner says that it was not sent',
  },
  { from: 'expired', to: 'open', when: 'it was found although it had been given up' },
] as const satisfies readonly Transition[];

/** States that `From` may move to. */
export type NextStatus<From extends OrderStatus> = Extract<(typeof ORDER_TRANSITIONS)[number], { from: From }>['to'];

const ALL = Object.keys(ORDER_STATES) as OrderStatus[];
const transitions: readonly Transition[] = ORDER_TRANSITIONS;

export function canMove(from: OrderStatus, to: OrderStatus): boolean {
  return transitions.some((edge) => edge.from === from && edge.to === to);
}

/** States that no edge leaves: nothing can happen to such an order any more. */
export const FINAL_STATUSES: readonly OrderStatus[] = ALL.filter(
  (status) => !transitions.some((edge) => edge.from === status),
);

/** States in which a market's order is in flight; there is one such order per account and market. */
export const IN_FLIGHT_STATUSES = ['intended', 'sending', 'open'] as const satisfies readonly OrderStatus[];

/**
 * States that somebody still has to bring to an end, and that hold a reservation. `expired` is not one of them though
 * an edge leaves it: its money is free. One that may have been sent is looked for a week longer (`LATE_FINDS_MS`).
 */
export const UNFINISHED_STATUSES = [...IN_FLIGHT_STATUSES, 'unknown'] as const satisfies readonly OrderStatus[];

export type UnfinishedStatus = (typeof UNFINISHED_STATUSES)[number];

export function isUnfinished(status: OrderStatus): status is UnfinishedStatus {
  return (UNFINISHED_STATUSES as readonly OrderStatus[]).includes(status);
}
