// Whether a report can be trusted. Anyone can send a message that looks like a bounce.

import type { BounceReport } from '../bounce/report.ts';

export type UntrustedReason =
  /**
   * A bounce must have an empty return path (RFC 5321 section 4.5.5), but this one has an address. MAILER-DAEMON, which some
   * servers write instead, counts as empty.
   */
  | 'return_path_not_empty'
  /** The operator's own server found that DMARC failed for the From domain (Authentication-Results, RFC 8601). */
  | 'authentication_failed'
  /** The Message-ID of the returned message has another domain than the operator's mail. */
  | 'not_our_message';

/** Maximum number of bytes, from the start of the report, in which header fields are searched. */
const maximumHeader = 65_536;

/**
 * Returns why a report is not trusted, or null. `ourDomains` are the domains in the Message-IDs of the operator's mail; an
 * empty list accepts any domain. If a header field occurs several times, only the topmost one counts: the operator's own server
 * added it last, whereas the ones below it may be forged.
 */
export function whyUntrusted(
  raw: Uint8Array,
  report: BounceReport,
  ourDomains: readonly string[],
): UntrustedReason | null {
  const fields = topFields(raw);
  const isBounce = report.kind === 'dsn' || report.kind === 'nonstandard';
  const returnPath = fields.get('return-path');
  if (isBounce && returnPath !== undefined && !/^<\s*(mailer-daemon(@[^>]*)?)?\s*>/i.test(returnPath))
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
