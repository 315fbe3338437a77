// What the commands' arguments and files are read as.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readDomainList, requireFile, settingsOfEnvironment } from '../../src/cli/arguments.ts';
import { SettingsError } from '../../src/cli/failure.ts';
import { printable } from '../../src/cli/terminal.ts';
import { emptyDomainList } from '../../src/overrides/domain-lists.ts';
import { emptyFolder } from './program.ts';

describe('a file', () => {
  test('exists, or is standard input', () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'folder'));
    expect(() => requireFile(join(folder, 'file'))).not.toThrow();
    expect(() => requireFile('-')).not.toThrow();
    expect(() => requireFile(join(folder, 'folder'))).toThrow('folder is a folder. Name a file in it');
    expect(() => requireFile(join(folder, 'nowhere'))).toThrow('nowhere: no such file');
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
    new SettingsError('PORT must be a whole number from 0 to 65535'),
  );
  process.env['DATA_URL'] = 'x';
  onTestFinished(() => {
    delete process.env['DATA_URL'];
  });
  await expect(settingsOfEnvironment()).rejects.toThrow(/^DATA_URL must be .*, and 1 more$/);
});

test('control characters are not printed', () => {
  expect(printable('jane\x1b[2J@example.com')).not.toContain('\x1b');
  expect(printable('jürgen@example.com')).toBe('jürgen@example.com');
});
