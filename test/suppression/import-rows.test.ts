// Given this row of another provider's list, that entry, or that error in the report.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ParsedMailbox } from '../../src/address/mailbox.ts';
import {
  columnsOfHeader,
  columnsWithoutHeader,
  entryFromFields,
  entryFromObject,
} from '../../src/suppression/import-rows.ts';

/** Enough of a parser to tell an address from none. */
const parseMailbox = (text: string): ParsedMailbox => {
  const [localPart = '', domain = ''] = text.split('@');
  return localPart && domain
    ? {
        ok: true,
        mailbox: {
          localPart,
          domain: domain.toLowerCase(),
          address: `${localPart}@${domain.toLowerCase()}`,
          smtputf8: false,
          quoted: false,
        },
      }
    : { ok: false, failure: { code: 'no_at_sign', position: 0, message: 'There is no @ in it.' } };
};
const options = { parseMailbox, source: 'import 1' };
const jane = { address: 'jane@example.com', source: 'import 1' };

describe('Amazon SES', () => {
  test.each([
    ['BOUNCE', 'bounce'],
    ['COMPLAINT', 'complaint'],
  ])('address,%s', (word, reason) => {
    expect(columnsOfHeader(['jane@Example.com', word])).toBeNull();
    expect(entryFromFields(['jane@Example.com', word], columnsWithoutHeader, options)).toEqual({
      kind: 'entry',
      entry: { ...jane, reason, status: null },
    });
  });

  test('a line of JSON', () => {
    expect(entryFromObject({ emailAddress: 'jane@example.com', reason: 'COMPLAINT' }, options)).toEqual({
      kind: 'entry',
      entry: { ...jane, reason: 'complaint', status: null },
    });
    expect(
      entryFromObject(
        { EmailAddress: 'jane@example.com', Reason: 'BOUNCE', LastUpdateTime: '2026-10-01T12:00:00.000Z' },
        options,
      ),
    ).toMatchObject({ entry: { reason: 'bounce', since: Date.UTC(2026, 9, 1, 12) } });
  });
});

describe('Mailgun', () => {
  const columns = columnsOfHeader(['address', 'code', 'error', 'created_at'])!;

  test('a bounce: its status stands in the text', () => {
    expect(
      entryFromFields(
        ['jane@example.com', '550', '550 5.1.1 No such user at 192.0.2.5', 'Thu, 01 Oct 2026 12:00:00 UTC'],
        columns,
        options,
      ),
    ).toEqual({
      kind: 'entry',
      entry: { ...jane, reason: 'bounce', status: '5.1.1', since: Date.UTC(2026, 9, 1, 12) },
    });
  });

  test('a bounce whose text has no status', () => {
    expect(
      entryFromFields(['jane@example.com', '550', 'host 5.1.1.9 said no', ''], columns, options),
    ).toEqual({ kind: 'entry', entry: { ...jane, reason: 'bounce', status: null } });
  });

  test('a line of JSON, with a number for the code', () => {
    expect(entryFromObject({ address: 'jane@example.com', code: 550, error: null }, options)).toMatchObject({
      entry: { reason: 'bounce', status: null },
    });
  });

  test('unsubscribes and complaints take the reason that the import was started with', () => {
    const unsubscribes = columnsOfHeader(['address', 'tags', 'created_at'])!;
    const row = ['jane@example.com', '*', 'Thu, 01 Oct 2026 12:00:00 GMT'];
    expect(entryFromFields(row, unsubscribes, { ...options, reason: 'unsubscribe' })).toMatchObject({
      entry: { reason: 'unsubscribe', since: Date.UTC(2026, 9, 1, 12) },
    });
    expect(entryFromFields(row, unsubscribes, options)).toMatchObject({ kind: 'error', column: 'reason' });
  });
});

describe('a date', () => {
  const columns = { address: 0, reason: 1, date: 2 };
  const since = (date: string) => entryFromFields(['jane@example.com', 'bounce', date], columns, options);
  const noon = Date.UTC(2026, 9, 1, 12);

  test.each([
    ['2026-10-01T12:00:00Z', noon],
    ['2026-10-01T12:00:00.000Z', noon],
    ['2026-10-01 12:00:00', noon],
    ['2026-10-01 12:00:00 UTC', noon],
    ['2026-10-01T14:00:00+02:00', noon],
    ['2026-10-01T14:00+0200', noon],
    ['2026-10-01', noon - 12 * 3_600_000],
    ['Thu, 01 Oct 2026 14:00:00 +0200', noon],
    ['1 Oct 2026 12:00 GMT', noon],
  ])('%s', (date, epoch) => {
    expect(since(date)).toMatchObject({ kind: 'entry', entry: { since: epoch } });
  });

  test.each(['yesterday', '10/01/2026', '2026-13-01', '1', '2026-10-01T25:00:00Z', '1 Foo 2026 12:00 GMT'])(
    '%s is an error',
    (date) => {
      expect(since(date)).toMatchObject({ kind: 'error', column: 'date' });
    },
  );
});

describe('a row that cannot be read is an error that names its column and not the address', () => {
  test.each([
    ['no address', ['', 'BOUNCE'], 'address'],
    ['no fields', [], 'address'],
    ['an address that is none', ['jane.example.com', 'BOUNCE'], 'address'],
    ['an address in another encoding than UTF-8', ['ren\ufffd@example.com', 'BOUNCE'], 'address'],
    ['a reason that nobody knows', ['jane@example.com', 'DISLIKE'], 'reason'],
    ['the name of a property of every object', ['jane@example.com', 'constructor'], 'reason'],
    ['a soft bounce', ['jane@example.com', 'soft bounce'], 'reason'],
    ['no reason', ['jane@example.com'], 'reason'],
  ])('%s', (_, fields, column) => {
    const row = entryFromFields(fields, columnsWithoutHeader, options);
    expect(row).toMatchObject({ kind: 'error', column });
    expect(JSON.stringify(row)).not.toContain('jane');
  });

  test('an object in place of a text', () => {
    const row = { address: { toString: 1 }, reason: 'BOUNCE' };
    expect(entryFromObject(row, options)).toMatchObject({ kind: 'error', column: 'address' });
  });

  test('an object without an address', () => {
    expect(entryFromObject({ reason: 'BOUNCE' }, options)).toMatchObject({
      kind: 'error',
      column: 'address',
    });
  });
});

test('a header is told by its names, in any order and spelling', () => {
  expect(columnsOfHeader(['Reason', 'ignored', 'E-Mail Address', 'Created At'])).toEqual({
    reason: 0,
    address: 2,
    date: 3,
  });
  expect(columnsOfHeader(['name', 'phone'])).toBeNull();
});

test('no row throws', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(fc.array(text), fc.dictionary(text, fc.jsonValue()), (fields, object) => {
      columnsOfHeader(fields);
      entryFromFields(fields, { address: 0, reason: 1, status: 2, code: 3, error: 4, date: 5 }, options);
      entryFromObject(object, options);
    }),
  );
});
