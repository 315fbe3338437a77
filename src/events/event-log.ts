// The log of delivery events: its port to storage, and the pages that callers read. Events contain hashes instead of addresses.

import { type AddressHasher, personKey, suppressionKey } from '../suppression/address-hash.ts';
import { type EventFilter, storedFilter } from './event-filter.ts';
import type { StoredEvent } from './event-repository.ts';

/** The place of an event in the log, which is sorted by time and id, the latest event first. */
export interface LogPlace {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly id: string;
}

export interface LogSlice {
  /** The latest first. */
  readonly events: readonly StoredEvent[];
  /** The place after which the next slice begins; null if there are no more events. */
  readonly next: LogPlace | null;
}

export interface LogSliceRequest {
  /** Only events that come after this place in the log; null: from the latest event on. */
  readonly after: LogPlace | null;
  /** Maximum number of events. */
  readonly limit: number;
}

export interface EventLogCounts {
  /** Number of events that match a filter. */
  readonly events: number;
  /** Number of these events that name no address. */
  readonly unnamed: number;
  /** Number of these events whose address was hashed with another key. */
  readonly otherKey: number;
}

export interface EventLogRepository {
  /**
   * Returns the next events that match. Looks at a limited number of events, so the slice may have fewer than `limit` although
   * more follow. Then `next` is the place from which to go on.
   */
  read(filter: EventFilter, request: LogSliceRequest): Promise<LogSlice>;
  /** Returns the next events of the given addresses in a period. */
  ofAddresses(
    keyId: string,
    addressHashes: readonly string[],
    period: Pick<EventFilter, 'from' | 'to'>,
    request: LogSliceRequest,
  ): Promise<LogSlice>;
  /** Returns all events of the given addresses that match, those of one address from the first to the latest. */
  matching(
    keyId: string,
    addressHashes: readonly string[],
    filter: EventFilter,
  ): Promise<readonly (StoredEvent & { readonly addressHash: string })[]>;
  /** Counts all events that match. Its cost grows with their number. */
  count(keyId: string, filter: EventFilter): Promise<EventLogCounts>;
  /** When the oldest event happened, in epoch milliseconds; null if there is no event. */
  oldest(): Promise<number | null>;
  /** Returns the ids of the keys, other than `keyId`, with which addresses of events were hashed. */
  otherKeyIds(keyId: string): Promise<readonly string[]>;
}

export type EventLogPage =
  | {
      readonly kind: 'page';
      readonly events: readonly StoredEvent[];
      /** The cursor of the next page; null on the last page. */
      readonly next: string | null;
      /** The log has the events since this time, in epoch milliseconds. */
      readonly hotSince: number;
    }
  | { readonly kind: 'bad_cursor' };

export type AddressEvents =
  | (Extract<EventLogPage, { readonly kind: 'page' }> & {
      readonly keyId: string;
      /** Ids of other keys under which events are stored. Events of the address among them cannot be found. */
      readonly otherKeyIds: readonly string[];
    })
  | { readonly kind: 'bad_cursor' };

export interface EventLogPageRequest {
  readonly cursor?: string | undefined;
  /** Maximum number of events, from 1 to `mostOnLogPage`; 100 by default. */
  readonly limit?: number | undefined;
}

export interface EventLog {
  /**
   * Returns one page, the latest event first. A page can have fewer events than `limit`, or none, although others follow. Events
   * that are stored between two pages neither repeat nor hide those that were there before.
   */
  page(filter: EventFilter, request?: EventLogPageRequest): Promise<EventLogPage>;
  /**
   * Returns one page of the events of an address in its canonical form (`recipientAddress`). Finds the spellings that have the
   * same `suppressionKey` or, at providers that ignore dots or tags, the spelling without them.
   */
  find(
    address: string,
    period?: Pick<EventFilter, 'from' | 'to'>,
    request?: EventLogPageRequest,
  ): Promise<AddressEvents>;
}

export interface EventLogOptions {
  readonly repository: EventLogRepository;
  readonly hasher: AddressHasher;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /**
   * Returns the time before which events move to files, in epoch milliseconds; null if they do not move. Some older events stay,
   * such as those of open runs of soft bounces, but the log does not have all of them.
   */
  readonly movedBefore: () => number | null;
}

export const mostOnLogPage = 1000;
const onLogPageByDefault = 100;

export function createEventLog({ repository, hasher, now, movedBefore }: EventLogOptions): EventLog {
  const since = async (): Promise<number> =>
    Math.max(movedBefore() ?? 0, (await repository.oldest()) ?? now());

  async function pageOf(
    { cursor, limit = onLogPageByDefault }: EventLogPageRequest,
    read: (request: LogSliceRequest) => Promise<LogSlice>,
  ): Promise<EventLogPage> {
    const after = cursor === undefined ? null : placeOf(cursor);
    if (after === undefined) return { kind: 'bad_cursor' };
    const { events, next } = await read({ after, limit });
    return { kind: 'page', events, next: next && cursorOf(next), hotSince: await since() };
  }

  return {
    page(filter, request = {}) {
      const stored = storedFilter(filter);
      return pageOf(request, async (slice) =>
        stored === null ? { events: [], next: null } : repository.read(stored, slice),
      );
    },
    async find(address, period = {}, request = {}) {
      const { keyId } = hasher;
      const page = await pageOf(request, async (slice) =>
        repository.ofAddresses(keyId, await hashesOfAddress(hasher, address), period, slice),
      );
      if (page.kind === 'bad_cursor') return page;
      return { ...page, keyId, otherKeyIds: await repository.otherKeyIds(keyId) };
    },
  };
}

/** The hashes under which events of an address can be stored: of its own spelling, and of the shortest one. */
async function hashesOfAddress(hasher: AddressHasher, address: string): Promise<string[]> {
  const own = suppressionKey(address);
  return hasher.hashAll([...new Set([own, personKey(address) ?? own])]);
}

const cursorOf = ({ at, id }: LogPlace): string => btoa(`${at}.${id}`).replaceAll('=', '');

/** Reads a cursor that `cursorOf` wrote; undefined if the text is not one. */
function placeOf(cursor: string): LogPlace | undefined {
  if (!/^[A-Za-z0-9]{1,200}$/.test(cursor) || cursor.length % 4 === 1) return undefined;
  const [, at, id] = /^(-?\d{1,16})\.([\w-]+)$/.exec(atob(cursor)) ?? [];
  return at === undefined ? undefined : { at: Number(at), id: id! };
}
