// Stored events as the gate scores them.

import type { StoredEvent } from '../events/event-repository.ts';
import type { ScoredEvent } from '../reports/gate/score.ts';

/** Leaves out events that say nothing about the receiving servers, such as opens, and messages that the provider did not send. */
export const scoredEvents = (events: readonly StoredEvent[]): ScoredEvent[] =>
  events.flatMap((event) => {
    const outcome = outcomeOf(event);
    if (outcome === null) return [];
    const { mailboxProvider, campaign, list, at } = event;
    return [{ outcome, provider: mailboxProvider, campaign, list, at }];
  });

function outcomeOf({ kind, class: bounceClass, echo }: StoredEvent): ScoredEvent['outcome'] | null {
  if (echo) return null;
  if (kind === 'deferred' || kind === 'delivered') return kind;
  return bounceClass === 'hard' || bounceClass === 'soft' || bounceClass === 'policy' ? bounceClass : null;
}
