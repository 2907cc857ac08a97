/** Where a command writes: results to stdout, everything a person reads meanwhile to stderr. */
export interface Output {
  result(text: string): void;
  note(text: string): void;
}

export const processOutput: Output = {
  result: (text) => process.stdout.write(`${text}\n`),
  note: (text) => process.stderr.write(`${text}\n`),
};

/** What a text for people is laid out for. */
export interface Page {
  /** Characters a line has room for. */
  readonly columns: number;
  readonly colours: boolean;
}

/** Where nobody can say how wide it is shown: a file, a pipe, a mail from cron. */
const UNKNOWN_COLUMNS = 100;
/** Narrower than this no table can be read anyway. */
const FEWEST_COLUMNS = 40;

/** The page behind stdout. Colours on a terminal only, and not where `NO_COLOR` is set. */
export function pageOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number } = process.stdout,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Page {
  const columns = stream.isTTY && stream.columns ? stream.columns : UNKNOWN_COLUMNS;
  return { columns: Math.max(FEWEST_COLUMNS, columns), colours: stream.isTTY === true && !env.NO_COLOR };
}

export type Columns<Row> = readonly (readonly [key: keyof Row & string, heading: string])[];

/**
 * Rows as a plain table with right-aligned figures. `columns` gives order and headings. Where a line of `width`
 * characters has no room for all of them, they are shared out among several tables, the first column in each.
 */
export function renderTable<Row extends Record<string, unknown>>(
  rows: readonly Row[],
  columns: Columns<Row>,
  width = Number.POSITIVE_INFINITY,
): string {
  const whole = columns.map(([key, heading]) =>
    renderColumn(
      heading,
      rows.map((row) => cellText(row[key])),
    ),
  );
  let tables = shareOut(whole, width);
  // As many tables as needed, and of those that many can be the ones most alike.
  for (let narrower = width - 1; tables.length > 1; narrower -= 1) {
    const closer = shareOut(whole, narrower);
    if (closer.length > tables.length || narrower < 0) break;
    tables = closer;
  }
  return tables.map(joinColumns).join('\n');
}

function shareOut([first, ...others]: readonly RenderedColumn[], width: number): RenderedColumn[][] {
  if (first === undefined) return [];
  const tables = [[first]];
  for (const column of others) {
    const table = tables.at(-1) ?? [];
    const used = table.reduce((sum, { width: taken }) => sum + taken + GAP.length, 0);
    if (table.length === 1 || used + column.width <= width) table.push(column);
    else tables.push([first, column]);
  }
  return tables;
}

const GAP = '  ';

interface RenderedColumn {
  readonly width: number;
  /** The heading, then a cell for each row, all of the same width. */
  readonly lines: readonly string[];
}

function renderColumn(heading: string, cells: readonly string[]): RenderedColumn {
  const width = Math.max(heading.length, ...cells.map((cell) => cell.length));
  const numeric = cells.every((cell) => /^([+-]?[\d,.]+|)$/.test(cell));
  return { width, lines: [heading, ...cells].map((cell) => (numeric ? cell.padStart(width) : cell.padEnd(width))) };
}

function joinColumns(columns: readonly RenderedColumn[]): string {
  const count = columns[0]?.lines.length ?? 0;
  return Array.from({ length: count }, (_, index) =>
    columns
      .map(({ lines }) => lines[index] ?? '')
      .join(GAP)
      .trimEnd(),
  ).join('\n');
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return kst(value);
  return String(value);
}

/** Words in lines of at most `width` characters, every line but the first begun by `indent`. */
export function wrapped(text: string, width: number, indent = ''): string {
  const [first = '', ...words] = text.trimStart().split(' ');
  const lines: string[] = [];
  let line = `${text.slice(0, text.length - text.trimStart().length)}${first}`;
  for (const word of words) {
    if (line.length + 1 + word.length > width) {
      lines.push(line.trimEnd());
      line = `${indent}${word}`;
    } else line = `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}

/** An instant of market time as Upbit's users read it, in Korean time: `2025-09-01 12:20:00 KST`. */
export function kst(instant: Date): string {
  return `${shiftedText(instant, 9 * 60)} KST`;
}

/** An instant of wall time as the reader's clock shows it, with how far that is from UTC: `2026-11-22 15:03:12 UTC+9`. */
export function wallTime(instant: Date, offsetMinutes = -instant.getTimezoneOffset()): string {
  const size = Math.abs(offsetMinutes);
  const minutes = size % 60 === 0 ? '' : `:${String(size % 60).padStart(2, '0')}`;
  const offset = size === 0 ? '' : `${offsetMinutes < 0 ? '-' : '+'}${Math.floor(size / 60)}${minutes}`;
  return `${shiftedText(instant, offsetMinutes)} UTC${offset}`;
}

function shiftedText(instant: Date, minutes: number): string {
  return new Date(instant.getTime() + minutes * 60_000).toISOString().slice(0, 19).replace('T', ' ');
}

/** How long, in its two largest units: `3 s`, `2 min 5 s`, `4 h 12 min`, `3 d 4 h`. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

/** `1234567.5` as `1,234,567.5`. */
export function grouped(decimal: string): string {
  const [whole = '', fraction] = decimal.split('.');
  const separated = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? separated : `${separated}.${fraction}`;
}

/** JSON as the contract has it: two spaces, dates as ISO 8601 UTC. */
export function renderJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
