// Given this row of another provider's list, that entry, or that error in the report.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnsOfHeader } from '../../src/suppression/import-columns.ts';
import { findImportLayout } from '../../src/suppression/import-layout.ts';
import { entryFromFields, entryFromObject } from '../../src/suppression/import-rows.ts';

const options = { source: 'import 1' };
const columnsOf = (fields: readonly string[]) => findImportLayout([fields]).columns;
const jane = { address: 'jane@example.com', source: 'import 1', scope: 'all' };

describe('Amazon SES', () => {
  test.each([
    ['BOUNCE', 'bounce'],
    ['COMPLAINT', 'complaint'],
  ])('address,%s', (word, reason) => {
    expect(columnsOfHeader(['jane@Example.com', word])).toBeNull();
    const fields = ['jane@Example.com', word];
    expect(entryFromFields(fields, columnsOf(fields), options)).toEqual({
      kind: 'entry',
      entry: { ...jane, reason, status: null },
    });
  });

  test.each([
    [['550 5.1.1 <jane@example.com> User unknown', 'jane@example.com'], { address: 1, reason: 0 }],
    [['7', 'jane@example.com', '550 5.1.1 User unknown'], { address: 1, reason: 2 }],
    [['BOUNCE', 'jane@example.com', 'john@example.com'], { address: 1, reason: 0 }],
    [['jane@example.com'], { address: 0, reason: 1 }],
    [['550 5.1.1 <jane@example.com> User unknown', 'gone'], { address: 0, reason: 1 }],
  ] as const)('the columns of %j are found by the address', (fields, columns) => {
    expect(columnsOf(fields)).toEqual(columns);
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

describe('exports of other providers', () => {
  const day = Date.UTC(2026, 9, 1, 12);
  const read = (header: string, row: readonly string[], more: object = {}) =>
    entryFromFields(row, columnsOfHeader(header.split(','))!, { ...options, ...more });
  const unixDay = String(day / 1000);

  test.each([
    [
      'a SendGrid bounce: the reason is the reply',
      'status,reason,email,created',
      ['5.1.1', '550 5.1.1 The email account does not exist', 'jane@example.com', unixDay],
      { scope: 'all', reason: 'bounce', status: '5.1.1', since: day },
    ],
    [
      'a SendGrid bounce without a reply code',
      'status,reason,email,created',
      ['5.0.0', 'unable to get mx info', 'jane@example.com', unixDay],
      { scope: 'all', reason: 'bounce', status: '5.0.0', since: day },
    ],
    [
      'a Postmark bounce',
      'EmailAddress,SuppressionReason,Origin,CreatedAt',
      ['jane@example.com', 'HardBounce', 'Recipient', '2026-10-01T12:00:00Z'],
      { scope: 'all', reason: 'bounce', since: day },
    ],
    [
      'a Postmark unsubscribe',
      'EmailAddress,SuppressionReason,Origin,CreatedAt',
      ['jane@example.com', 'ManualSuppression', 'Recipient', ''],
      { scope: 'marketing', reason: 'unsubscribe' },
    ],
    [
      'a manual Postmark entry',
      'EmailAddress,SuppressionReason,Origin,CreatedAt',
      ['jane@example.com', 'ManualSuppression', 'Customer', ''],
      { scope: 'all', reason: 'manual' },
    ],
    [
      'a SparkPost bounce of transactional mail',
      'recipient,type,source,description,created,updated',
      [
        'jane@example.com',
        'transactional',
        'Bounce Rule',
        '550: 5.1.1 unknown',
        '2026-10-01T12:00:00+00:00',
        '',
      ],
      { scope: 'all', reason: 'bounce', status: '5.1.1', since: day },
    ],
    [
      'a SparkPost complaint about marketing',
      'recipient,type,source,description,created,updated',
      ['jane@example.com', 'non_transactional', 'Spam Complaint', '', '', ''],
      { scope: 'marketing', reason: 'complaint' },
    ],
    [
      'a Mailjet bounce',
      'Email,Status,Date',
      ['jane@example.com', 'hardbounced', '2026-10-01 12:00:00'],
      { reason: 'bounce', since: day },
    ],
    ['a Mailjet unsubscribe', 'Email,Status', ['jane@example.com', 'unsub'], { reason: 'unsubscribe' }],
    [
      'a Brevo complaint',
      'email,reason,blockedAt',
      ['jane@example.com', 'contactFlaggedAsSpam', '2026-10-01T12:00:00Z'],
      { reason: 'complaint', since: day },
    ],
    [
      'a Klaviyo bounce',
      'Email,First Name,Suppression Reason,Suppressed At',
      ['jane@example.com', 'Jane', 'Hard Bounced', '2026-10-01 12:00:00'],
      { reason: 'bounce', since: day },
    ],
    [
      'an unsubscribed Mailchimp contact',
      'Email Address,First Name,UNSUB_TIME',
      ['jane@example.com', 'Jane', '2026-10-01 12:00:00'],
      { reason: 'unsubscribe', scope: 'marketing', since: day },
    ],
    [
      'a cleaned Mailchimp contact',
      'Email Address,CLEAN_TIME',
      ['jane@example.com', '2026-10-01 12:00:00'],
      { reason: 'bounce', scope: 'all', since: day },
    ],
    [
      'a row with a scope of its own',
      'email,reason,scope',
      ['jane@example.com', 'unsubscribe', 'list:news'],
      { reason: 'unsubscribe', scope: 'list:news' },
    ],
  ] as const)('%s', (_, header, row, entry) => {
    expect(read(header, row)).toMatchObject({ kind: 'entry', entry });
  });

  test('SendGrid’s unsubscribes take the reason of the import, and Unix time', () => {
    expect(read('email,created', ['jane@example.com', unixDay], { reason: 'unsubscribe' })).toMatchObject({
      entry: { reason: 'unsubscribe', scope: 'marketing', since: day },
    });
  });

  test('Brevo’s API writes the reason as an object', () => {
    const row = { email: 'jane@example.com', reason: { code: 'hardBounce', message: 'x' }, blockedAt: null };
    expect(entryFromObject(row, options)).toMatchObject({ entry: { reason: 'bounce' } });
  });

  test.each([
    [
      'a soft SendGrid bounce',
      'status,reason,email',
      ['4.2.2', '452 4.2.2 Mailbox full', 'jane@example.com'],
      'reason',
    ],
    [
      'a soft bounce whose status says permanent',
      'status,reason,email',
      ['5.1.1', '450 busy', 'jane@example.com'],
      'reason',
    ],
    [
      'a soft status with a permanent code',
      'address,code,error',
      ['jane@example.com', '550', '4.2.1 later'],
      'error',
    ],
    ['a blocked message', 'email,reason', ['jane@example.com', 'blocked'], 'reason'],
    [
      'a bounce about the sender',
      'status,reason,email',
      ['5.7.1', '550 5.7.1 Blocked', 'jane@example.com'],
      'reason',
    ],
    [
      'a SparkPost row with an unknown source',
      'recipient,type,source',
      ['jane@example.com', 'transactional', 'Moon'],
      'reason',
    ],
    ['a scope that is none', 'email,reason,scope', ['jane@example.com', 'manual', 'list:'], 'scope'],
    [
      'a date that does not exist',
      'email,reason,created',
      ['jane@example.com', 'manual', '2026-02-30'],
      'date',
    ],
  ] as const)('%s is rejected', (_, header, row, column) => {
    expect(read(header, row)).toMatchObject({
      kind: 'error',
      column: column === 'error' ? 'reason' : column,
    });
  });

  test('a block is not called a temporary bounce', () => {
    const message = (reason: string) => {
      const row = read('email,reason', ['jane@example.com', reason]);
      return row.kind === 'error' ? row.message : null;
    };
    expect(message('blocked')).toMatch(/^The message was blocked/);
    expect(message('block')).toMatch(/^The message was blocked/);
    expect(message('deferred')).toMatch(/^The bounce is temporary/);
  });

  test('an address that the grammar refuses is imported as it is', () => {
    expect(read('email,reason', ['abc..def@DoCoMo.ne.jp', 'complaint'])).toMatchObject({
      entry: { address: 'abc..def@docomo.ne.jp' },
    });
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
    ['2 Oct 2026 01:00 +1300', noon],
    [String(noon / 1000), noon],
    [String(noon), noon],
    ['2028-02-29', Date.UTC(2028, 1, 29)],
  ])('%s', (date, epoch) => {
    expect(since(date)).toMatchObject({ kind: 'entry', entry: { since: epoch } });
  });

  test.each([
    'yesterday',
    '13/13/2026',
    '10.13.2026',
    '31/02/2026',
    '27.11.2026 25:00',
    '2026-13-01',
    '2026-02-30',
    '2026-04-31T12:00:00Z',
    '1',
    '123456789',
    '12345678901',
    '2026-10-01T25:00:00Z',
    '1 Foo 2026 12:00 GMT',
    '30 Feb 2026 12:00 GMT',
    'Mon, 30 Feb 2026 12:00:00 +0100',
  ])('%s is an error', (date) => {
    expect(since(date)).toMatchObject({ kind: 'error', column: 'date' });
  });
});

describe('a date as newsletter tools write it', () => {
  const read = (date: string, now?: number) =>
    entryFromFields(
      ['jane@example.com', 'bounce', date],
      { address: 0, reason: 1, date: 2 },
      { ...options, ...(now !== undefined && { now }) },
    );
  const noon = Date.UTC(2026, 10, 27, 12, 15);
  const day = Date.UTC(2026, 10, 27);

  test.each([
    ['27.11.2026 12:15', noon],
    ['27-11-2026 12:15:00', noon],
    ['27/11/2026, 12:15', noon],
    ['11/27/2026 12:15 PM', noon],
    ['11/27/2026 at 12:15pm', noon],
    ['11/27/2026 12:15 AM', day + 15 * 60_000],
    ['2026/11/27 12:15', noon],
    ['Nov 27, 2026 12:15 PM', noon],
    ['November 27, 2026', day],
    ['27 Nov 2026', day],
    ['27-Nov-2026 12:15', noon],
    ['November 27, 2026 at 12:15 (UTC+01:00)', noon],
  ])('%s', (date, since) => {
    expect(read(date)).toMatchObject({ kind: 'entry', entry: { since } });
  });

  test('the later of two possible days counts, unless it is in the future', () => {
    const since = (now: number) => read('03/09/2026', now);
    expect(since(Date.UTC(2026, 10, 27))).toMatchObject({ entry: { since: Date.UTC(2026, 8, 3) } });
    expect(since(Date.UTC(2026, 5, 1))).toMatchObject({ entry: { since: Date.UTC(2026, 2, 9) } });
    expect(read('03.09.2026')).toMatchObject({ entry: { since: Date.UTC(2026, 8, 3) } });
  });
});

describe('a live person is not taken for a dead one', () => {
  const read = (columns: Readonly<Record<string, string>>, reason?: 'bounce' | 'unsubscribe') =>
    entryFromObject({ email: 'jane@example.com', ...columns }, { ...options, ...(reason && { reason }) });

  test.each([
    ['the filter of a receiver', { code: '550', error: 'Message rejected due to spam content' }],
    ['a blocklist', { code: '554', error: 'Blocked using zen.spamhaus.org' }],
    [
      'a rule of a provider whose reply blames the sender',
      { reason: 'Hard bounce', error: '550 5.7.1 Not authorized' },
    ],
    ['a full mailbox', { status: '5.2.2', reason: '552 5.2.2 Mailbox is over quota' }],
    ['a loop', { code: '550', error: '5.4.14 Hop count exceeded - possible mail loop' }],
    ['a look-up that failed', { code: '498', error: 'No MX for example.com' }],
    ['a soft bounce by its type', { 'Bounce Type': 'Soft', error: '' }],
    ['a soft bounce by the event', { Event: 'soft_bounce' }],
    ['a bounce whose permanence is not known', { bounceType: 'Undetermined' }],
    ['an answer of a person who is away', { Type: 'AutoResponder' }],
    ['a contact who never confirmed', { Status: 'Unconfirmed' }],
    [
      'a full mailbox of a contact',
      { 'Email Opt Out': '0', 'Email Bounced Reason': '552 5.2.2 mailbox full' },
    ],
  ])('%s', (_, columns) => {
    for (const reason of [undefined, 'bounce'] as const)
      expect(read(columns, reason)).toMatchObject({ kind: 'error', column: 'reason' });
  });

  test.each([
    { Status: 'Active' },
    { Status: 'subscribed' },
    { 'Email Opt Out': '0' },
    { 'Unsubscribed from all email': 'false' },
    { BLOCKLISTED: 'no' },
    { EMAIL_BLACKLISTED: 'Non', Status: '' },
    { Event: 'delivered' },
  ])('a contact with %j, whatever the reason of the import is', (columns) => {
    for (const reason of ['unsubscribe', 'bounce'] as const)
      expect(read(columns, reason)).toMatchObject({
        kind: 'error',
        message: expect.stringContaining('may be mailed'),
      });
  });
});

describe('contacts of newsletter tools and CRMs', () => {
  const read = (columns: Readonly<Record<string, string>>) =>
    entryFromObject({ email: 'jane@example.com', ...columns }, options);
  const since = Date.UTC(2026, 9, 1);

  test.each([
    [{ 'Email Opt Out': '1', Created: '2020-01-01' }, 'unsubscribe', undefined],
    [{ 'Unsubscribed from all email': 'true' }, 'unsubscribe', undefined],
    [{ 'Unsubscribed from all email': 'true', 'Unsubscribe Date': '2026-10-01' }, 'unsubscribe', since],
    [{ 'Confirmed opt-out date': '2026-10-01' }, 'unsubscribe', since],
    [{ 'Opted out': '01.10.2026' }, 'unsubscribe', undefined],
    [{ Bounced: '', 'Hard bounced': 'yes', Unsubscribed: 'no' }, 'bounce', undefined],
    [{ State: 'California', Status: 'Unsubscribed' }, 'unsubscribe', undefined],
    [{ Type: 'Lead', 'Bounce Type': 'Hard' }, 'bounce', undefined],
    [{ Type: 'BadEmailAddress' }, 'bounce', undefined],
    [{ Event: 'Spam Report' }, 'complaint', undefined],
    [{ reason: 'Mail domain mentioned in email address is unknown' }, 'bounce', undefined],
    [{ Statut: 'Désinscrit' }, 'unsubscribe', undefined],
    [{ 'Email Opt Out': '0', 'Email Bounced Reason': '550 5.1.1 user unknown' }, 'bounce', undefined],
    [
      { 'Unsubscribed from all email': 'false', 'Email hard bounce reason': 'Unknown user' },
      'bounce',
      undefined,
    ],
    [{ code: '550', error: 'No such user' }, 'bounce', undefined],
  ])('%j', (columns, reason, expected) => {
    const row = read(columns);
    expect(row).toMatchObject({ kind: 'entry', entry: { reason } });
    expect(row.kind === 'entry' && row.entry.since).toBe(expected);
  });

  test('a word that may be anything is no reason', () => {
    expect(read({ State: 'California' })).toMatchObject({
      kind: 'error',
      message: expect.stringContaining('no reason'),
    });
  });
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
    const row = entryFromFields(fields, columnsOf(fields), options);
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

describe('a reason for the whole file does not outweigh what a row says', () => {
  const row = (columns: Readonly<Record<string, string>>) =>
    entryFromObject({ email: 'jane@example.com', ...columns }, { ...options, reason: 'bounce' });

  test.each([
    { Status: 'softbounced' },
    { Status: 'Soft' },
    { Status: 'Transient' },
    { Status: 'blocked' },
    { Status: '4.2.2' },
    { Status: '5.7.1' },
    { error: '452 4.2.2 The mailbox is full' },
  ])('%j is not imported', (columns) => {
    expect(row(columns)).toMatchObject({ kind: 'error', column: 'reason' });
  });

  test.each([
    [{ Status: '5.1.1' }, 'bounce', '5.1.1'],
    [{ Status: 'unsubscribed' }, 'unsubscribe', null],
    [{ Status: '' }, 'bounce', null],
    [{ Status: 'suppressed' }, 'bounce', null],
    [{ UNSUB_TIME: '2026-11-20 12:00:00', error: '452 4.2.2 The mailbox is full' }, 'unsubscribe', '4.2.2'],
    [{ CLEAN_TIME: '2026-11-20 12:00:00', error: '452 4.2.2 The mailbox is full' }, 'bounce', '4.2.2'],
  ])('%j is imported as %s', (columns, reason, status) => {
    expect(row(columns)).toMatchObject({ kind: 'entry', entry: { reason, status } });
  });

  test.each(['softbounced', '4.2.2', '5.7.1', '5.1.1', 'blocked', ''])(
    'a list of complaints keeps a person whose status is %j',
    (Status) => {
      const imported = entryFromObject(
        { email: 'jane@example.com', Status },
        { ...options, reason: 'complaint' },
      );
      expect(imported).toMatchObject({ kind: 'entry', entry: { reason: 'complaint' } });
    },
  );
});

describe('a date that means never', () => {
  test.each([
    '0000-00-00 00:00:00',
    '0001-01-01T00:00:00',
    '1/1/0001',
    '1970-01-01',
    '-',
    'NULL',
    '\\N',
    'no',
    '0',
  ])('%s unsubscribes nobody', (never) => {
    const row = { email: 'jane@example.com', UNSUB_TIME: never };
    expect(entryFromObject(row, { source: 'import' })).toMatchObject({ kind: 'error', column: 'reason' });
  });

  test('and leaves the entry without a date', () => {
    const read = entryFromObject(
      { email: 'jane@example.com', reason: 'bounce', created: '0000-00-00' },
      { source: 'import' },
    );
    expect(read).toMatchObject({ kind: 'entry', entry: { reason: 'bounce' } });
    expect(read).not.toHaveProperty('entry.since');
  });
});
