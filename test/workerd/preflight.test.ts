// SPF and DKIM keys in workerd, by the same library as on Node.

import { expect, test } from 'vitest';
import type { DnsOutcome } from '../../src/dns/resolver.ts';
import { mailauthLibrary } from '../../src/preflight/mailauth.ts';
import { goodKey, keys } from '../preflight/zone-text.ts';

const records: Readonly<Record<string, DnsOutcome>> = {
  'TXT example.net': { kind: 'texts', texts: [['v=spf1 include:spf.', 'example.net -all']], ttl: 60 },
  'TXT spf.example.net': { kind: 'texts', texts: [['v=spf1 a:out.example.net -all']], ttl: 60 },
  'A out.example.net': { kind: 'addresses', addresses: ['198.51.100.7'], ttl: 60 },
};

const verdict = async (ip: string) =>
  (
    await mailauthLibrary.spfVerdict(
      { domain: 'example.net', ip, helo: null },
      async (name, type) => records[`${type} ${name}`] ?? { kind: 'nxdomain' },
    )
  ).result;

test('SPF', async () => {
  expect(await verdict('198.51.100.7')).toBe('pass');
  expect(await verdict('198.51.100.8')).toBe('fail');
  expect(await mailauthLibrary.spfSyntaxError('v=spf1 ipv4:192.0.2.1 -all')).toContain('ipv4');
  expect(await mailauthLibrary.spfSyntaxError('v=spf1 ip4:192.0.2.1 -all')).toBeNull();
});

test('DKIM keys', async () => {
  const read = (record: string) => mailauthLibrary.readDkimKey('s1._domainkey.example.net', record);
  expect(await read(goodKey)).toMatchObject({ kind: 'key', keyType: 'rsa', bits: 2048 });
  expect(await read(`v=DKIM1; p=${keys.rsa1024}`)).toMatchObject({ kind: 'key', bits: 1024 });
  expect(await read(`v=DKIM1; k=ed25519; p=${keys.ed25519}`)).toMatchObject({
    keyType: 'ed25519',
    bits: null,
  });
  expect(await read('v=DKIM1; p=')).toEqual({ kind: 'revoked' });
  expect(await read('v=DKIM1; p=AAAA')).toMatchObject({ kind: 'unusable' });
});
