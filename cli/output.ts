/** Where a command writes: results to stdout, everything a person reads meanwhile to stderr. */
export interface Output {
  result(text: string): void;
  note(text: string): void;
}

export const processOutput: Output = {
  result: (text) => process.stdout.write(`${text}\n`),
  note: (text) => process.stderr.write(`${text}\n`),
};

/** Rows as a plain table with right-aligned figures. `columns` gives order and headings. */
export function renderTable<Row extends Record<string, unknown>>(
  rows: readonly Row[],
  columns: readonly (readonly [key: keyof Row & string, heading: string])[],
): string {
  const cells = rows.map((row) => columns.map(([key]) => cellText(row[key])));
  const widths = columns.map(([, heading], index) =>
    Math.max(heading.length, ...cells.map((line) => line[index]?.length ?? 0)),
  );
  const numeric = columns.map((_, index) => cells.every((line) => /^(-?[\d,.]+|)$/.test(line[index] ?? '')));
  const format = (line: readonly string[]) =>
    line
      .map((text, index) => (numeric[index] ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd();
  return [format(columns.map(([, heading]) => heading)), ...cells.map(format)].join('\n');
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return kst(value);
  return String(value);
}

/** An instant as Upbit's users read it, in Korean time: `2025-09-01 12:20:00 KST`. */
function kst(instant: Date): string {
  const shifted = new Date(instant.getTime() + 9 * 3_600_000);
  return `${shifted.toISOString().slice(0, 19).replace('T', ' ')} KST`;
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
