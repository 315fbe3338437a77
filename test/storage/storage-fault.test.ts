// What is a fault of storage, to be mended by the operator and retried by the caller, and what is a bug of ours.

import { expect, test } from 'vitest';
import { storageFault } from '../../src/storage/storage-fault.ts';

const error = (properties: object, message = 'x') => Object.assign(new Error(message), properties);

test.each([
  ['a busy database', error({ code: 'ERR_SQLITE_ERROR', errcode: 5 }), 'SQLITE_BUSY', false],
  ['its extended code', error({ errcode: 5 + 256 }), 'SQLITE_BUSY', false],
  ['a full disk of SQLite', error({ errcode: 13 }), 'SQLITE_FULL', true],
  ['a full disk of the system', error({ code: 'ENOSPC' }), 'ENOSPC', true],
  ['a full quota', error({ code: 'EDQUOT' }), 'EDQUOT', true],
  ['a file system that only reads', error({ code: 'EROFS' }), 'EROFS', false],
  ['PostgreSQL that starts', error({ code: '57P03' }), '57P03', false],
  ['PostgreSQL with a full disk', error({ code: '53100' }), '53100', true],
  ['D1 with a code of SQLite', error({}, 'D1_ERROR: database is locked: SQLITE_BUSY'), 'SQLITE_BUSY', false],
  ['D1 without', error({}, 'D1_ERROR: Network connection lost.'), 'D1_ERROR', false],
] as const)('%s is a fault', (_, cause, code, isFull) => {
  expect(storageFault(cause)).toEqual({ code, isFull });
});

test.each([
  ['a wrong statement', error({ code: 'ERR_SQLITE_ERROR', errcode: 1 })],
  ['a failed constraint', error({ errcode: 19 })],
  ['a failed constraint of PostgreSQL', error({ code: '23505' })],
  ['a missing file', error({ code: 'ENOENT' })],
  ['a code of Node', error({ code: 'ERR_INVALID_ARG_TYPE' })],
  ['a wrong statement of D1', error({}, 'D1_ERROR: near "FRM": syntax error: SQLITE_ERROR')],
  ['a failed constraint of D1', error({}, 'D1_ERROR: UNIQUE constraint failed: t.n: SQLITE_CONSTRAINT')],
  ['any other error', new TypeError('x is not a function')],
  ['what is no error', { errcode: 5 }],
])('%s is a bug', (_, cause) => {
  expect(storageFault(cause)).toBeNull();
});
