// Finds the well-known mailbox provider to which a domain belongs.

import { mailDomains } from '../../data/packed/mail-domains.js';
import { dataPart } from '../data-part.ts';

export interface MailboxProvider {
  /** The identifier of the provider: gmail, outlook, yahoo … Null if the list has none for it, mostly for small providers. */
  readonly slug: string | null;
  /**
   * Who gets a mailbox. `free`: anyone, without paying. `isp`: customers of an internet access provider. `paid`: those who pay
   * for the mailbox.
   */
  readonly kind: 'free' | 'isp' | 'paid';
}

const tableOf = (text: string): ReadonlyMap<string, MailboxProvider> => {
  const map = new Map<string, MailboxProvider>();
  for (const line of text.split('\n')) {
    const [slug, kind, ...domains] = line.split(' ');
    const provider: MailboxProvider = {
      slug: slug === '-' ? null : slug!,
      kind: kind as MailboxProvider['kind'],
    };
    for (const domain of domains) map.set(domain, provider);
  }
  return map;
};

const line = /^[\w-]+ (?:free|isp|paid)(?: [a-z0-9-]+(?:\.[a-z0-9-]+)+)+$/;

export const mailboxProviders = dataPart({
  name: 'mailbox-providers',
  builtIn: () => mailDomains,
  isValid: (text) => text.split('\n').every((one) => line.test(one)),
  entriesOf: (text) => [...tableOf(text)].map(([domain, { slug, kind }]) => `${domain} ${slug} ${kind}`),
  build: tableOf,
});

/** The provider of `domain` (lower-case A-labels), or null. Subdomains of a provider's domain do not count. */
export const mailboxProvider = (domain: string): MailboxProvider | null =>
  mailboxProviders.current().get(domain) ?? null;
