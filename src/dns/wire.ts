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

/** The longest CNAME chain followed; public resolvers stop between 8 and 16. */
const maxAliases = 16;

/** The maximum UDP payload in EDNS (DNS Flag Day 2020). DoH has no such limit, but some resolvers pass the value on. */
const udpPayloadSize = 1232;

const headerLength = 12;
const badResponse: DnsOutcome = { kind: 'failure', cause: 'bad_response' };
const servfail: DnsOutcome = { kind: 'failure', cause: 'servfail' };
const refused: DnsOutcome = { kind: 'failure', cause: 'refused' };

/** Whether `name` fits into a query: ASCII, labels of 1 to 63 octets, at most 253 in all (RFC 1035 2.3.4). */
export const isAskable = (name: string): boolean =>
  name.length <= 253 && /^[!-\-/-~]{1,63}(?:\.[!-\-/-~]{1,63})*$/.test(name);

/** The query message for `question`: recursion desired, EDNS, and the id 0 that RFC 8484 section 4.1 advises for DoH. */
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
 * Whether `message` may be the answer to `query`: a response with the same id and question. Anything else may be forged
 * (RFC 5452 section 9.1).
 */
export const mayAnswer = (message: Uint8Array, query: Uint8Array): boolean =>
  message.length >= headerLength &&
  message[0] === query[0] &&
  message[1] === query[1] &&
  (message[2]! & 0x80) !== 0 &&
  // Accept a message without a question: a server that cannot parse a query may omit it.
  ((message[4] === 0 && message[5] === 0) || repeatsQuestion(message, query));

/** Whether `message`, which has a complete header, is truncated (the TC bit, RFC 1035 section 4.1.1). */
export const isTruncated = (message: Uint8Array): boolean => (message[2]! & 0x02) !== 0;

/**
 * Decodes `message`, the answer to `query`, which must be `encodeQuery(question, …)`. Never throws: a message that is not a
 * complete, valid answer to this question is a failure.
 */
export function decodeAnswer(message: Uint8Array, query: Uint8Array, question: DnsQuestion): DnsOutcome {
  if (!repeatsQuestion(message, query)) return badResponse;
  let packet: Packet;
  try {
    packet = decode(message);
    // The decoder reads octets past the end as zeros, and so turns a truncated address into 0.0.0.0.
    if ((decode as unknown as { bytes: number }).bytes > message.length) return badResponse;
  } catch {
    return badResponse;
  }
  const id = (query[0]! << 8) | query[1]!;
  if (packet.type !== 'response' || packet.id !== id || packet.opcode !== 'QUERY') return badResponse;
  const opt = optOf(packet);
  // The OPT record holds the upper bits of the rcode (RFC 6891 section 6.1.3): without them BADVERS looks like NOERROR.
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

/** Whether the message repeats the question octet for octet, ignoring case, which some resolvers change. */
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

function questionSpan(query: Uint8Array): { name: number; end: number } {
  let at = headerLength;
  while (query[at] !== 0) at += query[at]! + 1;
  return { name: at, end: at + 5 };
}

const lower = (octet: number) => (octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet);

/** Fields of an OPT record that the library's types omit. */
interface Opt {
  readonly extendedRcode?: number;
  readonly options?: readonly { readonly code: number; readonly data: Uint8Array }[];
}

const optOf = (packet: Packet): Opt =>
  (packet.additionals?.find(({ type }) => type === 'OPT') as Opt | undefined) ?? {};

/**
 * Info codes (RFC 8914) of answers that do not come from the zone: forged, blocked, censored, filtered, or a stale NXDOMAIN.
 * For example, an entry in a block list does not prove that a domain accepts no mail.
 */
const notTheZones: readonly number[] = [4, 15, 16, 17, 19];

/**
 * Info codes with which NXDOMAIN or no data proves nothing: the resolver is not ready (14), refuses the client
 * (18), is not authoritative (20), or reached no name server (22, 23).
 */
const provesNoAbsence: readonly number[] = [14, 18, 20, 22, 23];

const extendedErrorOption = 15;

const hasExtendedError = ({ options = [] }: Opt, codes: readonly number[]): boolean =>
  options.some(
    ({ code, data }) =>
      code === extendedErrorOption && data.length >= 2 && codes.includes((data[0]! << 8) | data[1]!),
  );

/** The outcome, or a failure if an extended error of the message shows that the outcome cannot be trusted. */
function believed(outcome: DnsOutcome, opt: Opt): DnsOutcome {
  if (hasExtendedError(opt, notTheZones)) return refused;
  const isAbsence = outcome.kind === 'no_data' || outcome.kind === 'nxdomain';
  return isAbsence && hasExtendedError(opt, provesNoAbsence) ? servfail : outcome;
}

function read(packet: Packet, question: DnsQuestion): DnsOutcome {
  const answers = (packet.answers ?? []).filter((record) => (record as { class?: string }).class === 'IN');
  const aliases = new Map<string, { target: string; ttl: number }>();
  for (const record of answers)
    if (record.type === 'CNAME')
      aliases.set(canonical(record.name), { target: canonical(record.data), ttl: ttlOf(record) });

  let name = question.name;
  let ttl = Number.POSITIVE_INFINITY;
  let followed = 0;
  for (let alias = aliases.get(name); alias; alias = aliases.get(name)) {
    // A loop is a fault of the zone. Resolvers that detect one answer SERVFAIL.
    if (++followed > maxAliases) return servfail;
    name = alias.target;
    ttl = Math.min(ttl, alias.ttl);
  }

  const records = answers.filter(
    (record) => record.type === question.type && canonical(record.name) === name,
  );
  for (const record of records) ttl = Math.min(ttl, ttlOf(record));

  if ((packet.rcode as string) === 'NXDOMAIN')
    return records.length > 0 ? badResponse : { kind: 'nxdomain', ...negativeTtl(packet, ttl) };
  if (records.length > 0) return positive(records, question, ttl);
  // Referrals, unresolved aliases and captive portals also return NOERROR without the requested records. Only an SOA proves
  // absence (RFC 2308 section 2.2).
  const { ttl: lifetime } = negativeTtl(packet, ttl);
  return lifetime === undefined ? badResponse : { kind: 'no_data', ttl: lifetime };
}

function positive(records: readonly Answer[], question: DnsQuestion, ttl: number): DnsOutcome {
  if (question.type !== 'MX')
    return { kind: 'addresses', addresses: records.map((record) => record.data as string), ttl };
  const exchanges = records.map((record) => {
    const { preference, exchange } = record.data as { preference: number; exchange: string };
    return { preference, host: canonical(exchange) };
  });
  return { kind: 'mx', exchanges: exchanges.sort((a, b) => a.preference - b.preference), ttl };
}

/** RFC 2308 section 5: the lesser of the SOA's own TTL and its MINIMUM field. */
function negativeTtl(packet: Packet, chainTtl: number): { ttl?: number } {
  const soa = packet.authorities?.find(
    (record): record is SoaAnswer => record.type === 'SOA' && (record as { class?: string }).class === 'IN',
  );
  return soa ? { ttl: Math.min(chainTtl, ttlOf(soa), soa.data.minimum ?? 0) } : {};
}

/** RFC 2181 section 8: a TTL with its top bit set counts as zero. */
const ttlOf = (record: Answer): number => {
  const ttl = (record as { ttl?: number }).ttl ?? 0;
  return ttl > 0x7fff_ffff ? 0 : ttl;
};

/** The name in lower case. The root is ''. */
const canonical = (name: string): string => (name === '.' ? '' : name.toLowerCase());
