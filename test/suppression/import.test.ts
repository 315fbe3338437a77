// A file into the list: what is counted, rejected and kept.

import { expect, test } from 'vitest';
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

test.each([1, 2, 3, 1000])('Unicode text of Excel (UTF-16), in chunks of %i bytes', async (size) => {
  const bytes = Buffer.from('\ufeffEmail\tReason\r\njane@example.com\tBounce\r\n', 'utf16le');
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const report = await importSuppressions(freshList(), chunks(), { format: 'csv', source: 'import', now });
  expect(report).toMatchObject({ added: 1, rejected: 0 });
});

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
