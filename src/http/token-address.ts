// Normalizes the address to which a verdict token is bound.

import { parseMailbox } from '../address/parse.ts';
import { suppressionKey } from '../suppression/address-hash.ts';

/**
 * Returns the same text for all spellings of a mailbox. The server that checks a token may have trimmed or lower-cased the
 * address that its form sent.
 */
export function tokenAddress(email: string): string {
  const parsed = parseMailbox(email.trim());
  return parsed.ok ? suppressionKey(parsed.mailbox.address) : email.trim();
}
