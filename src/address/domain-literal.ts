// Checks the text between the brackets of an address literal (RFC 5321 section 4.1.3), such as `[192.0.2.1]`.

/**
 * Whether the text between the brackets is an IPv4 or IPv6 address literal. A general-address-literal is not
 * accepted: its tag must be registered with IANA, and `IPv6` is the only registered one.
 */
export function isAddressLiteral(text: string): boolean {
  // The longest literal has the form IPv6v4-full: the tag `IPv6:`, six groups of four digits, and a dotted quad.
  if (text.length > 'IPv6:ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255'.length) return false;
  return /^ipv6:/i.test(text) ? isIPv6(text.slice(5)) : isIPv4(text);
}

/** Whether the text is an IPv4 address. Numbers may have leading zeros, because the grammar (`Snum`) allows them. */
function isIPv4(text: string): boolean {
  const numbers = text.split('.');
  return numbers.length === 4 && numbers.every((number) => /^\d{1,3}$/.test(number) && Number(number) <= 255);
}

/** Whether the text is an IPv6 address in one of the forms IPv6-full, IPv6-comp, IPv6v4-full and IPv6v4-comp. */
function isIPv6(text: string): boolean {
  const colon = text.lastIndexOf(':');
  const tail = text.slice(colon + 1);
  if (!tail.includes('.')) return hasGroups(text, 8);
  // The dotted quad replaces the last two groups. The colon before it is a separator, unless it is part of a "::".
  const head = text.slice(0, text[colon - 1] === ':' ? colon + 1 : colon);
  return isIPv4(tail) && hasGroups(head, 6);
}

/**
 * Whether the text has exactly `count` groups of hexadecimal digits. If it contains `::`, it may have at most `count - 2`,
 * because `::` represents at least two groups of zeros.
 */
function hasGroups(text: string, count: number): boolean {
  const gap = text.indexOf('::');
  if (gap === -1) return groups(text) === count;
  const before = text.slice(0, gap);
  const after = text.slice(gap + 2);
  const left = before === '' ? 0 : groups(before);
  const right = after === '' ? 0 : groups(after);
  return left !== null && right !== null && left + right <= count - 2;
}

const groups = (text: string): number | null => {
  const parts = text.split(':');
  return parts.every((part) => /^[\da-f]{1,4}$/i.test(part)) ? parts.length : null;
};
