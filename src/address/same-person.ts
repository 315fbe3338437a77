// Computes one key for all spellings of an address that reach the same mailbox, to find duplicates and suppressed
// addresses.

import type { Mailbox } from './mailbox.ts';
import { type Subaddressing, subaddressingOf } from './subaddressing.ts';

/**
 * A key that two addresses share if their provider delivers both to one mailbox. The key ignores letter case. It also
 * ignores dots, tags and the difference between equivalent domains, if the provider documents that it does so.
 *
 * Never send mail to the key. RFC 5321 section 2.4 leaves the meaning of a local part to its host, so mail goes to
 * `Mailbox.address`.
 */
export function samePerson(mailbox: Pick<Mailbox, 'localPart' | 'domain' | 'quoted'>): string {
  const local = mailbox.localPart.toLowerCase();
  if (mailbox.quoted) return `${local}@${mailbox.domain}`;
  const rule = subaddressingOf(mailbox.domain);
  return rule === undefined ? bySubdomain(local, mailbox.domain) : `${base(local, rule)}@${rule.domains[0]}`;
}

/** Whether the provider of this domain (lower-case A-labels) delivers several spellings to one mailbox. */
export const sharesMailboxes = (domain: string): boolean =>
  subaddressingOf(domain) !== undefined || subdomainRule(domain) !== undefined;

function base(local: string, rule: Subaddressing): string {
  const separator = local.indexOf(rule.separator);
  const name = separator > 0 ? local.slice(0, separator) : local;
  const { ignored = '', dotLike = '' } = rule;
  let read = '';
  for (const character of name)
    if (dotLike.includes(character)) read += '.';
    else if (!ignored.includes(character)) read += character;
  return read === '' ? local : read;
}

function bySubdomain(local: string, domain: string): string {
  const rule = subdomainRule(domain);
  return rule === undefined
    ? `${local}@${domain}`
    : `${domain.slice(0, domain.indexOf('.'))}@${rule.domains[0]}`;
}

/**
 * For a domain that belongs to one mailbox, such as `jane.fastmail.com`: the rule of its parent, `fastmail.com`.
 * Undefined if the provider of the parent domain does not give each mailbox a subdomain.
 */
function subdomainRule(domain: string): Subaddressing | undefined {
  const rule = subaddressingOf(domain.slice(domain.indexOf('.') + 1));
  return rule?.subdomain ? rule : undefined;
}
