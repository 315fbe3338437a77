// What every implementation of the FileStore port must do.

import { describe, expect, test } from 'vitest';
import type { Bytes, FileStore } from '../../src/storage/files/file-store.ts';

/** `open` gives an empty store; it may be the same one each time when names do not clash. */
export function fileStoreBattery(name: string, open: () => FileStore): void {
  describe(`FileStore on ${name}`, () => {
    const bytes = (text: string): Bytes => new TextEncoder().encode(text);
    async function* chunks(...texts: string[]): AsyncGenerator<Bytes> {
      for (const text of texts) yield bytes(text);
    }
    const readText = async (stream: ReadableStream<Bytes> | null) =>
      stream === null ? null : new Response(stream).text();

    test('a file comes back as it was written, chunk by chunk', async () => {
      const files = open();
      expect(await files.put('a/one', chunks('alpha ', 'beta ', 'ünï'))).toBe(16);
      expect(await readText(await files.get('a/one'))).toBe('alpha beta ünï');
    });

    test('an empty file exists', async () => {
      const files = open();
      expect(await files.put('a/empty', chunks())).toBe(0);
      expect(await readText(await files.get('a/empty'))).toBe('');
    });

    test('a file that was never written is null, whole or in part', async () => {
      const files = open();
      expect(await files.get('a/none')).toBeNull();
      expect(await files.get('a/none', { offset: 0, length: 1 })).toBeNull();
    });

    test.each([
      [0, 3, 'abc'],
      [2, 2, 'cd'],
      [5, 1, 'f'],
      [4, 100, 'ef'],
      [0, 0, ''],
      [6, 1, ''],
    ])('from %i, %i bytes are %j', async (offset, length, expected) => {
      const files = open();
      await files.put('a/range', chunks('abc', 'def'));
      expect(await readText(await files.get('a/range', { offset, length }))).toBe(expected);
    });

    test('writing again replaces the file', async () => {
      const files = open();
      await files.put('a/again', chunks('the first, which is longer'));
      await files.put('a/again', chunks('second'));
      expect(await readText(await files.get('a/again'))).toBe('second');
    });

    test('content that fails leaves the previous file', async () => {
      const files = open();
      async function* failing(): AsyncGenerator<Bytes> {
        yield bytes('half');
        throw new Error('the sender went away');
      }
      await expect(files.put('a/new', failing())).rejects.toThrow('went away');
      expect(await files.get('a/new')).toBeNull();
      await files.put('a/old', chunks('old'));
      await expect(files.put('a/old', failing())).rejects.toThrow('went away');
      expect(await readText(await files.get('a/old'))).toBe('old');
    });

    test('a large file keeps every byte, across all portions', async () => {
      const files = open();
      const chunk = Uint8Array.from({ length: 999_983 }, (_, at) => (at * 31) % 251);
      async function* large(): AsyncGenerator<Bytes> {
        for (let n = 0; n < 18; n++) yield chunk;
      }
      expect(await files.put('a/large', large())).toBe(18 * chunk.length);
      let length = 0;
      let wrong = 0;
      for await (const part of (await files.get('a/large'))!) {
        for (const byte of part) if (byte !== chunk[length++ % chunk.length]) wrong++;
      }
      expect([length, wrong]).toEqual([18 * chunk.length, 0]);
      const middle = await files.get('a/large', { offset: 9 * chunk.length - 2, length: 4 });
      expect([...new Uint8Array(await new Response(middle).arrayBuffer())]).toEqual([
        chunk.at(-2),
        chunk.at(-1),
        chunk[0],
        chunk[1],
      ]);
    });

    test('removes one file, or a folder with its files, and nothing else', async () => {
      const files = open();
      for (const path of ['x/1', 'x/deep/2', 'x1/3', 'y/4']) await files.put(path, chunks(path));
      await files.removeFolder('x');
      const left = async () =>
        Promise.all(['x/1', 'x/deep/2', 'x1/3', 'y/4'].map(async (path) => readText(await files.get(path))));
      expect(await left()).toEqual([null, null, 'x1/3', 'y/4']);
      await files.remove('y/4');
      expect(await left()).toEqual([null, null, 'x1/3', null]);
      await files.remove('y/4');
      await files.removeFolder('nowhere');
    });
  });
}
