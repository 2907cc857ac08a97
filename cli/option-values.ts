import { InvalidArgumentError } from 'commander';
import { holdsCredentials } from '../config/endpoint.ts';
import { type Market, parseMarket } from '../config/market.ts';
import { UserError } from '../config/user-error.ts';
import { SCHEDULE_KINDS } from '../schedules/kinds.ts';

// What may stand behind an option: each takes the text as typed and gives its value, or throws what commander reports.

export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

/** Commander reports this error with the option's name and usage. */
export function asArgument<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof UserError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

export const speedOf = (parse: (text: string) => number) => asArgument(parse);
export const marketCode = asArgument(parseMarket);
export const marketList = asArgument((text: string): Market[] => {
  const markets = text.split(',').map((code) => parseMarket(code.trim()));
  if (new Set(markets).size !== markets.length) throw new UserError('names a market twice');
  return markets;
});

export function webAddress(text: string): string {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || holdsCredentials(text)) {
    throw new InvalidArgumentError('must be a URL like https://api.upbit.com, without user name and password');
  }
  return text;
}

export function someText(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('must not be empty');
  return text;
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('must be a whole number');
  return Number(text);
}

export function atLeastOne(text: string): number {
  const number = wholeNumber(text);
  if (number === 0) throw new InvalidArgumentError('must be at least 1');
  return number;
}

/** Up to a tenth of a price: beyond it there would be hardly a bid. */
export function partsPerMillion(text: string): number {
  const parts = wholeNumber(text);
  if (parts > 100_000) throw new InvalidArgumentError('must be a whole number of millionths, 0 to 100000');
  return parts;
}

export function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port > 65_535) throw new InvalidArgumentError('must be a port number, 0 (any free one) to 65535');
  return port;
}

export function kindName(text: string): string {
  if (text !== 'all' && !(SCHEDULE_KINDS as readonly string[]).includes(text)) {
    throw new InvalidArgumentError(`must be one of ${SCHEDULE_KINDS.join(', ')}, all`);
  }
  return text;
}

/** `90s`, `10m` or `2h` in milliseconds. */
export function duration(text: string): number {
  const match = /^(\d+)(s|m|h)$/.exec(text);
  const unit = { s: 1_000, m: 60_000, h: 3_600_000 }[match?.[2] as 's' | 'm' | 'h'];
  const amount = Number(match?.[1]);
  if (!(amount > 0) || unit === undefined) throw new InvalidArgumentError('must be a duration like 90s, 10m or 2h');
  return amount * unit;
}
