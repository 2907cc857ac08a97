import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import {
  canMove,
  FINAL_STATUSES,
  IN_FLIGHT_STATUSES,
  isUnfinished,
  ORDER_STATES,
  ORDER_TRANSITIONS,
  type OrderStatus,
  UNFINISHED_STATUSES,
} from '../../strategy/order-states.ts';

const ALL = Object.keys(ORDER_STATES) as OrderStatus[];

/** The state machine, written down a second time. */
const EDGES = [
  'intended→sending',
  'intended→expired',
  'sending→intended',
  'sending→open',
  'sending→rejected',
  'sending→unknown',
  'open→filled',
  'open→canceled',
  'unknown→open',
  'unknown→expired',
  'expired→open',
];

describe('the states of an order', () => {
  test.each(ALL.flatMap((from) => ALL.map((to) => [from, to, EDGES.includes(`${from}→${to}`)] as const)))(
    '%s → %s: %s',
    (from, to, allowed) => {
      expect(canMove(from, to)).toBe(allowed);
    },
  );

  it('end where no edge leaves', () => {
    expect(FINAL_STATUSES).toEqual(['filled', 'canceled', 'rejected']);
  });

  it('are unfinished, final, or given up', () => {
    expect(ALL.filter((status) => !isUnfinished(status) && !FINAL_STATUSES.includes(status))).toEqual(['expired']);
    expect(UNFINISHED_STATUSES).toEqual([...IN_FLIGHT_STATUSES, 'unknown']);
  });

  it('can all be reached from intended, and all can still end', () => {
    const reach = (start: OrderStatus): Set<OrderStatus> => {
      const seen = new Set([start]);
      for (const status of seen) for (const to of ALL) if (canMove(status, to)) seen.add(to);
      return seen;
    };
    expect([...reach('intended')].sort()).toEqual([...ALL].sort());
    for (const status of ALL) expect([...reach(status)].some((end) => FINAL_STATUSES.includes(end))).toBe(true);
  });
});

describe('docs/orders.md', () => {
  const page = readFileSync(new URL('../../docs/orders.md', import.meta.url), 'utf8');
  const between = (marker: string) =>
    new RegExp(`<!-- ${marker} -->\n([\\s\\S]*?)<!-- end of ${marker} -->`).exec(page)?.[1];

  it('shows the states as the code has them', () => {
    const rows = ALL.map((status) => `| \`${status}\` | ${ORDER_STATES[status]} |\n`);
    expect(between('states')).toBe(`| state | means |\n|---|---|\n${rows.join('')}`);
  });

  it('shows the transitions as the code has them', () => {
    const rows = ORDER_TRANSITIONS.map(({ from, to, when }) => `| \`${from}\` | \`${to}\` | ${when} |\n`);
    expect(between('transitions')).toBe(`| from | to | when |\n|---|---|---|\n${rows.join('')}`);
  });

  it('draws the diagram as the code has it', () => {
    const lines = [
      'stateDiagram-v2',
      '  [*] --> intended',
      ...ORDER_TRANSITIONS.map(({ from, to }) => `  ${from} --> ${to}`),
      ...FINAL_STATUSES.map((status) => `  ${status} --> [*]`),
    ];
    expect(between('diagram')).toBe(`\`\`\`mermaid\n${lines.join('\n')}\n\`\`\`\n`);
  });
});
