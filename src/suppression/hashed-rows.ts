// Rows of the suppression list with hashes instead of addresses. Instances that have the same ADDRESS_HASH_KEY use them
// to exchange their lists. Pure functions.

import { enhancedStatusPattern } from '../bounce/bounce.ts';
import { parseWrittenDate } from '../written-dates.ts';
import { normalizedName } from './import-columns.ts';
import { parseScope, suppressionReasons } from './scope.ts';
import type { HashedSuppression, SuppressionEntry } from './suppressions.ts';

export const hashedColumns = [
  'address_hash',
  'key_id',
  'reason',
  'status',
  'source',
  'since',
  'expires_at',
  'scope',
  'person_hash',
] as const;

export type HashedColumn = (typeof hashedColumns)[number];

export type HashedRow =
  | { readonly kind: 'hashed'; readonly entry: HashedSuppression }
  | { readonly kind: 'error'; readonly column: HashedColumn; readonly message: string };

/** Returns the row for an entry. Dates are written as in RFC 3339. */
export const hashedRow = (entry: SuppressionEntry): Readonly<Record<HashedColumn, string | null>> => ({
  address_hash: entry.addressHash,
  key_id: entry.keyId,
  reason: entry.reason,
  status: entry.status,
  source: entry.source,
  since: new Date(entry.since).toISOString(),
  expires_at: entry.expiresAt === null ? null : new Date(entry.expiresAt).toISOString(),
  scope: entry.scope,
  person_hash: entry.personHash,
});

export const isHashedHeader = (names: readonly string[]): boolean =>
  names.some((name) => normalizedName(name) === 'addresshash');

/** Returns the column for each name in a header, or null for an unknown name. */
export const columnsOfHashedHeader = (names: readonly string[]): (HashedColumn | null)[] =>
  names.map(
    (name) => hashedColumns.find((column) => normalizedName(column) === normalizedName(name)) ?? null,
  );

const isHash = (text: string) => /^[0-9a-f]{64}$/.test(text);

/**
 * Reads one row. `keyId` identifies the hash key of the list that the row is imported into; a row with another key id is
 * an error. A row without a scope, as earlier versions exported it, gets the default scope of its reason.
 */
export function entryFromHashedRow(
  row: Readonly<Partial<Record<HashedColumn, string | null>>>,
  keyId: string,
): HashedRow {
  const error = (column: HashedColumn, message: string): HashedRow => ({ kind: 'error', column, message });
  const text = (column: HashedColumn) => row[column]?.trim() ?? '';

  const addressHash = text('address_hash').toLowerCase();
  if (!isHash(addressHash)) return error('address_hash', 'The hash must be exactly 64 hexadecimal digits.');
  if (text('key_id') !== keyId)
    return error(
      'key_id',
      'The key_id must be that of this service. Export the list from a service with the same ADDRESS_HASH_KEY.',
    );
  const reason = suppressionReasons.find((one) => one === text('reason'));
  if (reason === undefined)
    return error('reason', 'The reason must be bounce, complaint, unsubscribe or manual.');
  const status = text('status');
  if (status !== '' && !enhancedStatusPattern.test(status))
    return error('status', 'The status must be an enhanced status code such as 5.1.1.');
  const since = parseWrittenDate(text('since'));
  if (since === null)
    return error('since', 'The date must exist and have a form such as 2026-11-20T12:00:00Z.');
  const expiresAt = text('expires_at') === '' ? null : parseWrittenDate(text('expires_at'));
  if (expiresAt === null && text('expires_at') !== '')
    return error('expires_at', 'The date must exist and have a form such as 2026-11-20T12:00:00Z.');
  const scope = text('scope') === '' ? undefined : parseScope(text('scope'));
  if (scope === null)
    return error(
      'scope',
      'The scope must be all, marketing or list:NAME. NAME must be 1 to 100 characters without @ or control characters.',
    );
  const personHash = text('person_hash').toLowerCase() || null;
  if (personHash !== null && !isHash(personHash))
    return error('person_hash', 'The hash must be exactly 64 hexadecimal digits.');

  const source = text('source') || null;
  return {
    kind: 'hashed',
    entry: {
      addressHash,
      personHash,
      ...(scope && { scope }),
      reason,
      status: status || null,
      source,
      since,
      expiresAt,
    },
  };
}
