import { describe, expect, test } from 'vitest';
import { explain, SetupFault } from '../../bin/door/fault.mjs';
import { describeNpmFailure } from '../../bin/door/npm.mjs';

describe('a failing npm is explained in one sentence', () => {
  test.each([
    ['npm error code ENOTFOUND\nnpm error network request failed', 'the npm registry cannot be reached'],
    ['npm error code ECONNREFUSED', 'the npm registry cannot be reached'],
    ['npm error code ENOSPC\nnpm error nospc There appears to be insufficient space', 'the disk is full'],
    ['npm error code EACCES', 'is not writable'],
    ['npm error code EUSAGE', 'package-lock.json does not fit package.json'],
  ])('%j: %s', (output, sentence) => {
    expect(describeNpmFailure('installing dependencies', output)).toContain(`installing dependencies failed: `);
    expect(describeNpmFailure('installing dependencies', output)).toContain(sentence);
  });

  test('anything unknown in its own words, without its warnings', () => {
    const output =
      'npm warn deprecated x\nnpm error something new\nnpm error A complete log of this run can be found in: y';

    expect(describeNpmFailure('installing', output)).toBe('installing failed; npm said:\nnpm error something new');
  });
});

describe('a failing file system is explained in one sentence', () => {
  test.each([
    ['ENOSPC', 'the disk is full'],
    ['EACCES', 'is not writable; change its owner or set DURABIT_CACHE_DIR'],
    ['EROFS', 'is on a read-only file system'],
  ])('%s: %s', (code, sentence) => {
    const error = Object.assign(new Error('raw'), { code, path: '/cache' });

    expect(explain(error)).toBeInstanceOf(SetupFault);
    expect(explain(error).message).toContain(`/cache: ${sentence}`);
  });
});
