// Which events of the log a caller wants, read from the texts of a query or of a command line. Pure.

import { type BounceClass, type BounceReason, enhancedStatusPattern } from '../bounce/bounce.ts';
import { bounceReasons } from '../bounce/reasons.ts';
import { isCalendarDay } from '../calendar.ts';
import { dayMs } from '../durations.ts';
import type { DeliveryEventKind } from './delivery-event.ts';
import { storedName } from './stored-events.ts';

/** An event must match all given properties. Names are compared as they are stored, so letter case counts. */
export interface EventFilter {
  /** Events that happened at or after `from` and before `to`, in epoch milliseconds. */
  readonly from?: number;
  readonly to?: number;
  readonly campaign?: string;
  /** The mailing list, group or message stream that the event names. */
  readonly list?: string;
  /** Where the address was acquired. */
  readonly source?: string;
  /** The recipient's mailbox provider, such as `gmail`. */
  readonly provider?: string;
  /** The registrable domain of the recipient's mail host, such as `google.com`. Only bounces have one. */
  readonly mailHost?: string;
  readonly class?: BounceClass;
  readonly reason?: BounceReason;
  /** Enhanced status code (RFC 3463). */
  readonly status?: string;
  readonly kind?: DeliveryEventKind;
  /** Who reported the event: the slug of an email service provider or CRM, or `report`. */
  readonly reportedBy?: string;
}

const isBounceClass: Readonly<Record<BounceClass, true>> = {
  hard: true,
  soft: true,
  policy: true,
  complaint: true,
  autoreply: true,
  none: true,
};

const isEventKind: Readonly<Record<DeliveryEventKind, true>> = {
  queued: true,
  sent: true,
  delivered: true,
  deferred: true,
  bounce: true,
  rejected: true,
  failed: true,
  complaint: true,
  unsubscribed: true,
  subscribed: true,
  suppressed: true,
  unsuppressed: true,
  autoreply: true,
  opened: true,
  clicked: true,
  replied: true,
  unknown: true,
};

export const bounceClassNames = Object.keys(isBounceClass) as readonly BounceClass[];
export const bounceReasonNames = Object.keys(bounceReasons) as readonly BounceReason[];
export const eventKindNames = Object.keys(isEventKind) as readonly DeliveryEventKind[];

/** The properties of `EventFilter` by the names that callers use in queries. */
export const eventFilterNames = [
  'from',
  'to',
  'campaign',
  'list',
  'source',
  'provider',
  'mail_host',
  'class',
  'reason',
  'status',
  'kind',
  'reported_by',
] as const;

export type EventFilterName = (typeof eventFilterNames)[number];

export type ReadEventFilter =
  | { readonly ok: true; readonly filter: EventFilter }
  /** `detail` is a clause about the value, such as `must be …`. It does not repeat the value. */
  | { readonly ok: false; readonly name: EventFilterName; readonly detail: string };

/** Maximum length of a text. The names of campaigns, sources and lists are stored with at most 200 characters. */
const longestText = 1000;

/** Reads a filter. An empty text counts as absent, because forms send empty parameters. */
export function readEventFilter(
  texts: Readonly<Partial<Record<EventFilterName, string | undefined>>>,
): ReadEventFilter {
  const refuse = (name: EventFilterName, detail: string) => ({ ok: false, name, detail }) as const;
  const given = new Map<EventFilterName, string>();
  for (const name of eventFilterNames) {
    const text = texts[name];
    if (text === undefined || text === '') continue;
    if (text.length > longestText) return refuse(name, `must be at most ${longestText} characters long`);
    given.set(name, text);
  }
  const choices = [
    ['class', bounceClassNames],
    ['reason', bounceReasonNames],
    ['kind', eventKindNames],
  ] as const;
  for (const [name, names] of choices) {
    const text = given.get(name);
    if (text !== undefined && !(names as readonly string[]).includes(text))
      return refuse(name, `must be one of ${names.join(', ')}`);
  }
  const status = given.get('status');
  if (status !== undefined && !enhancedStatusPattern.test(status))
    return refuse('status', 'must be an enhanced status code such as 5.1.1');
  const from = periodLimit(given.get('from'), 0);
  const to = periodLimit(given.get('to'), dayMs);
  if (from === null) return refuse('from', timeNeeded);
  if (to === null) return refuse('to', timeNeeded);
  if (from !== undefined && to !== undefined && from >= to)
    return refuse('to', 'must be later than "from"; a day counts to its end');
  const values = {
    from,
    to,
    campaign: given.get('campaign'),
    list: given.get('list'),
    source: given.get('source'),
    provider: given.get('provider')?.toLowerCase(),
    mailHost: given.get('mail_host')?.toLowerCase(),
    class: given.get('class'),
    reason: given.get('reason'),
    status,
    kind: given.get('kind'),
    reportedBy: given.get('reported_by')?.toLowerCase(),
  };
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  return { ok: true, filter: Object.fromEntries(present) as EventFilter };
}

/**
 * Returns the filter with names as they are stored. Null if no event can match, because a name contains an address, which is
 * never stored.
 */
export function storedFilter(filter: EventFilter): EventFilter | null {
  const stored: Record<string, string> = {};
  for (const name of ['campaign', 'list', 'source'] as const) {
    const given = filter[name];
    if (given === undefined) continue;
    const text = storedName(given);
    if (text === null) return null;
    stored[name] = text;
  }
  return { ...filter, ...stored };
}

const timeNeeded =
  'must be a day such as 2026-11-20 or a time such as 2026-11-20T12:00:00Z, and it must exist';

const timeForm = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/**
 * Returns a limit of a period in epoch milliseconds: of a day (UTC), its start and `ofDay` milliseconds; of a time, that time.
 * Null if the text is neither.
 */
function periodLimit(text: string | undefined, ofDay: number): number | null | undefined {
  if (text === undefined) return undefined;
  // In the query of a URL, `+` stands for a space.
  const [, day] = timeForm.exec(text.replace(/ (?=\d{2}:\d{2}$)/, '+')) ?? [];
  if (day === undefined || !isCalendarDay(day)) return null;
  const at = Date.parse(text.replace(/ (?=\d{2}:\d{2}$)/, '+'));
  if (Number.isNaN(at)) return null;
  return text === day ? at + ofDay : at;
}
