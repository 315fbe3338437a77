// The well-known mailbox providers, by domain name.

import { mailDomains } from '../../data/packed/mail-domains.js';

export interface MailboxProvider {
  /** gmail, outlook, yahoo … Null if the list has no own slug for the provider, but groups it with others of its region. */
  readonly slug: string | null;
  /** `free`: anyone can open a mailbox without paying. `isp`: included with internet access. `paid`: bought. */
  readonly kind: 'free' | 'isp' | 'paid';
}

let providers: Map<string, MailboxProvider> | undefined;

const unpack = (): Map<string, MailboxProvider> => {
  const map = new Map<string, MailboxProvider>();
  for (const line of mailDomains.split('\n')) {
    const [slug, kind, ...domains] = line.split(' ');
    const provider: MailboxProvider = {
      slug: slug === '-' ? null : slug!,
      kind: kind as MailboxProvider['kind'],
    };
    for (const domain of domains) map.set(domain, provider);
  }
  return map;
};

/** The provider of `domain` (lower-case A-labels, compared whole), or null. */
export const mailboxProvider = (domain: string): MailboxProvider | null => {
  providers ??= unpack();
  return providers.get(domain) ?? null;
};
