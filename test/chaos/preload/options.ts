import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What a process of the bot is told by the address it loads the preload from: no other setting reaches it. */
export interface PreloadOptions {
  /** Port of the harness where the trader asks what becomes of it. */
  readonly gatePort: number;
  /** For the exchange's control port. */
  readonly controlPort: number;
  /** File with the instant of market time, epoch ms, at which the exchange goes on when it starts next. */
  readonly leapFile: string;
  /** Name of the fault built in on purpose; empty for the bot as it is. */
  readonly broken: string;
}

/** The value of `NODE_OPTIONS` that makes every Node process below load the preload. */
export function preloadNodeOptions(options: PreloadOptions): string {
  const url = pathToFileURL(join(import.meta.dirname, 'preload.ts'));
  for (const [name, value] of Object.entries(options)) url.searchParams.set(name, String(value));
  return `--import ${url.href}`;
}

export function readPreloadOptions(url: string): PreloadOptions {
  const { searchParams } = new URL(url);
  const text = (name: keyof PreloadOptions): string => searchParams.get(name) ?? '';
  return {
    gatePort: Number(text('gatePort')),
    controlPort: Number(text('controlPort')),
    leapFile: text('leapFile'),
    broken: text('broken'),
  };
}
