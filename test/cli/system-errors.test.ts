// Failures of the system: a full disk, a path that cannot be written. One line and status 5, never a stack trace.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeSystemError, isSystemError, withPath } from '../../src/cli/system-error.ts';
import { type DohServer, startDohServer } from '../dns/doh-server.ts';
import { zone } from '../http/zone.ts';
import { emptyFolder, presend } from './program.ts';

let doh: DohServer;
beforeAll(async () => {
  doh = await startDohServer(zone);
});
afterAll(() => doh.close());

const cli = new URL('../../src/cli/cli.ts', import.meta.url).pathname;

/** Runs the command with its standard output on a full device. */
async function onFullDevice(
  args: readonly string[],
  cwd: string,
): Promise<{ status: unknown; stderr: string }> {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [cli, ...args], {
    cwd,
    env: { DOH_URLS: doh.url },
    stdio: ['ignore', full, 'pipe'],
  });
  let stderr = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [status] = await once(child, 'close');
  closeSync(full);
  return { status, stderr };
}

const folderWithList = () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'list.csv'), 'email\njane@brisk-otter.com\n');
  return folder;
};

test.each([
  [['check', 'jane@brisk-otter.com']],
  [['check', '--json', 'jane@brisk-otter.com']],
  [['reply', '550 5.1.1 No such user']],
  [['clean', 'list.csv']],
  [['--help']],
])('%j to a full device fails', async (args) => {
  const { status, stderr } = await onFullDevice(args, folderWithList());
  expect(stderr).toContain(
    'presend: cannot write to standard output: no space left on device (ENOSPC). Free some space.\n',
  );
  expect(stderr).not.toContain('    at ');
  expect(status).toBe(5);
});

test.each([
  [
    'a folder that does not exist',
    'missing/clean.csv',
    'no such file or directory (ENOENT). Check the name; its folder must exist.',
  ],
  [
    'a folder in place of the result',
    'folder',
    'illegal operation on a directory (EISDIR). This is a folder: name a file in it.',
  ],
])('clean into %s fails with one line', async (_, result, reason) => {
  const folder = folderWithList();
  mkdirSync(join(folder, 'folder.partial'));
  const { status, stdout, stderr } = await presend(['clean', 'list.csv', '-o', result], {
    cwd: folder,
    environment: { DOH_URLS: doh.url },
  });
  expect([status, stdout, stderr]).toEqual([5, '', `presend: ${result}.partial: ${reason}\n`]);
});

test('clean on a full disk names the file, and leaves no result', async () => {
  const folder = folderWithList();
  symlinkSync('/dev/full', join(folder, 'clean.csv.partial'));
  const { status, stderr } = await presend(['clean', 'list.csv', '-o', 'clean.csv'], {
    cwd: folder,
    environment: { DOH_URLS: doh.url },
  });
  expect(stderr).toMatch(/^presend: clean\.csv\.partial: .+ \([A-Z]+\)(\. .+\.)?\n$/);
  expect(status).toBe(5);
  expect(readdirSync(folder)).not.toContain('clean.csv');
});

test('a report that cannot be written is an error of one line', async () => {
  const { status, stderr } = await presend(
    ['clean', 'list.csv', '-o', 'clean.csv', '--report', 'no/r.html'],
    {
      cwd: folderWithList(),
      environment: { DOH_URLS: doh.url },
    },
  );
  expect([status, stderr]).toEqual([
    5,
    'presend: no/r.html: no such file or directory (ENOENT). Check the name; its folder must exist.\n',
  ]);
});

test('only errors of system calls are system errors', () => {
  const enospc = Object.assign(new Error('write'), { errno: -28, code: 'ENOSPC', syscall: 'write' });
  expect(isSystemError(enospc)).toBe(true);
  expect(isSystemError(new Error('bug'))).toBe(false);
  expect(isSystemError('ENOSPC')).toBe(false);
  expect(describeSystemError(enospc)).toBe('no space left on device (ENOSPC). Free some space.');
  expect(() =>
    withPath('a.csv', () => {
      throw enospc;
    }),
  ).toThrow(enospc);
  expect(describeSystemError(enospc)).toBe('a.csv: no space left on device (ENOSPC). Free some space.');
  expect(() =>
    withPath('b.csv', () => {
      throw enospc;
    }),
  ).toThrow(enospc);
  expect(describeSystemError(enospc)).toContain('a.csv');
  const bug = new Error('bug');
  expect(() =>
    withPath('a.csv', () => {
      throw bug;
    }),
  ).toThrow(bug);
  expect(bug).not.toHaveProperty('path');
  expect(withPath('a.csv', () => 7)).toBe(7);
  expect(describeSystemError(new Error('unknown'))).toBe('unknown');
});
