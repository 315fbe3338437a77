// Guesses which address was meant if the at sign was mistyped, repeated or left out, or if dots are wrong.

/** One possible address: a local part as written, and a domain in lower case. They may be invalid. */
export interface AddressReading {
  readonly localPart: string;
  readonly domain: string;
}

/**
 * What people type instead of the at sign: another character of its key (`2` on US, `"` on Nordic and `'` on UK
 * keyboards), a character of a nearby key, a space, the word `at`, or a word in brackets such as `(at)`. On German
 * keyboards the at sign is on the Q key. But `q` is not a separator here, because it is usually part of a name.
 */
const separator = /2|[#"'*&$!,;:/\\|^~£€§ ]|[ _-]at[ _-]| ?[([{<] ?(?:at|@|a) ?[)\]}>] ?/giu;

/** A dot as a word: English, German, French, Spanish and Italian, Portuguese, Turkish, Russian. */
const spelledDot = / (?:dot|punkt|point|punto|ponto|nokta|точка) | ?[([{] ?(?:dot|\.) ?[)\]}] ?/giu;

/**
 * The possible addresses in a text without an at sign: one for each `separator` that may have been typed instead of it.
 * `jane#gmail.com` gives `jane` and `gmail.com`.
 */
export function readWithoutAtSign(text: string): AddressReading[] {
  if (text.includes('@')) return [];
  const plain = text.trim().replace(spelledDot, '.');
  return [...plain.matchAll(separator)]
    .map((match) => ({
      localPart: plain.slice(0, match.index).trim(),
      domain: plain
        .slice(match.index + match[0].length)
        .trim()
        .toLowerCase(),
    }))
    .filter(({ localPart, domain }) => localPart !== '' && domain.includes('.'));
}

/**
 * One possible address for each position at which the at sign may have been left out (`janegmail.com`) or replaced by a
 * dot (`jane.gmail.com`).
 */
export function readGlued(text: string): AddressReading[] {
  const plain = text.trim().toLowerCase();
  if (!/^[a-z0-9._%+-]+\.[a-z]{2,}$/.test(plain)) return [];
  return Array.from({ length: plain.length - 1 }, (_, at) => ({
    localPart: text
      .trim()
      .slice(0, at + 1)
      .replace(/\.$/, ''),
    domain: plain.slice(at + 1),
  })).filter(({ localPart, domain }) => localPart.length > 1 && domain.includes('.'));
}

/**
 * Removes a repetition: from `jane@gmail.com@gmail.com`, from `jane@gmail@gmail.com`, or from an address that was pasted
 * twice. Null if nothing is repeated.
 */
export function withoutRepetition(text: string): string | null {
  const half = text.length / 2;
  if (text.slice(0, half) === text.slice(half) && text.slice(0, half).includes('@'))
    return text.slice(0, half);
  const parts = text.split('@');
  if (parts.length !== 3) return null;
  const [localPart, first, second] = parts as [string, string, string];
  const same =
    first.toLowerCase() === second.toLowerCase() ||
    second.toLowerCase().startsWith(`${first.toLowerCase()}.`);
  return same && first !== '' ? `${localPart}@${second}` : null;
}

/**
 * Removes the dots at the start and end of the local part, and repeated dots in it. Null if there are none, or if the
 * local part contains a quotation mark.
 */
export function withoutExtraDots(text: string): string | null {
  const at = text.lastIndexOf('@');
  const localPart = text.slice(0, at);
  if (at < 1 || localPart.includes('"')) return null;
  const plain = localPart.replace(/^\.+|\.+$/g, '').replace(/\.{2,}/g, '.');
  return plain === '' || plain === localPart ? null : plain + text.slice(at);
}

/** Replaces spelled dots in the domain, as in `jane@gmail dot com`. Null if there are none. */
export function withDots(text: string): string | null {
  const at = text.lastIndexOf('@');
  const domain = text.slice(at + 1).replace(spelledDot, '.');
  return at < 1 || domain === text.slice(at + 1) ? null : text.slice(0, at + 1) + domain;
}
