import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../cli/program.ts';
import { anchorsOf, type Page, readMarkdown } from './markdown.ts';

const root = join(import.meta.dirname, '..', '..');
const pages = [
  ...['README.md', 'README.ko.md'],
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

function textOf(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

describe('the two READMEs', () => {
  const english = readMarkdown(textOf('README.md'));
  const korean = readMarkdown(textOf('README.ko.md'));

  it('name each other in their first line', () => {
    expect(textOf('README.md').split('\n', 1)[0]).toContain('(README.ko.md)');
    expect(textOf('README.ko.md').split('\n', 1)[0]).toContain('(README.md)');
  });

  it('have the same headings, level by level', () => {
    const levels = ({ headings }: Page) => headings.map(({ level }) => level);
    expect(levels(korean)).toEqual(levels(english));
  });

  it('show the same commands and outputs', () => {
    // A comment beside a command is translated.
    const commands = ({ blocks }: Page) => blocks.map(({ text }) => text.replaceAll(/ +# .*$/gm, ''));
    expect(commands(korean)).toEqual(commands(english));
  });

  it('lead to the same places', () => {
    // Each has anchors in its own language.
    const targets = ({ links }: Page) =>
      links
        .filter((link) => !link.startsWith('README'))
        .map((link) => (link.startsWith('#') ? '#' : link))
        .sort();
    expect(targets(korean)).toEqual(targets(english));
  });

  it('name the same figures, commands and settings', () => {
    const code = ({ prose }: Page) => [...prose.matchAll(/`[^`]+`/g)].map(String).sort();
    const figures = ({ prose }: Page) => (prose.match(/\d+(?:[.,:]\d+)*/g) ?? []).sort();
    expect(code(korean)).toEqual(code(english));
    expect(figures(korean)).toEqual(figures(english));
  });
});

describe.each(pages)('%s', (page) => {
  const text = textOf(page);

  it('leads nowhere that is not there', () => {
    const astray = readMarkdown(text).links.filter((link) => !/^https?:/.test(link) && !leadsSomewhere(page, link));
    expect(astray).toEqual([]);
  });

  it('names commands, options and scripts that exist', () => {
    expect([...unknownCommands(text), ...unknownScripts(text)]).toEqual([]);
  });
});

it('every test that docs/from-celery.md quotes is in a file it links', () => {
  const { links, prose } = readMarkdown(textOf('docs/from-celery.md'));
  const tests = links
    .filter((link) => link.endsWith('.test.ts'))
    .map((link) => textOf(join('docs', link)))
    .join('\n')
    .replaceAll("\\'", "'");
  const quoted = [...prose.matchAll(/"([^"\n]{10,})"/g)].map(([, name = '']) => name);
  expect(quoted.length).toBeGreaterThan(5);
  expect(quoted.filter((name) => !tests.includes(name))).toEqual([]);
});

function leadsSomewhere(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? join(root, from) : resolve(root, dirname(from), path);
  if (relative(root, target).startsWith('..') || !existsSync(target)) return false;
  return anchor === undefined || anchorsOf(readMarkdown(readFileSync(target, 'utf8'))).has(anchor);
}

/** Up to where a command ends on its line: code, a comment, a redirection, a pipe, another command. */
const COMMAND = /(?:npx |`|trader )durabit ([a-z][^`#>|&;\n]*)/g;

function unknownCommands(text: string): string[] {
  const program = createProgram();
  return [...text.matchAll(COMMAND)].map(([, words = '']) => words.trim()).filter((words) => !isKnown(program, words));
}

function isKnown(program: Command, words: string): boolean {
  let command = program;
  for (const word of words.split(/\s+/)) {
    const deeper = command.commands.find((one) => one.name() === word);
    if (deeper !== undefined) command = deeper;
    else if (/^[a-z]+$/.test(word) && command.commands.length > 0) return false;
    else if (word.startsWith('--') && !knowsOption(command, word)) return false;
  }
  return true;
}

function knowsOption(command: Command, option: string): boolean {
  const name = /^--[a-z-]+/.exec(option)?.[0];
  return name === '--help' || command.options.some(({ long }) => long === name);
}

function unknownScripts(text: string): string[] {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  return [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script).filter((name) => !(name in scripts));
}
