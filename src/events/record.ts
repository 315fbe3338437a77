// Records each delivery event once and applies the suppression rules to it.

import type { MailHostNames } from '../dns/mail-host-names.ts';
import { mailboxProvider } from '../domain/mailbox-provider.ts';
import type { ProviderReply } from '../reports/gate/reply-limits.ts';
import type { ScoreChange } from '../reports/gate/score.ts';
import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import { decideHistory, type HistoryEvent, reachesLimit } from '../suppression/history.ts';
import { recipientAddress } from '../suppression/recipient.ts';
import {
  defaultRules,
  manualEntryScope,
  type RecipientEvent,
  type SuppressionDecision,
  type SuppressionRules,
  unsubscribedScope,
} from '../suppression/rules.ts';
import type { NewSuppression, SuppressionList } from '../suppression/suppressions.ts';
import { leastHotMs } from './cold/cold-events.ts';
import { type DeliveryEvent, proofOf } from './delivery-event.ts';
import { domainSignsOf } from './domain-signs.ts';
import { engagementSigns } from './engagement.ts';
import type { EventOutcomes, EventRepository, SoftBounce, StoredEvent } from './event-repository.ts';
import { type HookCount, noHookCount } from './hook-counts.ts';
import { bareMessageId, messageDigest } from './message-id.ts';
import { recipientEvent } from './recipient-event.ts';
import { ownReports } from './returned.ts';

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
  /**
   * Looks up the mail hosts of domains and their operators. It is called for the domains to which mail bounced, and for other
   * domains whose names tell no provider. The domains are in lower-case A-labels, with repetitions. Must not reject, and must not
   * take long: the events are stored only afterwards.
   */
  readonly mailHostsOf?: (domains: readonly string[]) => Promise<ReadonlyMap<string, MailHostNames>>;
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

/** Maximum number of events per commit. They take a few hundred kilobytes of JSON. D1 allows 2 MB for one parameter. */
const eventsAtOnce = 2000;

/**
 * An event with values that are derived from it: its time `at` (epoch milliseconds, never in the future), the recipient's
 * canonical `address` and its keyed hash (null if the recipient is unknown), and `message`, the digest of the message id.
 */
export interface IdentifiedEvent {
  readonly event: DeliveryEvent;
  readonly at: number;
  readonly address: string | null;
  readonly addressHash: string | null;
  readonly message: string | null;
}

/** What was recorded about an address: its soft bounces and its last delivery, and when it was last taken off the list. */
interface History {
  readonly recorded: readonly HistoryEvent[];
  readonly liftedAt: number | null;
}

const noHistory: History = { recorded: [], liftedAt: null };

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
    const decisions = await withoutLifted(identified, await decideAll(identified));

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
    await liftDisproved(identified);
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
    const mailHosts = await namesOfMailHosts(identified);
    const received = { counts: receivedBy(events, addresses, now()), at: now() };
    const stored = storedEvents(fresh, newIds, mailHosts);
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

  /**
   * Names the mail hosts of the events. One call looks up a limited number of domains, so bounces have a call of their own,
   * before the other mail.
   */
  async function namesOfMailHosts(
    identified: readonly IdentifiedEvent[],
  ): Promise<ReadonlyMap<string, MailHostNames>> {
    const named = identified.filter(({ address }) => address !== null);
    const bounced = named.filter(isBounce).map(({ address }) => domainOf(address!));
    const isBounced = new Set(bounced);
    const others = named
      .map(({ address }) => domainOf(address!))
      .filter((domain) => !isBounced.has(domain) && providerByName(domain) === null);
    const asked = [bounced, others].filter((domains) => domains.length > 0);
    const found = await Promise.all(asked.map(mailHostsOf));
    return new Map(found.flatMap((names) => [...names]));
  }

  /**
   * Returns the ids under which events are stored: keyed hashes of `DeliveryEvent.id`. The plain `id` is a digest without a
   * key, and its input may contain an address. If it were stored, anyone with the database could find the address by guessing.
   */
  async function storedIds(events: readonly DeliveryEvent[]): Promise<string[]> {
    return (await hasher.hashAll(events.map(({ id }) => `event ${id}`))).map((hash) => hash.slice(0, 32));
  }

  function storedEvents(
    identified: readonly IdentifiedEvent[],
    ids: readonly string[],
    mailHosts: ReadonlyMap<string, MailHostNames>,
  ): StoredEvent[] {
    const receivedAt = now();
    return identified.map((each, index) => {
      const { event, at, addressHash, message } = each;
      return {
        ...operatorsOf(each, mailHosts),
        id: ids[index]!,
        at,
        receivedAt,
        reportedBy: event.provider,
        kind: event.kind,
        class: event.class,
        reason: event.reason,
        status: event.status,
        echo: event.echo,
        keyId: hasher.keyId,
        addressHash,
        message,
        campaign: storedName(event.campaign),
        source: storedName(event.source),
        list: storedName(event.list ?? null),
        proof: proofOf(event),
      };
    });
  }

  return { record: options.together ? together(recordAll) : inParts(recordAll) };
}

const recordedBounce = ({ class: bounceClass, reason, status, message, at }: SoftBounce): RecipientEvent => ({
  kind: 'bounce',
  ...{ class: bounceClass, reason, status, messageId: message, at },
});

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

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

const providerByName = (domain: string): string | null => mailboxProvider(domain)?.slug ?? null;

type Operators = Pick<StoredEvent, 'mailboxProvider' | 'mailHost' | 'gateway'>;

function operatorsOf(identified: IdentifiedEvent, mailHosts: ReadonlyMap<string, MailHostNames>): Operators {
  const { address } = identified;
  if (address === null) return { mailboxProvider: null, mailHost: null, gateway: null };
  const domain = domainOf(address);
  const names = mailHosts.get(domain);
  return {
    mailboxProvider: providerByName(domain) ?? names?.provider ?? null,
    mailHost: isBounce(identified) ? (names?.mailHost ?? null) : null,
    gateway: names?.gateway ?? null,
  };
}

/** Whether the event is a bounce of a known recipient. The mail host of such an event is stored. */
const isBounce = ({ event, address }: IdentifiedEvent): boolean =>
  address !== null && !event.echo && event.kind !== 'deferred' && /^(?:hard|soft|policy)$/.test(event.class);

const withSource = (identified: IdentifiedEvent) => ({
  ...identified,
  source: storedName(identified.event.source),
});

/**
 * The replies that well-known providers gave themselves. A gateway in front of the mailbox speaks for itself. The domain's own name
 * must tell the provider: by its MX records, a stranger's server could speak for the provider that its domain names beside it.
 */
const providerReplies = (
  identified: readonly IdentifiedEvent[],
  stored: readonly StoredEvent[],
): ProviderReply[] =>
  identified.flatMap(({ event, address }, index) => {
    const { gateway, proof, class: bounceClass, at } = stored[index]!;
    const { diagnostic: reply, reason, replyCode } = event;
    const provider = address === null ? null : providerByName(domainOf(address));
    const isRefusal = (bounceClass === 'soft' || bounceClass === 'policy') && !event.echo;
    if (!isRefusal || proof === 'unproven' || provider === null || gateway !== null || reply === null)
      return [];
    return [{ provider, class: bounceClass, reason, replyCode, reply, at }];
  });

const isUnproven = (event: DeliveryEvent): boolean => proofOf(event) === 'unproven';

const isPolicyBounce = (event: DeliveryEvent): boolean =>
  event.class === 'policy' && event.kind !== 'deferred' && !event.echo;

/**
 * Returns the name of a campaign, source or list as it is stored, at most 200 characters. Null for a name that may contain an
 * address, which would identify a person.
 */
export const storedName = (text: string | null): string | null =>
  text === null || text.includes('@') ? null : text.slice(0, 200);

type RecordEvents = (events: readonly DeliveryEvent[]) => Promise<Recorded[]>;

/** Splits the events of a call into several commits, in order, if there are more than `eventsAtOnce`. */
const inParts =
  (record: RecordEvents): RecordEvents =>
  async (events) => {
    const recorded: Recorded[] = [];
    for (let start = 0; start < events.length; start += eventsAtOnce)
      recorded.push(...(await record(events.slice(start, start + eventsAtOnce))));
    return recorded;
  };

/** Runs one commit at a time. The events of calls that arrive during a commit are stored together in the next one. */
function together(record: RecordEvents): RecordEvents {
  interface Waiting {
    readonly events: readonly DeliveryEvent[];
    readonly resolve: (recorded: Recorded[]) => void;
    readonly reject: (error: unknown) => void;
  }
  const recordInParts = inParts(record);
  const waiting: Waiting[] = [];
  let isRunning = false;

  async function run(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      const calls = takeCalls();
      try {
        const recorded = await recordInParts(calls.flatMap(({ events }) => events));
        let start = 0;
        for (const { events, resolve } of calls) {
          resolve(recorded.slice(start, start + events.length));
          start += events.length;
        }
      } catch (error) {
        for (const { reject } of calls) reject(error);
      }
    }
    isRunning = false;
  }

  /** Takes as many waiting calls as fit into one commit, at least one. */
  function takeCalls(): Waiting[] {
    let events = 0;
    let count = 0;
    for (const call of waiting) {
      events += call.events.length;
      if (events > eventsAtOnce && count > 0) break;
      count += 1;
    }
    return waiting.splice(0, count);
  }

  return (events) =>
    new Promise((resolve, reject) => {
      waiting.push({ events, resolve, reject });
      if (!isRunning) void run();
    });
}
