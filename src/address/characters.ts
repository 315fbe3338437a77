// Character classes of the Mailbox grammar, and the characters that no part of an address may contain.

export const ATEXT = 1;
export const LDH = 2;

/**
 * For each ASCII code, the classes of the character as bits. `ATEXT`: a character of an unquoted local part besides the
 * dot (atext, RFC 5322 section 3.2.3). `LDH`: a letter, digit or hyphen of a domain label (RFC 5890).
 */
export const CLASS = new Uint8Array(128);

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
for (const character of ALPHANUMERIC) CLASS[character.charCodeAt(0)] = ATEXT | LDH;
for (const character of "!#$%&'*+/=?^_`{|}~") CLASS[character.charCodeAt(0)] = ATEXT;
CLASS['-'.charCodeAt(0)] = ATEXT | LDH;

/**
 * Characters that are not allowed in a local part: control, format, surrogate, private-use and unassigned code points,
 * non-ASCII spaces, and invisible characters. They make two different addresses look alike, or reverse the direction of
 * the text. Variation selectors are allowed: they follow an emoji and are harmless.
 */
const HIDDEN = /[[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]--[\p{Variation_Selector}\x20]]/v;

/**
 * Like `HIDDEN`, but allows the two joiners (U+200C, U+200D). RFC 5892 appendix A allows them in a label after certain
 * letters.
 */
const HIDDEN_IN_DOMAIN =
  /[[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]--[\p{Variation_Selector}\x20\u200c\u200d]]/v;

/**
 * Characters that UTS 46 accepts but RFC 5892 disallows in a label: punctuation and full-width ASCII. They are more
 * likely a mistake than part of a name. Punctuation may be a quotation mark around a pasted address; full-width letters
 * would silently become another name. Not included: the marks that RFC 5892 permits, and dots of any width.
 */
const NOT_IN_LABEL = /[[\p{P}\uff01-\uff5e]--[\-.\u00b7\u05f3\u05f4\u0f0b\u30fb\uff65\u3002\uff0e\uff61]]/v;

/** A combining mark at the start of a text. It would combine with the quote, bracket or space before the address. */
const LOOSE_MARK = /^[\p{M}&&\p{Script=Inherited}]/v;

/** Index of the first code point that a local part may never contain, or -1. */
export const hiddenInLocalPart = (text: string): number => text.search(HIDDEN);

/** Index of the first code point that a domain may never contain, or -1. */
export const hiddenInDomain = (text: string): number => text.search(HIDDEN_IN_DOMAIN);

/** Index of the first character that UTS 46 accepts but no label may contain, or -1. */
export const foreignInDomain = (text: string): number => text.search(NOT_IN_LABEL);

export const startsWithLooseMark = (text: string): boolean => LOOSE_MARK.test(text);

export const isControl = (code: number): boolean => code < 0x20 || code === 0x7f;

const octetsAt = (text: string, index: number): number => {
  const code = text.charCodeAt(index);
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  // Each half of a surrogate pair counts two of its four octets.
  return code >= 0xd800 && code <= 0xdfff ? 2 : 3;
};

/** Number of octets of a well-formed text in UTF-8. */
export function utf8Length(text: string): number {
  let octets = 0;
  for (let index = 0; index < text.length; index++) octets += octetsAt(text, index);
  return octets;
}

/**
 * Counts UTF-8 octets from index `from` on. Returns the index of the character that exceeds `limit` octets, or `end` if
 * no character before `end` does.
 */
export function indexAtOctet(text: string, from: number, end: number, limit: number): number {
  let octets = 0;
  for (let index = from; index < end; index++) {
    octets += octetsAt(text, index);
    if (octets > limit) return index;
  }
  return end;
}
