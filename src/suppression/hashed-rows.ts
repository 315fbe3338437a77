// The hashed form of the list, in which it moves between instances that share their key: one row out, one row in. Pure.

import { bare, epochOf } from './import-rows.ts';
import type { HashedSuppression, SuppressionEntry, SuppressionReason } from './suppressions.ts';

export const hashedColumns = [
  'address_hash',
  'key_id',
  'reason',
  'status',
  'source',
  'since',
  'expires_at',
] as const;

export type HashedColumn = (typeof hashedColumns)[number];

export type HashedRow =
  | { readonly kind: 'hashed'; readonly entry: HashedSuppression }
  | { readonly kind: 'error'; readonly column: HashedColumn; readonly message: string };

/** The row of an entry; its date columns are RFC 3339. */
export const hashedRow = (entry: SuppressionEntry): Readonly<Record<HashedColumn, string | null>> => ({
  address_hash: entry.addressHash,
  key_id: entry.keyId,
  reason: entry.reason,
  status: entry.status,
  source: entry.source,
  since: new Date(entry.since).toISOString(),
  expires_at: entry.expiresAt === null ? null : new Date(entry.expiresAt).toISOString(),
});

export const isHashedHeader = (names: readonly string[]): boolean =>
  names.some((name) => bare(name) === 'addresshash');

/** The names of a header as the columns that they are, null for what is none. */
export const columnsOfHashedHeader = (names: readonly string[]): (HashedColumn | null)[] =>
  names.map((name) => hashedColumns.find((column) => bare(column) === bare(name)) ?? null);

const reasons: readonly SuppressionReason[] = ['bounce', 'complaint', 'unsubscribe', 'manual'];

/** Reads one row. `keyId` names the key of the list that it goes into. */
export function entryFromHashedRow(
  row: Readonly<Partial<Record<HashedColumn, string | null>>>,
  keyId: string,
): HashedRow {
  const error = (column: HashedColumn, message: string): HashedRow => ({ kind: 'error', column, message });
  const text = (column: HashedColumn) => row[column]?.trim() ?? '';

  const addressHash = text('address_hash').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(addressHash)) return error('address_hash', 'It has not 64 hexadecimal digits.');
  if (text('key_id') !== keyId)
    return error('key_id', 'It was hashed under another ADDRESS_HASH_KEY than this service has.');
  const reason = reasons.find((one) => one === text('reason'));
  if (reason === undefined)
    return error('reason', 'The reason is none of bounce, complaint, unsubscribe, manual.');
  const status = text('status');
  if (!/^([245]\.\d{1,3}\.\d{1,3})?$/.test(status))
    return error('status', 'It is no enhanced status such as 5.1.1.');
  const since = epochOf(text('since'));
  if (since === null) return error('since', 'The date is not ISO 8601.');
  const expiresAt = text('expires_at') === '' ? null : epochOf(text('expires_at'));
  if (expiresAt === null && text('expires_at') !== '')
    return error('expires_at', 'The date is not ISO 8601.');

  const source = text('source') || null;
  return { kind: 'hashed', entry: { addressHash, reason, status: status || null, source, since, expiresAt } };
}
