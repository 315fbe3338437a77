// The probable intent of a text that is not a mailbox.

import { cleanAddress, splitAtSign } from '../address/clean.ts';
import {
  type AddressReading,
  readGlued,
  readWithoutAtSign,
  withDots,
  withoutExtraDots,
  withoutRepetition,
} from '../address/missing-at-sign.ts';
import { parseMailbox } from '../address/parse.ts';
import { hasNonstandardNames } from '../domain/nonstandard-names.ts';
import { isProvider, isUnmistakableProvider, suggestDomain } from '../domain/typo/suggest.ts';

/** In UTF-16 code units: the longest address and some noise. The at sign of a longer text is not repaired. */
const longestText = 320;

/** The address without noise and with its domain corrected, or null. A suggestion only. */
export function meantAddress(text: string): string | null {
  const cleaned = cleanAddress(text);
  const corrected = cleaned === null ? correctDomain(text) : (correctDomain(cleaned) ?? cleaned);
  if (corrected !== null || text.length > longestText) return corrected;
  return text.includes('@') ? repairAddress(text.trim()) : restoreAtSign(text);
}

/** The address with its domain corrected, or null if the domain needs or has no correction. */
function correctDomain(text: string): string | null {
  const parts = splitAtSign(text);
  const typo = parts === null ? null : suggestDomain(parts.domain.toLowerCase());
  return parts === null || typo === null ? null : `${parts.localPart}@${typo.domain}`;
}

/** Removes a repeated domain, a dot spelled as a word, and invalid dots in the local part. Null if none of that helps. */
function repairAddress(text: string): string | null {
  const once = withoutRepetition(text);
  const dotted = withDots(once ?? text) ?? once ?? text;
  const domain = dotted.slice(dotted.lastIndexOf('@') + 1).toLowerCase();
  const address = hasNonstandardNames(domain) ? dotted : (withoutExtraDots(dotted) ?? dotted);
  if (address === text) return null;
  const corrected = correctDomain(address);
  if (corrected !== null) return corrected;
  return parseMailbox(address).ok ? address : null;
}

/** Restores a missing at sign. Null unless exactly one reading of the text names a known provider. */
function restoreAtSign(text: string): string | null {
  const separated = addressesOf(readWithoutAtSign(text), isProvider);
  if (separated.length > 0) return separated.length === 1 ? separated[0]! : null;
  // Without a separator only an unmistakable name counts: `janegmail.com` ends with gmail.com, but also with mail.com.
  const glued = addressesOf(readGlued(text), isUnmistakableProvider);
  return glued.length === 1 ? glued[0]! : null;
}

const addressesOf = (readings: readonly AddressReading[], isMeant: (domain: string) => boolean): string[] => [
  ...new Set(
    readings
      .filter(({ domain }) => isMeant(domain))
      .map(({ localPart, domain }) => `${localPart}@${domain}`)
      .filter((address) => parseMailbox(address).ok),
  ),
];
