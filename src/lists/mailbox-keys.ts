// A key for each address that is the same for all spellings of one mailbox.

import { readMailbox } from '../address/nonstandard-names.ts';
import { samePerson } from '../address/same-person.ts';

/** Returns the key of each address, in order. A text that is not an address is its own key. */
export const mailboxKeys = (addresses: readonly string[]): string[] =>
  addresses.map((address) => {
    const parsed = address === '' ? null : readMailbox(address);
    return parsed?.ok ? samePerson(parsed.mailbox) : address;
  });
