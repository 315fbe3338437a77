// What an alert is: something that is sent to the operator, once.

export const alertSeverities = ['info', 'warning', 'critical'] as const;
/** `critical` alerts do not wait for the end of the quiet hours. `info`: something is over. */
export type AlertSeverity = (typeof alertSeverities)[number];

export interface Alert {
  /** Names what is sent, such as one state of one incident. An alert whose key was kept before is not sent again. */
  readonly key: string;
  /**
   * If the source has not reported the key for this many milliseconds, what it names is over, and is sent again when it returns: the
   * kept key then has `#` and the time after it. At least two days, because a lasting alert is marked only once a day. Absent: the key
   * is sent once.
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

/** Returns the alerts that describe the present state. Those that were sent before are left out later, by their keys. */
export type AlertSource = () => Promise<readonly Alert[]>;

/** Every way in which an address could be written into the name of a source, campaign or list. */
const addressLike = /[^\s"'<>(),;]*(?:@|＠|﹫|%40)[^\s"'<>(),;]*/gi;

/** Replaces each word that may be an address by `…`: people put addresses into names of campaigns and lists. */
export const withoutAddresses = (text: string): string => text.replace(addressLike, '…');

/** The start of a DNS record to publish, in an advice. Its end cannot be told from the sentence that follows. */
const recordStart = / ?\bPublish at \S+: (?:TXT|MX|AAAA|A|PTR|CNAME) /;

export const whereRecordsAre = 'The record to publish is at GET /v1/preflights and on the page /preflight.';

/** The text before the first DNS record to publish; all of it if it has none. */
export function textBeforeRecord(text: string): string {
  const start = text.search(recordStart);
  return start < 0 ? text : text.slice(0, start);
}

/** Without addresses. A record with an address (such as `rua=mailto:…` in DMARC) would be published damaged, so it is left out. */
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
