// Character classes of the Mailbox grammar (RFC 5321), and patterns for the characters that a local part or a domain may
// not contain.

export const ATEXT = 1;
export const LDH = 2;

/**
 * For each ASCII code, the classes of the character as bits. `ATEXT`: an unquoted local part may contain the character
 * (atext, RFC 5322 section 3.2.3; the dot is not included). `LDH`: a letter, a digit or the hyphen, which a domain label
 * may contain (RFC 5890).
 */
export const CLASS = new Uint8Array(128);

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
for (const character of ALPHANUMERIC) CLASS[character.charCodeAt(0)] = ATEXT | LDH;
for (const character of "!#$%&'*+/=?^_`{|}~") CLASS[character.charCodeAt(0)] = ATEXT;
CLASS['-'.charCodeAt(0)] = ATEXT | LDH;

/**
 * Characters that are not allowed in a local part: control, format, surrogate, private-use and unassigned code points,
 * non-ASCII spaces, and invisible characters, of which the braille blank (U+2800) is a symbol in Unicode. Some of them make different addresses look alike, or reverse the direction
 * of the text. Variation selectors are allowed: they follow an emoji and are harmless.
 */
const HIDDEN = /[[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]--[\p{Variation_Selector}\x20]]/v;

/**
 * Like `HIDDEN`, but allows the two joiners (U+200C, U+200D). RFC 5892 appendix A allows them in a label after certain
 * letters.
 */
const HIDDEN_IN_DOMAIN =
  /[[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]--[\p{Variation_Selector}\x20\u200c\u200d]]/v;

/**
 * Punctuation and full-width ASCII characters. RFC 5892 does not allow them in a label, but UTS 46 accepts many of them:
 * it turns full-width letters into ASCII letters, for example. In a domain they are probably a mistake, such as a
 * quotation mark around a pasted address. Not included: marks that RFC 5892 allows, such as the middle dot (U+00B7), and
 * other full stops (U+3002, U+FF0E, U+FF61), for which parse.ts has its own error message.
 */
const NOT_IN_LABEL = /[[\p{P}\uff01-\uff5e]--[\-.\u00b7\u05f3\u05f4\u0f0b\u30fb\uff65\u3002\uff0e\uff61]]/v;

/**
 * A combining mark at the start of a text, such as an accent (U+0301). On the screen it would combine with the quote,
 * bracket or space before the address.
 */
const LOOSE_MARK = /^[\p{M}&&\p{Script=Inherited}]/v;

/** Index of the first code point that a local part may never contain, or -1. */
export const hiddenInLocalPart = (text: string): number => text.search(HIDDEN);

/** Index of the first code point that a domain may never contain, or -1. */
export const hiddenInDomain = (text: string): number => text.search(HIDDEN_IN_DOMAIN);

/** Index of the first character that `NOT_IN_LABEL` matches, or -1. */
export const foreignInDomain = (text: string): number => text.search(NOT_IN_LABEL);

export const startsWithLooseMark = (text: string): boolean => LOOSE_MARK.test(text);

export const isControl = (code: number): boolean => code < 0x20 || code === 0x7f;

const octetsAt = (text: string, index: number): number => {
  const code = text.charCodeAt(index);
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  // A surrogate pair takes four octets in UTF-8. Count two for each of its halves.
  return code >= 0xd800 && code <= 0xdfff ? 2 : 3;
};

/** Number of octets of a well-formed text in UTF-8. */
export function utf8Length(text: string): number {
  let octets = 0;
  for (let index = 0; index < text.length; index++) octets += octetsAt(text, index);
  return octets;
}

/**
 * Counts UTF-8 octets from index `from` on. Returns the index of the first character that no longer fits into `limit`
 * octets, or `end` if all characters before `end` fit.
 */
export function indexAtOctet(text: string, from: number, end: number, limit: number): number {
  let octets = 0;
  for (let index = from; index < end; index++) {
    octets += octetsAt(text, index);
    if (octets > limit) return index;
  }
  return end;
}
