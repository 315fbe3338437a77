// Whether an address can be reached over the public Internet, by IANA's special-purpose registries (RFC 6890).

type Rule = 'public' | 'special' | { readonly embedsV4At: number };

/**
 * https://www.iana.org/assignments/iana-ipv4-special-registry/ and https://www.iana.org/assignments/iana-ipv6-special-registry/
 * (public domain facts), with multicast and the deprecated ranges that the registries leave to other documents.
 * The first prefix that matches decides, so an exception stands before its block; what none matches is public.
 * Addresses for documentation (RFC 5737, RFC 3849, RFC 9637) are not among them: they stand in zones that are being set up
 * or tried out, of which there is nothing certain to say.
 * `embedsV4At` is the bit at which an IPv4 address begins that decides in the prefix's stead.
 */
const v4Rules: readonly (readonly [string, Rule])[] = [
  ['0.0.0.0/8', 'special'], // this network, RFC 791
  ['10.0.0.0/8', 'special'], // private use, RFC 1918
  ['100.64.0.0/10', 'special'], // carrier-grade NAT, RFC 6598
  ['127.0.0.0/8', 'special'], // loopback, RFC 1122
  ['169.254.0.0/16', 'special'], // link local, RFC 3927
  ['172.16.0.0/12', 'special'], // private use, RFC 1918
  ['192.0.0.9/32', 'public'], // port control protocol anycast, RFC 7723
  ['192.0.0.10/32', 'public'], // TURN anycast, RFC 8155
  ['192.0.0.0/24', 'special'], // IETF protocol assignments, RFC 6890
  ['192.168.0.0/16', 'special'], // private use, RFC 1918
  ['198.18.0.0/15', 'special'], // benchmarking, RFC 2544
  ['224.0.0.0/4', 'special'], // multicast, RFC 5771
  ['240.0.0.0/4', 'special'], // reserved, and limited broadcast, RFC 1112, RFC 8190
];

const v6Rules: readonly (readonly [string, Rule])[] = [
  ['::ffff:0:0/96', { embedsV4At: 96 }], // IPv4-mapped, RFC 4291
  ['::/96', 'special'], // unspecified, loopback and the deprecated IPv4-compatible form, RFC 4291
  ['64:ff9b::/96', { embedsV4At: 96 }], // NAT64, RFC 6052
  ['64:ff9b:1::/48', 'special'], // NAT64 of local use, RFC 8215
  ['100::/64', 'special'], // discard only, RFC 6666
  ['100:0:0:1::/64', 'special'], // dummy prefix, RFC 9780
  ['2001::/32', 'special'], // Teredo, RFC 4380: no mail server lives behind one
  ['2001:1::1/128', 'public'], // port control protocol anycast, RFC 7723
  ['2001:1::2/128', 'public'], // TURN anycast, RFC 8155
  ['2001:1::3/128', 'public'], // DNS-SD service registration anycast, RFC 9665
  ['2001:3::/32', 'public'], // AMT, RFC 7450
  ['2001:4:112::/48', 'public'], // AS112, RFC 7535
  ['2001:20::/28', 'public'], // ORCHIDv2, RFC 7343
  ['2001:30::/28', 'public'], // drone remote identification, RFC 9374
  ['2001::/23', 'special'], // IETF protocol assignments, RFC 2928
  ['2002::/16', { embedsV4At: 16 }], // 6to4, RFC 3056
  ['5f00::/16', 'special'], // segment routing identifiers, RFC 9602
  ['fc00::/7', 'special'], // unique local, RFC 4193
  ['fe80::/10', 'special'], // link local, RFC 4291
  ['fec0::/10', 'special'], // site local, deprecated, RFC 3879
  ['ff00::/8', 'special'], // multicast, RFC 4291
];

/** Whether `address`, IPv4 in dotted quads or IPv6 in any form of RFC 4291, is public. False for what is neither. */
export function isPublicAddress(address: string): boolean {
  const v4 = parseV4(address);
  if (v4) return isPublic(v4, v4Prefixes);
  const v6 = parseV6(address);
  return v6 !== null && isPublic(v6, v6Prefixes);
}

/** Whether `host` is an IP address where a name belongs, as some people write into their MX records. */
export const isBareAddress = (host: string): boolean => parseV4(host) !== null || parseV6(host) !== null;

interface Prefix {
  readonly octets: readonly number[];
  readonly length: number;
  readonly rule: Rule;
}

const compile = (rules: typeof v4Rules, parse: (text: string) => number[] | null): Prefix[] =>
  rules.map(([cidr, rule]) => {
    const [text, length] = cidr.split('/') as [string, string];
    return { octets: parse(text)!, length: Number(length), rule };
  });

const v4Prefixes = compile(v4Rules, parseV4);
const v6Prefixes = compile(v6Rules, parseV6);

function isPublic(octets: readonly number[], prefixes: readonly Prefix[]): boolean {
  const rule = prefixes.find((prefix) => covers(prefix, octets))?.rule ?? 'public';
  if (typeof rule === 'string') return rule === 'public';
  return isPublic(octets.slice(rule.embedsV4At / 8, rule.embedsV4At / 8 + 4), v4Prefixes);
}

function covers(prefix: Prefix, octets: readonly number[]): boolean {
  const whole = prefix.length >> 3;
  for (let at = 0; at < whole; at++) if (octets[at] !== prefix.octets[at]) return false;
  const rest = prefix.length & 7;
  return rest === 0 || octets[whole]! >> (8 - rest) === prefix.octets[whole]! >> (8 - rest);
}

function parseV4(text: string): number[] | null {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return null;
  const octets = text.split('.').map(Number);
  return octets.every((octet) => octet <= 255) ? octets : null;
}

function parseV6(text: string): number[] | null {
  if (!text.includes(':')) return null;
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (!head || !tail) return null;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 2 ? missing < 2 : missing !== 0) return null;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

function parseGroups(text: string, mayEndInV4: boolean): number[] | null {
  if (text === '') return [];
  const groups = text.split(':');
  const octets: number[] = [];
  for (const [index, group] of groups.entries()) {
    const v4 = mayEndInV4 && index === groups.length - 1 ? parseV4(group) : null;
    if (v4) octets.push(...v4);
    else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      octets.push(value >> 8, value & 0xff);
    } else return null;
  }
  return octets;
}
