// Stored events as the gate scores them.

import type { StoredEvent } from '../events/event-repository.ts';
import type { ScoredEvent } from '../reports/gate/score.ts';

type ScorableEvent = Pick<
  StoredEvent,
  'kind' | 'class' | 'echo' | 'mailboxProvider' | 'campaign' | 'list' | 'at' | 'reportedBy'
>;

/**
 * Leaves out events that say nothing about the receiving servers, such as opens, and messages that the provider did not send. A
 * reporter that is not among `reportersOfDeliveries` reports only what it sent and what bounced.
 */
export function scoredEvents(
  events: readonly ScorableEvent[],
  reportersOfDeliveries: Iterable<string>,
): ScoredEvent[] {
  const delivers = new Set(reportersOfDeliveries);
  for (const { kind, reportedBy } of events) if (kind === 'delivered') delivers.add(reportedBy);
  return events.flatMap((event) => {
    const isSentOnly = !delivers.has(event.reportedBy);
    const outcome = event.kind === 'sent' && isSentOnly ? 'sent' : outcomeOf(event);
    if (outcome === null) return [];
    const { mailboxProvider, campaign, list, at } = event;
    const wasSent = isSentOnly && outcome !== 'sent';
    return [{ outcome, wasSent, provider: mailboxProvider, campaign, list, at }];
  });
}

function outcomeOf({ kind, class: bounceClass, echo }: ScorableEvent): ScoredEvent['outcome'] | null {
  if (echo) return null;
  if (kind === 'deferred' || kind === 'delivered') return kind;
  return bounceClass === 'hard' || bounceClass === 'soft' || bounceClass === 'policy' ? bounceClass : null;
}
