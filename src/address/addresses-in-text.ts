// Finds the addresses that stand among other words in a cell, as in `Jane Doe (jane@example.com)`.

import { readMailbox } from './nonstandard-names.ts';

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

/** Words that announce an address, the fields of RFC 5322 among them, and the schemes of addresses in directories. */
export const announcing =
  /^(?:e-?mail|mail|mailto|smtp|sip|xmpp|to|cc|bcc|from|sender|reply-to|courriel|correo|почта|邮箱|邮件|メール|이메일)$/iu;

/** A sign that opens a quotation or a bracket, at the end of signs, and one that closes it, at the start. */
const opener = /[<(「『【《〈（［｛｝＜“”„‟"«»‹›[{]$/u;
const closer = /^[>)」』】》〉）］｝＞“”"«»‹›\]}]/u;

/** A word that may be an ending such as `uk` or `com`. A name is seldom so short, or begins with a capital letter. */
const shortEnding = /^(?:[a-z]{2,3}|[A-Z]{2,3})$/;

const atSigns = /[@\uff20\ufe6b]/;
const capitalized = /^[^\p{L}]*(?:\p{Lu}|\p{Lo})/u;
const phoneNumber = /^\+?[\d./-]{6,}$/;

/** Words that are separated by spaces alone. */
interface Phrase {
  readonly words: string[];
  /** The signs between the word before and the first word, without a space on either side. Empty if there is a space. */
  opening: string;
  /** The signs directly after the last word. Empty if there is a space, or the end of the text. */
  closing: string;
}

/**
 * Returns the distinct addresses among other words. Null if a word with an at sign is not an address, or if it is not certain
 * where an address begins and ends: in `jane doe@example.com` the name of the mailbox may have a space by mistake, in
 * `jane,doe@example.com` a comma instead of a dot, and doe@example.com may be another person's.
 */
export function addressesInText(text: string): readonly string[] | null {
  if (text.length > longestSearched) return null;
  const phrases = phrasesOf(text);
  const found: string[] = [];
  for (const [index, phrase] of phrases.entries()) {
    const inPhrase = addressesInPhrase(phrase.words);
    if (inPhrase === null) return null;
    if (inPhrase.length > 0) {
      const mayBegin =
        !atSigns.test(phrase.words[0]!) || mayBeginAfter(phrases[index - 1], phrase, inPhrase[0]!);
      const mayEnd = !atSigns.test(phrase.words.at(-1)!) || !mayContinue(phrases[index + 1]);
      if (!mayBegin || !mayEnd) return null;
    }
    found.push(...inPhrase);
  }
  return found.length === 0 ? null : found;
}

function phrasesOf(text: string): Phrase[] {
  const phrases: Phrase[] = [{ words: [], opening: '', closing: '' }];
  let spaced = true;
  for (const [whole, signs] of text.matchAll(token)) {
    const last = phrases.at(-1)!;
    if (signs !== undefined) {
      if (!spaced) last.closing = signs;
      phrases.push({ words: [], opening: spaced ? '' : signs, closing: '' });
      spaced = last.words.length === 0;
    } else if (whole.trim() === '') {
      spaced = true;
      if (last.words.length === 0) last.opening = '';
    } else {
      spaced = false;
      last.words.push(whole);
    }
  }
  return phrases;
}

/** Whether an address begins after the signs before `phrase`, so that the word before them is not a part of it. */
function mayBeginAfter(before: Phrase | undefined, phrase: Phrase, address: string): boolean {
  if (before === undefined || phrase.opening === '' || /[\r\n\t]/.test(phrase.opening)) return true;
  const word = before.words.at(-1) ?? '';
  const isEnclosed = opener.test(phrase.opening) && phrase.words.length === 1 && closer.test(phrase.closing);
  return isEnclosed || atSigns.test(word) || /^\d+$/.test(word) || mayPrecede(before.words, address);
}

/**
 * Whether the domain of an address may go on in `phrase`, because a sign stands where a dot was meant: `jane@example.co,uk`.
 */
const mayContinue = (phrase: Phrase | undefined): boolean =>
  phrase !== undefined && /^[,;:]$/.test(phrase.opening) && shortEnding.test(phrase.words[0] ?? '');

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
