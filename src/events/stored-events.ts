// Recorded events as they are stored: with the operators of their mail hosts, and without names that may contain an address.

import type { MailHostNames } from '../dns/mail-host-names.ts';
import { mailboxProvider } from '../domain/mailbox-provider.ts';
import type { ProviderReply } from '../reports/gate/reply-limits.ts';
import { proofOf } from './delivery-event.ts';
import type { StoredEvent } from './event-repository.ts';
import type { IdentifiedEvent } from './identified-event.ts';

/**
 * Looks up the mail hosts of domains and their operators. The domains are in lower-case A-labels, with repetitions. Must not
 * reject, and must not take long: the events are stored only afterwards.
 */
export type MailHostsOf = (domains: readonly string[]) => Promise<ReadonlyMap<string, MailHostNames>>;

/**
 * Names the mail hosts of the events. One call looks up a limited number of domains, so bounces have a call of their own,
 * before the other mail.
 */
export async function namesOfMailHosts(
  identified: readonly IdentifiedEvent[],
  mailHostsOf: MailHostsOf,
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

export function storedEvents(
  identified: readonly IdentifiedEvent[],
  ids: readonly string[],
  mailHosts: ReadonlyMap<string, MailHostNames>,
  keyId: string,
  receivedAt: number,
): StoredEvent[] {
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
      keyId,
      addressHash,
      message,
      campaign: storedName(event.campaign),
      source: storedName(event.source),
      list: storedName(event.list ?? null),
      proof: proofOf(event),
    };
  });
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

/**
 * The replies that well-known providers gave themselves. A gateway in front of the mailbox speaks for itself. The domain's own name
 * must tell the provider: by its MX records, a stranger's server could speak for the provider that its domain names beside it.
 */
export const providerReplies = (
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

/**
 * Returns the name of a campaign, source or list as it is stored, at most 200 characters. Null for a name that may contain an
 * address, which would identify a person.
 */
export const storedName = (text: string | null): string | null =>
  text === null || text.includes('@') ? null : text.slice(0, 200);
