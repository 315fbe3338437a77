// A DNS zone as an object, a responder that answers DoH requests from it, and the faults it can be told to have.

import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  RECURSION_AVAILABLE,
  TRUNCATED_RESPONSE,
} from '@leichtgewicht/dns-packet';

export interface Records {
  readonly ttl?: number;
  /** Preference and host; '.' is the null MX. */
  readonly MX?: readonly (readonly [number, string])[];
  readonly A?: readonly string[];
  readonly AAAA?: readonly string[];
  readonly CNAME?: string;
  /** Each record is one text, or the strings into which it is split. */
  readonly TXT?: readonly (string | readonly string[])[];
  readonly PTR?: readonly string[];
  readonly NS?: readonly string[];
  readonly fault?: Fault;
}

export type Fault =
  | 'servfail'
  | 'refused'
  | 'formerr'
  | 'badvers'
  | 'status 403'
  | 'status 429'
  | 'status 500'
  | 'redirect'
  | 'wrong content type'
  | 'garbage'
  | 'empty body'
  | 'truncated body'
  | 'oversized body'
  | 'truncation bit'
  | 'a query'
  | 'another id'
  | 'no question'
  | 'another question'
  | 'another type'
  | 'referral'
  | 'alias to nowhere'
  | 'no soa'
  | 'not ready'
  | 'prohibited'
  | 'not authoritative'
  | 'no reachable authority'
  | 'network error'
  | 'captive portal'
  | 'blocked'
  | 'hang';

export type Zone = Readonly<Record<string, Records>>;

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly location?: string;
}

/** What a DoH server answers to `query`; null when it never does. */
export type Responder = (query: Uint8Array) => Reply | null;

export const soa = { ttl: 600, minimum: 300 };

export function createResponder(zone: Zone): Responder {
  return (query) => {
    const asked = decode(query).questions![0]!;
    const records = zone[asked.name.toLowerCase()];
    return spoil(records?.fault, encode(answer(zone, query)), query, asked.type);
  };
}

/** A `fetch` that reaches nothing but `responder`. */
export const fetchFrom = (responder: Responder): typeof fetch =>
  (async (input: string, init: RequestInit) => {
    const encoded = new URL(input).searchParams.get('dns');
    const reply = responder(
      encoded === null ? new Uint8Array(init.body as Uint8Array<ArrayBuffer>) : fromBase64url(encoded),
    );
    if (reply) return toResponse(reply);
    return new Promise((_resolve, reject) => {
      init.signal!.addEventListener('abort', () => reject(init.signal!.reason));
    });
  }) as typeof fetch;

const toResponse = ({ status, contentType, body, location }: Reply) =>
  new Response(body as Uint8Array<ArrayBuffer>, {
    status,
    headers: { 'content-type': contentType, ...(location && { location }) },
  });

export const fromBase64url = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));

function answer(zone: Zone, query: Uint8Array): Packet {
  const { id = 0, questions } = decode(query);
  const { name: asked, type } = questions![0]!;
  const answers: Answer[] = [];
  let name = asked.toLowerCase();
  for (let alias = zone[name]?.CNAME; alias !== undefined && answers.length < 20; alias = zone[name]?.CNAME) {
    if (type === 'CNAME' && answers.length > 0) break;
    answers.push({ name, type: 'CNAME', ttl: zone[name]!.ttl ?? 300, data: alias });
    name = alias;
  }
  const records = zone[type === 'CNAME' ? asked.toLowerCase() : name];
  const ttl = records?.ttl ?? 300;
  if (type === 'MX')
    for (const [preference, exchange] of records?.MX ?? [])
      answers.push({ name, type, ttl, data: { preference, exchange } });
  if (type === 'A' || type === 'AAAA')
    for (const data of records?.[type] ?? []) answers.push({ name, type, ttl, data });
  if (type === 'TXT')
    for (const text of records?.TXT ?? []) answers.push({ name, type, ttl, data: [text].flat() });
  if (type === 'PTR' || type === 'NS')
    for (const data of records?.[type] ?? []) answers.push({ name, type, ttl, data });
  const empty = answers.every((record) => record.type === 'CNAME' && type !== 'CNAME');
  const authorities: Answer[] =
    empty && records?.fault !== 'no soa'
      ? [
          {
            name: 'example',
            type: 'SOA',
            ttl: soa.ttl,
            data: { mname: 'ns.example', rname: 'hostmaster.example', minimum: soa.minimum },
          },
        ]
      : [];
  return {
    type: 'response',
    id,
    flags: RECURSION_AVAILABLE | AUTHORITATIVE_ANSWER | (records ? 0 : 3),
    questions: questions!,
    answers,
    authorities,
  };
}

const portalData = (type: string) =>
  type === 'MX' ? { preference: 0, exchange: 'portal.example' } : type === 'A' ? '198.41.0.4' : '2001:db8::1';

function spoil(fault: Fault | undefined, body: Uint8Array, query: Uint8Array, type: string): Reply | null {
  const reply = { status: 200, contentType: 'application/dns-message', body };
  const question = { name: 'victim.example', type: type as 'MX', class: 'IN' as const };
  const { id = 0 } = decode(query);
  const packet = (changes: Partial<Packet>): Reply => ({
    ...reply,
    body: encode({ type: 'response', id, questions: decode(query).questions!, ...changes }),
  });
  /** NXDOMAIN with an extended error (RFC 8914). */
  const nxdomainWith = (infoCode: number): Reply => {
    const option = { code: 15, data: new Uint8Array(2) };
    const reply = packet({
      flags: 3,
      additionals: [{ name: '.', type: 'OPT', options: [option] } as unknown as Answer],
    });
    // The encoder leaves the option's data out. It comes last.
    reply.body[reply.body.length - 1] = infoCode;
    return reply;
  };
  const nothing: Reply = { ...reply, body: new Uint8Array(0) };
  switch (fault) {
    case 'hang':
      return null;
    case 'servfail':
      return packet({ flags: 2 });
    case 'refused':
      return packet({ flags: 5 });
    case 'formerr':
      return packet({ flags: 1 });
    case 'badvers':
      return packet({
        additionals: [{ name: '.', type: 'OPT', extendedRcode: 1, data: [] } as unknown as Answer],
      });
    case 'blocked':
      return nxdomainWith(15);
    case 'not ready':
      return nxdomainWith(14);
    case 'prohibited':
      return nxdomainWith(18);
    case 'not authoritative':
      return nxdomainWith(20);
    case 'no reachable authority':
      return nxdomainWith(22);
    case 'network error':
      return nxdomainWith(23);
    case 'no soa':
      return packet({});
    case 'captive portal':
      return packet({
        answers: [{ name: 'portal.example', type: type as 'A', data: portalData(type) } as Answer],
      });
    case 'status 403':
      return { ...nothing, status: 403 };
    case 'status 429':
      return { ...nothing, status: 429 };
    case 'status 500':
      return { ...reply, status: 500 };
    case 'redirect':
      return { ...nothing, status: 302, location: '/elsewhere' };
    case 'wrong content type':
      return { ...reply, contentType: 'text/html' };
    case 'garbage':
      return { ...reply, body: Uint8Array.from({ length: 200 }, (_, at) => (at * 37) % 256) };
    case 'empty body':
      return nothing;
    case 'truncated body':
      return { ...reply, body: body.subarray(0, body.length - 3) };
    case 'oversized body':
      return { ...reply, body: new Uint8Array(70_000) };
    case 'truncation bit':
      return packet({ flags: TRUNCATED_RESPONSE });
    case 'another id':
      return packet({ id: id ^ 1, flags: 3 });
    case 'a query':
      return { ...reply, body: query };
    case 'no question':
      return packet({ questions: [], flags: 3 });
    case 'another question':
      return packet({ questions: [question], flags: 3 });
    case 'another type':
      return packet({ questions: [{ ...decode(query).questions![0]!, type: 'TXT' }] });
    case 'referral':
      return packet({ authorities: [{ name: 'example', type: 'NS', data: 'ns.example' }] });
    case 'alias to nowhere':
      return packet({
        answers: [{ name: decode(query).questions![0]!.name, type: 'CNAME', data: 'target.example' }],
      });
    default:
      return reply;
  }
}
