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

/** The columns of a SELECT, named like the properties of `StoredEvent`. `echo` is 0 or 1. */
export const readColumns = columns
  .map(([name, property]) => `delivery_events.${name} AS ${property}`)
  .join(', ');

export const rowOf = (event: StoredEvent): (string | number | null)[] =>
  columns.map(([, property]) => {
    const value = event[property];
    return typeof value === 'boolean' ? Number(value) : value;
  });

/** The condition of the index `delivery_events_message`, word for word: SQLite uses a partial index only then. */
export const isFailureOfMessage = `message IS NOT NULL AND echo = 0 AND kind <> 'deferred'
    AND (class IN ('hard', 'soft', 'policy', 'complaint') OR kind = 'unsubscribed')`;
