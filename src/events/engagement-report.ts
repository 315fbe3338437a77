// The engagement report: how many people are active and inactive, in total and by source.

import type {
  EngagementCounts,
  EngagementRepository,
  EngagementTeller,
  SourceEngagement,
} from './engagement.ts';

export interface EngagementReport {
  /** The time of the report, in epoch milliseconds. */
  readonly at: number;
  readonly total: EngagementCounts;
  /** The sources with the most addresses first. */
  readonly sources: readonly SourceEngagement[];
  readonly sourcesLeftOut: number;
  /** The providers that reported opens, clicks or replies. */
  readonly tellers: readonly EngagementTeller[];
}

/** Resolves to the report as of now. Rejects only if storage fails. */
export type ReportEngagement = () => Promise<EngagementReport>;

/** Maximum number of sources in a report. */
const mostSources = 1000;

export const addressCount = ({ active, inactive6, inactive12, unknown }: EngagementCounts): number =>
  active + inactive6 + inactive12 + unknown;

export const engagementReports =
  (
    repository: Pick<EngagementRepository, 'count' | 'tellers'>,
    keyId: string,
    now: () => number,
  ): ReportEngagement =>
  async () => {
    const at = now();
    const [counted, tellers] = await Promise.all([repository.count(keyId, at), repository.tellers()]);
    const sources = counted.toSorted(
      (a, b) => addressCount(b) - addressCount(a) || ((a.source ?? '') < (b.source ?? '') ? -1 : 1),
    );
    return {
      at,
      total: sources.reduce<EngagementCounts>(sumOfEngagement, none),
      sources: sources.slice(0, mostSources),
      sourcesLeftOut: Math.max(0, sources.length - mostSources),
      tellers,
    };
  };

const none: EngagementCounts = {
  activeDays30: 0,
  activeDays90: 0,
  activeDays180: 0,
  activeDays365: 0,
  active: 0,
  inactive6: 0,
  inactive12: 0,
  unknown: 0,
};

export const sumOfEngagement = (a: EngagementCounts, b: EngagementCounts): EngagementCounts => ({
  activeDays30: a.activeDays30 + b.activeDays30,
  activeDays90: a.activeDays90 + b.activeDays90,
  activeDays180: a.activeDays180 + b.activeDays180,
  activeDays365: a.activeDays365 + b.activeDays365,
  active: a.active + b.active,
  inactive6: a.inactive6 + b.inactive6,
  inactive12: a.inactive12 + b.inactive12,
  unknown: a.unknown + b.unknown,
});
