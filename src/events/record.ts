// Records each delivery event once and applies the suppression rules to it.

import type { MailHostNames } from '../dns/mail-host-names.ts';
import type { ProviderReply } from '../reports/gate/reply-limits.ts';
import type { ScoreChange } from '../reports/gate/score.ts';
import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import { recipientAddress } from '../suppression/recipient.ts';
import {
  defaultRules,
  manualEntryScope,
  type SuppressionRules,
  unsubscribedScope,
} from '../suppression/rules.ts';
import type { NewSuppression, SuppressionList } from '../suppression/suppressions.ts';
import { leastHotMs } from './cold/cold-events.ts';
import { type DeliveryEvent, proofOf } from './delivery-event.ts';
import { domainSignsOf } from './domain-signs.ts';
import { engagementSigns } from './engagement.ts';
import type { EventOutcomes, EventRepository, StoredEvent } from './event-repository.ts';
import { type HookCount, noHookCount } from './hook-counts.ts';
import type { IdentifiedEvent } from './identified-event.ts';
import { bareMessageId, messageDigest } from './message-id.ts';
import { inParts, together } from './record-commits.ts';
import { ownReports } from './returned.ts';
import {
  type MailHostsOf,
  namesOfMailHosts,
  providerReplies,
  storedEvents,
  storedName,
} from './stored-events.ts';
import { createSuppressionDecisions } from './suppression-decisions.ts';

export interface Recorded {
  /** False if the event was recorded before and brings no new proof. It then changes nothing. */
  readonly isNew: boolean;
  /** Whether this event puts its recipient on the suppression list. Also true if the recipient has an entry already. */
  readonly suppresses: boolean;
}

export interface Feedback {
  /**
   * Records the events and returns what each one did, in order. When the promise resolves, all events are stored. If it rejects
   * or the process dies, some of them may be stored; recording the same events again completes the work and counts nothing
   * twice.
   */
  record(events: readonly DeliveryEvent[]): Promise<Recorded[]>;
}

export interface FeedbackOptions {
  readonly repository: EventRepository;
  readonly hasher: AddressHasher;
  readonly suppressionList: SuppressionList;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly rules?: SuppressionRules;
  /** Milliseconds for which events stay in the database before they go to files (EVENT_HOT_DAYS). Absent: they all stay. */
  readonly hotMs?: number;
  /** It is called for the domains to which mail bounced, and for other domains whose names tell no provider. */
  readonly mailHostsOf?: MailHostsOf;
  /**
   * Whether calls that overlap are stored in one commit. True on Node. False on Workers, where a request must not wait for a
   * promise of another request.
   */
  readonly together: boolean;
  /**
   * Derives from new events whether mail was delivered or bounced. The result is stored in the same transaction as the events.
   */
  readonly outcomesOf?: (identified: readonly IdentifiedEvent[]) => EventOutcomes;
  /** False: do not keep when people open, click and reply. */
  readonly keepsEngagement?: boolean;
  /** Called and awaited after policy bounces were stored, with their number (see `watchPolicyBursts`). Must not reject. */
  readonly onPolicyBounces?: (stored: number) => Promise<void>;
  /** Called for each event that was stored for the first time. Must not throw. */
  readonly onNewEvent?: (event: Pick<DeliveryEvent, 'provider' | 'class' | 'kind'>) => void;
  /**
   * Derives from events with proof, in the order in which they happened, how the scores of the gate change. They change in the
   * same transaction. Must not reject.
   */
  readonly scoresOf?: (events: readonly StoredEvent[]) => Promise<readonly ScoreChange[]>;
  /** Called and awaited after scores changed, with the time of the change. Must not reject. */
  readonly onScored?: (at: number) => Promise<void>;
  /** Called and awaited after soft and policy bounces and deferrals with proof were stored, with the replies of well-known providers. Must not reject. */
  readonly onReplies?: (replies: readonly ProviderReply[]) => Promise<void>;
}

const noOutcomes: EventOutcomes = { outcomes: [], deliveries: new Map() };

export function createFeedback(options: FeedbackOptions): Feedback {
  const {
    repository,
    hasher,
    suppressionList,
    now,
    rules = defaultRules,
    hotMs = Number.POSITIVE_INFINITY,
    mailHostsOf = async () => new Map<string, MailHostNames>(),
    outcomesOf = () => noOutcomes,
    keepsEngagement = true,
  } = options;
  const suppression = createSuppressionDecisions({
    ...{ repository, hasher, suppressionList, now, rules, hotMs },
  });

  async function recordAll(events: readonly DeliveryEvent[]): Promise<Recorded[]> {
    const ids = await storedIds(events);
    const addresses = events.map(({ recipient }) =>
      recipient === null ? null : recipientAddress(recipient),
    );
    const seen = await repository.knownIds(
      ids,
      ids.filter((_, index) => mayBeInFile(events[index]!, now())),
    );
    // If a call contains the same event twice, only the first is new. An event that is stored as unproven counts as new when it
    // comes again with proof.
    const isNew = ids.map((id, index) => {
      const before = seen.get(id);
      const unseen = before === undefined || (before === 'unproven' && !isUnproven(events[index]!));
      if (unseen) seen.set(id, proofOf(events[index]!));
      return unseen;
    });
    const fresh = await identify(
      events.filter((_, index) => isNew[index]),
      addresses.filter((_, index) => isNew[index]),
    );
    const identified = fresh.filter(({ event }) => !isUnproven(event));
    const decisions = await suppression.decide(identified);

    // Change the suppression list before storing the events. If the process dies in between, the provider sends the events
    // again. They are not stored yet, so they count as new and are stored then. Adding their entries again changes nothing.
    const entries = identified.flatMap(({ event, address }): NewSuppression[] => {
      const decision = decisions.get(event.id);
      if (address === null || decision?.kind !== 'suppress') return [];
      const { scope, reason, status, since, expiresAt } = decision;
      return [
        {
          address,
          scope,
          reason,
          status,
          source: event.provider,
          since,
          expiresAt,
          contact: event.contact ?? null,
        },
      ];
    });
    if (entries.length > 0) await suppressionList.addMany(entries);
    await suppression.liftDisproved(identified);
    for (const { event, at, address } of identified) {
      if (address === null || (event.kind !== 'subscribed' && event.kind !== 'unsuppressed')) continue;
      const list = event.list ?? null;
      await suppressionList.resubscribe({
        address,
        source: event.provider,
        at,
        ...(event.kind === 'subscribed'
          ? { scope: unsubscribedScope(list), reasons: ['unsubscribe', 'manual'] }
          : { scope: manualEntryScope(list, event.manualScope), reasons: ['manual'] }),
      });
    }
    const newIds = ids.filter((_, index) => isNew[index]);
    const mailHosts = await namesOfMailHosts(identified, mailHostsOf);
    const received = { counts: receivedBy(events, addresses, now()), at: now() };
    const stored = storedEvents(fresh, newIds, mailHosts, hasher.keyId, now());
    const proven = stored.filter(({ proof }) => proof !== 'unproven').toSorted((a, b) => a.at - b.at);
    const scores = {
      changes: proven.length === 0 ? [] : ((await options.scoresOf?.(proven)) ?? []),
      at: received.at,
    };
    const engagement = keepsEngagement ? engagementSigns(identified.map(withSource)) : [];
    const domains = await domainSignsOf(identified, engagement, hasher.hashAll);
    const outcomes = outcomesOf(identified);
    await repository.store(stored, hasher.keyId, outcomes, received, engagement, scores, domains);
    const policyBounces = identified.filter(({ event }) => isPolicyBounce(event)).length;
    if (policyBounces > 0) await options.onPolicyBounces?.(policyBounces);
    if (options.onNewEvent !== undefined)
      for (const [index, event] of events.entries()) if (isNew[index]) options.onNewEvent(event);
    if (scores.changes.length > 0) await options.onScored?.(scores.at);
    const replies = providerReplies(fresh, stored);
    if (replies.length > 0) await options.onReplies?.(replies);

    return events.map((event, index) => ({
      isNew: isNew[index]!,
      suppresses: isNew[index]! && !isUnproven(event) && decisions.get(event.id)?.kind === 'suppress',
    }));
  }

  /** `addresses` are the canonical addresses of the events, in order. */
  async function identify(
    events: readonly DeliveryEvent[],
    addresses: readonly (string | null)[],
  ): Promise<IdentifiedEvent[]> {
    const texts = [
      ...addresses.map((address) => (address === null ? '' : suppressionKey(address))),
      ...events.map(({ messageId }) => (messageId === null ? '' : bareMessageId(messageId))),
    ];
    const hashes = await hasher.hashAll(texts);
    return events.map((event, index) => ({
      event,
      // Limit future times: an entry dated in the future would override every later consent.
      at: Math.min(event.at ?? now(), now()),
      address: addresses[index]!,
      addressHash: addresses[index] === null ? null : hashes[index]!,
      message: event.messageId === null ? null : messageDigest(hashes[events.length + index]!),
    }));
  }

  /**
   * Returns the ids under which events are stored: keyed hashes of `DeliveryEvent.id`. The plain `id` is a digest without a
   * key, and its input may contain an address. If it were stored, anyone with the database could find the address by guessing.
   */
  async function storedIds(events: readonly DeliveryEvent[]): Promise<string[]> {
    return (await hasher.hashAll(events.map(({ id }) => `event ${id}`))).map((hash) => hash.slice(0, 32));
  }

  return { record: options.together ? together(recordAll) : inParts(recordAll) };
}

/**
 * Whether an earlier copy of the event may be in a file with older events. A provider sends an event with the same time again, so
 * a recent time means that an earlier copy is in the database. The time of a returned message is that of its receipt.
 */
const mayBeInFile = ({ provider, at }: DeliveryEvent, now: number): boolean =>
  provider === ownReports || at === null || at > now || at < now - leastHotMs;

/** Counts the events by the hook through which they came. Repeated events count. */
function receivedBy(
  events: readonly DeliveryEvent[],
  addresses: readonly (string | null)[],
  now: number,
): HookCount[] {
  const counts = new Map<string, HookCount>();
  for (const [index, { provider }] of events.entries()) {
    const { events: received, namingNobody } = counts.get(provider) ?? noHookCount(provider);
    counts.set(provider, {
      ...noHookCount(provider),
      events: received + 1,
      namingNobody: namingNobody + (addresses[index] === null ? 1 : 0),
      lastEventAt: now,
    });
  }
  return [...counts.values()];
}

const withSource = (identified: IdentifiedEvent) => ({
  ...identified,
  source: storedName(identified.event.source),
});

const isUnproven = (event: DeliveryEvent): boolean => proofOf(event) === 'unproven';

const isPolicyBounce = (event: DeliveryEvent): boolean =>
  event.class === 'policy' && event.kind !== 'deferred' && !event.echo;
