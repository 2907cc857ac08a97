import { grouped, renderTable } from '../../cli/output.ts';
import type { Figure, Measurement } from './bench.ts';
import type { Machine } from './machine.ts';

export interface Report {
  readonly date: string;
  readonly quick: boolean;
  readonly machine: Machine;
  /** Load average of the last minute, before and after. */
  readonly load: { readonly before: number; readonly after: number };
  readonly measurements: readonly Measurement[];
}

export type Mark = 'ok' | 'over' | 'under' | '';

/** Whether a figure keeps its bound; nothing where there is none. */
export function markOf({ value, atMost, atLeast }: Figure): Mark {
  if (atMost !== undefined && value > atMost) return 'over';
  if (atLeast !== undefined && value < atLeast) return 'under';
  return atMost === undefined && atLeast === undefined ? '' : 'ok';
}

/** For programs: the same report with a mark beside each figure. */
export function withMarks(report: Report) {
  const measurements = report.measurements.map((measurement) => ({
    ...measurement,
    figures: measurement.figures.map((figure) => ({ ...figure, mark: markOf(figure) })),
  }));
  return { ...report, measurements };
}

/** For people. */
export function renderReport({ date, quick, machine, load, measurements }: Report): string {
  const { system, processor, cores, memory, node } = machine;
  return [
    `${date}: ${cores} cores (${processor}), ${memory} GiB, ${system}, Node ${node}`,
    `load average ${load.before} before, ${load.after} after${quick ? '; --quick: too short to quote' : ''}`,
    ...measurements.map(renderMeasurement),
  ].join('\n\n');
}

function renderMeasurement({ title, figures, breakdown = [], notes }: Measurement): string {
  const rows = figures.map((figure) => ({
    figure: figure.name,
    value: shortNumber(figure.value),
    unit: figure.unit,
    target: targetOf(figure),
    mark: markOf(figure),
  }));
  const table = renderTable(rows, [
    ['figure', title],
    ['value', ''],
    ['unit', ''],
    ['target', 'target'],
    ['mark', ''],
  ]);
  const columns = Object.keys(breakdown[0] ?? {}).map((key) => [key, key] as const);
  return [
    ...(rows.length === 0 ? [title] : [table]),
    ...(columns.length === 0 ? [] : [indented(renderTable(breakdown, columns))]),
    indented(notes.join('\n')),
  ].join('\n\n');
}

function targetOf({ atMost, atLeast }: Figure): string {
  const bounds = [
    atLeast === undefined ? [] : `≥ ${shortNumber(atLeast)}`,
    atMost === undefined ? [] : `≤ ${shortNumber(atMost)}`,
  ];
  return bounds.flat().join(', ');
}

/** As many digits as a measurement is worth: `0.42`, `8.1`, `1,234`. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return grouped(value.toFixed(0));
  return value.toFixed(size >= 10 || Number.isInteger(value) ? 0 : size >= 1 ? 1 : 2);
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
