// Decides about the events of one address together with what was recorded before. Pure.

import {
  decideSuppression,
  type RecipientEvent,
  type SoftRun,
  type SuppressionDecision,
  type SuppressionRules,
} from './rules.ts';

/** An event of the address. The id is null for an event that was recorded before. */
export interface HistoryEvent {
  readonly id: string | null;
  readonly event: RecipientEvent;
}

/**
 * Returns the decision for each new event, by its id. The order in which events are reported does not matter: soft bounces are
 * counted in the order in which they happened, and a delivery that is known counts from its time on. In a row, bounces before the last
 * delivery do not count, even if they are reported after it. If a late bounce makes an earlier one reach the limit, the decision is
 * that of the late one. Soft bounces at or before `liftedAt`, the last removal from the list, do not count. Full mailboxes before
 * `fullSince` do not count for their own limit, because deliveries of that time may not be known.
 */
export function decideHistory(
  events: readonly HistoryEvent[],
  liftedAt: number | null,
  rules: SuppressionRules,
  fullSince = Number.NEGATIVE_INFINITY,
): Map<string, SuppressionDecision> {
  const decisions = new Map<string, SuppressionDecision>();
  const deliveredAt = latest(events.filter(({ event }) => event.kind === 'delivered'));
  const floor = Math.max(liftedAt ?? 0, rules.soft.count === 'row' ? (deliveredAt ?? 0) : 0);
  const fullAfter = Math.max(deliveredAt ?? fullSince, fullSince);
  let run: SoftRun | null = null;
  let newest: string | null = null;
  for (const { id, event } of events.toSorted((a, b) => a.event.at - b.event.at)) {
    const keep: SuppressionDecision = { kind: 'keep', run };
    const isIgnored = event.kind === 'delivered' || (isSoft(event) && event.at <= floor);
    const decision: SuppressionDecision = isIgnored ? keep : decideSuppression(run, event, rules, fullAfter);
    if (isSoft(event) && !isIgnored) newest = id ?? newest;
    if (decision.kind === 'keep') {
      run = decision.run;
      if (id !== null) decisions.set(id, decision);
      continue;
    }
    const decided = id ?? newest;
    if (decided !== null) decisions.set(decided, decision);
    if (decision.reason === 'bounce') {
      run = null;
      newest = null;
    }
  }
  return decisions;
}

/**
 * Whether soft bounces reach a limit once a delivery between them is known. `lastDeliveredAt` is the last delivery that was known
 * before. If it is later, the bounces before it count among themselves: it ended their count and undid nothing.
 */
export function reachesLimit(
  bounces: readonly RecipientEvent[],
  deliveredAt: number,
  lastDeliveredAt: number | null,
  liftedAt: number | null,
  rules: SuppressionRules,
): boolean {
  const reaches = (counted: readonly RecipientEvent[], at: number): boolean => {
    const events = counted.map((event, index) => ({ id: String(index), event }));
    const delivery: HistoryEvent = { id: null, event: { kind: 'delivered', at } };
    const decisions = decideHistory([...events, delivery], liftedAt, rules);
    return [...decisions.values()].some(({ kind }) => kind === 'suppress');
  };
  if (lastDeliveredAt === null || lastDeliveredAt <= deliveredAt) return reaches(bounces, deliveredAt);
  return (
    reaches(
      bounces.filter(({ at }) => at <= lastDeliveredAt),
      deliveredAt,
    ) || reaches(bounces, lastDeliveredAt)
  );
}

const isSoft = (event: RecipientEvent): boolean => event.kind === 'bounce' && event.class === 'soft';

const latest = (events: readonly HistoryEvent[]): number | null =>
  events.length === 0 ? null : Math.max(...events.map(({ event }) => event.at));
