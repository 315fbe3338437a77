// Mailbox providers that gave out addresses whose local part RFC 5321 does not allow, such as `a..b@docomo.ne.jp`.

import { nonstandardNames } from '../../data/packed/nonstandard-names.js';
import { dataPart, entriesBy } from '../data-part.ts';
import type { Mailbox, ParsedMailbox } from './mailbox.ts';
import { parseMailbox } from './parse.ts';

export const nonstandardProviders = dataPart({
  name: 'nonstandard-names',
  builtIn: () => nonstandardNames,
  ...entriesBy(' ', /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/),
  build: (text): ReadonlySet<string> => new Set(text.split(' ')),
});

/**
 * Whether the provider of `domain` (lower case) gave out local parts with dots at the start, at the end or in a row. People
 * still use these addresses, so extra dots in an address at this domain are probably not a typing error.
 */
export const hasNonstandardNames = (domain: string): boolean => nonstandardProviders.current().has(domain);

/** Maximum length of a local part in octets (RFC 5321 section 4.5.3.1.1). */
const longestName = 64;

/** Atext of RFC 5322 and dots in any place, with at least one character that is not a dot. */
const dottedName = /^\.*[\w!#$%&'*+/=?^`{|}~-][\w!#$%&'*+/=?^`{|}~.-]*$/;

/**
 * Reads one address like `parseMailbox`, and also accepts extra dots in the local part if the provider gave out such names.
 * The mailbox is not quoted then, even if `text` is: these providers and their bounces write the name without quotes.
 */
export function readMailbox(text: string): ParsedMailbox {
  const parsed = parseMailbox(text);
  if (parsed.ok) return parsed.mailbox.quoted ? withoutQuotes(parsed) : parsed;
  if (parsed.failure.code !== 'local_part_dot') return parsed;
  const at = text.indexOf('@');
  const localPart = text.slice(0, at);
  const domain = text.slice(at + 1).toLowerCase();
  if (!hasNonstandardNames(domain) || localPart.length > longestName || !dottedName.test(localPart))
    return parsed;
  const address = `${localPart}@${domain}`;
  return { ok: true, mailbox: { localPart, domain, address, smtputf8: false, quoted: false } };
}

function withoutQuotes(parsed: { readonly ok: true; readonly mailbox: Mailbox }): ParsedMailbox {
  const { localPart: quoted, domain } = parsed.mailbox;
  const localPart = quoted.slice(1, -1);
  if (!hasNonstandardNames(domain) || !dottedName.test(localPart)) return parsed;
  const address = `${localPart}@${domain}`;
  return { ok: true, mailbox: { localPart, domain, address, smtputf8: false, quoted: false } };
}

const dot = 46;

/**
 * Returns the address to which mail is sent. It differs from `Mailbox.address` for a name with extra dots: RFC 5321 section
 * 4.1.2 allows such a name only as a quoted string, and many senders, such as SendGrid, refuse it without quotation marks.
 */
export function addressToSend({ localPart, domain, address, quoted }: Mailbox): string {
  const hasExtraDots =
    localPart.charCodeAt(0) === dot ||
    localPart.charCodeAt(localPart.length - 1) === dot ||
    localPart.includes('..');
  return hasExtraDots && !quoted ? `"${localPart}"@${domain}` : address;
}
