// Decides which recorded events suppress their recipients, and which entries deliveries disprove.

import type { AddressHasher } from '../suppression/address-hash.ts';
import { decideHistory, type HistoryEvent, reachesLimit } from '../suppression/history.ts';
import type { RecipientEvent, SuppressionDecision, SuppressionRules } from '../suppression/rules.ts';
import type { SuppressionList } from '../suppression/suppressions.ts';
import type { EventRepository, SoftBounce } from './event-repository.ts';
import type { IdentifiedEvent } from './identified-event.ts';
import { recipientEvent } from './recipient-event.ts';

/** What was recorded about an address: its soft bounces and its last delivery, and when it was last taken off the list. */
interface History {
  readonly recorded: readonly HistoryEvent[];
  readonly liftedAt: number | null;
}

const noHistory: History = { recorded: [], liftedAt: null };

export interface SuppressionDecisionPorts {
  readonly repository: Pick<EventRepository, 'removalTimes' | 'softBounces' | 'softBounceEnds'>;
  readonly hasher: Pick<AddressHasher, 'keyId'>;
  readonly suppressionList: Pick<SuppressionList, 'softEntriesOf' | 'liftDisproved'>;
  readonly now: () => number;
  readonly rules: SuppressionRules;
  /** As `FeedbackOptions.hotMs`. */
  readonly hotMs: number;
}

export function createSuppressionDecisions(ports: SuppressionDecisionPorts) {
  const { repository, hasher, suppressionList, now, rules, hotMs } = ports;

  /**
   * Decides for each event, in order of time, whether it suppresses its recipient. The keys of the result are the ids of the
   * events. An event to which the suppression rules do not apply, such as a deferral, has no decision.
   */
  async function decideAll(
    identified: readonly IdentifiedEvent[],
  ): Promise<Map<string, SuppressionDecision>> {
    const happened = identified.flatMap(({ event, at, addressHash, message }) => {
      const recipient = addressHash === null ? null : recipientEvent(event, at, message);
      return recipient === null ? [] : [{ addressHash: addressHash!, id: event.id, event: recipient }];
    });
    const histories = await readHistories(identified);
    // In total, soft bounces stay in the database when the deliveries behind them go to files.
    const fullSince = rules.soft.count === 'total' ? now() - hotMs : undefined;
    const decisions = new Map<string, SuppressionDecision>();
    for (const [addressHash, events] of Map.groupBy(happened, (one) => one.addressHash)) {
      const { recorded, liftedAt } = histories.get(addressHash) ?? noHistory;
      for (const [id, decision] of decideHistory([...recorded, ...events], liftedAt, rules, fullSince))
        decisions.set(id, decision);
    }
    return decisions;
  }

  /**
   * Deletes some decisions to suppress an address, and returns the others. A decision is deleted if its event happened before
   * the address was removed from the suppression list: the event was reported late and must not put the address back. The
   * removal must be of the same scope, but a removal because of new consent counts for all scopes. A complaint always puts the
   * address on the list.
   */
  async function withoutLifted(
    identified: readonly IdentifiedEvent[],
    decisions: Map<string, SuppressionDecision>,
  ): Promise<Map<string, SuppressionDecision>> {
    const suppressed = identified.filter(({ event }) => decisions.get(event.id)?.kind === 'suppress');
    if (suppressed.length === 0) return decisions;
    const hashes = [...new Set(suppressed.map(({ addressHash }) => addressHash!))];
    const removals = Map.groupBy(
      await repository.removalTimes(hasher.keyId, hashes),
      (removal) => removal.addressHash,
    );
    for (const { event, at, addressHash } of suppressed) {
      const decision = decisions.get(event.id);
      // A complaint suppresses the address even if it is older than the removal.
      if (decision?.kind !== 'suppress' || decision.reason === 'complaint') continue;
      const isLifted = removals
        .get(addressHash!)
        ?.some((removal) => at <= removal.at && (removal.scope ?? decision.scope) === decision.scope);
      if (isLifted) decisions.delete(event.id);
    }
    return decisions;
  }

  /**
   * Removes entries that soft bounces caused, if deliveries that are reported only now show that the limit was not reached. Bounces
   * behind a delivery of the hot span are all in the database.
   */
  async function liftDisproved(identified: readonly IdentifiedEvent[]): Promise<void> {
    const oldest = now() - hotMs;
    const deliveries = identified.filter(
      ({ event, at, addressHash }) =>
        event.kind === 'delivered' && !event.echo && addressHash !== null && at >= oldest,
    );
    if (deliveries.length === 0) return;
    const listed = await suppressionList.softEntriesOf([
      ...new Set(deliveries.map(({ addressHash }) => addressHash!)),
    ]);
    const doubtful = listed.flatMap((entry) => {
      const before = deliveries.filter(
        ({ addressHash, at }) => addressHash === entry.addressHash && at < entry.since,
      );
      return before.length === 0 ? [] : [{ entry, at: Math.max(...before.map(({ at }) => at)) }];
    });
    if (doubtful.length === 0) return;
    const hashes = doubtful.map(({ entry }) => entry.addressHash);
    const [recorded, ends] = await Promise.all([
      repository.softBounces(hasher.keyId, hashes, 'total'),
      repository.softBounceEnds(hasher.keyId, hashes),
    ]);
    for (const { entry, at } of doubtful) {
      const isOfEntry = (one: { readonly addressHash: string | null }) =>
        one.addressHash === entry.addressHash;
      const end = ends.find(isOfEntry);
      const bounces = [
        ...recorded.filter(isOfEntry).map((bounce) => recordedBounce(bounce)),
        ...identified
          .filter(isOfEntry)
          .flatMap((one) => recipientEvent(one.event, one.at, one.message) ?? []),
      ].filter((event) => event.kind === 'bounce' && event.class === 'soft');
      // An entry that no recorded bounce caused, such as an imported one, stays.
      const isOfBounces = bounces.some((bounce) => bounce.at === entry.since);
      const { deliveredAt = null, liftedAt = null } = end ?? {};
      if (isOfBounces && !reachesLimit(bounces, at, deliveredAt, liftedAt, rules))
        await suppressionList.liftDisproved([entry], at);
    }
  }

  /** Reads what was recorded before about the addresses that now bounced softly. The keys are their hashes. */
  async function readHistories(identified: readonly IdentifiedEvent[]): Promise<Map<string, History>> {
    const soft = identified.filter(
      ({ event, addressHash }) => event.class === 'soft' && addressHash !== null,
    );
    if (soft.length === 0) return new Map();
    const hashes = [...new Set(soft.map(({ addressHash }) => addressHash!))];
    const [bounces, ends] = await Promise.all([
      repository.softBounces(hasher.keyId, hashes, rules.soft.count),
      repository.softBounceEnds(hasher.keyId, hashes),
    ]);
    const bouncesOf = Map.groupBy(bounces, ({ addressHash }) => addressHash);
    return new Map(
      ends.map(({ addressHash, deliveredAt, liftedAt }) => {
        const recorded: HistoryEvent[] = (bouncesOf.get(addressHash) ?? []).map((bounce) => ({
          id: null,
          event: recordedBounce(bounce),
        }));
        if (deliveredAt !== null) recorded.push({ id: null, event: { kind: 'delivered', at: deliveredAt } });
        return [addressHash, { recorded, liftedAt }];
      }),
    );
  }

  return {
    /** The decisions by the ids of the events (see `decideAll` and `withoutLifted`). */
    decide: async (identified: readonly IdentifiedEvent[]) =>
      withoutLifted(identified, await decideAll(identified)),
    liftDisproved,
  };
}

const recordedBounce = ({ class: bounceClass, reason, status, message, at }: SoftBounce): RecipientEvent => ({
  kind: 'bounce',
  ...{ class: bounceClass, reason, status, messageId: message, at },
});
