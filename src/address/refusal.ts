// Describes why a text is not a valid address: a code, a position, and a sentence that a form can show. The sentence
// never contains any part of the address.

import { isControl } from './characters.ts';
import type { ParsedMailbox, SyntaxCode } from './mailbox.ts';

export type SyntaxRefusal = Extract<ParsedMailbox, { readonly ok: false }>;

const SENTENCES: Record<SyntaxCode, string> = {
  empty: 'Enter an e-mail address.',
  no_at_sign: 'An e-mail address needs an @ sign between the name and the domain.',
  local_part_empty: 'The part before the @ sign is missing.',
  local_part_too_long: 'The part before the @ sign is longer than 64 bytes.',
  local_part_character: 'The part before the @ sign contains a character that is not allowed there.',
  local_part_dot: 'The part before the @ sign cannot start or end with a dot, or have two dots in a row.',
  quote_unclosed: 'The part before the @ sign begins with a quotation mark but does not end with one.',
  domain_empty: 'The domain after the @ sign is missing.',
  domain_too_long: 'The domain after the @ sign is longer than 255 bytes.',
  domain_character: 'The domain after the @ sign contains a character that is not allowed there.',
  domain_dot: 'The domain after the @ sign cannot start or end with a dot, or have two dots in a row.',
  domain_hyphen: 'No part of the domain after the @ sign can start or end with a hyphen.',
  label_too_long: 'A part of the domain between two dots is longer than 63 bytes.',
  idna: 'The domain after the @ sign is not a valid internationalized domain name.',
  literal: 'The address in brackets after the @ sign is not a valid IPv4 or IPv6 address.',
  address_too_long: 'An e-mail address cannot be longer than 254 bytes.',
  forbidden_character: 'An e-mail address cannot contain invisible or invalid characters.',
};

/** More specific sentences. They can be passed to `refuseSyntax` to replace the default sentence of a code. */
const SPACE = 'An e-mail address cannot contain spaces.';
const SECOND_AT_SIGN = 'An e-mail address can have only one @ sign.';
export const OTHER_FULL_STOP =
  'A dot in the domain after the @ sign is a special character and must be an ordinary dot.';

export const refuseSyntax = (
  code: SyntaxCode,
  position: number,
  message = SENTENCES[code],
): SyntaxRefusal => ({
  ok: false,
  failure: { code, position, message },
});

/**
 * The refusal of a text whose unquoted local part is invalid. The parser stopped at `index`: at a character that is not
 * allowed there, or at the end of the text.
 */
export function refuseDotString(text: string, index: number): SyntaxRefusal {
  if (text.trim() === '') return refuseSyntax('empty', 0);
  if (!text.includes('@')) return refuseSyntax('no_at_sign', text.length);
  const code = text.charCodeAt(index);
  if (code === 0x40)
    return index === 0 ? refuseSyntax('local_part_empty', 0) : refuseSyntax('local_part_dot', index - 1);
  if (code === 0x2e) return refuseSyntax('local_part_dot', index);
  return refuseLocalPartCharacter(code, index);
}

/** The refusal of a text that begins with a quotation mark. `end` is the result of `quotedStringEnd` in parse.ts. */
export function refuseQuotedString(text: string, end: number): SyntaxRefusal {
  const index = end < 0 ? ~end : end;
  if (end < 0 && index >= text.length) return refuseSyntax('quote_unclosed', 0);
  if (!text.includes('@')) return refuseSyntax('no_at_sign', text.length);
  return refuseLocalPartCharacter(text.charCodeAt(index), index);
}

function refuseLocalPartCharacter(code: number, index: number): SyntaxRefusal {
  if (isControl(code)) return refuseSyntax('forbidden_character', index);
  return code === 0x20
    ? refuseSyntax('local_part_character', index, SPACE)
    : refuseSyntax('local_part_character', index);
}

/**
 * The refusal of a domain that begins at `start` and becomes invalid at `index`. `previous` is the code of the character
 * before `index`. If `index` is the start of the domain, `previous` is the code of a dot.
 */
export function refuseDomain(text: string, start: number, index: number, previous: number): SyntaxRefusal {
  const code = text.charCodeAt(index);
  const ends = index === text.length || code === 0x2e;
  if (ends && previous === 0x2d) return refuseSyntax('domain_hyphen', index - 1);
  if (index === text.length)
    return start === index ? refuseSyntax('domain_empty', index) : refuseSyntax('domain_dot', index - 1);
  if (code === 0x2e) return refuseSyntax('domain_dot', index);
  if (isControl(code)) return refuseSyntax('forbidden_character', index);
  if (code === 0x40) return refuseSyntax('domain_character', index, SECOND_AT_SIGN);
  return code === 0x20
    ? refuseSyntax('domain_character', index, SPACE)
    : refuseSyntax('domain_character', index);
}
