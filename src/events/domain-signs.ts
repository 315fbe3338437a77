// What deliveries and bounces of the operator's own mail show about the domains of the recipients: whether they may accept mail to
// any name.

import { looksRandom } from '../address/random-name.ts';
import { mailboxProvider } from '../domain/mailbox-provider.ts';
import { relayOperator } from '../domain/relay.ts';
import type { MaybePromise } from '../maybe-promise.ts';
import type { AddressHasher } from '../suppression/address-hash.ts';
import type { DeliveryEvent } from './delivery-event.ts';
import type { EngagementSign } from './engagement.ts';

/** A delivery or a bounce that says something about a domain. */
export interface DomainSign {
  readonly domainHash: string;
  readonly addressHash: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The digest of the message id; null if unknown. */
  readonly message: string | null;
}

/** What new events show about domains. Nothing in it is about a domain of a well-known provider. */
export interface DomainSigns {
  /** Deliveries to names that look random. */
  readonly taken: readonly DomainSign[];
  /** Bounces that say that the mailbox does not exist. */
  readonly unknown: readonly DomainSign[];
  /** Deliveries whose message is known: it may have bounced already, if the delivery is reported late. */
  readonly delivered: readonly (readonly [addressHash: string, message: string])[];
  /** Addresses of people who opened, clicked or replied. Their names are real, even if they look random. */
  readonly alive: readonly string[];
}

/** An event with the values that `createFeedback` derives from it. */
export interface SignEvent {
  readonly event: Pick<DeliveryEvent, 'kind' | 'class' | 'reason' | 'echo'>;
  readonly at: number;
  /** The canonical address of the recipient, and its hash. */
  readonly address: string | null;
  readonly addressHash: string | null;
  readonly message: string | null;
}

/** Derives the signs from new events with proof. `engagement`: the signs of life among them. */
export async function domainSignsOf(
  events: readonly SignEvent[],
  engagement: readonly EngagementSign[],
  hashAll: (texts: readonly string[]) => MaybePromise<string[]>,
): Promise<DomainSigns> {
  const taken: SignEvent[] = [];
  const unknown: SignEvent[] = [];
  const delivered: [string, string][] = [];
  for (const one of events) {
    const { event, address, addressHash, message } = one;
    if (address === null || addressHash === null || event.echo) continue;
    const isDelivery = event.kind === 'delivered';
    const isUnknown =
      event.class === 'hard' && event.reason === 'mailbox_unknown' && event.kind !== 'deferred';
    if (!(isDelivery || isUnknown) || mailboxProvider(domainIn(address)) !== null) continue;
    if (isDelivery && message !== null) delivered.push([addressHash, message]);
    // Privacy relays refuse names that they have not given out, and those that they give out look random.
    if (isUnknown || looksRandom(address.slice(0, address.lastIndexOf('@'))))
      if (relayOperator(domainIn(address)) === null) (isUnknown ? unknown : taken).push(one);
  }
  const hashes = await hashDomains([...taken, ...unknown], hashAll);
  const signOf = ({ address, addressHash, at, message }: SignEvent): DomainSign => ({
    domainHash: hashes.get(domainIn(address!))!,
    ...{ addressHash: addressHash!, at, message },
  });
  return {
    taken: taken.map(signOf),
    unknown: unknown.map(signOf),
    delivered,
    alive: engagement.flatMap(({ kind, addressHash }) => (kind === 'delivered' ? [] : [addressHash])),
  };
}

const domainIn = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

async function hashDomains(
  events: readonly SignEvent[],
  hashAll: AddressHasher['hashAll'],
): Promise<ReadonlyMap<string, string>> {
  if (events.length === 0) return new Map();
  const domains = [...new Set(events.map(({ address }) => domainIn(address!)))];
  const hashes = await hashAll(domains);
  return new Map(domains.map((domain, index) => [domain, hashes[index]!]));
}
