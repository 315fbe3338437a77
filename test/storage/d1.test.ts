// Failures of D1 and R2: which of them a caller may retry, and the code that the log gets.

import { describe, expect, test, vi } from 'vitest';
import { type R2Like, r2Files } from '../../src/storage/files/r2.ts';
import { type D1Like, type D1StatementLike, d1Database } from '../../src/storage/sqlite/d1.ts';
import { storageFault } from '../../src/storage/storage-fault.ts';

/** A D1 binding on which every call does the same. */
const d1 = (call: () => Promise<never>): D1Like => {
  const statement: D1StatementLike = { bind: () => statement, all: call, run: call };
  return { prepare: () => statement, batch: call };
};

const calls = [
  ['all', (binding: D1Like) => d1Database(binding).all('SELECT 1')],
  ['first', (binding: D1Like) => d1Database(binding).first('SELECT 1')],
  ['run', (binding: D1Like) => d1Database(binding).run('DELETE FROM jobs')],
  ['batch', (binding: D1Like) => d1Database(binding).batch([{ sql: 'DELETE FROM jobs' }])],
] as const;

const errorOf = async (call: (binding: D1Like) => unknown, error: unknown): Promise<unknown> => {
  try {
    await call(d1(async () => Promise.reject(error)));
  } catch (caught) {
    return caught;
  }
  return null;
};

describe.each(calls)('%s', (_, call) => {
  test.each([
    // https://developers.cloudflare.com/d1/observability/debug-d1/#error-list
    ['D1_ERROR: D1 DB is overloaded. Requests queued for too long.', 'D1_ERROR', false],
    [
      'D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.',
      'D1_ERROR',
      false,
    ],
    ['D1_ERROR: Failed to parse body as JSON, got: error code: 1031', 'D1_ERROR', false],
    ['D1_ERROR: database is locked: SQLITE_BUSY', 'SQLITE_BUSY', false],
    ['D1_ERROR: Exceeded maximum DB size', 'D1_FULL', true],
    // What workerd's binding throws when its own fetch fails.
    ['Network connection lost.', 'D1_NETWORK', false],
    ['internal error; reference = 7b3f', 'D1_NETWORK', false],
  ])('%s is a fault', async (message, code, isFull) => {
    expect(storageFault(await errorOf(call, new Error(message)))).toEqual({ code, isFull });
  });

  test.each([
    ['D1_ERROR: near "SELEC": syntax error at offset 0: SQLITE_ERROR', 'SQLITE_ERROR'],
    ['D1_ERROR: near "SELEC": syntax error', 'SQLITE_ERROR'],
    ['D1_ERROR: no such table: suppressions: SQLITE_ERROR', 'SQLITE_ERROR'],
    ['D1_ERROR: UNIQUE constraint failed: keys.id: SQLITE_CONSTRAINT', 'SQLITE_CONSTRAINT'],
    ["D1_TYPE_ERROR: Type 'undefined' not supported for value 'undefined'", 'D1_TYPE_ERROR'],
  ])('%s is a bug, with its code for the log', async (message, code) => {
    const error = await errorOf(call, new Error(message));
    expect(storageFault(error)).toBeNull();
    expect(error).toMatchObject({ code });
  });

  test('a binding that is missing is a bug', async () => {
    expect(storageFault(await errorOf(call, new TypeError('no prepare')))).toBeNull();
  });

  test('no answer is a fault after ten seconds', async () => {
    vi.useFakeTimers();
    const failed = Promise.resolve(call(d1(() => new Promise(() => {})))).catch((error: unknown) => error);
    let isSettled = false;
    void failed.then(() => {
      isSettled = true;
    });
    await vi.advanceTimersByTimeAsync(9999);
    expect(isSettled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(storageFault(await failed)).toEqual({ code: 'D1_TIMEOUT', isFull: false });
    vi.useRealTimers();
  });
});

describe('R2', () => {
  const reject = async () => Promise.reject(new Error('put: We encountered an internal error. (10001)'));
  const bucket = {
    put: reject,
    get: reject,
    head: reject,
    delete: reject,
    list: reject,
    createMultipartUpload: reject,
  } as unknown as R2Like;
  const files = r2Files(bucket);
  async function* content(bytes: number) {
    yield new Uint8Array(bytes);
  }

  test.each([
    ['put', () => files.put('name', content(1))],
    ['put of a large file', () => files.put('name', content(9 * 1024 * 1024))],
    ['get', () => files.get('name')],
    ['get of a range', () => files.get('name', { offset: 0, length: 1 })],
    ['remove', () => files.remove('name')],
    ['removeFolder', () => files.removeFolder('name')],
  ])('%s that fails is a fault', async (_, call) => {
    const error = await call().then(
      () => null,
      (caught: unknown) => caught,
    );
    expect(storageFault(error)).toEqual({ code: 'R2_ERROR', isFull: false });
  });

  test('a body that breaks off is not a fault of storage, though the upload cannot be aborted', async () => {
    const upload = { uploadPart: async () => ({}), complete: reject, abort: reject };
    const files = r2Files({ ...bucket, createMultipartUpload: async () => upload } as unknown as R2Like);
    async function* broken() {
      yield new Uint8Array(9 * 1024 * 1024);
      throw new Error('the caller left');
    }
    await expect(files.put('name', broken())).rejects.toThrow('the caller left');
  });
});
