// Given this form in these chunks, those fields and files; given a form that is none, a refusal.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FormPart, formBoundary, formParts, MalformedForm } from '../../src/jobs/multipart.ts';
import type { Bytes } from '../../src/storage/files/file-store.ts';

async function* inChunks(bytes: Bytes, sizes: readonly number[]): AsyncGenerator<Bytes> {
  for (let start = 0, n = 0; start < bytes.length; n++) {
    const size = sizes.length === 0 ? bytes.length : sizes[n % sizes.length]!;
    yield bytes.slice(start, start + size);
    start += size;
  }
}

type Read = Omit<Extract<FormPart, { kind: 'file' }>, 'content'> & { content: string };

async function readForm(bytes: Bytes, boundary: string, sizes: readonly number[] = []) {
  const parts: (Read | FormPart)[] = [];
  for await (const part of formParts(inChunks(bytes, sizes), boundary))
    parts.push(part.kind === 'field' ? part : { ...part, content: await textOf(part.content) });
  return parts;
}

async function textOf(content: AsyncIterable<Bytes>): Promise<string> {
  const chunks: Bytes[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return new Blob(chunks).text();
}

const bytes = (text: string): Bytes => new TextEncoder().encode(text);

const form = [
  '--b',
  'Content-Disposition: form-data; name="email_column"',
  '',
  'E-Mail',
  '--b',
  'content-disposition: form-data; name="file"; filename="list.csv"',
  'Content-Type: text/csv; charset=utf-8',
  '',
  'email\r\njane@example.com\r\n--bogus\r\n',
  '--b--',
  '',
].join('\r\n');

const expected = [
  { kind: 'field', name: 'email_column', value: 'E-Mail' },
  {
    kind: 'file',
    name: 'file',
    mediaType: 'text/csv',
    fileName: 'list.csv',
    content: 'email\r\njane@example.com\r\n--bogus\r\n',
  },
];

test('fields and files come in order, whatever the chunks', async () => {
  // `--bogus` begins like the boundary b, which RFC 2046 forbids: a boundary that is longer tells them apart.
  const longer = form.replaceAll('--b\r\n', '--bound\r\n').replace('--b--', '--bound--');
  for (const sizes of [[], [1], [2], [3, 7], [64]])
    expect(await readForm(bytes(longer), 'bound', sizes)).toEqual(expected);
});

test('ignores a preamble and an epilogue', async () => {
  const text =
    'a preamble\r\n--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\nan epilogue';
  expect(await readForm(bytes(text), 'x')).toEqual([{ kind: 'field', name: 'a', value: '1' }]);
});

test('skips a file that is not read', async () => {
  const text =
    '--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nlong\r\n' +
    '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--';
  const kinds: string[] = [];
  for await (const { kind } of formParts(inChunks(bytes(text), []), 'x')) kinds.push(kind);
  expect(kinds).toEqual(['file', 'field']);
});

test.each([
  ['nothing', ''],
  ['no boundary', 'hello'],
  [
    'an end in the middle of a file',
    '--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nab',
  ],
  ['a part without a name', '--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--'],
  ['a part without a head', '--x\r\n\r\n1\r\n--x--'],
  ['text after a boundary', '--xyz\r\n\r\n--x--'],
  [
    'a field without end',
    `--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n${'1'.repeat(20_000)}\r\n--x--`,
  ],
])('%s is refused', async (_, text) => {
  await expect(readForm(bytes(text), 'x')).rejects.toThrow(MalformedForm);
});

describe('the boundary', () => {
  test.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data; charset=utf-8; boundary="a b;c"', 'a b;c'],
    ['multipart/form-data', null],
    ['multipart/mixed; boundary=abc', null],
    ['text/csv', null],
  ])('of %s is %s', (contentType, boundary) => {
    expect(formBoundary(contentType)).toBe(boundary);
  });
});

const partsText = (values: readonly string[]): string =>
  values.map((value, n) => `--x\r\nContent-Disposition: form-data; name="${n}"\r\n\r\n${value}\r\n`).join('');

test('a hundred thousand tiny parts are read in one go, whether they come in one chunk or in many', async () => {
  const text = bytes(`${partsText(Array.from({ length: 100_000 }, (_, n) => String(n)))}--x--`);
  for (const sizes of [[], [997]]) {
    let read = 0;
    for await (const part of formParts(inChunks(text, sizes), 'x'))
      if (part.kind === 'field' && part.value === String(read)) read++;
    expect(read).toBe(100_000);
  }
});

test('in whatever chunks a form comes, it has the same parts', async () => {
  const almostBoundaries = fc.string({
    unit: fc.constantFrom('\r', '\n', '-', '--x', '\r\n--', 'é', 'a'),
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        almostBoundaries.filter((value) => !`\r\n${value}\r\n`.includes('\r\n--x')),
        { maxLength: 6 },
      ),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
      async (values, sizes) => {
        const text = bytes(`${partsText(values)}--x--`);
        const fields = values.map((value, n) => ({ kind: 'field', name: String(n), value }));
        expect(await readForm(text, 'x', sizes)).toEqual(fields);
      },
    ),
    { numRuns: 500 },
  );
});

test('what the platform writes as FormData is read back, byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ maxLength: 40 }).filter((value) => !/[\r\n]/.test(value)),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }),
      async (content, value, sizes) => {
        const data = new FormData();
        data.set('name', value);
        data.set('file', new File([content as Bytes], 'list.csv', { type: 'text/csv' }));
        const response = new Response(data);
        const boundary = formBoundary(response.headers.get('content-type')!)!;
        const encoded = new Uint8Array(await response.arrayBuffer());
        const chunks: Bytes[] = [];
        for await (const part of formParts(inChunks(encoded, sizes), boundary))
          if (part.kind === 'field') expect(part).toEqual({ kind: 'field', name: 'name', value });
          else for await (const chunk of part.content) chunks.push(chunk.slice());
        expect(new Uint8Array(await new Blob(chunks).arrayBuffer())).toEqual(content);
      },
    ),
    { numRuns: 200 },
  );
});
