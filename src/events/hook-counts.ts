// The port for the counts of what came in through each webhook.

export interface HookCount {
  /** The name of the provider or CRM, such as `sendgrid`. */
  readonly hook: string;
  /** Number of events received. An event that the vendor sends again is counted again. */
  readonly events: number;
  /** Number of events received that have no valid address. They are recorded, but cannot suppress an address. */
  readonly namingNobody: number;
  /** Number of requests that were not accepted. */
  readonly refused: number;
  /** When the last event was received, in epoch milliseconds; null if none was. */
  readonly lastEventAt: number | null;
  /** When a request was last refused, in epoch milliseconds, and the reason; null if none was. */
  readonly lastRefusal: { readonly at: number; readonly why: string } | null;
}

/** Counts to add, and when they were counted, in epoch milliseconds. */
export interface NewHookCounts {
  readonly counts: readonly HookCount[];
  readonly at: number;
}

/** What came in through a webhook in one hour. */
export interface HookHour {
  /** The start of the hour, in epoch milliseconds. */
  readonly hour: number;
  readonly events: number;
  readonly refused: number;
}

export interface HookRepository {
  /** Adds counts to those of the day and of the hour, in one transaction. */
  add(counted: NewHookCounts): Promise<void>;
  /** Returns the sums of all stored counts by hook, and when counting began; null if nothing is stored. */
  totals(): Promise<{ readonly since: number | null; readonly counts: readonly HookCount[] }>;
  /** Returns the counts of the hours that began at or after `from` (epoch milliseconds), the first hour first. */
  hours(from: number): Promise<readonly (HookHour & { readonly hook: string })[]>;
  /** Deletes the counts of days that ended before `before`, and of hours that began before `hoursBefore` (epoch milliseconds). */
  deleteBefore(before: number, hoursBefore?: number): Promise<void>;
}

const nothing = { events: 0, namingNobody: 0, refused: 0, lastEventAt: null, lastRefusal: null };

export const noHookCount = (hook: string): HookCount => ({ hook, ...nothing });

/** Adds two counts of one hook. */
export const addHookCounts = (a: HookCount, b: HookCount): HookCount => ({
  hook: a.hook,
  events: a.events + b.events,
  namingNobody: a.namingNobody + b.namingNobody,
  refused: a.refused + b.refused,
  lastEventAt: later(a.lastEventAt, b.lastEventAt),
  lastRefusal: (b.lastRefusal?.at ?? 0) >= (a.lastRefusal?.at ?? 0) ? b.lastRefusal : a.lastRefusal,
});

const later = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);
