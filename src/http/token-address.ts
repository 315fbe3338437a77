// Normalizes the address to which a verdict token is bound.

import { readMailbox } from '../address/nonstandard-names.ts';
import { suppressionKey } from '../suppression/address-hash.ts';

/**
 * Returns the text for which a token is issued and checked. It is the same if the server that checks the token has trimmed or
 * lower-cased the address that its form sent. Spellings with other dots or tags differ.
 */
export function tokenAddress(email: string): string {
  const parsed = readMailbox(email.trim());
  return parsed.ok ? suppressionKey(parsed.mailbox.address) : email.trim();
}
