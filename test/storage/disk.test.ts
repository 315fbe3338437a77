// Files of the file system pass the battery of the FileStore port, and leave no drafts behind.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeFiles } from '../../src/storage/files/disk.ts';
import { emptyFolder } from '../cli/program.ts';
import { fileStoreBattery } from '../contract/file-store.ts';

fileStoreBattery('the file system', () => nodeFiles(emptyFolder()));

test('the owner alone may read, and a write that failed leaves no draft', async () => {
  const folder = emptyFolder();
  const files = nodeFiles(join(folder, 'files'));
  async function* failing() {
    yield new Uint8Array(10);
    throw new Error('no more');
  }
  await expect(files.put('a/b', failing())).rejects.toThrow('no more');
  await files.put(
    'a/c',
    (async function* () {
      yield new Uint8Array(10);
    })(),
  );
  expect(readdirSync(join(folder, 'files/a'))).toEqual(['c']);
  expect(statSync(join(folder, 'files/a/c')).mode & 0o077).toBe(0);
  expect(statSync(join(folder, 'files/a')).mode & 0o077).toBe(0);
});
