// Older events pass their battery on the SQLite and the disk of Node; the format of their files; how they are found.

import { describe, expect, test } from 'vitest';
import { coldBefore } from '../../src/events/cold/cold-events.ts';
import { DamagedColdFile, decodeColdEvents, encodeColdEvents } from '../../src/events/cold/cold-format.ts';
import type { StoredEvent } from '../../src/events/event-repository.ts';
import { openDatabase } from '../../src/platform/database-file.ts';
import type { SqlValue } from '../../src/storage/database.ts';
import { nodeFiles } from '../../src/storage/files/disk.ts';
import { createColdRepository } from '../../src/storage/sqlite/cold-repository.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { emptyFolder } from '../cli/program.ts';
import { coldEventsBattery } from '../contract/cold-events.ts';

coldEventsBattery('node:sqlite', async () => ({
  database: openDatabase(':memory:').database,
  files: nodeFiles(emptyFolder()),
  hasher: nodeHasher(addressHashKey('a key for tests that has 32 bytes')),
}));

const day = 86_400_000;

describe('the time before which events may be in files', () => {
  test('is the start of the day', () => {
    const span = { hotMs: 60 * day, retentionMs: 400 * day };
    expect(coldBefore(span, 100 * day)).toBe(40 * day);
    expect(coldBefore(span, 101 * day - 1)).toBe(40 * day);
  });

  test('does not exist if events stay for their whole retention', () => {
    expect(coldBefore({ hotMs: 60 * day, retentionMs: 60 * day }, 100 * day)).toBeNull();
    expect(coldBefore({ hotMs: 60 * day, retentionMs: 61 * day }, 100 * day)).toBe(40 * day);
  });
});

describe('a file', () => {
  const event: StoredEvent = {
    id: 'e1',
    at: 1,
    receivedAt: 2,
    reportedBy: 'ses',
    kind: 'bounce',
    class: 'soft',
    reason: 'mailbox_full',
    status: null,
    echo: false,
    keyId: 'key',
    addressHash: null,
    mailboxProvider: null,
    message: null,
    campaign: 'one\ntwo\u2028three',
    source: null,
    list: null,
    proof: 'proven',
    mailHost: null,
    gateway: null,
  };
  const stream = (bytes: Uint8Array<ArrayBuffer>) =>
    new Blob([bytes]).stream() as ReadableStream<typeof bytes>;

  test('has one line of JSON for each event, without its null fields', async () => {
    const { bytes, digest } = await encodeColdEvents([event, { ...event, id: 'e2', status: '4.2.2' }]);
    const text = await new Response(stream(bytes).pipeThrough(new DecompressionStream('gzip'))).text();
    const line =
      '"at":1,"receivedAt":2,"reportedBy":"ses","kind":"bounce","class":"soft","reason":"mailbox_full"';
    const end = '"echo":false,"keyId":"key","campaign":"one\\ntwo\u2028three","proof":"proven"}';
    expect(text).toBe(`{"id":"e1",${line},${end}\n{"id":"e2",${line},"status":"4.2.2",${end}\n`);
    expect(digest).toMatch(/^[\da-f]{64}$/);
    expect(await decodeColdEvents(stream(bytes), digest)).toEqual([
      event,
      { ...event, id: 'e2', status: '4.2.2' },
    ]);
  });

  test('that was changed, cut or exchanged is damaged', async () => {
    const { bytes, digest } = await encodeColdEvents([event]);
    const other = await encodeColdEvents([{ ...event, id: 'e2' }]);
    const changed = bytes.slice();
    changed[bytes.length - 20]! ^= 1;
    for (const wrong of [changed, bytes.slice(0, -9), other.bytes, new Uint8Array(0)])
      await expect(decodeColdEvents(stream(wrong), digest)).rejects.toThrow(DamagedColdFile);
  });

  test('that cannot be read is not damaged', async () => {
    const broken = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => controller.error(new Error('EIO')),
    });
    await expect(decodeColdEvents(broken, '')).rejects.toThrow('EIO');
  });
});

test('no query of the mover or of the duplicates reads a table from end to end', async () => {
  const { database } = openDatabase(':memory:');
  const asked: [string, readonly SqlValue[]][] = [];
  const spying = {
    ...database,
    all: <Row>(sql: string, params: readonly SqlValue[] = []) => {
      asked.push([sql, params]);
      return database.all<Row>(sql, params);
    },
    first: <Row>(sql: string, params: readonly SqlValue[] = []) => {
      asked.push([sql, params]);
      return database.first<Row>(sql, params);
    },
  };
  const repository = createColdRepository(spying);
  await repository.nextAt({ at: 0, id: '' }, day);
  await repository.slice({ at: 0, id: '' }, day, day, 10);
  await createEventRepository(spying).knownIds(['a'], ['a']);
  await repository.expired(0, 0, 1);
  expect(asked).toHaveLength(4);
  for (const [sql, params] of asked) {
    const plan = await database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, params);
    const details = plan.map(({ detail }) => detail).join('\n');
    expect(details).not.toMatch(/SCAN (?!asked|json_each|event|\()/);
    expect(details).not.toMatch(/SCAN delivery_events|USE TEMP B-TREE FOR ORDER BY.*delivery_events/);
  }
});
