// What was probably meant by a text that is no mailbox.

import { cleanAddress, splitAtSign } from '../address/clean.ts';
import { parseMailbox } from '../address/parse.ts';
import { suggestDomain } from '../domain/typo/suggest.ts';

/** The address without its noise and with its domain mended, or null. A suggestion: nothing is changed by itself. */
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
