// The probable intent of a text that is not a mailbox.

import { cleanAddress, splitAtSign } from '../address/clean.ts';
import { parseMailbox } from '../address/parse.ts';
import { suggestDomain } from '../domain/typo/suggest.ts';

/** The address without noise and with its domain corrected, or null. A suggestion only. */
export function meantAddress(text: string): string | null {
  const cleaned = cleanAddress(text);
  if (cleaned !== null) {
    const parsed = parseMailbox(cleaned);
    const typo = parsed.ok ? suggestDomain(parsed.mailbox.domain) : null;
    return parsed.ok && typo !== null ? `${parsed.mailbox.localPart}@${typo.domain}` : cleaned;
  }
  const parts = splitAtSign(text);
  const typo = parts === null ? null : suggestDomain(parts.domain);
  return parts === null || typo === null ? null : `${parts.localPart}@${typo.domain}`;
}
