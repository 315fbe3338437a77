// Reads one row of a provider's exported suppression list. Returns an entry for presend's list, or the error in the row.
// Pure functions.
//
// The column names and reason words come from these exports:
//   Amazon SES            address,BOUNCE without a header; {"emailAddress","reason","lastUpdateTime"}; EmailAddress,Reason,…
//   Mailgun               address,code,error,created_at (bounces); address,tags,created_at; address,created_at
//   SendGrid              status,reason,email,created (bounces: the reason is the SMTP reply, created is Unix time);
//                         email,created (unsubscribes, invalid addresses); email,ip,created (spam reports)
//   Postmark              EmailAddress,SuppressionReason,Origin,CreatedAt
//   SparkPost             recipient,type,source,description,created,updated
//   Mailjet               Email,Status,Date with words such as hardbounced, spam, unsub
//   Brevo                 email,reason,blockedAt with words such as hardBounce, contactFlaggedAsSpam, unsubscribedViaEmail
//   Klaviyo               Email,Suppression Reason,Suppressed At with words such as Hard Bounced, Marked as Spam
//   Mailchimp             Email Address,…,UNSUB_TIME or CLEAN_TIME (the reason is in the column's name)

import { parseMailbox } from '../address/parse.ts';
import { isCalendarDay, mailDateEpoch } from '../calendar.ts';
import { recipientAddress, recipientRefusal } from './recipient.ts';
import { defaultScope, parseScope, type SuppressionReason, type SuppressionScope } from './scope.ts';
import type { NewSuppression } from './suppressions.ts';

export type ImportColumn =
  | 'address'
  | 'reason'
  | 'scope'
  | 'origin'
  | 'status'
  | 'code'
  | 'error'
  | 'date'
  | 'unsubscribed_at'
  | 'cleaned_at';

/** The position of each column that a file has; the first is 0. */
export type ImportColumns = Partial<Readonly<Record<ImportColumn, number>>>;

export interface ImportOptions {
  /** The name of the import. It is stored with every entry. */
  readonly source: string;
  /**
   * The reason for rows that contain none: no reason word, no SMTP code, and no date in a column such as UNSUB_TIME. If absent,
   * such rows are errors.
   */
  readonly reason?: SuppressionReason | undefined;
}

export type ImportRow =
  | { readonly kind: 'entry'; readonly entry: NewSuppression }
  /** `message` is one English sentence that says what is wrong. It does not contain the address. */
  | { readonly kind: 'error'; readonly column: ImportColumn; readonly message: string };

/** The column for each name that appears in the exports above. Names are in lower case and without separators. */
const columnNames: Readonly<Record<string, ImportColumn>> = {
  address: 'address',
  email: 'address',
  emailaddress: 'address',
  recipient: 'address',
  reason: 'reason',
  suppressionreason: 'reason',
  type: 'reason',
  state: 'reason',
  scope: 'scope',
  origin: 'origin',
  source: 'origin',
  status: 'status',
  code: 'code',
  error: 'error',
  description: 'error',
  createdat: 'date',
  created: 'date',
  date: 'date',
  blockedat: 'date',
  suppressedat: 'date',
  lastupdatetime: 'date',
  since: 'date',
  unsubtime: 'unsubscribed_at',
  cleantime: 'cleaned_at',
};

/** The words for each reason in the exports above, with a space between two words. Each is normalized (`normalizedName`). */
const reasonWords: Readonly<Record<SuppressionReason, string>> = {
  bounce:
    'bounce bounced hardbounce hardbounced permanentbounce bouncerule invalid invalidemail invalidemailaddress cleaned',
  complaint:
    'complaint complained spam spamcomplaint spamreport spamreported markedasspam markedemailasspam contactflaggedasspam abuse',
  unsubscribe:
    'unsubscribe unsubscribed unsub unsubscribelink listunsubscribe unsubscribedviaemail unsubscribedviama unsubscribedviaapi optout optedout',
  manual: 'manual manualsuppression manuallyadded usersuppressed adminblocked compliance',
};

const reasonNames = new Map(
  Object.entries(reasonWords).flatMap(([reason, words]) =>
    words.split(' ').map((word) => [word, reason as SuppressionReason] as const),
  ),
);

/** The words for a failure that is only temporary, or not about the address. A row with one of them is not imported. */
const softWords = new Set([
  'soft',
  'softbounce',
  'softbounced',
  'transient',
  'transientbounce',
  'temporary',
  'deferred',
]);
const blockWords = new Set(['blocked', 'block']);

/** Returns the name of a column in lower case and without separators. */
export const normalizedName = (name: string) => name.toLowerCase().replace(/[\s_-]/g, '');

/**
 * Returns the columns that a header names. Null if the row is not a header: a field contains an `@`, or no field names the
 * address column.
 */
export function columnsOfHeader(fields: readonly string[]): ImportColumns | null {
  const columns: { [column in ImportColumn]?: number } = {};
  for (const [index, field] of fields.entries()) {
    if (field.includes('@')) return null;
    const name = normalizedName(field);
    if (Object.hasOwn(columnNames, name)) columns[columnNames[name]!] ??= index;
  }
  return columns.address === undefined ? null : columns;
}

/**
 * Guesses the columns of a file without a header from one of its rows. The address column is the first field that contains an
 * address and nothing else. The reason column is the next one (Amazon SES: `address,BOUNCE`), or the one before the address if
 * the address is the last field. Null if no field is an address.
 */
export function columnsWithoutHeader(fields: readonly string[]): ImportColumns | null {
  const address = fields.findIndex((field) => parseMailbox(field.trim()).ok);
  if (address === -1) return null;
  const reason = address + 1 < fields.length || address === 0 ? address + 1 : address - 1;
  return { address, reason };
}

/**
 * The columns for a row in which `columnsWithoutHeader` found no address. Reading the row with them gives an error about its
 * first field, unless that is an unusual address such as a..b@docomo.ne.jp, which only `recipientAddress` accepts.
 */
export const firstColumns: ImportColumns = { address: 0, reason: 1 };

/** Reads the fields of one CSV row. */
export function entryFromFields(
  fields: readonly string[],
  columns: ImportColumns,
  { source, reason: reasonOfFile }: ImportOptions,
): ImportRow {
  const text = (column: ImportColumn) => fields[columns[column] ?? -1]?.trim() ?? '';

  const written = text('address');
  // The file had bytes here that are not UTF-8. A guess could suppress the address of another person.
  if (written.includes('\ufffd'))
    return error(
      'address',
      'The address has bytes that are not UTF-8, or U+FFFD in their place. Export the original file as UTF-8.',
    );
  const address = recipientAddress(written);
  if (address === null) return error('address', recipientRefusal(written));

  const failure = [text('status'), text('error'), text('reason')];
  const status = failure.map(statusIn).find((one) => one !== null) ?? null;
  const reason = reasonOf(text, status, reasonOfFile);
  if (reason.kind === 'error') return reason;

  const scope = text('scope') === '' ? reason.scope : parseScope(text('scope'));
  if (scope === null)
    return error(
      'scope',
      'The scope must be all, marketing or list:NAME. NAME must be 1 to 100 characters without @ or control characters.',
    );

  const dateColumn = (['date', 'unsubscribed_at', 'cleaned_at'] as const).find((one) => text(one) !== '');
  const since = dateColumn === undefined ? undefined : parseImportDate(text(dateColumn));
  if (since === null)
    return error(
      'date',
      'The date must exist and be ISO 8601 (such as 2026-11-20T12:00:00Z), Unix time with 10 or 13 digits, or a date as in an e-mail header.',
    );

  return {
    kind: 'entry',
    entry: {
      address,
      scope,
      reason: reason.reason,
      status,
      source,
      ...(since !== undefined && { since }),
    },
  };
}

/** Reads one object of an NDJSON file. */
export function entryFromObject(row: Readonly<Record<string, unknown>>, options: ImportOptions): ImportRow {
  const columns = columnsOfHeader(Object.keys(row));
  if (columns === null) return error('address', 'The row has no field for the address, such as "email".');
  const fields = Object.values(row).map((value) =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : codeIn(value),
  );
  return entryFromFields(fields, columns, options);
}

/** Returns the property `code` of an object, or an empty text. Brevo's API writes the reason as such an object. */
function codeIn(value: unknown): string {
  const code = typeof value === 'object' && value !== null && 'code' in value ? value.code : null;
  return typeof code === 'string' ? code : '';
}

type RowReason =
  | { readonly kind: 'reason'; readonly reason: SuppressionReason; readonly scope: SuppressionScope }
  | Extract<ImportRow, { kind: 'error' }>;

const softBounce = 'The bounce is temporary (soft). Such bounces do not suppress an address.';
const blockedMail =
  'The message was blocked. This says nothing about the address, so presend does not suppress it.';
const policyBounce =
  'The bounce (5.7.x) is about the sender or the message. Such bounces do not suppress an address.';

function reasonOf(
  text: (column: ImportColumn) => string,
  status: string | null,
  reasonOfFile: SuppressionReason | undefined,
): RowReason {
  const decided = (reason: SuppressionReason, scope: SuppressionScope = defaultScope(reason)): RowReason => ({
    kind: 'reason',
    reason,
    scope,
  });
  const named = normalizedName(text('reason'));
  const origin = normalizedName(text('origin'));

  // In SparkPost's export, `type` says which mail is stopped, and `source` says why.
  if (named === 'nontransactional' || named === 'transactional') {
    const reason = reasonNames.get(origin);
    if (reason === undefined) return error('reason', noReason);
    return decided(reason, named === 'transactional' ? 'all' : 'marketing');
  }
  // In Postmark's export, ManualSuppression with the origin Recipient means that the recipient used an unsubscribe link.
  if (named === 'manualsuppression' && origin === 'recipient') return decided('unsubscribe');

  const word = named === '' ? normalizedName(text('status')) : named;
  const known = reasonNames.get(word);
  if (known !== undefined) return decided(known);
  if (named === '' && text('code') === '') {
    // These three are examined before the enhanced status code, because that code is only about bounces.
    if (text('unsubscribed_at') !== '') return decided('unsubscribe');
    if (text('cleaned_at') !== '') return decided('bounce');
    if (reasonOfFile !== undefined && reasonOfFile !== 'bounce') return decided(reasonOfFile);
  }
  if (softWords.has(word)) return error('reason', softBounce);
  if (blockWords.has(word)) return error('reason', blockedMail);

  // SendGrid writes the SMTP reply into the column of the reason. Mailgun's export of bounces has no reason, but a column
  // `code` with the code of the SMTP reply.
  const reply = /^[245]\d\d(?=$|[\s-])/.exec(text('reason'))?.[0] ?? text('code');
  if (reply !== '' || status !== null) {
    const permanent = !reply.startsWith('4') && (status === null || status.startsWith('5'));
    if (!permanent) return error('reason', softBounce);
    return status?.startsWith('5.7.') ? error('reason', policyBounce) : decided('bounce');
  }
  if (named !== '') return error('reason', noReason);
  return reasonOfFile === undefined
    ? error(
        'reason',
        'The row has no reason that presend knows, such as bounce or complaint. Set a reason for such rows with --reason, or with ?reason= in the API.',
      )
    : decided(reasonOfFile);
}

const noReason = 'presend does not know this reason. Use bounce, complaint, unsubscribe or manual.';

const error = (column: ImportColumn, message: string): Extract<ImportRow, { kind: 'error' }> => ({
  kind: 'error',
  column,
  message,
});

/**
 * Returns the first enhanced status code (RFC 3463 section 2) in the text that means a failure, such as 5.1.1; null if
 * there is none.
 */
const statusIn = (text: string) => /(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)/.exec(text)?.[0] ?? null;

const isoDate =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(?:(Z|UTC)|([+-]\d\d):?(\d\d))?)?$/i;
const mailDate = /^(?:[a-z]{3}, )?\d{1,2} [a-z]{3} \d{4} \d\d:\d\d(?::\d\d)? (?:UTC|GMT|[+-]\d{4})$/i;
/**
 * Unix time in seconds (10 digits: dates from 2001 on) or in milliseconds (13 digits). Shorter numbers are not dates.
 */
const unixTime = /^(\d{10})(\d{3})?(?:\.\d+)?$/;

/**
 * Returns a date in epoch milliseconds; null if the text is not a date. A time without a zone is UTC, so the
 * result does not depend on the zone of the machine.
 */
export function parseImportDate(text: string): number | null {
  const unix = unixTime.exec(text);
  if (unix !== null) return Number(unix[1]) * 1000 + Number(unix[2] ?? 0);
  const iso = isoDate.exec(text);
  let epoch = Number.NaN;
  if (iso !== null) {
    const [, day, time = '00:00', , hours, minutes] = iso;
    if (!isCalendarDay(day!)) return null;
    epoch = Date.parse(`${day}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`);
  } else if (mailDate.test(text)) return mailDateEpoch(text);
  return Number.isNaN(epoch) ? null : epoch;
}
