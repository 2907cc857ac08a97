import { inspect } from 'node:util';

/**
 * The same object, which shows to `console.log`, `util.inspect` and `JSON.stringify` only what it may. A copy made by
 * spreading is a plain object again.
 *
 * @param show what may be seen of one of its values; nothing unless said otherwise
 */
export function hideFromPrint<T extends object>(
  object: T,
  show: (name: string, value: unknown) => unknown = () => '(hidden)',
): T {
  const shown = () => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, show(name, value)]));
  return Object.defineProperties(object, { toJSON: { value: shown }, [inspect.custom]: { value: shown } });
}
