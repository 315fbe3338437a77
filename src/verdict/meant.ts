// Guesses which address was meant by a text that is not a valid e-mail address.

import { cleanAddress, splitAtSign } from '../address/clean.ts';
import { findAddresses, withoutListMark } from '../address/find-addresses.ts';
import {
  type AddressReading,
  readGlued,
  readWithoutAtSign,
  withDots,
  withoutExtraDots,
  withoutRepetition,
} from '../address/missing-at-sign.ts';
import { hasNonstandardNames } from '../address/nonstandard-names.ts';
import { parseMailbox } from '../address/parse.ts';
import { isProvider, isUnmistakableProvider } from '../domain/typo/model.ts';
import { suggestDomain } from '../domain/typo/suggest.ts';

/**
 * Maximum length, in UTF-16 code units, of a text in which an address is looked for among other words, and at signs and dots are
 * repaired. The longest possible address has 254, and the rest is for extra characters around it.
 */
const longestText = 320;

/**
 * Returns the address that was probably meant: without extra characters around it, such as quotation marks, and with a
 * misspelled domain corrected. Null if there is no good guess. The person must confirm the guess before it is used.
 */
export function meantAddress(text: string): string | null {
  const cleaned = onlyAddressIn(text) ?? cleanAddress(text);
  const corrected = cleaned === null ? correctDomain(text) : (correctDomain(cleaned) ?? cleaned);
  if (corrected !== null || text.length > longestText) return corrected;
  return text.includes('@') ? repairAddress(text.trim()) : restoreAtSign(text);
}

/**
 * Returns the address in a text that has exactly one, as in `E-mail: jane@example.com` or `Jane Doe (jane@example.com)`. It is
 * found as in a cell of a list, so that a form and a list understand the same texts. Null if there is none or several.
 */
function onlyAddressIn(text: string): string | null {
  if (text.length > longestText) return null;
  const addresses = findAddresses(withoutListMark(text), true);
  const only = addresses.length === 1 ? addresses[0]! : text;
  return only !== text && parseMailbox(only).ok ? only : null;
}

/** Returns the address with its misspelled domain corrected. Null if the domain looks right, or no correction is known. */
function correctDomain(text: string): string | null {
  const parts = splitAtSign(text);
  const typo = parts === null ? null : suggestDomain(parts.domain.toLowerCase());
  return parts === null || typo === null ? null : `${parts.localPart}@${typo.domain}`;
}

/**
 * Repairs a text that contains an at sign. Removes a repetition (`jane@gmail.com@gmail.com`), replaces a dot spelled as a word
 * (`jane@gmail dot com`), removes invalid dots (`jane..doe@gmail.com`) and corrects the domain. Null if that gives no address.
 */
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

/**
 * Restores a missing at sign, as in `jane gmail.com` or `janegmail.com`. Tries every place where it may be missing. Returns the
 * resulting address with the domain of a known provider. Null if there is no such address, or more than one.
 */
function restoreAtSign(text: string): string | null {
  const separated = addressesOf(readWithoutAtSign(text), isProvider);
  if (separated.length > 0) return separated.length === 1 ? separated[0]! : null;
  // Without a separator such as a space, accept only domains that cannot be mistaken for another: `janegmail.com` ends with
  // gmail.com, but also with mail.com.
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
