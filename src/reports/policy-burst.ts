// Detects bursts of policy bounces. In a burst, a mailbox provider refuses much of the operator's mail because of the
// sender, and sending more makes it worse.

import { hourMs } from '../durations.ts';
import { type CommonCause, commonCause } from './advice.ts';
import type { EventCount, EventCounter } from './count.ts';
import { bounces } from './tally.ts';
import { hasAnyVolume, sentOrBounced } from './volume.ts';

export interface PolicyBurst extends CommonCause {
  /** The name of the mailbox provider. Null stands for all mail hosts that do not belong to a well-known provider. */
  readonly provider: string | null;
  /** Number of policy bounces at the provider. */
  readonly messages: number;
  /** The share that these policy bounces have in all bounces of the time, at all providers together; from 0 to 1. */
  readonly share: number;
}

const leastMessages = 20;
/** In a burst, the provider refuses at least this share of the mail that was sent to it. */
const leastRate = 0.1;
/**
 * Used instead of `leastRate` if the number of sent messages is unknown: the minimum share that the policy bounces at
 * the provider have in all bounces, at all providers together.
 */
const leastShare = 0.5;

/** Returns the bursts in the counts of one or two hours. `cells` has one count for each provider. */
export function policyBursts(cells: readonly EventCount[]): PolicyBurst[] {
  const all = cells.reduce((total, { tally }) => total + bounces(tally), 0);
  const isComplete = hasAnyVolume(cells);
  return cells.flatMap((cell): PolicyBurst[] => {
    const { name, tally } = cell;
    const messages = tally.policy;
    if (messages < leastMessages) return [];
    const sent = sentOrBounced(tally, isComplete);
    const share = messages / all;
    if (sent === null ? share < leastShare : messages / sent < leastRate) return [];
    return [{ provider: name, messages, share, ...commonCause(cell.causes, 'policy') }];
  });
}

/**
 * Returns the bursts at providers that were not reported in the hour before `now`. `reportedAt` has the time of each
 * provider's last report.
 */
export const unreported = (
  bursts: readonly PolicyBurst[],
  reportedAt: ReadonlyMap<string | null, number>,
  now: number,
): PolicyBurst[] => bursts.filter(({ provider }) => now - (reportedAt.get(provider) ?? -hourMs) >= hourMs);

/**
 * Milliseconds between two checks. A check reads the counts of the current and the previous hour, which is too slow to do for
 * every event.
 * The next check comes earlier if many policy bounces were stored since the last one: at least `leastMessages`, and at
 * least half as many as the deliveries and bounces that the last check counted.
 */
const checkEveryMs = 60_000;

/**
 * Returns a function that watches for bursts. Call it after policy bounces were stored, with their number. Each process
 * or isolate calls `onBurst` at most once an hour per provider. The function never rejects, so a failure here does not
 * make the storing of events fail.
 */
export function watchPolicyBursts({
  counter,
  now,
  onBurst,
  onFailure,
}: {
  readonly counter: EventCounter;
  /** Returns the current time in epoch milliseconds. */
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
      const recentHours = { from: moment - hourMs, to: moment + 1, by: 'provider', every: 'all' } as const;
      const cells = await counter.count(recentHours);
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
