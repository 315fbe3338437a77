// Writes the bounce report as JSON, and as CSV with one row per group.

import Papa from 'papaparse';
import { dayName } from '../../calendar.ts';
import type { SenderOrList } from '../../diagnosis/sender-or-list.ts';
import type { BounceRateReport } from '../../reports/report.ts';
import type { RateName, ReportLine } from '../../reports/report-line.ts';
import type { BandLimits } from '../../reports/thresholds.ts';

/** Rounds a rate to six decimal places. */
const rounded = (rate: number): number => Math.round(rate * 1e6) / 1e6;
const roundedOrNull = (rate: number | null): number | null => (rate === null ? null : rounded(rate));

function lineAnswer(line: ReportLine) {
  const { sent, delivered, hard, soft, policy, bounces, complaint, unsubscribed, deferred, rates } = line;
  const rateOf = (name: RateName) => ({ ...rates![name], rate: rounded(rates![name].rate) });
  return {
    sent,
    delivered,
    hard,
    soft,
    policy,
    bounces,
    complaint,
    unsubscribed,
    deferred,
    rates:
      rates === null
        ? null
        : {
            hard: rateOf('hard'),
            soft: rateOf('soft'),
            policy: rateOf('policy'),
            bounces: rateOf('bounces'),
            complaint: rateOf('complaint'),
            unsubscribed: rateOf('unsubscribed'),
          },
  };
}

const limitsAnswer = ({ warningFrom, criticalAbove }: BandLimits) => ({
  warning_from: warningFrom,
  critical_above: criticalAbove,
});

export const reportAnswer = (report: BounceRateReport, cause: SenderOrList) => ({
  from: dayName(report.from),
  to: dayName(report.to),
  time_zone: report.timeZone,
  profile: report.profile,
  bands: { hard: limitsAnswer(report.bands.hard), bounces: limitsAnswer(report.bands.bounces) },
  by: report.by,
  total: lineAnswer(report.total),
  groups: report.groups.map(({ name, share, ...line }) => ({
    name,
    share: roundedOrNull(share),
    ...lineAnswer(line),
  })),
  groups_left_out: report.leftOut,
  spikes: report.spikes.map(({ from, to, rate, rateBefore, share, ...spike }) => ({
    kind: spike.kind,
    from: from === null ? null : dayName(from),
    to: to === null ? null : dayName(to),
    provider: spike.provider,
    source: spike.source,
    messages: spike.messages,
    rate: roundedOrNull(rate),
    rate_before: roundedOrNull(rateBefore),
    share: roundedOrNull(share),
    reason: spike.reason,
    status: spike.status,
    explanation: spike.explanation,
    advice: spike.advice,
  })),
  alerts: report.alerts.map(({ hour, share, ...alert }) => ({
    hour: new Date(hour).toISOString(),
    ...alert,
    share: rounded(share),
  })),
  unproven: report.unproven,
  notes: [...report.notes],
  sender_or_list: { ...cause, incidents: [...cause.incidents] },
});

/** The report as CSV: one row per group (such as a day or a provider), then the total. Unknown values are empty fields. */
export function reportCsv({ by, groups, total }: BounceRateReport): string {
  const row = (name: string, share: number | null, line: ReportLine) => {
    const { sent, delivered, hard, soft, policy, bounces, complaint, unsubscribed, deferred, rates } = line;
    return {
      [by]: name,
      sent,
      delivered,
      hard,
      soft,
      policy,
      bounces,
      complaint,
      unsubscribed,
      hard_rate: rates && rounded(rates.hard.rate),
      hard_grade: rates?.hard.grade,
      bounces_rate: rates && rounded(rates.bounces.rate),
      bounces_grade: rates?.bounces.grade,
      complaint_rate: rates && rounded(rates.complaint.rate),
      complaint_grade: rates?.complaint.grade,
      hard_band: rates?.hard.band,
      bounces_band: rates?.bounces.band,
      share_of_bounces: share === null ? null : rounded(share),
      deferred,
    };
  };
  const rows = [
    ...groups.map((group) => row(group.name ?? '(none)', group.share, group)),
    row('(total)', total.bounces === 0 ? null : 1, total),
  ];
  return `${Papa.unparse(rows, { newline: '\r\n', escapeFormulae: true })}\r\n`;
}
