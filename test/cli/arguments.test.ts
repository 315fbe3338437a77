// What the commands' arguments and files are read as.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  oneOf,
  readDomainList,
  requireFile,
  settingsOfEnvironment,
  wholeNumber,
} from '../../src/cli/arguments.ts';
import { printable } from '../../src/cli/terminal.ts';
import { emptyDomainList } from '../../src/overrides/domain-lists.ts';
import { UsageError } from '../../src/platform/usage-error.ts';
import { emptyFolder } from './program.ts';

test('an option has one of its values or is absent', () => {
  expect(oneOf('--format', 'csv', ['csv', 'ndjson'])).toBe('csv');
  expect(oneOf('--format', undefined, ['csv', 'ndjson'])).toBeUndefined();
  expect(() => oneOf('--format', 'xml', ['csv', 'ndjson'])).toThrow(
    new UsageError('--format must be one of csv, ndjson'),
  );
});

test('a number is whole and has at most nine digits', () => {
  expect([wholeNumber('--patience', '0'), wholeNumber('--patience', '999999999')]).toEqual([0, 999_999_999]);
  for (const text of ['', '-1', '1.5', '1e3', '1000000000', 'x'])
    expect(() => wholeNumber('--patience', text)).toThrow('--patience must be a whole number');
});

describe('a file', () => {
  test('exists, or is standard input', () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'folder'));
    expect(() => requireFile(join(folder, 'file'))).not.toThrow();
    expect(() => requireFile('-')).not.toThrow();
    for (const name of ['folder', 'nowhere'])
      expect(() => requireFile(join(folder, name))).toThrow(`${name}: no such file`);
  });

  test('with domains is read, or its invalid line is named', () => {
    const file = join(emptyFolder(), 'domains.txt');
    writeFileSync(file, 'one.com\n*.two.com\n');
    expect(readDomainList(file)).toEqual({
      exact: new Set(['one.com']),
      includingSubdomains: new Set(['two.com']),
    });
    expect(readDomainList(undefined)).toBe(emptyDomainList);
    writeFileSync(file, 'one.com\nnot one\n');
    expect(() => readDomainList(file)).toThrow(`${file}:2: invalid domain`);
  });
});

test('reports invalid settings of the environment without the final period', async () => {
  const before = process.env['PORT'];
  onTestFinished(() => {
    if (before === undefined) delete process.env['PORT'];
    else process.env['PORT'] = before;
  });
  process.env['PORT'] = '4711';
  expect((await settingsOfEnvironment()).settings.port).toBe(4711);
  process.env['PORT'] = 'x';
  await expect(settingsOfEnvironment()).rejects.toThrow(
    new UsageError('PORT must be a whole number from 0 to 65535'),
  );
});

test('control characters are not printed', () => {
  expect(printable('jane\x1b[2J@example.com')).not.toContain('\x1b');
  expect(printable('jürgen@example.com')).toBe('jürgen@example.com');
});
