// Why a text is not a Mailbox: the code, the position, and a sentence for a form, without any part of the address.

import { isControl } from './characters.ts';
import type { ParsedMailbox, SyntaxCode } from './mailbox.ts';

export type SyntaxRefusal = Extract<ParsedMailbox, { readonly ok: false }>;

const SENTENCES: Record<SyntaxCode, string> = {
  empty: 'Enter an e-mail address.',
  no_at_sign: 'An e-mail address needs an @ sign between the name and the domain.',
  local_part_empty: 'The part before the @ sign is missing.',
  local_part_too_long: 'The part before the @ sign is longer than 64 octets.',
  local_part_character: 'The part before the @ sign contains a character that is not allowed there.',
  local_part_dot: 'The part before the @ sign cannot start or end with a dot, or have two dots in a row.',
  quote_unclosed: 'The quoted part before the @ sign is not closed.',
  domain_empty: 'The domain after the @ sign is missing.',
  domain_too_long: 'The domain after the @ sign is longer than 255 octets.',
  domain_character: 'The domain after the @ sign contains a character that is not allowed there.',
  domain_dot: 'The domain after the @ sign cannot start or end with a dot, or have two dots in a row.',
  domain_hyphen: 'No part of the domain after the @ sign can start or end with a hyphen.',
  label_too_long: 'A part of the domain between two dots is longer than 63 octets.',
  idna: 'The domain after the @ sign is not a valid internationalized domain name.',
  literal: 'The address in brackets after the @ sign is not a valid IPv4 or IPv6 address.',
  address_too_long: 'An e-mail address cannot be longer than 254 octets.',
  forbidden_character: 'An e-mail address cannot contain invisible, control or unassigned characters.',
};

/** Sentences that are more specific than the default sentence of their code. */
const SPACE = 'An e-mail address cannot contain spaces.';
const SECOND_AT_SIGN = 'An e-mail address has only one @ sign.';
export const OTHER_FULL_STOP = 'The dots in the domain after the @ sign must be ordinary dots.';

export const refuseSyntax = (
  code: SyntaxCode,
  position: number,
  message = SENTENCES[code],
): SyntaxRefusal => ({
  ok: false,
  failure: { code, position, message },
});

/** The refusal of a text whose dot-string ends at `index` without an at sign after it. */
export function refuseDotString(text: string, index: number): SyntaxRefusal {
  if (text.trim() === '') return refuseSyntax('empty', 0);
  if (!text.includes('@')) return refuseSyntax('no_at_sign', text.length);
  const code = text.charCodeAt(index);
  if (code === 0x40)
    return index === 0 ? refuseSyntax('local_part_empty', 0) : refuseSyntax('local_part_dot', index - 1);
  if (code === 0x2e) return refuseSyntax('local_part_dot', index);
  return refuseLocalPartCharacter(code, index);
}

/** The refusal of a text that begins with a quote. `end` is the result of `quotedStringEnd`. */
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

/** The refusal of a domain that becomes invalid at `index`, after the character code `previous`. */
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
