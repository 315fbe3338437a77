// A key for each address that is the same for all spellings of one mailbox.

import { readMailbox } from '../address/nonstandard-names.ts';
import { samePerson } from '../address/same-person.ts';

export interface MailboxKey {
  readonly key: string;
  /**
   * Whether the address is the canonical one of its mailbox: in lower case, without the dots and tags that the provider ignores.
   */
  readonly isCanonical: boolean;
}

/** A text that is not an address is its own key. */
export function mailboxKeyOf(address: string): MailboxKey {
  const parsed = readMailbox(address);
  if (!parsed?.ok) return { key: address, isCanonical: false };
  const { mailbox } = parsed;
  const key = samePerson(mailbox);
  return { key, isCanonical: `${mailbox.localPart}@${mailbox.domain}` === key };
}
