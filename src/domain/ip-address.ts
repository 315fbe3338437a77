// Answers three questions about a text: is it an IP address, is it a public IP address, and does it mean the local machine?

import ipaddr from 'ipaddr.js';

type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * The names in ipaddr.js of special-purpose ranges (RFC 6890) in which no public mail server can be reached. Ranges that are
 * missing here, such as those for anycast and AS112, count as public.
 */
const unreachable: ReadonlySet<string> = new Set([
  'benchmarking',
  'broadcast',
  'carrierGradeNat',
  'deprecatedSiteLocal',
  'discard',
  'linkLocal',
  'loopback',
  'multicast',
  'private',
  'reserved',
  'rfc6145',
  'segmentRouting',
  'teredo',
  'uniqueLocal',
  'unspecified',
]);

/**
 * Ranges of addresses for documentation (RFC 5737, RFC 3849, RFC 9637). They count as public: people enter such addresses as
 * placeholders while they set up a domain, and the domain may accept mail later.
 */
const documentation = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'].map(
  (cidr) => ipaddr.parseCIDR(cidr),
);

/** Further ranges in which no public mail server can be reached. ipaddr.js has no names for them. */
const alsoUnreachable = [
  '::/96', // IPv4-compatible addresses (RFC 4291)
  '100:0:0:1::/64', // Dummy prefix (RFC 9780)
  '64:ff9b:1::/48', // Local NAT64 (RFC 8215)
].map((cidr) => ipaddr.parseCIDR(cidr));

/** Whether `host` is an IPv4 address such as 192.0.2.1, or an IPv6 address (RFC 4291) without a zone such as `%eth0`. */
export const isIpAddress = (host: string): boolean => parse(host) !== null;

/** Whether `address` is a public IP address. Addresses for documentation count as public. False for any other text. */
export function isPublicAddress(address: string): boolean {
  const parsed = parse(address);
  return parsed !== null && isPublic(parsed);
}

/**
 * Whether `host` means this machine. It does if it is `localhost`, a name under `localhost` (RFC 6761 section 6.3), or a
 * loopback address, with or without the brackets of a URL.
 */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  const address = parse(name.replace(/^\[(.*)\]$/, '$1'));
  return address !== null && (isMapped(address) ? address.toIPv4Address() : address).range() === 'loopback';
}

function parse(text: string): IpAddress | null {
  // Check the form first: ipaddr.js also accepts 127.1 and octal or hexadecimal numbers, and it throws for host names.
  if (/^[\d.]+$/.test(text)) return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : null;
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return null;
  const address = ipaddr.IPv6.parse(text);
  // ipaddr.js reads ::198.41.0.4 as if it were ::ffff:198.41.0.4. Correct that.
  if (/^::\d+\./.test(text)) address.parts[5] = 0;
  return address;
}

function isPublic(address: IpAddress): boolean {
  if (isWithin(address, documentation)) return true;
  if (isWithin(address, alsoUnreachable)) return false;
  const v4 = embedded(address);
  return v4 === null ? !unreachable.has(address.range()) : isPublic(v4);
}

/** The IPv4 address that an IPv4-mapped, 6to4 (RFC 3056) or NAT64 (RFC 6052) address contains. Null for other addresses. */
function embedded(address: IpAddress): ipaddr.IPv4 | null {
  if (isMapped(address)) return address.toIPv4Address();
  const range: string = address.range();
  const octets = address.toByteArray();
  if (range === '6to4') return new ipaddr.IPv4(octets.slice(2, 6));
  if (range === 'rfc6052') return new ipaddr.IPv4(octets.slice(12));
  return null;
}

const isMapped = (address: IpAddress): address is ipaddr.IPv6 => address.range() === 'ipv4Mapped';

const isWithin = (address: IpAddress, ranges: readonly [IpAddress, number][]): boolean =>
  ranges.some(([range, length]) => range.kind() === address.kind() && address.match(range, length));
