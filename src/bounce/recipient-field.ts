// Reads the recipient from a field of a report. A field that is not exactly one address has no recipient.

/** How many characters of a field are read, at most. An address is much shorter (RFC 5321 section 4.5.3.1.3). */
const longestField = 1024;

const quoted = /^"(?:[^"\\\r\n]|\\[^\r\n]){1,126}"$/;
const dotless = /^[^\s@<>()[\],;:\\"\u0000-\u001f\u007f]{1,128}$/;
const domainName = /^[a-z0-9\u0080-\uffff_](?:[a-z0-9\u0080-\uffff._-]{0,253}[a-z0-9\u0080-\uffff])?$/;
const domainLiteral = /^\[[0-9a-f.:]{3,60}\]$/i;

/** Address types (RFC 3464 section 2.3.2) that carry an e-mail address. */
const mailTypes = /^(?:rfc822|rfc-822|utf-8|smtp|mailto|internet|unknown)$/i;

/**
 * The address in a recipient field such as `rfc822; <Jane@EXAMPLE.org>`, with its domain in lower case. Null if the field
 * is not exactly one e-mail address, apart from comments in parentheses, which are ignored (RFC 5322 section 3.2.2).
 *
 * `xtext`: true for an Original-Recipient field, in which some characters are encoded (RFC 3461 section 4).
 */
export function recipientField(field: string, { xtext = false } = {}): string | null {
  const text = field.slice(0, longestField);
  const typed = /^\s*([A-Za-z0-9-]{1,20})\s*;/.exec(text);
  if (typed && !mailTypes.test(typed[1]!)) return null;
  const value = typed ? text.slice(typed[0].length) : text;
  const bare = withoutBrackets(withoutComments(value.trim()));
  const decoded = /^utf-8$/i.test(typed?.[1] ?? '') ? unescapeUtf8(bare) : xtext ? decodeXtext(bare) : bare;
  return wholeAddress(decoded);
}

/**
 * The addresses in a comma-separated list such as the header field X-Failed-Recipients. Leaves out items that are not an
 * address.
 */
export const recipientList = (field: string): string[] =>
  field
    .slice(0, 65_536)
    .split(/[,\r\n]+/)
    .map((item) => recipientField(item))
    .filter((address) => address !== null);

function wholeAddress(text: string): string | null {
  const at = text.lastIndexOf('@');
  if (at < 1) return null;
  const localPart = text.slice(0, at);
  const domain = text
    .slice(at + 1)
    .replace(/\.$/, '')
    .toLowerCase();
  if (!dotless.test(localPart) && !quoted.test(localPart)) return null;
  if (!domainName.test(domain) && !domainLiteral.test(domain)) return null;
  return `${localPart}@${domain}`;
}

const comment = /^\((?:[^()\\]|\\.){0,320}\)|\((?:[^()\\]|\\.){0,320}\)$/;

const withoutComments = (text: string): string => {
  const once = text.replace(comment, '').trim();
  return once === text ? text : withoutComments(once);
};

function withoutBrackets(text: string): string {
  const inner = text.startsWith('<') && text.endsWith('>') ? text.slice(1, -1).trim() : text;
  return inner.replace(/^mailto:/i, '').replace(/[;,]$/, '');
}

/**
 * Decodes `+2B` (a plus sign) and `+3D` (an equals sign), the two encodings of xtext that are common in addresses (RFC
 * 3461 section 4). Any other `+HH` stays as it is, because many reports do not use xtext. The plus sign is then part of the
 * address, as in `jane+42@example.org`.
 */
const decodeXtext = (text: string): string =>
  text.replace(/\+([0-9A-F]{2})/g, (whole, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code === 0x2b || code === 0x3d ? String.fromCharCode(code) : whole;
  });

/** Decodes characters written as in RFC 6533 section 3: `\x{F6}` is U+00F6. */
const unescapeUtf8 = (text: string): string =>
  text.replace(/\\x\{([0-9A-Fa-f]{2,6})\}/g, (whole, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code > 0x20 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
      ? String.fromCodePoint(code)
      : whole;
  });
