// The spelling of an address under which a verdict token is bound to it.

import { parseMailbox } from '../address/parse.ts';
import { suppressionKey } from '../suppression/address-hash.ts';

/** A server may trim or lower-case what its form sent: whatever names the same mailbox has the same spelling here. */
export function tokenAddress(email: string): string {
  const parsed = parseMailbox(email.trim());
  return parsed.ok ? suppressionKey(parsed.mailbox.address) : email.trim();
}
