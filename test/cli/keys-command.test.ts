// What `presend keys` prints for programs and for people, over a store.

import { beforeEach, describe, expect, test } from 'vitest';
import { lastWord, parseArguments } from '../../src/cli/command.ts';
import { command, type KeysCommand, newKeyOf, runKeysCommand } from '../../src/cli/keys.ts';
import { createKeyStore, type KeyStore } from '../../src/keys/key-store.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createKeyRepository } from '../../src/storage/sqlite/key-repository.ts';
import { sha256Hex } from '../../src/webhooks/crypto.ts';

const now = Date.UTC(2026, 10, 20);
let store: KeyStore;

beforeEach(() => {
  const repository = createKeyRepository(openDatabase(':memory:').database);
  store = createKeyStore({ repository, sha256: sha256Hex, now: () => now });
});

async function run(keysCommand: KeysCommand, json = false) {
  const output = { written: '', noted: '' };
  const status = await runKeysCommand(keysCommand, store, now, {
    json,
    write: (text) => {
      output.written += text;
    },
    note: (text) => {
      output.noted += text;
    },
  });
  return { status, ...output };
}

const parsed = (action: string, ...args: string[]) =>
  parseArguments(command.actions.find((one) => lastWord(one) === action)!, args);
const newKey = (...args: string[]) => newKeyOf(parsed('create', ...args).values as never);
const create = (...args: string[]) => run({ action: 'create', key: newKey(...args) });
const day = 86_400_000;
const idIn = (text: string) => /key_\w+/.exec(text)![0];

test('the remark about an empty list goes to standard error', async () => {
  expect(await run({ action: 'list' })).toEqual({
    status: 0,
    written: '',
    noted: 'There are no keys yet.\n',
  });
});

test('a new key is printed once, with its id for people', async () => {
  const { status, written, noted } = await create('--name', ' crm ');
  expect([status, written]).toEqual([0, expect.stringMatching(/^sk_\w+\n$/)]);
  expect(noted).toMatch(/^Created key_\w+ "crm"\. Save the key now; it is not shown again\.\n$/);
  expect((await run({ action: 'list' })).noted).toBe('');
});

test('the list shows the use, the state and the scopes of each key', async () => {
  const { noted } = await create('--name', 'crm', '--scopes', 'validate, jobs');
  await create('--name', 'shop', '--origins', 'https://shop.example, https://www.shop.example');
  await create('--name', 'all');
  const { id } = (await store.list()).find(({ name }) => name === 'all')!;
  await store.noteUse(id, '2026-11-19');
  await run({ action: 'revoke', id: idIn(noted) });
  const lines = (await run({ action: 'list' })).written
    .trimEnd()
    .split('\n')
    .map((line) => line.split('  ').slice(2));
  expect(lines.map((line) => line.map((part) => part.trim()).join('|')).toSorted()).toEqual([
    'revoked|never used|validate,jobs|crm',
    'valid||last used 2026-11-19|all scopes|all',
    'valid||never used|https://shop.example,https://www.shop.example|shop',
  ]);
});

describe('a rotation', () => {
  test('prints the new key, and says how long the old one is valid', async () => {
    const id = idIn((await create('--name', 'crm')).noted);
    const { status, written, noted } = await run({ action: 'rotate', id, overlapMs: 60_000 });
    expect([status, written]).toEqual([0, expect.stringMatching(/^sk_\w+\n$/)]);
    expect(noted).toContain(`replaces ${id}, which stays valid for 60 s.`);
    expect((await store.get(id))!.expiresAt).toBe(now + 60_000);
    expect(await run({ action: 'rotate', id, overlapMs: day })).toEqual({
      status: 1,
      written: '',
      noted: 'The key is revoked, expired or already rotated. Create a new one with: presend keys create\n',
    });
  });

  test('lasts a day by default, and thirty at most', () => {
    const overlap = (...args: string[]) => parsed('rotate', ...args, 'key_0').values['overlap'];
    expect(overlap()).toBe(86_400);
    expect(overlap('--overlap', '2592000')).toBe(2_592_000);
    for (const text of ['2592001', '1h', '-1'])
      expect(() => overlap('--overlap', text)).toThrow('--overlap must be a whole number from 0 to 2592000');
  });

  test('of an unknown key is an error', async () => {
    expect((await run({ action: 'rotate', id: 'key_0', overlapMs: day })).noted).toBe(
      'Unknown key id. List the keys with: presend keys list\n',
    );
  });
});

test('a revocation says when it takes effect', async () => {
  const id = idIn((await create('--name', 'crm')).noted);
  expect(await run({ action: 'revoke', id })).toMatchObject({
    status: 0,
    noted: expect.stringContaining('Revoked.'),
  });
  expect(await run({ action: 'revoke', id: 'key_0' })).toMatchObject({
    status: 1,
    noted: 'Unknown key id. List the keys with: presend keys list\n',
  });
});

test.each([
  [['--name', 'x'.repeat(101)], '--name is required'],
  [['--name', ' '], '--name is required'],
  [[], '--name is required'],
  [['--name', 'x', '--origins', 'https://a.example,b'], '--origins must be one or more origins'],
  [['--name', 'x', '--origins', 'shop.example'], '--origins must be one or more origins'],
  [['--name', 'x', '--scopes', 'validate,all'], '--scopes must be one of validate, '],
  [['--name', 'x', '--origins', 'https://shop.example', '--scopes', 'jobs'], '--scopes cannot be used'],
])('%j is not understood', (args, reason) => {
  expect(() => newKey(...args)).toThrow(reason);
});

test('a name has at most 100 characters', () => {
  expect(newKey('--name', 'x'.repeat(100))).toMatchObject({ kind: 'secret', scopes: null });
});

test('--json prints what the API returns, and the remarks stay for people', async () => {
  const made = await run({ action: 'create', key: newKey('--name', 'crm', '--scopes', 'jobs') }, true);
  const { key, id, ...rest } = JSON.parse(made.written);
  expect(key).toMatch(/^sk_/);
  expect(rest).toMatchObject({ kind: 'secret', name: 'crm', scopes: ['jobs'], state: 'valid' });
  expect(made.noted).toContain('Save the key now');
  const rotated = JSON.parse((await run({ action: 'rotate', id, overlapMs: day }, true)).written);
  const listed = (await run({ action: 'list' }, true)).written;
  expect(listed).not.toContain(key);
  expect(
    listed
      .trimEnd()
      .split('\n')
      .map((one) => JSON.parse(one).replaced_by)
      .toSorted(),
  ).toEqual([rotated.id, null]);
  expect(JSON.parse((await run({ action: 'revoke', id }, true)).written)).toEqual({ id, revoked: true });
  for (const keysCommand of [
    { action: 'revoke', id: 'key_0' },
    { action: 'rotate', id: 'key_0', overlapMs: 0 },
  ] as const)
    expect(JSON.parse((await run(keysCommand, true)).written)).toEqual({
      error: { code: 'not_found', message: 'Unknown key id. List the keys with: presend keys list' },
    });
  expect(JSON.parse((await run({ action: 'rotate', id, overlapMs: 0 }, true)).written).error.code).toBe(
    'not_rotated',
  );
});
