// The name of an IP address in reverse DNS (RFC 1035 section 3.5, RFC 3596 section 2.5), and the same labels for blocklists
// (RFC 5782 sections 2.1 and 2.4).

import ipaddr from 'ipaddr.js';

/** The octets of an IPv4 address, or the nibbles of an IPv6 address, in reverse order: `1.2.0.192`, `1.0.0…2`. */
export function reversedAddress(ip: string): string {
  const address = ipaddr.process(ip);
  const octets = address.toByteArray();
  return address.kind() === 'ipv4'
    ? octets.toReversed().join('.')
    : octets
        .flatMap((octet) => [octet >> 4, octet & 15])
        .toReversed()
        .map((nibble) => nibble.toString(16))
        .join('.');
}

/** The name whose PTR record names the host of an IP address. */
export const reverseName = (ip: string): string =>
  `${reversedAddress(ip)}.${ipaddr.process(ip).kind() === 'ipv4' ? 'in-addr' : 'ip6'}.arpa`;

/** Whether two texts are the same IP address, such as `2001:db8::1` and `2001:DB8:0::1`. */
export const isSameAddress = (one: string, other: string): boolean =>
  ipaddr.process(one).toNormalizedString() === ipaddr.process(other).toNormalizedString();

/** Words in host names of connections with a changing address. The name of a mail server should have none of them. */
const dynamicWords = /(?:^|[.-])(?:dyn(?:amic)?|dhcp|dial(?:up|in)?|ppp(?:oe)?|unassigned)(?:\d|[.-]|$)/;

/**
 * Words in names that providers generate for the connections of their customers. They count only if the name also has two octets
 * of the address.
 */
const genericWords =
  /(?:^|[.-])(?:a?dsl|pool|cable|broadband|customer|cust|client|user|static|rev(?:erse)?|ip)(?:\d|[.-]|$)/;

/** Words with which the name of a mail server begins. */
const mailWords = /^(?:e?mail|smtp|mx|mta|out|outbound|relay)(?:\d|[.-]|$)/;

/**
 * Whether a host name looks like one that a provider generated from the address: it contains the last three octets of an IPv4
 * address, in either order or in hexadecimal, the last two next to a word such as `static`, or a word such as `dynamic`.
 */
export function isGenericName(host: string, ip: string): boolean {
  const octets = ipaddr.process(ip).toByteArray();
  const labels = host.split('.').slice(0, -2).join('.');
  if (dynamicWords.test(labels)) return true;
  if (octets.length !== 4) return /(?:[0-9a-f]{1,4}[-.]){5}/.test(labels);
  const hex = octets.map((octet) => octet.toString(16).padStart(2, '0')).join('');
  if (labels.includes(hex)) return true;
  const numbers = (labels.match(/\d+/g) ?? []).map(Number);
  const has = (part: readonly number[]): boolean =>
    [part, part.toReversed()].some((wanted) =>
      numbers.some((_, index) => wanted.every((octet, at) => numbers[index + at] === octet)),
    );
  // `host-12.example.com` alone says nothing. `static-192-0-2-12` or `12.2.0.192.customer` does. Services that send mail for many
  // number their hosts by two octets (`mail2-12.eu1.example.com`).
  return has(octets.slice(1)) ? !mailWords.test(labels) : has(octets.slice(2)) && genericWords.test(labels);
}
