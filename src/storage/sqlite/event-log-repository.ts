// The log of delivery events in SQLite: node:sqlite and D1.

import type { EventFilter } from '../../events/event-filter.ts';
import type { EventLogCounts, EventLogRepository, LogPlace, LogSlice } from '../../events/event-log.ts';
import type { StoredEvent } from '../../events/event-repository.ts';
import type { Database, SqlValue } from '../database.ts';
import { type EventRow, eventOfRow, isOfRun, readColumnsOf } from './event-columns.ts';

const columns = readColumnsOf('event');

/**
 * Number of events that one statement looks at if its index does not have all columns of the filter, and maximum number of such
 * statements for one slice. node:sqlite blocks the process during a statement, and D1 limits the statements of a request.
 */
const lookedAtOnce = 500;
const statementsAtMost = 20;

/** The condition of the indexes `delivery_events_returned` and `delivery_events_campaign_returned`, word for word. */
const isReturned = `(class <> 'none' OR kind NOT IN ('queued', 'sent', 'delivered', 'opened', 'clicked'))`;

const sentKinds: ReadonlySet<string> = new Set(['queued', 'sent', 'delivered', 'opened', 'clicked']);

/**
 * The reasons that events of sent mail may have (see `sentKinds`). All events with another reason are bounces, complaints and
 * other returned events (`isReturned`).
 */
const reasonsOfSent: ReadonlySet<string> = new Set(['delivered', 'unknown']);

/** The columns of a filter, except its period. */
const columnOf = {
  campaign: 'campaign',
  list: 'list',
  source: 'source',
  provider: 'mailbox_provider',
  mailHost: 'mail_host',
  class: 'class',
  reason: 'reason',
  status: 'status',
  kind: 'kind',
  reportedBy: 'teller',
} as const satisfies Partial<Record<keyof EventFilter, string>>;

type FilterColumn = keyof typeof columnOf;

/** Whether the filter matches only returned events (`isReturned`). Only these have a mail host, or a status of 4.x.x or 5.x.x. */
const asksReturned = (filter: EventFilter): boolean =>
  (filter.class ?? 'none') !== 'none' ||
  filter.mailHost !== undefined ||
  (filter.kind !== undefined && !sentKinds.has(filter.kind)) ||
  (filter.reason !== undefined && !reasonsOfSent.has(filter.reason)) ||
  /^[45]/.test(filter.status ?? '');

interface Condition {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

interface Plan {
  readonly index: string;
  /**
   * The conditions that the index alone fulfills: it begins with the workspace and perhaps the campaign, and may contain only
   * returned events.
   */
  readonly ofIndex: Condition;
  /** The other conditions of the filter, except its period. Empty if there are none. */
  readonly others: Condition;
}

function planOf(workspace: string, filter: EventFilter): Plan {
  const returned = asksReturned(filter);
  const { campaign } = filter;
  const names = (Object.keys(columnOf) as FilterColumn[]).filter(
    (name) => name !== 'campaign' && filter[name] !== undefined,
  );
  const index =
    campaign === undefined
      ? returned
        ? 'delivery_events_returned'
        : 'delivery_events_at'
      : returned
        ? 'delivery_events_campaign_returned'
        : 'delivery_events_campaign';
  return {
    index,
    ofIndex: {
      sql: `workspace = ?${campaign === undefined ? '' : ' AND campaign = ?'}${returned ? ` AND ${isReturned}` : ''}`,
      params: [workspace, ...(campaign === undefined ? [] : [campaign])],
    },
    others: {
      sql: names.map((name) => ` AND ${columnOf[name]} = ?`).join(''),
      params: names.map((name) => filter[name]!),
    },
  };
}

interface Period {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/**
 * Returns the condition for the events of a period that come after a place in the log. It contains only the earlier one of `to`
 * and `after`: with both, SQLite might start to read the index at the later one.
 */
function within({ from, to }: Period, after: LogPlace | null): Condition {
  const isBefore = after !== null && (to === undefined || after.at < to);
  const end: readonly [string, readonly SqlValue[]] = isBefore
    ? [' AND (event.at, event.id) < (?, ?)', [after.at, after.id]]
    : to === undefined
      ? ['', []]
      : [' AND event.at < ?', [to]];
  const start: readonly [string, readonly SqlValue[]] =
    from === undefined ? ['', []] : [' AND event.at >= ?', [from]];
  return { sql: start[0] + end[0], params: [...start[1], ...end[1]] };
}

/** Together these indexes have all events. A query uses a partial index only if it repeats its condition. */
const addressIndexes = [
  ['delivery_events_run', isOfRun],
  ['delivery_events_other', `NOT ${isOfRun}`],
] as const;

const ofAddressesIn = (conditions: string) =>
  addressIndexes
    .map(
      ([index, isInIndex]) => `
  SELECT ${columns} FROM json_each(?) AS asked CROSS JOIN delivery_events AS event INDEXED BY ${index}
  WHERE workspace = ? AND key_id = ? AND address_hash = asked.value AND ${isInIndex}${conditions}`,
    )
    .join(' UNION ALL ');

/**
 * Finds the key ids that occur in an index of addresses. It jumps from one key id to the next, so its cost does not grow with the
 * number of events.
 */
const keysIn = ([index, isInIndex]: (typeof addressIndexes)[number]) => `
  WITH RECURSIVE keys (id) AS (
    SELECT min(key_id) FROM delivery_events INDEXED BY ${index} WHERE workspace = ?1 AND ${isInIndex}
    UNION ALL
    SELECT (
      SELECT min(key_id) FROM delivery_events INDEXED BY ${index}
      WHERE workspace = ?1 AND key_id > keys.id AND ${isInIndex}
    ) FROM keys WHERE id IS NOT NULL
  )
  SELECT id FROM keys WHERE id <> ?2`;

const oldest = 'SELECT min(at) AS at FROM delivery_events WHERE workspace = ?';

export function createEventLogRepository(database: Database, workspace = 'default'): EventLogRepository {
  const ordered = 'ORDER BY event.at DESC, event.id DESC';

  /** Returns the place of the last event that the next statement looks at; null if it can look at all that are left. */
  async function lastLookedAt({ index, ofIndex }: Plan, period: Condition): Promise<LogPlace | null> {
    return database.first<LogPlace>(
      `SELECT event.at, event.id FROM delivery_events AS event INDEXED BY ${index} WHERE ${ofIndex.sql}${period.sql}
      ${ordered} LIMIT 1 OFFSET ${lookedAtOnce - 1}`,
      [...ofIndex.params, ...period.params],
    );
  }

  async function matchingIn(
    { index, ofIndex, others }: Plan,
    period: Condition,
    last: LogPlace | null,
    limit: number,
  ): Promise<StoredEvent[]> {
    const rows = await database.all<EventRow>(
      `SELECT ${columns} FROM delivery_events AS event INDEXED BY ${index}
      WHERE ${ofIndex.sql}${period.sql}${last === null ? '' : ' AND (event.at, event.id) >= (?, ?)'}${others.sql} ${ordered} LIMIT ?`,
      [
        ...ofIndex.params,
        ...period.params,
        ...(last === null ? [] : [last.at, last.id]),
        ...others.params,
        limit,
      ],
    );
    return rows.map(eventOfRow);
  }

  return {
    async read(filter, { after, limit }) {
      const plan = planOf(workspace, filter);
      const isIndexed = plan.others.sql === '';
      const found: StoredEvent[] = [];
      let place = after;
      for (let statement = 0; statement < statementsAtMost; statement++) {
        if (statement > 0) await turn();
        const last = isIndexed ? null : await lastLookedAt(plan, within(filter, place));
        // `last` is the lower limit here, so leave out `from`. With two lower limits, SQLite might use the wrong one to search
        // the index.
        const period = within(last === null ? filter : { to: filter.to }, place);
        // One event more than requested: if it exists, there is a next slice.
        found.push(...(await matchingIn(plan, period, last, limit + 1 - found.length)));
        if (last === null || found.length > limit) return sliceOf(found, limit);
        if (found.length === limit) return { events: found, next: placeOf(found.at(-1)!) };
        place = last;
      }
      return { events: found, next: place };
    },

    async ofAddresses(keyId, addressHashes, period, { after, limit }) {
      const { sql, params } = within(period, after);
      const ofIndex = [JSON.stringify(addressHashes), workspace, keyId, ...params];
      const rows = await database.all<EventRow>(`${ofAddressesIn(sql)} ORDER BY at DESC, id DESC LIMIT ?`, [
        ...ofIndex,
        ...ofIndex,
        limit + 1,
      ]);
      return sliceOf(rows.map(eventOfRow), limit);
    },

    async matching(keyId, addressHashes, filter) {
      const { ofIndex, others } = planOf(workspace, filter);
      const { sql, params } = within(filter, null);
      const conditions = `${filter.campaign === undefined ? '' : ' AND campaign = ?'}${sql}${others.sql}`;
      const [, ...campaign] = ofIndex.params;
      const all = [
        ...[JSON.stringify(addressHashes), workspace, keyId],
        ...[...campaign, ...params, ...others.params],
      ];
      const rows = await database.all<EventRow & { readonly addressHash: string }>(
        `${ofAddressesIn(conditions)} ORDER BY at, id`,
        [...all, ...all],
      );
      return rows.map(eventOfRow);
    },

    async count(keyId, filter) {
      const { index, ofIndex, others } = planOf(workspace, filter);
      const period = within(filter, null);
      return (await database.first<EventLogCounts>(
        `SELECT count(*) AS events, coalesce(sum(address_hash IS NULL), 0) AS unnamed,
          coalesce(sum(address_hash IS NOT NULL AND key_id <> ?), 0) AS otherKey
        FROM delivery_events AS event INDEXED BY ${index} WHERE ${ofIndex.sql}${period.sql}${others.sql}`,
        [keyId, ...ofIndex.params, ...period.params, ...others.params],
      ))!;
    },

    async oldest() {
      return (await database.first<{ at: number | null }>(oldest, [workspace]))!.at;
    },

    async otherKeyIds(keyId) {
      const ids = new Set<string>();
      for (const each of addressIndexes)
        for (const { id } of await database.all<{ id: string }>(keysIn(each), [workspace, keyId]))
          ids.add(id);
      return [...ids].toSorted();
    },
  };
}

/** `found` has one event more than `limit` if there are more events. */
function sliceOf(found: readonly StoredEvent[], limit: number): LogSlice {
  const events = found.slice(0, limit);
  return { events, next: found.length > limit ? placeOf(events.at(-1)!) : null };
}

const placeOf = ({ at, id }: StoredEvent): LogPlace => ({ at, id });

/** Waits for a turn of the event loop, in which other requests are answered. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve));
