// What `presend keys` prints for programs and for people, over a store.

import { beforeEach, describe, expect, test } from 'vitest';
import { type KeysCommand, readKeysCommand, runKeysCommand } from '../../src/cli/keys.ts';
import { createKeyStore, type KeyStore } from '../../src/keys/key-store.ts';
import { sha256Hex } from '../../src/platform/key-material.ts';
import { openDatabase } from '../../src/platform/node.ts';
import { createKeyRepository } from '../../src/storage/sqlite/key-repository.ts';

const now = Date.UTC(2026, 10, 20);
let store: KeyStore;

beforeEach(() => {
  const repository = createKeyRepository(openDatabase(':memory:').database);
  store = createKeyStore({ repository, sha256: sha256Hex, now: () => now });
});

async function run(command: KeysCommand) {
  const output = { written: '', noted: '' };
  const status = await runKeysCommand(command, store, now, {
    write: (text) => {
      output.written += text;
    },
    note: (text) => {
      output.noted += text;
    },
  });
  return { status, ...output };
}

const create = (...args: string[]) => run(readKeysCommand(['create', ...args]));
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
    const { status, written, noted } = await run(readKeysCommand(['rotate', '--overlap', '60', id]));
    expect([status, written]).toEqual([0, expect.stringMatching(/^sk_\w+\n$/)]);
    expect(noted).toContain(`replaces ${id}, which stays valid for 60 s.`);
    expect((await store.get(id))!.expiresAt).toBe(now + 60_000);
    expect(await run(readKeysCommand(['rotate', id]))).toEqual({
      status: 1,
      written: '',
      noted: 'The key is revoked, expired or already rotated. Create a new one with: presend keys create\n',
    });
  });

  test('lasts a day by default, and thirty at most', () => {
    expect(readKeysCommand(['rotate', 'key_0'])).toEqual({
      action: 'rotate',
      id: 'key_0',
      overlapMs: 86_400_000,
    });
    expect(readKeysCommand(['rotate', '--overlap', '2592000', 'key_0'])).toMatchObject({
      overlapMs: 2_592_000_000,
    });
    expect(() => readKeysCommand(['rotate', '--overlap', '2592001', 'key_0'])).toThrow('at most 2592000');
  });

  test('of an unknown key is an error', async () => {
    expect((await run(readKeysCommand(['rotate', 'key_0']))).noted).toBe(
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
  [['create', '--name', 'x'.repeat(101)], '--name is required'],
  [['create', '--name', ' '], '--name is required'],
  [['create', '--name', 'x', '--origins', 'https://a.example,b'], '--origins must be'],
])('%j is not understood', (args, reason) => {
  expect(() => readKeysCommand(args)).toThrow(reason);
});

test('a name has at most 100 characters', () => {
  expect(readKeysCommand(['create', '--name', 'x'.repeat(100)])).toMatchObject({
    key: { kind: 'secret', scopes: null },
  });
});
