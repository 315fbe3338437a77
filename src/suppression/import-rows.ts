// Reads one row of a provider's exported suppression list. Returns an entry for presend's list, or the error in the row.
// Pure functions. The names of the columns are in import-columns.ts, the words for reasons in import-reasons.ts.

import { parseCellDate } from '../written-dates.ts';
import { columnsOfHeader, type ImportColumn, type ImportColumns } from './import-columns.ts';
import { reasonOf } from './import-reasons.ts';
import { recipientAddress, recipientRefusal } from './recipient.ts';
import { parseScope, type SuppressionReason } from './scope.ts';
import type { NewSuppression } from './suppressions.ts';

export interface ImportOptions {
  /** The name of the import. It is stored with every entry. */
  readonly source: string;
  /**
   * The reason for rows that contain none: no reason word, no SMTP code, and no date in a column such as UNSUB_TIME. If absent,
   * such rows are errors.
   */
  readonly reason?: SuppressionReason | undefined;
  /** The current time in epoch milliseconds, for dates whose day and month could change places. */
  readonly now?: number;
}

export type ImportRow =
  | { readonly kind: 'entry'; readonly entry: NewSuppression }
  /** `message` is one English sentence that says what is wrong. It does not contain the address. */
  | { readonly kind: 'error'; readonly column: ImportColumn; readonly message: string };

/** Reads the fields of one CSV row. */
export function entryFromFields(
  fields: readonly string[],
  columns: ImportColumns,
  { source, reason: reasonOfFile, now }: ImportOptions,
): ImportRow {
  const text = (column: ImportColumn) => {
    const cell = fields[columns[column] ?? -1]?.trim() ?? '';
    return dateColumns.has(column) && isNever(cell) ? '' : cell;
  };

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

  // In a list of contacts, in which yes or no says who unsubscribed, other dates are those of the contact.
  const isContact = text('opted_out') !== '' || text('bounced') !== '';
  const dateColumn = (
    ['unsubscribed_at', 'cleaned_at', ...(isContact ? [] : (['date'] as const))] as const
  ).find((one) => text(one) !== '');
  // An entry that seems newer than it is can only keep an address suppressed.
  const ambiguous = { latest: now ?? Number.POSITIVE_INFINITY };
  const since = dateColumn === undefined ? undefined : parseCellDate(text(dateColumn), ambiguous);
  if (since === null)
    return error(
      'date',
      'The date must exist and be ISO 8601 (such as 2026-11-20T12:00:00Z), Unix time with 10 or 13 digits, a date as in an e-mail header, or one such as 27.11.2026 or Nov 27, 2026.',
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

const dateColumns: ReadonlySet<ImportColumn> = new Set(['date', 'unsubscribed_at', 'cleaned_at']);

/** Days before this one are zero in some program, such as 1970-01-01 and Excel's 1900-01-01. */
const firstDay = Date.UTC(1980, 0, 1);

const never =
  /^(?:[\s\p{P}]*|0|n\/?a|\\n|null|nil|none|never|false|no|nein|non|000[01][-/.].*|.*[-/.]000[01](?: .*)?)$/iu;

/** Whether the cell of a date says that it never happened, as `0000-00-00` of MySQL and `0001-01-01` of .NET do. */
function isNever(cell: string): boolean {
  if (/^20\d\d-/.test(cell)) return false;
  if (never.test(cell)) return true;
  const epoch = parseCellDate(cell, 'day') ?? parseCellDate(cell, 'month');
  return epoch !== null && epoch < firstDay;
}

/** Reads one object of an NDJSON file. */
export function entryFromObject(row: Readonly<Record<string, unknown>>, options: ImportOptions): ImportRow {
  const columns = columnsOfHeader(Object.keys(row));
  if (columns === null) return error('address', 'The row has no field for the address, such as "email".');
  const fields = Object.values(row).map((value) =>
    ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : codeIn(value),
  );
  return entryFromFields(fields, columns, options);
}

/** Returns the property `code` of an object, or an empty text. Brevo's API writes the reason as such an object. */
function codeIn(value: unknown): string {
  const code = typeof value === 'object' && value !== null && 'code' in value ? value.code : null;
  return typeof code === 'string' ? code : '';
}

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
