// What delivery events add to the counters. Pure functions.

import { dayMs, hourMs } from '../../durations.ts';
import type { StoredEvent } from '../../events/event-repository.ts';
import type { CountQuery } from '../../reports/count.ts';
import { type EventTally, type Failure, nothing } from '../../reports/tally.ts';

export type CountableEvent = Omit<StoredEvent, 'receivedAt' | 'reportedBy' | 'keyId'>;

/** An event that the counters gain (`sign` is 1) or lose (-1). */
export interface CountChange {
  readonly event: CountableEvent;
  readonly sign: 1 | -1;
}

/** Identifies events that together count as one: the failures of one kind of one message to one recipient. */
export interface FailureGroup {
  readonly message: string;
  readonly addressHash: string | null;
  readonly kind: 'bounce' | 'complaint' | 'unsubscribed';
}

type Outcome = keyof EventTally;
type Dimension = CountQuery['by'];

/** The changes to one row of the counters. `name`, `reason` and `status` are as stored: empty if unknown. */
export interface CountCell {
  readonly every: 'hour' | 'day';
  readonly dimension: Dimension;
  /** Start of the hour or UTC day, in epoch milliseconds. */
  readonly start: number;
  readonly name: string;
  readonly tally: Record<Outcome, number>;
  readonly causes: Map<string, CountedCause>;
  /** Whether the changes subtract an event that was counted earlier. */
  hasLoss: boolean;
}

interface CountedCause {
  readonly failure: Failure;
  readonly reason: string;
  readonly status: string;
  messages: number;
}

/** The name that stands for all names of an hour or day beyond `mostNames`. */
const otherNames = 'other';

/**
 * Maximum number of names of an hour. A day has twice as many. Names that come later count as `otherNames`. The frequent
 * names of an hour come early, so they keep their own rows.
 */
const mostNames: Readonly<Record<Dimension, number>> = {
  provider: 200,
  gateway: 200,
  mail_host: 200,
  reason: 200,
  status: 200,
  // The sender chooses these names, and many reports are about them.
  source: 2000,
  campaign: 2000,
  list: 2000,
};

const mostNamesIn = ({ every, dimension }: Pick<CountCell, 'every' | 'dimension'>): number =>
  mostNames[dimension] * (every === 'day' ? 2 : 1);

/** Returns what an event counts as, if it is proven; null if it counts as nothing, such as an echo. */
export function outcomeOf({ kind, class: bounceClass, echo }: CountableEvent): Outcome | null {
  if (kind === 'sent' || kind === 'delivered') return kind;
  if (echo) return null;
  if (kind === 'deferred' || kind === 'unsubscribed') return kind;
  return bounceClass === 'none' || bounceClass === 'autoreply' ? null : bounceClass;
}

/** Returns the group with which an event counts once; null if the event counts separately or not at all. */
export function failureGroupOf(event: CountableEvent): FailureGroup | null {
  const { message, addressHash } = event;
  const outcome = outcomeOf(event);
  if (message === null || outcome === null || /^(?:sent|delivered|deferred)$/.test(outcome)) return null;
  const kind = outcome === 'complaint' || outcome === 'unsubscribed' ? outcome : 'bounce';
  return { message, addressHash, kind };
}

export const failureGroupKey = ({ message, addressHash, kind }: FailureGroup): string =>
  `${kind} ${message} ${addressHash ?? ''}`;

/** Whether `one` counts for its group instead of `other`: the later event does, whichever of them arrived first. */
const isLater = (one: CountableEvent, other: CountableEvent): boolean =>
  one.at > other.at || (one.at === other.at && one.id > other.id);

/** Returns for each group the event that counts: the latest one. The keys are those of `failureGroupKey`. */
export function latestOfGroups(events: readonly CountableEvent[]): Map<string, CountableEvent> {
  const latest = new Map<string, CountableEvent>();
  for (const event of events) {
    const group = failureGroupOf(event);
    if (group === null) continue;
    const key = failureGroupKey(group);
    const before = latest.get(key);
    if (before === undefined || isLater(event, before)) latest.set(key, event);
  }
  return latest;
}

/**
 * Returns the changes of the counters when `added` are counted. `counted` has the event that stands for each of their
 * groups so far.
 */
export function countChanges(
  added: readonly CountableEvent[],
  counted: ReadonlyMap<string, CountableEvent>,
): CountChange[] {
  const proven = added.filter(({ proof }) => proof !== 'unproven');
  const separate = proven.filter((event) => outcomeOf(event) !== null && failureGroupOf(event) === null);
  const changes = separate.map((event): CountChange => ({ event, sign: 1 }));
  for (const [group, event] of latestOfGroups(proven)) {
    const before = counted.get(group);
    if (before !== undefined && !isLater(event, before)) continue;
    if (before !== undefined) changes.push({ event: before, sign: -1 });
    changes.push({ event, sign: 1 });
  }
  return changes;
}

/** Returns the names under which an event counts. Mail hosts, reasons and statuses are known only for failures. */
function namesOf(event: CountableEvent, outcome: Outcome): readonly (readonly [Dimension, string | null])[] {
  const names: [Dimension, string | null][] = [
    ['provider', event.mailboxProvider],
    ['gateway', event.gateway],
    ['source', event.source],
    ['campaign', event.campaign],
    ['list', event.list],
  ];
  if (isFailure(outcome)) names.push(['reason', event.reason], ['status', event.status]);
  // The mail host of a deferral is not looked up.
  if (isFailure(outcome) && outcome !== 'deferred') names.push(['mail_host', event.mailHost]);
  return names;
}

const isFailure = (outcome: Outcome): outcome is Failure => outcome !== 'sent' && outcome !== 'delivered';

const periods = [
  ['hour', hourMs],
  ['day', dayMs],
] as const;

/** Sums the changes by counter row. */
export function cellsOf(changes: readonly CountChange[]): CountCell[] {
  const cells = new Map<string, CountCell>();
  for (const { event, sign } of changes) {
    const outcome = outcomeOf(event)!;
    const names = namesOf(event, outcome);
    for (const [every, ms] of periods) {
      const start = Math.floor(event.at / ms) * ms;
      for (const [dimension, name] of names) {
        const cell = cellAt(cells, { every, dimension, start, name: name ?? '' });
        cell.tally[outcome] += sign;
        cell.hasLoss ||= sign < 0;
        if (isFailure(outcome))
          addCause(cell, {
            failure: outcome,
            reason: event.reason,
            status: event.status ?? '',
            messages: sign,
          });
      }
    }
  }
  return [...cells.values()];
}

type CellPlace = Pick<CountCell, 'every' | 'dimension' | 'start' | 'name'>;

export const cellKey = ({ every, dimension, start, name }: CellPlace): string =>
  `${periodKey({ every, dimension, start })} ${name}`;

/** Identifies the hour or day of a dimension. */
export const periodKey = ({ every, dimension, start }: Omit<CellPlace, 'name'>): string =>
  `${every} ${dimension} ${start}`;

function cellAt(cells: Map<string, CountCell>, place: CellPlace): CountCell {
  const key = cellKey(place);
  let cell = cells.get(key);
  if (cell === undefined) {
    cell = { ...place, tally: { ...nothing }, causes: new Map(), hasLoss: false };
    cells.set(key, cell);
  }
  return cell;
}

function addCause({ causes }: CountCell, added: CountedCause): void {
  const key = `${added.failure} ${added.reason} ${added.status}`;
  const cause = causes.get(key);
  if (cause === undefined) causes.set(key, { ...added });
  else cause.messages += added.messages;
}

/**
 * Replaces names by `otherNames` in hours and days that have too many. `missing` has the keys of the cells whose row
 * does not exist yet (see `cellKey`), and `rows` the number of rows of each hour or day that has such cells (see
 * `periodKey`). The most frequent names keep their own rows.
 *
 * Once an hour is full, it gets no new names. So an event whose name has no row when it is subtracted was counted as
 * `otherNames`.
 */
export function foldNames(
  cells: readonly CountCell[],
  missing: ReadonlySet<string>,
  rows: ReadonlyMap<string, number>,
): CountCell[] {
  const used = new Map(rows);
  const tooMany = new Set<string>();
  for (const cell of cells.toSorted((a, b) => messagesIn(b) - messagesIn(a))) {
    if (!missing.has(cellKey(cell)) || isUnnamed(cell)) continue;
    const period = periodKey(cell);
    const held = used.get(period) ?? 0;
    if (cell.hasLoss || held >= mostNamesIn(cell)) tooMany.add(cellKey(cell));
    else used.set(period, held + 1);
  }
  if (tooMany.size === 0) return [...cells];
  const nameIn = (cell: CellPlace, dimension: Dimension, name: string): string =>
    tooMany.has(cellKey({ ...cell, dimension, name })) ? otherNames : name;
  const folded = new Map<string, CountCell>();
  for (const { every, dimension, start, name, tally, causes } of cells) {
    const place = { every, dimension, start, name };
    const target = cellAt(folded, { ...place, name: nameIn(place, dimension, name) });
    for (const outcome of Object.keys(tally) as Outcome[]) target.tally[outcome] += tally[outcome];
    for (const cause of causes.values())
      addCause(target, { ...cause, status: nameIn(place, 'status', cause.status) });
  }
  return [...folded.values()];
}

/** Whether the row of a cell is outside the limit of `mostNames`: the row without a name and the row of all other names. */
export const isUnnamed = ({ name }: Pick<CountCell, 'name'>): boolean => name === '' || name === otherNames;

const messagesIn = ({ tally }: CountCell): number => Object.values(tally).reduce((all, one) => all + one, 0);
