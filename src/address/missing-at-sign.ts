// Readings of a text whose at sign was mistyped, repeated or left out.

/** A local part and a domain as written; neither is checked. */
export interface AddressReading {
  readonly localPart: string;
  readonly domain: string;
}

/**
 * What people type instead of the at sign: the same key without its modifier (2 on US, Nordic and ' " on UK keyboards), an
 * adjacent key, or a word in brackets. The Q of German keyboards is left out, because it is a letter.
 */
const separator = /2|[#"'*&$!,;:/\\|^~£€§ ]|[ _-]at[ _-]| ?[([{<] ?(?:at|@|a) ?[)\]}>] ?/giu;

const spelledDot = / dot | ?[([{] ?(?:dot|\.) ?[)\]}] ?/gi;

/** Reads a text without an at sign: one reading for each separator that may be meant as the at sign. */
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

/** One reading for each position where the at sign may have been left out, or replaced by a dot. */
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

/** The address in `jane@gmail.com@gmail.com`, in `jane@gmail@gmail.com`, or in an address that was pasted twice; or null. */
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

/** The address with dots that start, end or repeat in its local part removed, or null if there are none. */
export function withoutExtraDots(text: string): string | null {
  const at = text.lastIndexOf('@');
  const localPart = text.slice(0, at);
  if (at < 1 || localPart.includes('"')) return null;
  const plain = localPart.replace(/^\.+|\.+$/g, '').replace(/\.{2,}/g, '.');
  return plain === '' || plain === localPart ? null : plain + text.slice(at);
}

/** Replaces spelled dots, as in `jane@gmail dot com`. Null if there are none. */
export function withDots(text: string): string | null {
  const at = text.lastIndexOf('@');
  const domain = text.slice(at + 1).replace(spelledDot, '.');
  return at < 1 || domain === text.slice(at + 1) ? null : text.slice(0, at + 1) + domain;
}
