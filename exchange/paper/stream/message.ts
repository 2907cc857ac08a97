import { type MessageKind, SHORT_NAMES } from '../../upbit/stream/short-names.ts';

export const FORMATS = ['DEFAULT', 'SIMPLE', 'JSON_LIST', 'SIMPLE_LIST'] as const;

export type Format = (typeof FORMATS)[number];

/** Fields in the order they are sent: JSON text, or a list of objects that are made of fields themselves. */
export type Fields = readonly (readonly [name: string, value: string | readonly Fields[]])[];

/** What is told to subscribers, before any of them has its format. */
export interface StreamMessage {
  readonly kind: MessageKind;
  readonly fields: Fields;
}

/** The JSON of a message in a subscriber's format. */
export function messageText({ kind, fields }: StreamMessage, format: Format): string {
  const names = format === 'SIMPLE' || format === 'SIMPLE_LIST' ? SHORT_NAMES[kind] : undefined;
  const object = objectText(fields, names);
  return format === 'JSON_LIST' || format === 'SIMPLE_LIST' ? `[${object}]` : object;
}

function objectText(fields: Fields, names: Readonly<Record<string, string>> | undefined): string {
  const members = fields.map(([name, value]) => {
    const json = typeof value === 'string' ? value : `[${value.map((part) => objectText(part, names)).join(',')}]`;
    return `"${names?.[name] ?? name}":${json}`;
  });
  return `{${members.join(',')}}`;
}

export function quoted(text: string): string {
  return JSON.stringify(text);
}
