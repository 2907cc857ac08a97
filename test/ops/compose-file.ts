import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ROOT = join(import.meta.dirname, '..', '..');

export interface ComposedService {
  readonly image: string;
  readonly build?: string;
  readonly restart: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
  readonly logging?: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
  readonly deploy?: { readonly resources: { readonly limits: { readonly memory?: string } } };
  readonly security_opt?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly read_only?: boolean;
  readonly init?: boolean;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposedService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly configs: Readonly<Record<string, { readonly file: string }>>;
}

/** What `ops/compose/env.sh` writes, in values that are seen at once where they do not belong. */
export const SECRETS: Readonly<Record<string, string>> = {
  DATABASE_PASSWORD: 'bot-db',
  TEMPORAL_DATABASE_PASSWORD: 'temporal-db',
  PAPER_ACCESS_KEY: 'paper-access',
  PAPER_SECRET_KEY: 'paper-secret',
};

/** The file as it is written, its variables not filled in. */
export function writtenComposeFile(): ComposeFile {
  return parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as ComposeFile;
}

/** The file with its variables filled in from these values only. @throws for a variable that must be set and is not */
export function composeFile(values: Readonly<Record<string, string>> = SECRETS): ComposeFile {
  return fillIn(writtenComposeFile(), values) as ComposeFile;
}

/** Names of the variables the file has values for from `.env`. */
export function variablesOfComposeFile(): string[] {
  const variables = JSON.stringify(writtenComposeFile()).matchAll(VARIABLE);
  return [...new Set([...variables].map(([, name]) => name as string))].sort();
}

/** `${NAME-default}`, `${NAME:-default when unset or empty}`, `${NAME:?message}`; no other form is used. */
const VARIABLE = /\$\{(\w+)(:?-|:\?)([^}]*)\}/g;

/** Done after parsing, as Compose does it: what is filled in is text, whatever it looks like. */
function fillIn(value: unknown, values: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((one) => fillIn(one, values));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillIn(one, values)]));
  }
  if (typeof value !== 'string') return value;
  return value.replace(VARIABLE, (_, name: string, operator: string, rest: string) => {
    const given = values[name];
    if (operator === ':?' && !given) throw new Error(`${name}: ${rest}`);
    return given === undefined || (given === '' && operator === ':-') ? rest : given;
  });
}

/** Services that run the image built here. */
export function ownServices(file: ComposeFile): [string, ComposedService][] {
  return Object.entries(file.services).filter(([, { image }]) => image.startsWith('durabit:'));
}

/** Services that do one thing and end. */
export function isOneShot({ restart }: ComposedService): boolean {
  return restart === 'no';
}
