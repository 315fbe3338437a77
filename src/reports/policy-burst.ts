// A burst of policy bounces: a provider refuses the sender, and sending more makes it worse.

import { type CommonCause, commonCause } from './advice.ts';
import { type EventCount, type EventCounter, hourMs } from './count.ts';
import { bounces, sentIn } from './tally.ts';

export interface PolicyBurst extends CommonCause {
  /** Null: all hosts that belong to no well-known provider. */
  readonly provider: string | null;
  /** Policy bounces at the provider. */
  readonly messages: number;
  /** Their share of all bounces in the same time. */
  readonly share: number;
}

const leastMessages = 20;
/** Minimum share of the mail to the provider. */
const leastRate = 0.1;
/** Minimum share of all bounces. It applies if the number of sent messages is unknown. */
const leastShare = 0.5;

/** The providers that refuse much of the mail. `cells` are the counts of one hour by provider. */
export function policyBursts(cells: readonly EventCount[]): PolicyBurst[] {
  const all = cells.reduce((total, { tally }) => total + bounces(tally), 0);
  return cells.flatMap(({ name, tally, causes }): PolicyBurst[] => {
    const messages = tally.policy;
    if (messages < leastMessages) return [];
    const sent = sentIn(tally);
    const share = messages / all;
    if (sent === null ? share < leastShare : messages / sent < leastRate) return [];
    return [{ provider: name, messages, share, ...commonCause(causes, 'policy') }];
  });
}

/** The bursts of providers without a report in the hour before `now`. `reportedAt`: the last report of each provider. */
export const unreported = (
  bursts: readonly PolicyBurst[],
  reportedAt: ReadonlyMap<string | null, number>,
  now: number,
): PolicyBurst[] => bursts.filter(({ provider }) => now - (reportedAt.get(provider) ?? -hourMs) >= hourMs);

/**
 * A check counts the events of the last hour, which is too slow to run for every event. It runs a minute after the last
 * check. It runs earlier if the policy bounces since then are enough for a burst and half the events of the last count.
 */
const checkEveryMs = 60_000;

/**
 * Watches for bursts: call it with the number of policy bounces whenever some were stored. Each process or isolate
 * calls `onBurst` at most once an hour per provider. Never rejects, so a failure here cannot fail recording.
 */
export function watchPolicyBursts({
  counter,
  now,
  onBurst,
  onFailure,
}: {
  readonly counter: EventCounter;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly onBurst: (burst: PolicyBurst) => void;
  readonly onFailure: (error: unknown) => void;
}): (stored: number) => Promise<void> {
  const reportedAt = new Map<string | null, number>();
  let checkedAt = Number.NEGATIVE_INFINITY;
  let counted = 0;
  let sinceCheck = 0;
  return async (stored) => {
    const moment = now();
    sinceCheck += stored;
    const enough = Math.max(leastMessages, counted / 2);
    if (moment - checkedAt < checkEveryMs && sinceCheck < enough) return;
    checkedAt = moment;
    sinceCheck = 0;
    try {
      const lastHour = { from: moment - hourMs, to: moment + 1, by: 'provider', every: 'all' } as const;
      const cells = await counter.count(lastHour);
      counted = cells.reduce((all, { tally }) => all + tally.delivered + bounces(tally), 0);
      for (const burst of unreported(policyBursts(cells), reportedAt, moment)) {
        reportedAt.set(burst.provider, moment);
        onBurst(burst);
      }
    } catch (error) {
      onFailure(error);
    }
  };
}
