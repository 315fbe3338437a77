// `presend keys`, and `presend serve` beside it over the same database.

import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyFolder, presend, presendServe } from './program.ts';

const idOf = (list: string, name: string) => new RegExp(`^(key_\\w+) .*  ${name}$`, 'm').exec(list)![1]!;

const validate = async (url: string, key?: string): Promise<number> =>
  (
    await fetch(`${url}/v1/validate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
      body: '{"email": "null-mx@presend.test"}',
    })
  ).status;

test('a new key and its rotation are accepted, and a revoked key is not', async () => {
  const cwd = emptyFolder();
  const run = async (...args: string[]) => {
    const { status, stdout } = await presend(['keys', ...args], { cwd });
    expect(status, args.join(' ')).toBe(0);
    return stdout;
  };
  const key = (await run('create', '--name', 'crm', '--scopes', 'validate')).trim();
  const doomed = (await run('create', '--name', 'doomed')).trim();
  const list = await run('list');
  expect(list.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^key_\w{10} {2}sk_\w{5}… {2}valid {4}never used {2}all scopes {2}doomed$/),
    expect.stringMatching(/^key_\w{10} {2}sk_\w{5}… {2}valid {4}never used {2}validate {2}crm$/),
  ]);
  expect(list).not.toContain(key);
  const rotated = (await run('rotate', '--overlap', '3600', idOf(list, 'crm'))).trim();
  await run('revoke', idOf(list, 'doomed'));

  // Beyond loopback without ADMIN_KEY: a key was made, so nobody gets in without one.
  const { url, output } = await presendServe(cwd, { HOST: '0.0.0.0' });
  const address = url.replace('0.0.0.0', '127.0.0.1');
  const statuses = [undefined, key, rotated, doomed].map((text) => validate(address, text));
  expect(await Promise.all(statuses)).toEqual([401, 200, 200, 401]);
  expect(output.stdout).toContain('keys       see "presend keys list"');
});

test('a key created while the service runs is valid at once', async () => {
  const cwd = emptyFolder();
  const { url } = await presendServe(cwd, { ADMIN_KEY: 'an-admin-key-for-tests' });
  expect(await validate(url)).toBe(401);
  const { stdout } = await presend(['keys', 'create', '--name', 'crm'], { cwd });
  expect(await validate(url, stdout.trim())).toBe(200);
});

test('a key in a folder without a database makes one, and says where it is', async () => {
  const cwd = emptyFolder();
  const first = await presend(['keys', 'create', '--name', 'crm'], { cwd });
  expect(first.stdout).toMatch(/^sk_\w+\n$/);
  expect(first.stderr).toContain(
    `Created a new database: ${join(realpathSync(cwd), 'var', 'presend.db')}. If the`,
  );
  const second = await presend(['keys', 'create', '--name', 'form'], { cwd });
  expect(second.stderr).toMatch(/^Created key_\w+ "form"\. [^\n]*\n$/);
});

describe('errors', () => {
  test.each([
    ['rotate', 'key_0'],
    ['revoke', 'key_0'],
  ])('%s ends with status 1 where there is no such key', async (...args) => {
    const { status, stdout, stderr } = await presend(['keys', ...args]);
    expect([status, stdout, stderr]).toEqual([
      1,
      '',
      'Unknown key id. List the keys with: presend keys list\n',
    ]);
  });

  test('invalid arguments end with status 2 and one line', async () => {
    const { status, stdout, stderr } = await presend(['keys', 'destroy']);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'presend: keys needs one of: create, list, rotate, revoke. See: presend keys --help\n',
    );
  });

  test.each([
    [['create'], '--name is required'],
    [['revoke'], 'one key id is required; "presend keys list" shows the ids'],
    [['rotate', 'key_0', 'key_1'], 'one key id is required'],
    [['list', 'all'], 'keys list takes no arguments, only options'],
  ])('%j is not understood', async (args, reason) => {
    const { status, stdout, stderr } = await presend(['keys', ...args]);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining(reason)]);
  });
});
