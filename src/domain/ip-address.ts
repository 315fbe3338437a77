// Classifies an IP address or a host: whether it is an address, public, or this machine.

import ipaddr from 'ipaddr.js';

type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Ranges that ipaddr.js reads from IANA's special-purpose registries (RFC 6890) and at which no mail server is
 * reachable. Anycast and AS112 ranges are public.
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
 * Addresses for documentation (RFC 5737, RFC 3849, RFC 9637) count as public: zones that are being set up contain them, so
 * they are no evidence against a domain.
 */
const documentation = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'].map(
  (cidr) => ipaddr.parseCIDR(cidr),
);

/** Unreachable ranges that ipaddr.js does not classify: IPv4-compatible addresses, the dummy prefix, and local NAT64. */
const alsoUnreachable = [
  '::/96', // RFC 4291
  '100:0:0:1::/64', // RFC 9780
  '64:ff9b:1::/48', // RFC 8215
].map((cidr) => ipaddr.parseCIDR(cidr));

/** Whether `host` is an IPv4 address in four decimal parts or an IPv6 address without a zone, as RFC 4291 writes it. */
export const isIpAddress = (host: string): boolean => parse(host) !== null;

/** Whether the public Internet reaches `address`. False for text that is not an IP address. */
export function isPublicAddress(address: string): boolean {
  const parsed = parse(address);
  return parsed !== null && isPublic(parsed);
}

/** Whether `host` (a host name or an IP address, as in a URL or bare) is this machine (RFC 6761 section 6.3). */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  const address = parse(name.replace(/^\[(.*)\]$/, '$1'));
  return address !== null && (isMapped(address) ? address.toIPv4Address() : address).range() === 'loopback';
}

function parse(text: string): IpAddress | null {
  // ipaddr.js accepts 127.1, octal and hexadecimal parts, which no resolver accepts. It throws on host names.
  if (/^[\d.]+$/.test(text)) return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : null;
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return null;
  const address = ipaddr.IPv6.parse(text);
  // ipaddr.js reads ::198.41.0.4 as if it were ::ffff:198.41.0.4.
  if (/^::\d+\./.test(text)) address.parts[5] = 0;
  return address;
}

function isPublic(address: IpAddress): boolean {
  if (isWithin(address, documentation)) return true;
  if (isWithin(address, alsoUnreachable)) return false;
  const v4 = embedded(address);
  return v4 === null ? !unreachable.has(address.range()) : isPublic(v4);
}

/** The IPv4 address inside an IPv4-mapped, 6to4 (RFC 3056) or NAT64 (RFC 6052) address. */
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
