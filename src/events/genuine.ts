// Finds reasons not to trust a returned message (a bounce or a complaint). Anyone can send a message that looks like a bounce.

import type { BounceReport } from '../bounce/report.ts';

export type UntrustedReason =
  /**
   * A bounce must have an empty return path (RFC 5321 section 4.5.5), but this one has an address. MAILER-DAEMON, which some
   * servers write instead, counts as empty.
   */
  | 'return_path_not_empty'
  /** The operator's own server found that DMARC failed for the From domain (Authentication-Results, RFC 8601). */
  | 'authentication_failed'
  /** The report is about a message whose Message-ID is missing or has a domain that is not one of `ourDomains`. */
  | 'not_our_message';

/** Maximum number of bytes, from the start of the report, in which header fields are searched. */
const maximumHeader = 65_536;

/**
 * Returns why a report is not trusted, or null if nothing speaks against it. `ourDomains` are the domains in the Message-IDs of
 * the operator's mail; subdomains of them count too. If it is empty, any domain is accepted. If a header field occurs several
 * times, only the topmost one counts: the operator's own server added it last, and those below it may be forged.
 */
export function whyUntrusted(
  raw: Uint8Array,
  report: BounceReport,
  ourDomains: readonly string[],
): UntrustedReason | null {
  const fields = topFields(raw);
  const isBounce = report.kind === 'dsn' || report.kind === 'nonstandard';
  const returnPath = fields.get('return-path');
  if (isBounce && returnPath !== undefined && !/^<\s*(mailer-daemon(@[^>]*)?\s*)?>/i.test(returnPath))
    return 'return_path_not_empty';
  if (/\bdmarc\s*=\s*fail\b/i.test(fields.get('authentication-results') ?? ''))
    return 'authentication_failed';
  if (ourDomains.length > 0 && !isOurs(report.originalMessageId, ourDomains)) return 'not_our_message';
  return null;
}

function isOurs(messageId: string | null, ourDomains: readonly string[]): boolean {
  const domain = messageId?.slice(messageId.lastIndexOf('@') + 1).toLowerCase();
  return ourDomains.some((ours) => domain === ours || domain?.endsWith(`.${ours}`));
}

/** Maps each field name, in lower case, to the value of the topmost field of that name. Folded lines are joined. */
function topFields(raw: Uint8Array): Map<string, string> {
  const text = new TextDecoder('latin1').decode(raw.subarray(0, maximumHeader)).replaceAll('\r\n', '\n');
  const end = text.indexOf('\n\n');
  const header = (end === -1 ? text : text.slice(0, end)).replace(/\n[ \t]+/g, ' ');
  const fields = new Map<string, string>();
  for (const line of header.split('\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    if (name !== '' && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}
