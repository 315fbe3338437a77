// What every Resolver promises, whatever it is made of.

import { expect, test } from 'vitest';
import type { DnsFailure, DnsOutcome, RecordType, Resolver } from '../../src/dns/resolver.ts';
import type { Fault, Zone } from '../dns/zone.ts';

const failures: readonly (readonly [Fault, DnsFailure['cause']])[] = [
  ['servfail', 'servfail'],
  ['refused', 'refused'],
  ['formerr', 'bad_response'],
  ['badvers', 'bad_response'],
  ['blocked', 'refused'],
  ['status 403', 'refused'],
  ['status 429', 'refused'],
  ['status 500', 'bad_response'],
  ['redirect', 'bad_response'],
  ['wrong content type', 'bad_response'],
  ['garbage', 'bad_response'],
  ['empty body', 'bad_response'],
  ['truncated body', 'bad_response'],
  ['oversized body', 'bad_response'],
  ['truncation bit', 'bad_response'],
  ['a query', 'bad_response'],
  ['another id', 'bad_response'],
  ['no question', 'bad_response'],
  ['another question', 'bad_response'],
  ['another type', 'bad_response'],
  ['referral', 'bad_response'],
  ['no soa', 'bad_response'],
  ['not ready', 'servfail'],
  ['prohibited', 'servfail'],
  ['not authoritative', 'servfail'],
  ['no reachable authority', 'servfail'],
  ['network error', 'servfail'],
  ['captive portal', 'bad_response'],
  ['alias to nowhere', 'bad_response'],
];

/** What only a server of HTTP can do. */
const ofHttp: readonly Fault[] = [
  'status 403',
  'status 429',
  'status 500',
  'redirect',
  'wrong content type',
  'oversized body',
];

/** What anybody can send by UDP. `startDnsServer` sends the answer behind it. */
export const forgeries: readonly Fault[] = [
  'garbage',
  'empty body',
  'a query',
  'another id',
  'another question',
  'another type',
];

const hostOf = (fault: Fault) => `${fault.replaceAll(' ', '-')}.example`;

/** What the resolver under test must be served. */
export const contractZone: Zone = {
  'mx.example': {
    ttl: 120,
    MX: [
      [20, 'Second.MX.example'],
      [10, 'first.mx.example'],
    ],
  },
  'null.example': { MX: [[0, '.']] },
  'many.example': {
    MX: Array.from({ length: 60 }, (_, index) => [index, `mx${index}.many-mail-exchangers.example`] as const),
  },
  'a.example': { A: ['198.41.0.4', '170.247.170.2'] },
  'aaaa.example': { AAAA: ['2001:503:ba3e::2:30'] },
  'texts.example': { TXT: ['one', ['two ', 'strings, süß'], ''], NS: ['NS1.example', 'ns2.example'] },
  'text-alias.example': { ttl: 60, CNAME: 'texts.example' },
  'bare-alias.example': { CNAME: 'bare.example' },
  '1.0.0.127.in-addr.arpa': { PTR: ['Host.example'] },
  'bare.example': {},
  'alias.example': { ttl: 60, CNAME: 'alias2.example' },
  'alias2.example': { ttl: 90, CNAME: 'mx.example' },
  'dangling.example': { CNAME: 'gone.example' },
  'loop.example': { CNAME: 'loop2.example' },
  'loop2.example': { CNAME: 'loop.example' },
  'hang.example': { fault: 'hang' },
  ...Object.fromEntries(
    failures.map(([fault]) => [hostOf(fault), { MX: [[1, 'mx.example']] as const, fault }]),
  ),
};

/** Registers the battery. `resolver()` is a resolver that asks a server of `contractZone`. */
export function resolverContract(resolver: () => Resolver, over: 'HTTP' | 'UDP' = 'HTTP'): void {
  const ask = (name: string, type: RecordType): Promise<DnsOutcome> =>
    resolver().resolve({ name, type }, new AbortController().signal);

  test('MX records have the lowest preference first and hosts in lower case', async () => {
    expect(await ask('mx.example', 'MX')).toEqual({
      kind: 'mx',
      exchanges: [
        { preference: 10, host: 'first.mx.example' },
        { preference: 20, host: 'second.mx.example' },
      ],
      ttl: 120,
    });
  });

  test('the root as a mail exchanger, which is the null MX, is the empty host', async () => {
    expect(await ask('null.example', 'MX')).toMatchObject({ exchanges: [{ preference: 0, host: '' }] });
  });

  test('sixty MX records are all returned', async () => {
    const outcome = await ask('many.example', 'MX');
    expect(outcome.kind === 'mx' && outcome.exchanges.length).toBe(60);
  });

  test('address records', async () => {
    expect(await ask('a.example', 'A')).toEqual({
      kind: 'addresses',
      addresses: ['198.41.0.4', '170.247.170.2'],
      ttl: 300,
    });
    expect(await ask('aaaa.example', 'AAAA')).toEqual({
      kind: 'addresses',
      addresses: ['2001:503:ba3e::2:30'],
      ttl: 300,
    });
  });

  test('TXT records keep their strings apart', async () => {
    const texts = [['one'], ['two ', 'strings, süß'], ['']];
    expect(await ask('texts.example', 'TXT')).toEqual({ kind: 'texts', texts, ttl: 300 });
  });

  test('the alias of a TXT record is named, whether it leads to a record or not', async () => {
    expect(await ask('text-alias.example', 'TXT')).toMatchObject({ alias: 'texts.example', ttl: 60 });
    expect(await ask('bare-alias.example', 'TXT')).toMatchObject({ kind: 'no_data', alias: 'bare.example' });
    expect(await ask('dangling.example', 'TXT')).toMatchObject({ kind: 'nxdomain', alias: 'gone.example' });
  });

  test('names in PTR and NS records, in lower case', async () => {
    expect(await ask('1.0.0.127.in-addr.arpa', 'PTR')).toEqual({
      kind: 'names',
      names: ['host.example'],
      ttl: 300,
    });
    expect(await ask('texts.example', 'NS')).toMatchObject({ names: ['ns1.example', 'ns2.example'] });
  });

  test('a question for a CNAME record does not follow it', async () => {
    expect(await ask('dangling.example', 'CNAME')).toMatchObject({ kind: 'names', names: ['gone.example'] });
    expect(await ask('alias.example', 'CNAME')).toMatchObject({ names: ['alias2.example'] });
    expect(await ask('bare.example', 'CNAME')).toMatchObject({ kind: 'no_data' });
  });

  test('no data and NXDOMAIN live by the lesser of the SOA TTL and its minimum', async () => {
    expect(await ask('bare.example', 'MX')).toEqual({ kind: 'no_data', ttl: 300 });
    expect(await ask('a.example', 'AAAA')).toEqual({ kind: 'no_data', ttl: 300 });
    expect(await ask('gone.example', 'MX')).toEqual({ kind: 'nxdomain', ttl: 300 });
  });

  test('a CNAME chain is followed, and the shortest TTL on it counts', async () => {
    expect(await ask('alias.example', 'MX')).toMatchObject({
      kind: 'mx',
      exchanges: [{ preference: 10 }, { preference: 20 }],
      ttl: 60,
    });
  });

  test('an alias of a nonexistent name does not exist', async () => {
    expect(await ask('dangling.example', 'MX')).toMatchObject({ kind: 'nxdomain' });
  });

  test('a CNAME loop is a failure', async () => {
    expect(await ask('loop.example', 'MX')).toEqual({ kind: 'failure', cause: 'servfail' });
  });

  test('a name that cannot be encoded in a query is a failure', async () => {
    for (const name of ['', '.', 'a..example', `${'a'.repeat(64)}.example`, `${'a.'.repeat(127)}example`])
      expect(await ask(name, 'MX')).toMatchObject({ kind: 'failure' });
  });

  for (const [fault, cause] of failures) {
    if (over === 'UDP' && ofHttp.includes(fault)) continue;
    if (over === 'UDP' && forgeries.includes(fault))
      test(`${fault}: passed over, and the answer behind it counts`, async () => {
        expect(await ask(hostOf(fault), 'MX')).toMatchObject({ kind: 'mx', exchanges: [{ preference: 1 }] });
      });
    else
      test(`${fault}: a failure, ${cause}`, async () => {
        expect(await ask(hostOf(fault), 'MX')).toEqual({ kind: 'failure', cause });
      });
  }

  test('an aborted question resolves to a timeout', async () => {
    const controller = new AbortController();
    const outcome = resolver().resolve({ name: 'hang.example', type: 'MX' }, controller.signal);
    controller.abort();
    expect(await outcome).toEqual({ kind: 'failure', cause: 'timeout' });
  });

  test('a question aborted before it is sent is a timeout', async () => {
    const outcome = resolver().resolve({ name: 'mx.example', type: 'MX' }, AbortSignal.abort());
    expect(await outcome).toEqual({ kind: 'failure', cause: 'timeout' });
  });
}
