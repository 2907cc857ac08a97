/** Says what of the secrets stands in there, and in which form. */
export type FindSecrets = (where: Buffer | string) => string[];

/** How every token begins that is signed as Upbit asks for it. */
const SIGNED = Buffer.from(`${Buffer.from('{"alg":"HS512","typ":"JWT"}').toString('base64url')}.`);

/** @param secrets by the name to tell them by */
export function secretFinder(secrets: Readonly<Record<string, string>>): FindSecrets {
  const needles = new Map<string, string>();
  for (const [name, secret] of Object.entries(secrets)) {
    for (const [form, bytes] of formsOf(secret)) {
      const hex = bytes.toString('hex');
      if (!needles.has(hex)) needles.set(hex, `${name}, ${form}`);
    }
  }
  const wanted = [...needles].map(([hex, name]) => [Buffer.from(hex, 'hex'), name] as const);
  return (where) => {
    const bytes = typeof where === 'string' ? Buffer.from(where) : where;
    return [...wanted, [SIGNED, 'a signed token'] as const].flatMap(([needle, name]) =>
      bytes.includes(needle) ? [name] : [],
    );
  };
}

function formsOf(secret: string): [form: string, bytes: Buffer][] {
  const bytes = Buffer.from(secret);
  const inJson = JSON.stringify(secret).slice(1, -1);
  const texts = {
    'as it is': secret,
    'in JSON': inJson,
    'in a URL': encodeURIComponent(secret),
    'in a URL, lower case': encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
    'in a form': new URLSearchParams({ '': secret }).toString().slice(1),
    hexadecimal: bytes.toString('hex'),
    'hexadecimal, upper case': bytes.toString('hex').toUpperCase(),
  };
  return [
    ...Object.entries(texts).map(([form, text]): [string, Buffer] => [form, Buffer.from(text)]),
    ['UTF-16', Buffer.from(secret, 'utf16le')],
    ...[bytes, Buffer.from(inJson)].flatMap((whole) =>
      [0, 1, 2].flatMap((offset) =>
        (['base64', 'base64url'] as const).map((encoding): [string, Buffer] => [
          `${encoding} ${offset} bytes in`,
          Buffer.from(inside(whole, offset, encoding)),
        ]),
      ),
    ),
  ];
}

/** What is always there of bytes that stand so far into something longer that is encoded as a whole. */
function inside(bytes: Buffer, offset: number, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString(encoding)
    .replace(/=+$/, '');
  const isWhole = (offset + bytes.length) % 3 === 0;
  return text.slice([0, 2, 3][offset], isWhole ? undefined : -1);
}

/** All text and bytes that an object holds, however deep, as one text. */
export function everythingIn(value: unknown, seen = new Set<unknown>()): string {
  if (value === null || value === undefined || seen.has(value)) return '';
  if (value instanceof Uint8Array) return `${Buffer.from(value).toString('latin1')}\n${Buffer.from(value)}\n`;
  if (typeof value !== 'object') return `${String(value)}\n`;
  seen.add(value);
  const parts = value instanceof Map ? [...value].flat() : Object.entries(value).flat();
  return parts.map((part) => everythingIn(part, seen)).join('');
}
