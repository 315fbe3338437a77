// Finds the addresses that stand among other words in a cell, as in `Jane Doe (jane@example.com)`.

import { readMailbox } from '../address/nonstandard-names.ts';

/** Maximum length of a text that is searched, in UTF-16 code units. */
const longestSearched = 16_384;

/**
 * Splits a text into signs that never belong to an address (first group), spaces, and words. A text that was split into tokens
 * is searched in one pass.
 */
const token =
  /([\r\n\t\u0085\u2028\u2029<>()[\]{}"“”„‟«»‹›「」『』【】《》〈〉（）［］｛｝＜＞,;:|，；：｜、،؛。…]+)|\s+|[^\s<>()[\]{}"“”„‟«»‹›「」『』【】《》〈〉（）［］｛｝＜＞,;:|，；：｜、،؛。…]+/gu;

/**
 * Signs that may be at the edges of a word but do not belong to the address in it. A dot before an address is not removed,
 * because a part of the name may be missing before it.
 */
const edges = /^['’‘´`′*=/\\•·]+|['’‘´`′*=/\\•·.!?#-]+$/gu;

/** Maximum length of a word with an address. Trying to find the edges of longer ones could take quadratic time. */
const longestWord = 512;

/** Words and signs between two addresses. */
const betweenAddresses =
  /^(?:and|or|und|oder|et|ou|y|e|o|i|u|of|en|och|og|ja|oraz|lub|и|или|&|\+|\/|-|–|—|及|和|または)$/iu;

/** Words that announce an address. */
const announcing = /^(?:e-?mail|mail|courriel|correo|почта|邮箱|邮件|メール|이메일)$/iu;

const atSigns = /[@\uff20\ufe6b]/;
const capitalized = /^[^\p{L}]*(?:\p{Lu}|\p{Lo})/u;
const phoneNumber = /^\+?[\d./-]{6,}$/;

interface Piece {
  readonly text: string;
  /** Whether signs that never belong to an address end the phrase here. */
  readonly isBreak: boolean;
}

/**
 * Returns the distinct addresses among other words. Null if a word with an at sign is not an address, or if it is not certain
 * where an address begins and ends: in `jane doe@example.com` the name of the mailbox may have a space by mistake, and
 * doe@example.com may be another person's.
 */
export function addressesInText(text: string): readonly string[] | null {
  if (text.length > longestSearched) return null;
  const phrases: string[][] = [[]];
  for (const piece of piecesOf(text))
    if (piece.isBreak) phrases.push([]);
    else phrases.at(-1)!.push(piece.text);
  const found: string[] = [];
  for (const words of phrases) {
    const inPhrase = addressesInPhrase(words);
    if (inPhrase === null) return null;
    found.push(...inPhrase);
  }
  return found.length === 0 ? null : found;
}

function* piecesOf(text: string): Generator<Piece> {
  for (const [whole, signs] of text.matchAll(token))
    if (signs !== undefined) yield { text: whole, isBreak: true };
    else if (whole.trim() !== '') yield { text: whole, isBreak: false };
}

/** The addresses of a phrase, whose words are separated by spaces alone. Null if they are uncertain. */
function addressesInPhrase(words: readonly string[]): string[] | null {
  const places = words.flatMap((word, index) => (atSigns.test(word) ? [index] : []));
  const found: string[] = [];
  let before = 0;
  for (const [order, place] of places.entries()) {
    const address = addressIn(words[place]!);
    if (address === null) return null;
    const between = words.slice(before, place);
    const isCertain =
      order === 0 ? mayPrecede(between, address) : between.every((word) => betweenAddresses.test(word));
    if (!isCertain) return null;
    found.push(address);
    before = place + 1;
  }
  return places.length === 0 || mayFollow(words.slice(before)) ? found : null;
}

function addressIn(word: string): string | null {
  if (word.length > longestWord) return null;
  const address = word.replace(edges, '');
  const parsed = readMailbox(address);
  return parsed.ok && /\.(?:\p{L}{2,}|xn--[\w-]+)$/u.test(parsed.mailbox.domain) ? address : null;
}

/** Whether words before an address are the name of a person, a label or a phone number, and no part of the address. */
function mayPrecede(words: readonly string[], address: string): boolean {
  if (words.length === 0 || announcing.test(words.at(-1)!)) return true;
  if (!/^\p{L}/u.test(address)) return false;
  const names = words.filter((word) => /[\p{L}\p{N}]/u.test(word));
  if (names.length > 0 && names.every((word) => phoneNumber.test(word))) return true;
  const local = address.slice(0, address.indexOf('@')).toLowerCase();
  if (names.some((word) => word.length > 2 && local.includes(word.toLowerCase()))) return true;
  return names.length > 1 && names.every((word) => capitalized.test(word)) && !/^\p{Lu}/u.test(address);
}

/** Whether words after an address are a name or a phone number. In `jane@example.co UK`, the word may be a part of the domain. */
function mayFollow(words: readonly string[]): boolean {
  const names = words.filter((word) => /[\p{L}\p{N}]/u.test(word));
  return (
    names.length === 0 ||
    phoneNumber.test(names[0]!) ||
    (names.length > 1 && names.every((word) => capitalized.test(word) && word.length > 1))
  );
}
