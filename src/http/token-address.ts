// The form of an address that a verdict token is bound to.

import { parseMailbox } from '../address/parse.ts';
import { suppressionKey } from '../suppression/address-hash.ts';

/** The same for all spellings of a mailbox, since a server may trim or lower-case what its form sent. */
export function tokenAddress(email: string): string {
  const parsed = parseMailbox(email.trim());
  return parsed.ok ? suppressionKey(parsed.mailbox.address) : email.trim();
}
