import { describe, expect, test } from 'vitest';
import { readCommand } from '../../bin/door/command.mjs';

const temporalNeed = (words: string, settings = {}) => readCommand(words.split(' ').filter(Boolean), settings).temporal;

describe('what a command needs', () => {
  test.each([
    ['up', 'get'],
    ['up --feed simulated', 'get'],
    ['--data-dir up status', 'none'],
    ['--data-dir x up', 'get'],
    ['up --help', 'none'],
    ['doctor', 'look'],
    ['backtest --candles a.csv', 'none'],
    ['status --json', 'none'],
    ['--help', 'none'],
    ['', 'none'],
    ['--run test/run.ts', 'get'],
    ['--run test/bench/run.ts', 'get'],
    ['--run cli/demo/crash.ts', 'get'],
    ['--run db/schema-check.ts', 'none'],
  ])('durabit %s: Temporal %s', (words, need) => {
    expect(temporalNeed(words)).toBe(need);
  });

  test('a named server makes up need none, while the tests still start their own', () => {
    const settings = { TEMPORAL_ADDRESS: '127.0.0.1:7233' };

    expect(temporalNeed('up', settings)).toBe('none');
    expect(temporalNeed('--run test/run.ts', settings)).toBe('get');
  });
});

describe('what is run', () => {
  test('a file of the project, with its own arguments', () => {
    const command = readCommand(['--run', 'test/run.ts', '--run', 'candles'], {});

    expect(command.file('/project')).toBe('/project/test/run.ts');
    expect(command.args).toEqual(['--run', 'candles']);
  });

  test('anything else goes to the command line untouched', () => {
    const command = readCommand(['up', '--json'], {});

    expect(command.file('/project')).toBe('/project/cli/main.ts');
    expect(command.args).toEqual(['up', '--json']);
  });
});
