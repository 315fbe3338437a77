// Chooses the finding in the sender's DNS that explains bounces: it must cause their statuses or belong to their reason, and it
// must have appeared shortly before they rose. A fault that existed for months does not explain a new rise.

import { dayMs, hourMs } from '../durations.ts';
import {
  areaOfFinding,
  type SenderArea,
  type SenderState,
  type WatchedFinding,
} from '../preflight/watch/sender-state.ts';
import type { DiagnosedCause } from '../reports/incidents/diagnosis-record.ts';

/** A domain of the sender, as its last preflight saw it. */
export interface ObservedSender {
  readonly domain: string;
  /** Epoch milliseconds. */
  readonly checkedAt: number;
  /** The time of a later check that no resolver answered; null or absent if there is none. */
  readonly failedAt?: number | null;
  readonly state: SenderState;
}

export interface Explanation {
  readonly sender: ObservedSender;
  readonly finding: WatchedFinding;
  /** Whether the finding appeared at the time of the rise. Otherwise it is only a possible cause. */
  readonly isNew: boolean;
}

/** Tolerance when times are compared, because counts are by the hour and clocks differ. */
const slackMs = hourMs;
/**
 * How long before the failures a finding may have appeared: caches delay the effect of a change, and mail is not sent every day.
 */
const beforeMs = 3 * dayMs;

/** The areas whose findings can explain a cause. */
export const areasOfCause: Readonly<Partial<Record<DiagnosedCause, readonly SenderArea[]>>> = {
  authentication: ['spf', 'dkim', 'dmarc'],
  reverse_dns: ['ips'],
  listed: ['blocklists'],
  reputation: ['blocklists', 'ips'],
};

export const causeOfArea: Readonly<Partial<Record<SenderArea, DiagnosedCause>>> = {
  spf: 'authentication',
  dkim: 'authentication',
  dmarc: 'authentication',
  ips: 'reverse_dns',
  blocklists: 'listed',
  mail_hosts: 'authentication',
};

/** Statuses, without their class, that any refusal may have, so they do not point to a finding. */
const general = new Set(['7.0', '7.1']);

/** The status without its class, because a provider warns with 4.7.26 before it refuses with 5.7.26. */
const withoutClass = (status: string): string => status.slice(2);

/** Whether the finding causes one of the statuses that is not in `general`. */
export const causesStatus = ({ causes }: WatchedFinding, statuses: readonly string[]): boolean => {
  const caused = new Set(causes.map(withoutClass));
  return statuses.some((status) => !general.has(withoutClass(status)) && caused.has(withoutClass(status)));
};

/** Whether the finding appeared at a time at which it can have caused failures that began at `from`. */
const appearedWith = ({ unseenAt, firstSeenAt }: WatchedFinding, from: number): boolean =>
  unseenAt !== null && unseenAt <= from + slackMs && firstSeenAt >= from - beforeMs;

/** Whether the finding appeared only after the failures began. */
const appearedLater = ({ unseenAt }: WatchedFinding, from: number): boolean =>
  unseenAt !== null && unseenAt > from + slackMs;

const severityRank = { error: 0, warning: 1, info: 2 } as const;

/**
 * The finding that best explains failures since `from`; null if none does. `cause` is the cause by the replies, and `statuses`
 * are the statuses of the failures.
 */
export function explainingFinding(
  senders: readonly ObservedSender[],
  { cause, statuses, from }: { cause: DiagnosedCause; statuses: readonly string[]; from: number },
): Explanation | null {
  const areas = areasOfCause[cause] ?? [];
  const candidates = senders.flatMap((sender) =>
    sender.state.findings
      .filter((finding) => finding.severity !== 'info' && !appearedLater(finding, from))
      .map((finding) => ({
        ...{ sender, finding },
        isNew: appearedWith(finding, from),
        isCause: causesStatus(finding, statuses),
        fits: areas.includes(areaOfFinding(finding.code)),
      }))
      .filter(({ isCause, fits, isNew }) => fits || (isCause && isNew)),
  );
  const best = candidates.toSorted(
    (a, b) =>
      Number(b.isNew) - Number(a.isNew) ||
      Number(b.fits) - Number(a.fits) ||
      severityRank[a.finding.severity] - severityRank[b.finding.severity] ||
      Number(b.isCause) - Number(a.isCause) ||
      b.finding.firstSeenAt - a.finding.firstSeenAt,
  )[0];
  return best === undefined ? null : { sender: best.sender, finding: best.finding, isNew: best.isNew };
}
