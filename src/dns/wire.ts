// Encodes one question as a DNS message (RFC 1035) and decodes the answer to it.

import {
  type Answer,
  decode,
  encode,
  type Packet,
  RECURSION_DESIRED,
  type SoaAnswer,
} from '@leichtgewicht/dns-packet';
import type { DnsOutcome, DnsQuestion } from './resolver.ts';

/** Maximum number of CNAME records that are followed one after another. Public resolvers stop at 8 to 16. */
const maxAliases = 16;

/**
 * The maximum size, in octets, of an answer by UDP, which a query announces by EDNS (DNS Flag Day 2020). It does not limit
 * answers by DoH, but some DoH resolvers use the value for their own queries.
 */
const udpPayloadSize = 1232;

const headerLength = 12;
const badResponse: DnsOutcome = { kind: 'failure', cause: 'bad_response' };
const servfail: DnsOutcome = { kind: 'failure', cause: 'servfail' };
const refused: DnsOutcome = { kind: 'failure', cause: 'refused' };

/** Whether `name` can be asked: ASCII labels of 1 to 63 octets, at most 253 octets with the dots (RFC 1035 section 2.3.4). */
export const isAskable = (name: string): boolean =>
  name.length <= 253 && /^[!-\-/-~]{1,63}(?:\.[!-\-/-~]{1,63})*$/.test(name);

/**
 * Encodes a query for `question`, with recursion desired and EDNS. The default id is 0, as RFC 8484 section 4.1 advises for
 * DoH.
 */
export function encodeQuery(question: DnsQuestion, id = 0): Uint8Array {
  return encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ name: question.name, type: question.type, class: 'IN' }],
    additionals: [{ name: '.', type: 'OPT', udpPayloadSize, data: [] } as Answer],
  });
}

/**
 * Whether `message` may be the answer to `query`: it must be a response with the same id, and with the same question or none.
 * Any other message may be forged (RFC 5452 section 9.1) and should be ignored.
 */
export const mayAnswer = (message: Uint8Array, query: Uint8Array): boolean =>
  message.length >= headerLength &&
  message[0] === query[0] &&
  message[1] === query[1] &&
  (message[2]! & 0x80) !== 0 &&
  // A response may have no question: a server that could not parse the query may omit it.
  ((message[4] === 0 && message[5] === 0) || repeatsQuestion(message, query));

/** Whether `message` is truncated (TC bit, RFC 1035 section 4.1.1). Its header must be complete. */
export const isTruncated = (message: Uint8Array): boolean => (message[2]! & 0x02) !== 0;

/**
 * Decodes `message` as the answer to `query`, which must be the result of `encodeQuery` for `question`. Never throws. Returns
 * a failure if the message is not a complete and valid answer to this question.
 */
export function decodeAnswer(message: Uint8Array, query: Uint8Array, question: DnsQuestion): DnsOutcome {
  if (!repeatsQuestion(message, query)) return badResponse;
  let packet: Packet;
  try {
    packet = decode(message);
    // The decoder does not notice the end of the message: it reads further octets as zeros. For example, it reads an IPv4
    // address that is cut off as 0.0.0.0. So refuse a message if the decoder has read past its end.
    if ((decode as unknown as { bytes: number }).bytes > message.length) return badResponse;
  } catch {
    return badResponse;
  }
  const id = (query[0]! << 8) | query[1]!;
  if (packet.type !== 'response' || packet.id !== id || packet.opcode !== 'QUERY') return badResponse;
  const opt = optOf(packet);
  // The OPT record contains the upper bits of the response code (RFC 6891 section 6.1.3). Without them, the error BADVERS
  // would look like NOERROR.
  if (packet.flag_tc || (opt.extendedRcode ?? 0) !== 0) return badResponse;
  switch (packet.rcode as string) {
    case 'NOERROR':
    case 'NXDOMAIN':
      return believed(read(packet, question), opt);
    case 'SERVFAIL':
      return servfail;
    case 'REFUSED':
      return refused;
    default:
      return badResponse;
  }
}

/** Whether the message repeats the question of `query`. Ignores letter case in the name, because some resolvers change it. */
function repeatsQuestion(message: Uint8Array, query: Uint8Array): boolean {
  const { name, end } = questionSpan(query);
  if (message.length < end || message[4] !== 0 || message[5] !== 1) return false;
  for (let at = headerLength; at < end; at++) {
    const octet = message[at]!;
    const expected = query[at]!;
    if (octet !== expected && !(at < name && lower(octet) === lower(expected))) return false;
  }
  return true;
}

/** The positions at which the name in the question and the question itself end. */
function questionSpan(query: Uint8Array): { name: number; end: number } {
  let at = headerLength;
  while (query[at] !== 0) at += query[at]! + 1;
  return { name: at, end: at + 5 };
}

const lower = (octet: number) => (octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet);

/** Fields of an OPT record that are missing from the library's types. */
interface Opt {
  readonly extendedRcode?: number;
  readonly options?: readonly { readonly code: number; readonly data: Uint8Array }[];
}

const optOf = (packet: Packet): Opt =>
  (packet.additionals?.find(({ type }) => type === 'OPT') as Opt | undefined) ?? {};

/**
 * Info codes of extended DNS errors (RFC 8914) which say that the answer is not the current data of the zone: it is forged
 * (4), blocked (15), censored (16), filtered (17) or an outdated NXDOMAIN (19). Such an answer is not used. For example, a
 * blocked domain may accept mail nevertheless.
 */
const notTheZones: readonly number[] = [4, 15, 16, 17, 19];

/**
 * Info codes of extended DNS errors (RFC 8914): the resolver is not ready (14), refuses the client (18), is not authoritative
 * (20), or reached no name server (22, 23). If the message has one of them, it does not prove that the name or the records do
 * not exist, and an answer that says so is not used.
 */
const provesNoAbsence: readonly number[] = [14, 18, 20, 22, 23];

/** The EDNS option code of extended DNS errors (RFC 8914). */
const extendedErrorOption = 15;

const hasExtendedError = ({ options = [] }: Opt, codes: readonly number[]): boolean =>
  options.some(
    ({ code, data }) =>
      code === extendedErrorOption && data.length >= 2 && codes.includes((data[0]! << 8) | data[1]!),
  );

/** Returns `outcome`, or a failure if an extended DNS error in the message shows that it cannot be trusted. */
function believed(outcome: DnsOutcome, opt: Opt): DnsOutcome {
  if (hasExtendedError(opt, notTheZones)) return refused;
  const isAbsence = outcome.kind === 'no_data' || outcome.kind === 'nxdomain';
  return isAbsence && hasExtendedError(opt, provesNoAbsence) ? servfail : outcome;
}

function read(packet: Packet, question: DnsQuestion): DnsOutcome {
  const answers = (packet.answers ?? []).filter((record) => (record as { class?: string }).class === 'IN');
  const aliases = new Map<string, { target: string; ttl: number }>();
  for (const record of answers)
    if (record.type === 'CNAME' && question.type !== 'CNAME')
      aliases.set(canonical(record.name), { target: canonical(record.data), ttl: ttlOf(record) });

  let name = question.name;
  let ttl = Number.POSITIVE_INFINITY;
  let followed = 0;
  for (let alias = aliases.get(name); alias; alias = aliases.get(name)) {
    // Such a long chain is usually a loop, which is a fault of the zone. Resolvers that detect a loop answer SERVFAIL.
    if (++followed > maxAliases) return servfail;
    name = alias.target;
    ttl = Math.min(ttl, alias.ttl);
  }

  const records = answers.filter(
    (record) => record.type === question.type && canonical(record.name) === name,
  );
  for (const record of records) ttl = Math.min(ttl, ttlOf(record));

  const alias = followed > 0 && question.type === 'TXT' ? { alias: name } : {};
  if ((packet.rcode as string) === 'NXDOMAIN')
    return records.length > 0 ? badResponse : { kind: 'nxdomain', ...alias, ...negativeTtl(packet, ttl) };
  if (records.length > 0) return positive(records, question, ttl, alias);
  // An answer of NOERROR without the requested records may also be a referral, an unresolved CNAME or a message of a captive
  // portal. Only an SOA record proves that the records do not exist (RFC 2308 section 2.2).
  const { ttl: lifetime } = negativeTtl(packet, ttl);
  return lifetime === undefined ? badResponse : { kind: 'no_data', ...alias, ttl: lifetime };
}

function positive(
  records: readonly Answer[],
  { type }: DnsQuestion,
  ttl: number,
  alias: { alias?: string },
): DnsOutcome {
  switch (type) {
    case 'MX':
      return { kind: 'mx', exchanges: exchangesOf(records), ttl };
    case 'TXT':
      return { kind: 'texts', texts: records.map(({ data }) => stringsOf(data)), ...alias, ttl };
    case 'PTR':
    case 'CNAME':
    case 'NS':
      return { kind: 'names', names: records.map(({ data }) => canonical(data as string)), ttl };
    default:
      return { kind: 'addresses', addresses: records.map(({ data }) => data as string), ttl };
  }
}

const exchangesOf = (records: readonly Answer[]): { preference: number; host: string }[] =>
  records
    .map(({ data }) => {
      const { preference, exchange } = data as { preference: number; exchange: string };
      return { preference, host: canonical(exchange) };
    })
    .sort((a, b) => a.preference - b.preference);

const utf8 = new TextDecoder();

/** The strings of a TXT record. */
const stringsOf = (data: unknown): string[] =>
  (data as readonly Uint8Array[]).map((string) => utf8.decode(string));

/**
 * The TTL of a negative answer (RFC 2308 section 5): the lowest of the TTL of the SOA record, its MINIMUM field, and
 * `chainTtl`, the lowest TTL of the followed CNAME records. Absent if there is no SOA record.
 */
function negativeTtl(packet: Packet, chainTtl: number): { ttl?: number } {
  const soa = packet.authorities?.find(
    (record): record is SoaAnswer => record.type === 'SOA' && (record as { class?: string }).class === 'IN',
  );
  return soa ? { ttl: Math.min(chainTtl, ttlOf(soa), soa.data.minimum ?? 0) } : {};
}

/** The TTL of a record. A TTL whose top bit is set counts as zero (RFC 2181 section 8). */
const ttlOf = (record: Answer): number => {
  const ttl = (record as { ttl?: number }).ttl ?? 0;
  return ttl > 0x7fff_ffff ? 0 : ttl;
};

/** The name in lower case. The root, `.`, becomes an empty text. */
const canonical = (name: string): string => (name === '.' ? '' : name.toLowerCase());
