// `presend events export|find` beside the service: what they write and print, and their exit statuses.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { addressHashKey, suppressionKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { storedEvent } from '../contract/event-log.ts';
import { emptyFolder, presend } from './program.ts';

const key = 'a key for tests that has 32 bytes';
const hasher = nodeHasher(addressHashKey(key));
const hashOf = (address: string) => (hasher.hashAll([suppressionKey(address)]) as string[])[0]!;
const noon = Date.UTC(2026, 10, 20, 12);

/** A folder with a database of events and a list. */
async function folder() {
  const cwd = emptyFolder();
  const path = join(cwd, 'presend.sqlite');
  const { sqlite, database } = openDatabase(path);
  const { keyId } = hasher;
  await createEventRepository(database).store(
    [
      storedEvent('e1', { keyId, addressHash: hashOf('jane@example.org') }),
      storedEvent('e2', { keyId, addressHash: hashOf('jane@example.org'), at: noon + 1, campaign: 'autumn' }),
      storedEvent('e3', { keyId, addressHash: hashOf('zoe@example.org') }),
      storedEvent('e4', { keyId, addressHash: null }),
      storedEvent('e5', { addressHash: hashOf('jane@example.org') }),
    ],
    keyId,
    { outcomes: [], deliveries: new Map() },
  );
  sqlite.close();
  writeFileSync(join(cwd, 'list.csv'), 'email,name\nJane@example.org,Jane\njoe@example.org,Joe\n');
  const run = (args: readonly string[], input = '') =>
    presend(['events', ...args], {
      cwd,
      input,
      environment: { DATABASE_PATH: path, ADDRESS_HASH_KEY: key },
    });
  return { cwd, run };
}

test('export writes the events of the list, and counts the others', { timeout: 240_000 }, async () => {
  const { cwd, run } = await folder();
  const whole = await run(['export', '--with', 'list.csv']);
  expect(whole.status).toBe(0);
  expect(whole.stdout.split('\r\n').map((row) => row.split(',').slice(-3))).toEqual([
    ['id', 'email', 'name'],
    ['e1', 'Jane@example.org', 'Jane'],
    ['e2', 'Jane@example.org', 'Jane'],
    [''],
  ]);
  expect(whole.stderr).toBe(
    [
      '2 events of 1 address, in a list of 2 rows',
      'not written: 1 event whose addresses are not in the list',
      'not written: 1 event without an address',
      'not written: 1 event whose addresses were hashed with another key (ADDRESS_HASH_KEY)',
      '',
    ].join('\n'),
  );
  const toFile = await run(
    ['export', '--with', '-', '--campaign', 'spring', '-o', 'log.csv', '--json'],
    readFileSync(join(cwd, 'list.csv'), 'utf8'),
  );
  expect(JSON.parse(toFile.stdout)).toEqual({
    ...{ rows: 2, addresses: 1, events: 1, not_in_list: 1, no_address: 1, other_key: 1 },
  });
  expect(readFileSync(join(cwd, 'log.csv'), 'utf8').match(/\r\n/g)).toHaveLength(2);
  expect(readdirSync(cwd).filter((name) => name.includes('partial'))).toEqual([]);
  const none = await run(['export', '--with', 'list.csv', '--campaign', 'jane@example.org', '--json']);
  expect(JSON.parse(none.stderr)).toMatchObject({ events: 0, not_in_list: 0, no_address: 0 });
});

test('export says what is wrong in one line, and leaves no file behind', { timeout: 240_000 }, async () => {
  const { cwd, run } = await folder();
  writeFileSync(join(cwd, 'names.csv'), 'name\nJane\n');
  for (const [args, status, message] of [
    [['export', '--with', 'list.csv', '-o', 'list.csv'], 2, 'the list and -o name the same file'],
    [
      ['export', '--with', 'list.csv', '--from', '2026-11-02', '--to', '2026-11-01'],
      2,
      '--to must be later than --from',
    ],
    [['export', '--with', 'names.csv', '-o', 'log.csv'], 1, 'names.csv: No column contains mostly'],
    [['export', '--with', 'list.csv', '-o', 'no/log.csv'], 5, 'its folder must exist'],
  ] as const) {
    const { status: ended, stderr } = await run(args);
    expect([ended, stderr.trim().split('\n')], args.join(' ')).toEqual([
      status,
      [expect.stringContaining(message)],
    ]);
  }
  expect(readdirSync(cwd).filter((name) => name.startsWith('log'))).toEqual([]);
});

test('find prints the events of an address', { timeout: 240_000 }, async () => {
  const { run } = await folder();
  const found = await run(['find', 'JANE@example.org']);
  expect(found.status).toBe(0);
  expect(found.stdout).toBe(
    '2026-11-20T12:00:00.001Z  bounce hard mailbox_unknown 5.1.1  (campaign autumn, reported by postmark)\n' +
      '2026-11-20T12:00:00.000Z  bounce hard mailbox_unknown 5.1.1  (campaign spring, reported by postmark)\n',
  );
  expect(found.stderr).toContain('Ids of these keys: 01234567');
  const json = await run(['find', '--json', '--to', '2026-11-20T12:00:00.001Z', 'jane@example.org']);
  expect(JSON.parse(json.stdout)).toMatchObject({ id: 'e1', address_hash: hashOf('jane@example.org') });
  const nobody = await run(['find', 'joe@example.org']);
  expect([nobody.status, nobody.stdout]).toEqual([1, '']);
  expect(nobody.stderr).toContain('the log has no event of this address');
});

test.each([
  [['find'], 'events find needs one address, such as jane@example.com'],
  [['find', 'a@b.co', 'c@d.co'], 'events find needs one address'],
  [['find', 'jane'], 'jane is not a valid e-mail address'],
])('%j is a mistake', async (args, message) => {
  const { status, stderr } = await presend(['events', ...args], { cwd: emptyFolder() });
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});

test('a database in memory has no log to read', async () => {
  const { status, stderr } = await presend(['events', 'find', 'jane@example.org'], {
    environment: { DATABASE_PATH: ':memory:' },
  });
  expect(status).toBe(2);
  expect(stderr).toContain('DATABASE_PATH is :memory:, which only the service itself can read');
});
