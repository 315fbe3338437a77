// The type of an alert: a message to the operator about one thing that happened.

export const alertSeverities = ['info', 'warning', 'critical'] as const;
/** `critical` alerts do not wait for the end of the quiet hours. `info`: something is over. */
export type AlertSeverity = (typeof alertSeverities)[number];

export interface Alert {
  /** Identifies the alert, such as one state of one incident. An alert whose key is already in the outbox is not sent again. */
  readonly key: string;
  /**
   * For a state that can return. If the source has not reported the key for this many milliseconds, the state is over, and the
   * next report of the key is a new alert: the outbox stores it with `#` and the time after the key. At least two days, because
   * the outbox notes only once a day that a state lasts. Absent: the key is sent only once, ever.
   */
  readonly endsAfterMs?: number;
  /** What the alert is about, such as an incident through its whole life. */
  readonly thread: string;
  /** True if the alert makes sense only after another one of its thread, such as the end of an incident. */
  readonly isFollowUp?: boolean;
  /** What happened, such as `incident_opened`. */
  readonly kind: string;
  readonly severity: AlertSeverity;
  /** One sentence. */
  readonly title: string;
  /** What to do, in sentences; null if nothing. */
  readonly advice: string | null;
  /** Figures for programs, by name. */
  readonly details: Readonly<Record<string, string | number | null>>;
  /** When it happened, in epoch milliseconds. */
  readonly at: number;
}

/** Returns the alerts for the present state, including those that were sent before. The outbox skips these by their keys. */
export type AlertSource = () => Promise<readonly Alert[]>;

/** Every way in which an address could be written into the name of a source, campaign or list. */
const addressLike = /[^\s"'<>(),;]*(?:@|＠|﹫|%40)[^\s"'<>(),;]*/gi;

/** Replaces each word that may be an address by `…`: people put addresses into names of campaigns and lists. */
export const withoutAddresses = (text: string): string => text.replace(addressLike, '…');

/**
 * The start of a DNS record to publish, in an advice. Where the record ends cannot be found, because a sentence may follow it.
 */
const recordStart = / ?\bPublish at \S+: (?:TXT|MX|AAAA|A|PTR|CNAME) /;

export const whereRecordsAre = 'The record to publish is at GET /v1/preflights and on the page /preflight.';

/** The text before the first DNS record to publish; the whole text if it has no record. */
export function textBeforeRecord(text: string): string {
  const start = text.search(recordStart);
  return start < 0 ? text : text.slice(0, start);
}

/**
 * Replaces addresses. A DNS record that contains an address (such as `rua=mailto:…` in DMARC) is left out: people would publish
 * it with `…` in it.
 */
function anonymousText(text: string): string {
  const before = textBeforeRecord(text);
  const records = text.slice(before.length);
  return withoutAddresses(records) === records
    ? withoutAddresses(text)
    : `${withoutAddresses(before)} ${whereRecordsAre}`.trim();
}

/** Returns the alert without any address in its texts and details. */
export const anonymous = (alert: Alert): Alert => ({
  ...alert,
  title: anonymousText(alert.title),
  advice: alert.advice === null ? null : anonymousText(alert.advice),
  details: Object.fromEntries(
    Object.entries(alert.details).map(([name, value]) => [
      name,
      typeof value === 'string' ? withoutAddresses(value) : value,
    ]),
  ),
});
