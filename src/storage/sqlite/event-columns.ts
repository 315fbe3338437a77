// The columns of the table `delivery_events`.

import type { StoredEvent } from '../../events/event-repository.ts';

type Columns = readonly (readonly [name: string, property: keyof StoredEvent])[];

const columns = [
  ['id', 'id'],
  ['at', 'at'],
  ['received_at', 'receivedAt'],
  ['teller', 'reportedBy'],
  ['kind', 'kind'],
  ['class', 'class'],
  ['reason', 'reason'],
  ['status', 'status'],
  ['echo', 'echo'],
  ['key_id', 'keyId'],
  ['address_hash', 'addressHash'],
  ['mailbox_provider', 'mailboxProvider'],
  ['message', 'message'],
  ['campaign', 'campaign'],
  ['source', 'source'],
  ['proof', 'proof'],
  ['mail_host', 'mailHost'],
  ['gateway', 'gateway'],
  ['list', 'list'],
] as const satisfies Columns;

/** The columns that an INSERT writes, in the order of `rowOf`. */
export const insertColumns = columns.map(([name]) => name).join(', ');
/** The same columns of JSON rows, such as `value ->> 0`. */
export const rowColumns = columns.map((_, index) => `value ->> ${index}`).join(', ');

/** A row of a SELECT with `readColumnsOf`. */
export type EventRow = Omit<StoredEvent, 'echo'> & { readonly echo: 0 | 1 };

/**
 * The columns of a SELECT from `table`, the name or the alias of `delivery_events`. They are named like the properties of
 * `EventRow`.
 */
export const readColumnsOf = (table: string): string =>
  columns.map(([name, property]) => `${table}.${name} AS ${property}`).join(', ');

export const eventOfRow = <Row extends EventRow>(
  row: Row,
): Omit<Row, 'echo'> & { readonly echo: boolean } => ({
  ...row,
  echo: row.echo === 1,
});

export const rowOf = (event: StoredEvent): (string | number | null)[] =>
  columns.map(([, property]) => {
    const value = event[property];
    return typeof value === 'boolean' ? Number(value) : value;
  });

/**
 * The condition of the index `delivery_events_run`, word for word. The index `delivery_events_other` has all other events, so
 * each event is in exactly one of the two.
 */
export const isOfRun = "(class = 'soft' OR kind = 'delivered')";

/** The condition of the index `delivery_events_message`, word for word: SQLite uses a partial index only then. */
export const isFailureOfMessage = `message IS NOT NULL AND echo = 0 AND kind <> 'deferred'
    AND (class IN ('hard', 'soft', 'policy', 'complaint') OR kind = 'unsubscribed')`;
