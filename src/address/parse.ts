// The parser of the RFC 5321 Mailbox (section 4.1.2) with the UTF-8 extensions of RFC 6531. It never backtracks, and reads
// an ordinary ASCII address in one pass.

import {
  ATEXT,
  CLASS,
  foreignInDomain,
  hiddenInDomain,
  hiddenInLocalPart,
  indexAtOctet,
  isControl,
  LDH,
  startsWithLooseMark,
  utf8Length,
} from './characters.ts';
import { isAddressLiteral } from './domain-literal.ts';
import { toALabels } from './idna.ts';
import type { ParsedMailbox } from './mailbox.ts';
import {
  OTHER_FULL_STOP,
  refuseDomain,
  refuseDotString,
  refuseQuotedString,
  refuseSyntax,
  type SyntaxRefusal,
} from './refusal.ts';

/**
 * Maximum lengths in octets (RFC 5321 section 4.5.3.1; for a label, RFC 1035 section 2.3.4). A path has at most 256
 * octets. Two of them are the angle brackets around the address, which leaves 254 for the address.
 */
const MAX_LOCAL_PART = 64;
const MAX_DOMAIN = 255;
const MAX_LABEL = 63;
const MAX_ADDRESS = 254;

/**
 * Maximum length of a text, in UTF-16 code units. Normalization to NFC can shorten a text, but even then a text longer than
 * this has more than 254 octets.
 */
const MAX_TEXT = 1024;

const AT = 0x40;
const DOT = 0x2e;
const HYPHEN = 0x2d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;

/**
 * Reads one address as it is written in an SMTP envelope: a dot-string or quoted string, an at sign, and a domain or an
 * address literal. Refuses comments, folding white space, the obsolete forms of RFC 5322, and a dot after the domain.
 *
 * Returns the local part in NFC and the domain in lower-case A-labels (UTS 46). Positions of a refusal are in UTF-16 code
 * units. Never throws. Takes linear time. Texts of more than 1024 code units are refused.
 */
export function parseMailbox(text: string): ParsedMailbox {
  const { length } = text;
  if (length > MAX_TEXT) return refuseSyntax('address_too_long', MAX_ADDRESS);

  const quoted = text.charCodeAt(0) === QUOTE;
  let at = 0;
  let localBits = 0;
  if (quoted) {
    at = quotedStringEnd(text);
    if (at < 0 || text.charCodeAt(at) !== AT) return refuseQuotedString(text, at);
    localBits = bitsOf(text, at);
  } else {
    let previous = DOT;
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code < 0x80 && (CLASS[code]! & ATEXT) === 0 && (code !== DOT || previous === DOT)) break;
      localBits |= code;
      previous = code;
    }
    if (previous === DOT || text.charCodeAt(at) !== AT) return refuseDotString(text, at);
  }

  const start = at + 1;
  if (text.charCodeAt(start) === BRACKET) return finishLiteral(text, at, quoted, localBits > 0x7f);

  let label = start;
  let previous = DOT;
  let international = false;
  let upperCase = false;
  for (let index = start; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0x80) international = true;
    else if (code === DOT) {
      if (previous === DOT || previous === HYPHEN) return refuseDomain(text, start, index, previous);
      if (index - label > MAX_LABEL && !international)
        return refuseSyntax('label_too_long', label + MAX_LABEL);
      label = index + 1;
    } else if (code === HYPHEN) {
      if (previous === DOT) return refuseSyntax('domain_hyphen', index);
      // The third and fourth characters of the label are hyphens, as in `xn--`. So it may be an A-label, which must be
      // checked.
      if (index === label + 3 && previous === HYPHEN) international = true;
    } else if ((CLASS[code]! & LDH) === 0) return refuseDomain(text, start, index, previous);
    else if (code > 0x40 && code < 0x5b) upperCase = true;
    previous = code;
  }
  if (previous === DOT || previous === HYPHEN) return refuseDomain(text, start, length, previous);
  if (length - label > MAX_LABEL && !international) return refuseSyntax('label_too_long', label + MAX_LABEL);

  if (international || localBits > 0x7f) return finishInternational(text, at, quoted, localBits > 0x7f);
  if (at > MAX_LOCAL_PART) return refuseSyntax('local_part_too_long', MAX_LOCAL_PART);
  if (length - start > MAX_DOMAIN) return refuseSyntax('domain_too_long', start + MAX_DOMAIN);
  if (length > MAX_ADDRESS) return refuseSyntax('address_too_long', MAX_ADDRESS);
  const localPart = text.slice(0, at);
  const written = text.slice(start);
  const domain = upperCase ? written.toLowerCase() : written;
  const address = upperCase ? `${localPart}@${domain}` : text;
  return { ok: true, mailbox: { localPart, domain, address, smtputf8: false, quoted } };
}

/**
 * Returns the index after the closing quote. Without a valid closing quote, returns the bitwise complement (`~`) of the
 * index of the invalid character or of the end of the text. Allows qtextSMTP and quoted-pairSMTP of RFC 5321, and
 * non-ASCII characters as qtextSMTP (RFC 6531 section 3.3).
 */
function quotedStringEnd(text: string): number {
  for (let index = 1; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index + 1;
    if (isControl(code)) return ~index;
    if (code === BACKSLASH) {
      index++;
      const escaped = text.charCodeAt(index);
      if (isControl(escaped) || escaped > 0x7f) return ~index;
    }
  }
  return ~text.length;
}

const bitsOf = (text: string, end: number): number => {
  let bits = 0;
  for (let index = 0; index < end; index++) bits |= text.charCodeAt(index);
  return bits;
};

/** Checks a local part whose ASCII characters are already known to be valid. Returns it in NFC, or a refusal. */
function finishLocalPart(text: string, at: number, quoted: boolean): string | SyntaxRefusal {
  const written = text.slice(0, at);
  const hidden = hiddenInLocalPart(written);
  if (hidden !== -1) return refuseSyntax('forbidden_character', hidden);
  if (startsWithLooseMark(written)) return refuseSyntax('local_part_character', 0);
  // U+037E, the Greek question mark: NFC turns it into a semicolon, which only a quoted local part may contain. No other
  // non-ASCII character becomes a forbidden ASCII character.
  const semicolon = quoted ? -1 : written.indexOf('\u037e');
  if (semicolon !== -1) return refuseSyntax('local_part_character', semicolon);
  const localPart = written.normalize('NFC');
  return utf8Length(localPart) > MAX_LOCAL_PART
    ? refuseSyntax('local_part_too_long', indexAtOctet(text, 0, at, MAX_LOCAL_PART))
    : localPart;
}

/** Checks a domain whose ASCII characters are already known to be valid. Returns it in A-labels, or a refusal. */
function finishDomain(text: string, start: number): string | SyntaxRefusal {
  const written = text.slice(start);
  const hidden = hiddenInDomain(written);
  if (hidden !== -1) return refuseSyntax('forbidden_character', start + hidden);
  // UTS 46 reads these full stops as dots, but RFC 6531 and IDNA 2008 do not.
  const fullStop = written.search(/[\u3002\uff0e\uff61]/);
  if (fullStop !== -1) return refuseSyntax('domain_dot', start + fullStop, OTHER_FULL_STOP);
  const foreign = foreignInDomain(written);
  if (foreign !== -1) return refuseSyntax('domain_character', start + foreign);
  if (utf8Length(written.normalize('NFC')) > MAX_DOMAIN)
    return refuseSyntax('domain_too_long', indexAtOctet(text, start, text.length, MAX_DOMAIN));
  const domain = toALabels(written);
  const labels = written.split('.');
  if (domain === null)
    return refuseSyntax('idna', start + offsetOf(labels, (label) => toALabels(label) === null));
  const long = domain.split('.').findIndex((label) => label.length > MAX_LABEL);
  if (long !== -1)
    return refuseSyntax('label_too_long', start + offsetOf(labels, (_, index) => index === long));
  return domain.length > MAX_DOMAIN ? refuseSyntax('domain_too_long', start) : domain;
}

/** Offset in the domain of the first label that `isMeant` accepts; 0 if there is none. */
function offsetOf(labels: readonly string[], isMeant: (label: string, index: number) => boolean): number {
  const found = labels.findIndex(isMeant);
  return found === -1 ? 0 : labels.slice(0, found).reduce((offset, label) => offset + label.length + 1, 0);
}

/** Finishes parsing an address whose local part or domain is not plain ASCII, or whose domain may have A-labels. */
function finishInternational(text: string, at: number, quoted: boolean, smtputf8: boolean): ParsedMailbox {
  const localPart = finishLocalPart(text, at, quoted);
  if (typeof localPart !== 'string') return localPart;
  const domain = finishDomain(text, at + 1);
  if (typeof domain !== 'string') return domain;
  const localOctets = utf8Length(localPart);
  const domainOctets = Math.max(domain.length, utf8Length(text.slice(at + 1).normalize('NFC')));
  if (localOctets + 1 + domainOctets > MAX_ADDRESS)
    return refuseSyntax('address_too_long', indexAtOctet(text, 0, text.length, MAX_ADDRESS));
  return { ok: true, mailbox: { localPart, domain, address: `${localPart}@${domain}`, smtputf8, quoted } };
}

/**
 * Finishes parsing an address with an address literal, such as `[192.0.2.1]` or `[IPv6:2001:db8::1]`, after the at sign.
 */
function finishLiteral(text: string, at: number, quoted: boolean, smtputf8: boolean): ParsedMailbox {
  const localPart = finishLocalPart(text, at, quoted);
  if (typeof localPart !== 'string') return localPart;
  const close = text.indexOf(']', at);
  const literal = text.slice(at + 2, close);
  if (close === -1 || close !== text.length - 1 || !isAddressLiteral(literal))
    return refuseSyntax('literal', at + 1);
  const domain = `[${literal.toLowerCase().replace('ipv6', 'IPv6')}]`;
  return { ok: true, mailbox: { localPart, domain, address: `${localPart}@${domain}`, smtputf8, quoted } };
}
