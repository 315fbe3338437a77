// A file into the list: what is counted, rejected and kept.

import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/platform/database-file.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { exportSuppressions } from '../../src/suppression/export.ts';
import { type ImportFormat, importSuppressions } from '../../src/suppression/import.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';

const now = Date.UTC(2026, 10, 20);
const freshList = () =>
  createSuppressionList({
    repository: createSuppressionRepository(openDatabase(':memory:').database),
    hasher: nodeHasher(addressHashKey('a key for tests that has 32 bytes')),
    now: () => now,
  });

async function* chunksOf(text: string) {
  yield new TextEncoder().encode(text);
}
const load = (list: ReturnType<typeof freshList>, text: string, format: ImportFormat = 'csv') =>
  importSuppressions(list, chunksOf(text), { format, source: 'import', now });

test('good rows are stored, bad rows are listed with their line and column', async () => {
  const list = freshList();
  const text =
    'email,reason,created\njane@example.com,bounce,2026-11-01\nnobody,bounce,\njohn@example.com,mood,\njim@example.com,manual,2026-11-22\n';
  expect(await load(list, text)).toEqual({
    added: 1,
    updated: 0,
    unchanged: 0,
    rejected: 3,
    errors: [
      { row: 3, column: 'address', message: expect.any(String) },
      { row: 4, column: 'reason', message: expect.any(String) },
      {
        row: 5,
        column: 'date',
        message: 'The date is in the future. Use the date on which the address was suppressed.',
      },
    ],
  });
  expect(await load(list, text)).toMatchObject({ added: 0, unchanged: 1 });
});

test.each(['csv', 'ndjson'] as const)('an export as %s goes into another list as it is', async (format) => {
  const [from, to] = [freshList(), freshList()];
  await from.add({ address: 'j.ane@gmail.com', reason: 'unsubscribe', scope: 'list:news', source: 'brevo' });
  await from.add({ address: 'john@example.com', reason: 'bounce', status: '5.1.1', expiresAt: now + 1 });
  let text = '';
  for await (const part of exportSuppressions(from, format)) text += part;
  expect(await load(to, text, format)).toMatchObject({ added: 2, rejected: 0 });
  expect(await to.list()).toEqual(await from.list());
});

test('a header whose name for the address is not known is no error', async () => {
  const list = freshList();
  const text =
    'Kontaktadresse;Grund;Gesperrt am;Datum\njane@example.com;Hard bounce;ja;27.10.2026\njohn@example.com;Unsubscribed;ja;\n';
  expect(await load(list, text)).toMatchObject({ added: 2, rejected: 0 });
  expect(JSON.stringify(await list.list())).toMatch(/"bounce".*"unsubscribe"|"unsubscribe".*"bounce"/);
});

const table =
  'E-Mail\tGrund\tName\r\njörg@example.com\tHard bounce\tMüller\r\njane@example.com\tUnsubscribed\tGötz\r\n';
const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16();

describe.each([
  ['UTF-8', Buffer.from(table)],
  ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${table}`)],
  ['windows-1252', Buffer.from(table, 'latin1')],
  ['UTF-16, as Excel saves Unicode text', Buffer.from(`\ufeff${table}`, 'utf16le')],
  ['UTF-16 without a mark', Buffer.from(table, 'utf16le')],
  ['UTF-16BE', bigEndian(`\ufeff${table}`)],
  ['UTF-16BE without a mark', bigEndian(table)],
])('%s', (_, bytes) => {
  test.each([1, 2, 3, 1000])('in chunks of %i bytes', async (size) => {
    const list = freshList();
    const report = await importSuppressions(list, slices(bytes, size), {
      format: 'csv',
      source: 'import',
      now,
    });
    expect(report).toMatchObject({ added: 2, rejected: 0 });
    const found = await list.find(['jörg@example.com', 'jane@example.com']);
    expect(JSON.stringify(found)).toMatch(/"bounce".*"unsubscribe"/);
  });
});

describe('what stands above the header', () => {
  test.each([
    ['a title', 'Suppressions of 27.11.2026\n'],
    ['a title with cells', 'Report;Bounces;\n\nAccount;ACME;\n'],
    ["Excel's delimiter", 'sep=;\n'],
    ['the name of a column', 'Unsubscribed;;\n'],
  ])('%s is no row', async (_, title) => {
    const text = `${title}E-Mail;Grund;Datum\njane@example.com;Hard bounce;27.10.2026\njohn@example.com;Abgemeldet;\n`;
    expect(await load(freshList(), text)).toMatchObject({ added: 2, rejected: 0 });
  });

  test.each([
    ['the person who made the report', 'Created by;boss@example.com;\n', 1],
    ['an address alone', 'boss@example.com;;\n', 1],
    ['an entry, as in a file that was sorted', 'boss@example.com;Hard bounce;\n', 0],
  ])('%s is suppressed only with a reason of its own', async (_, first, rejected) => {
    const text = `${first}Email;Reason;Name\njane@example.com;;Jane\n`;
    const list = freshList();
    const report = await importSuppressions(list, chunksOf(text), {
      ...{ format: 'csv', source: 'import', reason: 'unsubscribe', now },
    });
    expect(report).toMatchObject({ added: 2 - rejected, rejected });
    expect((await list.find(['boss@example.com']))[0] === null).toBe(rejected === 1);
  });
});

test('joined files may have their columns in another order', async () => {
  const text =
    'email,reason\njane@example.com,bounce\nReason,Created,Email\ncomplaint,2026-11-01,john@example.com\nemail,reason\njim@example.com,bounce\n';
  expect(await load(freshList(), text)).toMatchObject({ added: 3, rejected: 0 });
});

test.each([
  [
    'the employee who looks after the contact',
    'Betreuer;Kontakt;Grund',
    'boss@example.com;jane@example.com;Hard bounce',
  ],
  ['a postal address', 'Address;E-Mail;Reason', 'Main Street 1;jane@example.com;Hard bounce'],
  [
    'a reply with the address',
    'Meldung;Kontakt;Grund',
    '550 5.1.1 <jane@example.com> unknown;jane@example.com;Hard bounce',
  ],
])('%s is not taken for the address', async (_, header, row) => {
  const list = freshList();
  expect(await load(list, `${header}\n${row}\n`)).toMatchObject({ added: 1, rejected: 0 });
  expect((await list.find(['jane@example.com']))[0]).toMatchObject({ reason: 'bounce' });
});

test('without a header, the columns are found by their contents', async () => {
  const text = 'jane@example.com;2026-10-01;Hard bounce\njohn@example.com;2026-10-02;Unsubscribed\n';
  const list = freshList();
  expect(await load(list, text)).toMatchObject({ added: 2, rejected: 0 });
  const since = Date.UTC(2026, 9, 1);
  expect((await list.find(['jane@example.com']))[0]).toMatchObject({ reason: 'bounce', since });
});

test.each([1, 7, 100_000])(
  'rows in another encoding than the others are imported if their addresses are in ASCII, in chunks of %i bytes',
  async (size) => {
    const utf8 = `email;reason;name\n${'jane@example.com;bounce;Zoë\n'.repeat(20)}`;
    const bytes = Buffer.concat([
      Buffer.from(utf8),
      Buffer.from('john@example.com;bounce;Müller\nmüller@example.com;bounce;\n', 'latin1'),
      Buffer.from('joe@example.com;bounce;Zoë\n'),
    ]);
    const report = await importSuppressions(freshList(), slices(bytes, size), {
      ...{ format: 'csv', source: 'import', now },
    });
    expect(report).toMatchObject({ added: 3, rejected: 1, errors: [{ row: 23, column: 'address' }] });
  },
);

async function* slices(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('the answer of an API is read like its export', async () => {
  const text = JSON.stringify(
    {
      SuppressedDestinationSummaries: [
        { EmailAddress: 'jane@example.com', Reason: 'BOUNCE', LastUpdateTime: '2026-11-01T12:00:00+00:00' },
        { EmailAddress: 'john@example.com', Reason: 'COMPLAINT', LastUpdateTime: 1793534400.123 },
      ],
      NextToken: 'x',
    },
    null,
    4,
  );
  expect(await load(freshList(), text, 'ndjson')).toMatchObject({ added: 2, rejected: 0 });
});

test('a hashed row from the future is rejected by its own column', async () => {
  const text = `address_hash,key_id,reason,since\n${'a'.repeat(64)},${freshList().keyId},manual,2026-11-22\n`;
  expect(await load(freshList(), text)).toMatchObject({ errors: [{ row: 2, column: 'since' }] });
});
