// Joins the event log to a list: each event of an address in the list, with the address and the columns of its row, as CSV.

import { readRecords } from '../csv/read-records.ts';
import type { EventFilter } from '../events/event-filter.ts';
import type { EventLogRepository } from '../events/event-log.ts';
import type { StoredEvent } from '../events/event-repository.ts';
import { eventFields } from '../events/logged-event.ts';
import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import { recipientAddress } from '../suppression/recipient.ts';
import type { SeenAddresses } from './duplicates.ts';
import type { ListError } from './list-error.ts';
import type { OpenedList } from './read-list.ts';
import type { ListRow, ListShape } from './shape.ts';
import { csvCell } from './spreadsheet.ts';

export interface EventJoin {
  readonly list: Extract<OpenedList, { readonly ok: true }>;
  readonly repository: Pick<EventLogRepository, 'matching'>;
  readonly hasher: AddressHasher;
  /** With names as they are stored (`storedFilter`). */
  readonly filter: EventFilter;
  /** Remembers the hashes of addresses, so that an address that occurs twice in the list is joined with its first row only. */
  readonly seen: SeenAddresses;
}

export type JoinedPart =
  | {
      readonly kind: 'events';
      /** Lines of CSV. The first part begins with the header. */
      readonly csv: string;
      /** Numbers of rows that were read, of their addresses that have events, and of these events. */
      readonly rows: number;
      readonly addresses: number;
      readonly events: number;
    }
  /** Comes last: the rest of the list cannot be read. */
  | { readonly kind: 'error'; readonly error: ListError };

/** Maximum number of addresses whose events are read together. */
const addressesAtOnce = 500;

const eventColumns = [
  'at',
  'kind',
  'class',
  'reason',
  'status',
  'provider',
  'mail_host',
  'gateway',
  'campaign',
  'list',
  'source',
  'reported_by',
  'echo',
  'proof',
  'received_at',
  'id',
] as const satisfies (keyof ReturnType<typeof eventFields>)[];

/** Yields the joined events in the order of the list, those of one address from the first to the latest. */
export async function* joinEvents(join: EventJoin): AsyncGenerator<JoinedPart> {
  const { list, repository, hasher, filter, seen } = join;
  const columns = listColumns(list.shape);
  yield {
    kind: 'events',
    csv: `${['address', ...eventColumns, ...columns.names].map(csvCell).join(',')}\r\n`,
    ...{ rows: 0, addresses: 0, events: 0 },
  };
  for await (const part of list.parts) {
    if (part.kind === 'error') {
      yield part;
      return;
    }
    const rows = part.rows.filter(({ fields }) => fields > 0);
    const asked = rows.flatMap((row) =>
      [row.email, ...(row.others ?? [])].flatMap((text) => {
        const address = recipientAddress(text);
        return address === null ? [] : [{ text, row, key: suppressionKey(address) }];
      }),
    );
    for (let start = 0; start === 0 || start < asked.length; start += addressesAtOnce) {
      const some = asked.slice(start, start + addressesAtOnce);
      const hashes = await hasher.hashAll(some.map(({ key }) => key));
      const isRepeated = seen.seen(hashes);
      const fresh = hashes.filter((_, index) => !isRepeated[index]);
      const found = Map.groupBy(
        fresh.length === 0 ? [] : await repository.matching(hasher.keyId, fresh, filter),
        ({ addressHash }) => addressHash,
      );
      let csv = '';
      for (const [index, { text, row }] of some.entries()) {
        const events = isRepeated[index] ? [] : (found.get(hashes[index]!) ?? []);
        if (events.length === 0) continue;
        const cells = columns.cellsOf(row).map(csvCell);
        for (const event of events) csv += `${[csvCell(text), ...eventCells(event), ...cells].join(',')}\r\n`;
      }
      yield {
        kind: 'events',
        csv,
        rows: start === 0 ? rows.length : 0,
        addresses: found.size,
        events: [...found.values()].reduce((sum, { length }) => sum + length, 0),
      };
    }
  }
}

/**
 * Returns the cells of an event. A text that a spreadsheet would run as a formula gets an apostrophe in front, because providers
 * may report such names.
 */
function eventCells(event: StoredEvent): string[] {
  const fields = eventFields(event);
  return eventColumns.map((name) => {
    const text = String(fields[name] ?? '');
    return csvCell(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
  });
}

interface ListColumns {
  readonly names: readonly string[];
  cellsOf(row: ListRow): readonly string[];
}

const noColumns: ListColumns = { names: [], cellsOf: () => [] };

/** The columns of a list. A list of JSON objects has one column, `contact`, with the object. */
function listColumns(shape: ListShape): ListColumns {
  if (shape.format === 'ndjson')
    return shape.strings ? noColumns : { names: ['contact'], cellsOf: ({ text }) => [text.trim()] };
  if (shape.onlyAddresses || (shape.header === null && shape.width === 1)) return noColumns;
  const taken = new Set<string>(['address', ...eventColumns]);
  const names = Array.from({ length: shape.width }, (_, column) => {
    let name = shape.header?.[column] ?? `column_${column + 1}`;
    while (taken.has(name)) name = `list_${name}`;
    taken.add(name);
    return name;
  });
  return {
    names,
    cellsOf({ text }) {
      let cells: readonly string[] = [];
      readRecords(text, shape, { last: true, longest: text.length }, (fields) => {
        if (cells.length === 0) cells = fields ?? [text];
      });
      return names.map((_, column) => cells[column] ?? '');
    },
  };
}
