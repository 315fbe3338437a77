// One row of another provider's suppression list → an entry for ours, or what is wrong with the row. Pure.
//
// Amazon SES writes `address,BOUNCE` without a header, or `{"emailAddress","reason"}` a line; Mailgun writes
// `address,code,error,created_at` (bounces), `address,tags,created_at` (unsubscribes), `address,created_at` (complaints).

import type { ParsedMailbox } from '../address/mailbox.ts';
import type { NewSuppression, SuppressionReason } from './suppressions.ts';

export type ImportColumn = 'address' | 'reason' | 'status' | 'code' | 'error' | 'date';

/** The place of each column that a file has, from 0. */
export type ImportColumns = Partial<Readonly<Record<ImportColumn, number>>>;

export interface ImportOptions {
  readonly parseMailbox: (text: string) => ParsedMailbox;
  /** Recorded with every entry: the name of the import. */
  readonly source: string;
  /** For rows that name no reason and no SMTP code; without it such rows are errors. */
  readonly reason?: SuppressionReason;
}

export type ImportRow =
  | { readonly kind: 'entry'; readonly entry: NewSuppression }
  /** `message` is one English sentence for the report. It does not hold the address. */
  | { readonly kind: 'error'; readonly column: ImportColumn; readonly message: string };

/** Names that columns have in the wild, in lower case and without separators. */
const columnNames: Readonly<Record<string, ImportColumn>> = {
  address: 'address',
  email: 'address',
  emailaddress: 'address',
  recipient: 'address',
  reason: 'reason',
  type: 'reason',
  status: 'status',
  code: 'code',
  error: 'error',
  createdat: 'date',
  created: 'date',
  lastupdatetime: 'date',
  since: 'date',
};

/** A soft bounce stands on no such list by right, so its names are missing. */
const reasonNames: Readonly<Record<string, SuppressionReason>> = {
  bounce: 'bounce',
  bounced: 'bounce',
  hardbounce: 'bounce',
  complaint: 'complaint',
  complained: 'complaint',
  spamcomplaint: 'complaint',
  spamreport: 'complaint',
  unsubscribe: 'unsubscribe',
  unsubscribed: 'unsubscribe',
  optout: 'unsubscribe',
  manual: 'manual',
};

/** A column's name in lower case and without separators. */
export const bare = (name: string) => name.toLowerCase().replace(/[\s_-]/g, '');

/** The columns that a header names, or null when the row is no header: it holds an `@`, or names no address. */
export function columnsOfHeader(fields: readonly string[]): ImportColumns | null {
  const columns: { [column in ImportColumn]?: number } = {};
  for (const [index, field] of fields.entries()) {
    if (field.includes('@')) return null;
    const name = bare(field);
    if (Object.hasOwn(columnNames, name)) columns[columnNames[name]!] ??= index;
  }
  return columns.address === undefined ? null : columns;
}

/** The columns of a file without a header: as Amazon SES writes it. */
export const columnsWithoutHeader: ImportColumns = { address: 0, reason: 1 };

/** Reads the fields of one CSV row. */
export function entryFromFields(
  fields: readonly string[],
  columns: ImportColumns,
  { parseMailbox, source, reason: reasonOfFile }: ImportOptions,
): ImportRow {
  const text = (column: ImportColumn) => fields[columns[column] ?? -1]?.trim() ?? '';

  // What could not be decoded: another address than the one that was written would stand on the list.
  if (text('address').includes('\ufffd')) return error('address', 'The address is not written in UTF-8.');
  const parsed = parseMailbox(text('address'));
  if (!parsed.ok) return error('address', parsed.failure.message);

  const named = bare(text('reason'));
  // Mailgun's list of bounces names no reason and is the only one that has codes.
  const reason =
    named !== ''
      ? Object.hasOwn(reasonNames, named) && reasonNames[named]
      : text('code') !== ''
        ? 'bounce'
        : reasonOfFile;
  if (!reason) {
    return error(
      'reason',
      named === ''
        ? 'The row says no reason.'
        : 'The reason is none of bounce, complaint, unsubscribe, manual.',
    );
  }

  const date = text('date');
  const since = date === '' ? undefined : epochOf(date);
  if (since === null) return error('date', 'The date is neither ISO 8601 nor as in an e-mail header.');

  return {
    kind: 'entry',
    entry: {
      address: parsed.mailbox.address,
      reason,
      status: statusIn(text('status')) ?? statusIn(text('error')),
      source,
      ...(since !== undefined && { since }),
    },
  };
}

/** Reads one object of an NDJSON file. */
export function entryFromObject(row: Readonly<Record<string, unknown>>, options: ImportOptions): ImportRow {
  const columns = columnsOfHeader(Object.keys(row));
  if (columns === null) return error('address', 'The row has no address.');
  const fields = Object.values(row).map((value) =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : '',
  );
  return entryFromFields(fields, columns, options);
}

const error = (column: ImportColumn, message: string): ImportRow => ({ kind: 'error', column, message });

/** The first enhanced status code (RFC 3463 section 2) of a failure in the text. */
const statusIn = (text: string) => /(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)/.exec(text)?.[0] ?? null;

const isoDate =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(?:(Z|UTC)|([+-]\d\d):?(\d\d))?)?$/i;
const mailDate = /^(?:[a-z]{3}, )?\d{1,2} [a-z]{3} \d{4} \d\d:\d\d(?::\d\d)? (?:UTC|GMT|[+-]\d{4})$/i;

/** Epoch milliseconds. A time without a zone is taken for UTC, so that no machine's own zone decides. */
export function epochOf(text: string): number | null {
  const iso = isoDate.exec(text);
  let epoch = Number.NaN;
  if (iso !== null) {
    const [, day, time = '00:00', , hours, minutes] = iso;
    epoch = Date.parse(`${day}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`);
  } else if (mailDate.test(text)) epoch = Date.parse(text);
  return Number.isNaN(epoch) ? null : epoch;
}
