// Normalizes the address to which a verdict token is bound.

import { parseMailbox } from '../address/parse.ts';
import { suppressionKey } from '../suppression/address-hash.ts';

/** Returns one text for all spellings of a mailbox, since a server may trim or lower-case the address from its form. */
export function tokenAddress(email: string): string {
  const parsed = parseMailbox(email.trim());
  return parsed.ok ? suppressionKey(parsed.mailbox.address) : email.trim();
}
