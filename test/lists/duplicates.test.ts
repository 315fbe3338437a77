// Given these addresses in this order, those stood further up. The same holds where the digests do not fit into memory.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDigester } from '../../src/lists/digest.ts';
import { DigestTable, notInTable } from '../../src/lists/digest-table.ts';
import { createDuplicateSearch, knownDuplicates, searchDuplicates } from '../../src/lists/duplicate-rows.ts';
import { createSeenAddresses, type SpillFile } from '../../src/lists/duplicates.ts';
import type { ListRow } from '../../src/lists/shape.ts';
import { read } from './lists.ts';

/** A spill file in memory. */
function memoryFile(): SpillFile & { readonly length: () => number; readonly reads: () => number } {
  const content = new Uint8Array(16_000_000);
  let length = 0;
  let reads = 0;
  return {
    append(bytes) {
      const position = length;
      content.set(bytes, position);
      length += bytes.length;
      return position;
    },
    read(position, bytes) {
      reads++;
      bytes.set(content.subarray(position, position + bytes.length));
    },
    length: () => length,
    reads: () => reads,
  };
}

const inMemory = (_most?: number) => createSeenAddresses();
const onDisk = (mostInMemory = 3) => createSeenAddresses({ file: memoryFile(), mostInMemory });

describe.each([
  ['in memory', inMemory],
  ['in a file', onDisk],
])('addresses seen before, %s', (_, create) => {
  test('an address was seen from its second time on, in any letter case', () => {
    const { seen } = create();
    expect(seen(['a@b.com', 'c@b.com', 'A@B.com', 'a@b.com', '', 'JÖRG@b.com', 'jörg@b.com'])).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
      true,
    ]);
    expect(seen(['', 'c@B.com', 'd@b.com', 'Jörg@b.com', 'jörg@b.co'])).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
  });

  test('each of 20,000 addresses is told apart, in one call or in many', () => {
    const { seen } = create(5000);
    const addresses = Array.from({ length: 20_000 }, (_, index) => `${index}@b.com`);
    const inCalls = () =>
      Array.from({ length: 200 }, (_, call) => seen(addresses.slice(call * 100, call * 100 + 100))).flat();
    expect(inCalls()).not.toContain(true);
    expect(inCalls()).not.toContain(false);
    expect(seen(addresses)).not.toContain(false);
    expect(seen(addresses.map((address) => `x${address}`))).not.toContain(true);
  });

  test('any text equals itself alone, but for its letter case', () =>
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 60 })), (texts) => {
        const { seen } = create();
        const before = new Set<string>();
        const expected = texts.map((text) => {
          const lower = text.toLowerCase();
          const isKnown = text !== '' && before.has(lower);
          before.add(lower);
          return isKnown;
        });
        expect(texts.flatMap((text) => seen([text]))).toEqual(expected);
      }),
    ));
});

test('texts that UTF-8 cannot tell apart are told apart', () => {
  const { seen } = createSeenAddresses();
  expect(seen(['\ud800', '\ud801', '\ufffd', '\udc00\ud800', '\ud800\udc00'])).not.toContain(true);
  expect(seen(['\u0100', '\u00c4\u0080', 'Ā'])).toEqual([false, false, true]);
});

test('the file is read for few of the addresses that are new', () => {
  const file = memoryFile();
  const { seen } = createSeenAddresses({ file, mostInMemory: 10_000 });
  const addresses = (name: string) => Array.from({ length: 10_000 }, (_, index) => `${name}${index}@b.com`);
  expect(file.length()).toBe(0);
  seen(addresses('a'));
  expect(file.length()).toBeGreaterThanOrEqual(80_000);
  expect(file.length()).toBeLessThan(160_000);
  seen(addresses('b'));
  expect(file.reads()).toBeLessThan(10);
  expect(seen(addresses('a'))).not.toContain(false);
});

/** From the reference implementation, https://mouha.be/wp-content/uploads/chaskey-speed.c: the text has the bytes 0, 1, 2 … */
test.each([
  [0, [0x792e8fe5, 0x75ce87aa, 0x2d1450b5, 0x1191970b]],
  [1, [0x13a9307b, 0x50e62c89, 0x4577bd88, 0xc0bbdc18]],
  [15, [0x51b94da4, 0xefcc4de8, 0x192412ea, 0xbbc170dd]],
  [16, [0x79271ca9, 0xd66a1c71, 0x81ca474e, 0x49831cad]],
  [17, [0x048da968, 0x4e25d096, 0x2d6cf897, 0xbc3959ca]],
  [32, [0x60b3f7af, 0x37eee7c8, 0x836cfd98, 0x782ca060]],
  [63, [0x9047fad7, 0x88136d8c, 0xa488286b, 0x7fe9352c]],
])('a digest is that of Chaskey: %s bytes', (length, expected) => {
  const digest = createDigester(Uint32Array.of(0x833d3433, 0x009f389f, 0x2398e64f, 0x417acf39));
  const out = new Uint32Array(6);
  digest('x'.repeat(1000), out, 0);
  digest(String.fromCharCode(...Array(length).keys()), out, 1);
  expect([...out.subarray(1, 5)]).toEqual(expected);
});

describe('a table of digests', () => {
  const digestOf = (...words: number[]) => Uint32Array.from(words);

  test('keeps the number of a digest', () => {
    const table = new DigestTable({ numbers: true });
    expect(table.add(digestOf(1, 2, 3, 4), 0, 7)).toBe(notInTable);
    expect(table.add(digestOf(1, 2, 3, 4), 0, 8)).toBe(7);
    table.setNumber(digestOf(1, 2, 3, 4), 0, 9);
    expect(table.add(digestOf(1, 2, 3, 4), 0, 8)).toBe(9);
    expect(table.size).toBe(1);
  });

  test('tells digests apart that differ in the first byte or in one of the last two words, in the last slot too', () => {
    const table = new DigestTable();
    const last = 0xffffffff;
    const digests = [
      [5, 0, last, 7],
      [5 << 24, 0, last, 7],
      [5, 0, last - 1, 7],
      [5, 0, last, 8],
      [5, 0, last, 0],
      [5, 0, 0, 7],
    ];
    for (const words of digests) expect(table.add(digestOf(...words), 0)).toBe(notInTable);
    for (const words of digests) expect(table.add(digestOf(...words), 0)).toBe(0);
    expect(table.size).toBe(digests.length);
  });

  test('removes the digests of the sections from one on', () => {
    const table = new DigestTable();
    const words = [0x00ffffff, 0x01000000, 0xff000000];
    for (const first of words) table.add(digestOf(first, 2, 3, 4), 0);
    table.removeFrom(1);
    expect(table.size).toBe(1);
    expect(words.map((first) => table.add(digestOf(first, 2, 3, 4), 0))).toEqual([0, notInTable, notInTable]);
  });
});

/** The numbers of the rows that are duplicates, and how often the list was read. */
async function duplicateRows(
  list: string,
  options: { readonly byMailbox?: boolean; readonly most?: number },
): Promise<{ rows: number[]; passes: number }> {
  const { rows, shape } = await read(list);
  expect(shape).not.toBeNull();
  let passes = 0;
  const search = createDuplicateSearch(options);
  await searchDuplicates(search, async () => {
    passes++;
    return inParts(rows);
  });
  const { seen } = knownDuplicates(search);
  const contacts = rows.filter(({ fields }) => fields > 0);
  const found = seen(contacts.map(({ email }) => email));
  return { rows: [...found.keys()].filter((row) => found[row]), passes };
}

async function* inParts(rows: readonly ListRow[]) {
  const next = { byte: 0, row: 0, line: 0, encoding: 'utf-8' } as const;
  for (let at = 0; at < rows.length; at += 7)
    yield { kind: 'rows', rows: rows.slice(at, at + 7), next, setAside: [] } as const;
}

describe('the duplicates of a list that is read first', () => {
  test('are the later rows with an address', async () => {
    const list = 'name,email\nA,a@x.org\n\nB,A@X.org\nC,\nD,\nE,a.@x.org\nF,a@x.org\n';
    expect(await duplicateRows(list, {})).toEqual({ rows: [1, 5], passes: 1 });
  });

  test('are all rows of a mailbox but the first with the canonical spelling, or else but the first', async () => {
    const list = `email\n${[
      'jane.doe@gmail.com',
      'b.c@gmail.com',
      'JaneDoe@gmail.com',
      'janedoe@gmail.com',
      'bc+x@googlemail.com',
      'jane.d.oe@gmail.com',
      'janedoe@GMAIL.com',
      'd@x.org',
      'D@x.org',
      'E@x.org',
      'e@x.org',
      'a@',
      'A@',
    ].join('\n')}\n`;
    expect((await duplicateRows(list, { byMailbox: true })).rows).toEqual([0, 2, 4, 5, 6, 8, 9, 12]);
  });

  test.each([true, false])(
    'are the same however little fits into memory: by mailbox %s',
    async (byMailbox) => {
      const list = `email\n${Array.from({ length: 2000 }, (_, row) => {
        const name = `jane${(row * 7) % 900}`;
        return row % 3 === 0 ? `${name}@gmail.com` : `${name}+${row % 5}@gmail.com`;
      }).join('\n')}\n`;
      const whole = await duplicateRows(list, { byMailbox });
      expect(whole.passes).toBe(1);
      expect(whole.rows.length).toBeGreaterThan(300);
      for (const most of [10, 200, 700]) {
        const { rows, passes } = await duplicateRows(list, { byMailbox, most });
        expect(rows).toEqual(whole.rows);
        expect(passes).toBeGreaterThan(1);
        expect(passes).toBeLessThanOrEqual(256);
      }
    },
  );

  test('take at least one section of the digests in each pass', async () => {
    const list = `email\n${Array.from({ length: 600 }, (_, row) => `jane${row % 300}@x.org`).join('\n')}\n`;
    const { rows, passes } = await duplicateRows(list, { most: 0 });
    expect(rows).toEqual(Array.from({ length: 300 }, (_, row) => row + 300));
    expect(passes).toBe(256);
  });
});
