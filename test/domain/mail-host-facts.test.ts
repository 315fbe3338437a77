// Whose mail host it is, told from the MX records.

import { expect, test } from 'vitest';
import { readData, rows } from '../../data/packer/tsv.ts';
import { describeMailHost, mailHostDomain } from '../../src/domain/mail-host-facts.ts';

const mx = (...hosts: string[]) => hosts.map((host, i) => ({ preference: 10 * (i + 1), host }));
const equal = (...hosts: string[]) => hosts.map((host) => ({ preference: 10, host }));

test.each([
  ['aspmx.l.google.com', 'google'],
  ['smtp.google.com', 'google'],
  ['contoso-com.mail.protection.outlook.com', 'microsoft365'],
  ['hotmail-com.olc.protection.outlook.com', 'outlook'],
  ['mta5.am0.yahoodns.net', 'yahoo'],
  ['mx01.mail.icloud.com', 'apple'],
  ['mail.protonmail.ch', 'proton'],
  ['mx.zoho.eu', 'zoho'],
  ['in1-smtp.messagingengine.com', 'fastmail'],
  ['mx.yandex.net', 'yandex'],
  ['emx.mail.ru', 'mailru'],
  ['mxbiz1.qq.com', 'tencent'],
  ['qiye163mx01.mxmail.netease.com', 'netease'],
  ['mx00.gmx.net', 'gmx'],
  ['mx-ha02.web.de', 'webde'],
  ['route1.mx.cloudflare.net', 'cloudflare'],
  ['mx1.forwardemail.net', 'forwardemail'],
])('%s is %s', (host, provider) => {
  expect(describeMailHost(mx(host))).toEqual({ provider, gateway: null, disposable: false, parked: false });
});

test.each([
  ['eu-smtp-inbound-1.mimecast.com', 'mimecast'],
  ['mx0a-00191d01.pphosted.com', 'proofpoint'],
  ['d123456a.ess.barracudanetworks.com', 'barracuda'],
  ['mx1.hc1234-56.iphmx.com', 'cisco'],
])('%s is the gateway %s', (host, gateway) => {
  expect(describeMailHost(mx(host))).toEqual({
    provider: gateway,
    gateway,
    disposable: false,
    parked: false,
  });
});

test('the first known host tells whether there is a gateway', () => {
  const [google, mimecast] = ['aspmx.l.google.com', 'eu-smtp-inbound-1.mimecast.com'];
  expect(describeMailHost(mx('mail.own-company.com', mimecast, google)).gateway).toBe('mimecast');
  expect(describeMailHost(mx(google, mimecast)).gateway).toBeNull();
});

test.each(['mail.mailinator.com', 'in.mail.tm', 'mx.emlhub.com', 'generator.email', 'recv3.erinn.biz'])(
  'a domain whose mail goes to %s is disposable',
  (host) => {
    expect(describeMailHost(mx(host))).toEqual({
      provider: null,
      gateway: null,
      disposable: true,
      parked: false,
    });
  },
);

test('a host beneath a disposable domain of the lists is a disposable host', () => {
  expect(describeMailHost(mx('mx.sharklasers.com')).disposable).toBe(true);
});

test.each(['park-mx.above.com', 'mail.h-email.net'])('a domain whose mail goes to %s is parked', (host) => {
  expect(describeMailHost(mx(host))).toEqual({
    provider: null,
    gateway: null,
    disposable: false,
    parked: true,
  });
});

test('one real mail host of the best preference speaks for the domain', () => {
  expect(describeMailHost(equal('mail.mailinator.com', 'aspmx.l.google.com'))).toEqual({
    provider: 'google',
    gateway: null,
    disposable: false,
    parked: false,
  });
});

test('a disposable host as a backup of a real one changes nothing', () => {
  expect(describeMailHost(mx('mail.own-company.com', 'mail.mailinator.com')).disposable).toBe(false);
});

test('the provider may be told by a backup', () => {
  expect(describeMailHost(mx('mail.own-company.com', 'aspmx2.googlemail.com')).provider).toBe('google');
});

test('an unknown host tells nothing, and no hosts tell nothing', () => {
  const nothing = { provider: null, gateway: null, disposable: false, parked: false };
  expect(describeMailHost(mx('mail.own-company.com'))).toEqual(nothing);
  expect(describeMailHost([])).toEqual(nothing);
});

test('a part of a label is no match', () => {
  expect(describeMailHost(mx('mx.notgoogle.com')).provider).toBeNull();
});

test('no host of a provider, gateway or forwarder is called disposable or parked', () => {
  const hosts = rows(readData('mail-hosts.tsv')).filter(
    ([, kind]) => kind !== 'disposable' && kind !== 'parked',
  );
  expect(hosts.length).toBeGreaterThan(100);
  for (const [host, kind, slug] of hosts)
    expect(describeMailHost(mx(`mx1.${host}`)), host!).toEqual({
      provider: slug,
      gateway: kind === 'filter' ? slug : null,
      disposable: false,
      parked: false,
    });
});

test('every row of the table has a known kind, a slug and a remark', () => {
  for (const [host, kind, slug, remark] of rows(readData('mail-hosts.tsv'))) {
    expect(['provider', 'filter', 'forwarder', 'disposable', 'parked'], host!).toContain(kind);
    expect(slug, host!).toMatch(/^[a-z0-9_]+$/);
    expect(remark, host!).toBeTruthy();
  }
});

test.each([
  ['shop.example.org', mx('aspmx.l.google.com', 'mx.example.org'), 'google.com'],
  ['example.org', mx('example-org.mail.protection.outlook.com'), 'outlook.com'],
  ['example.org', mx('mx.example.co.uk'), 'example.co.uk'],
  ['shop.example.org', mx('mx.example.org'), null],
  ['example.org', mx('localhost'), null],
  ['example.org', [], null],
])('the mail host of %s at %j is %s', (domain, exchanges, name) => {
  expect(mailHostDomain(domain, { kind: 'mx', exchanges })).toBe(name);
});

test('a domain without MX records has no mail host with a name', () => {
  for (const mailHost of [
    { kind: 'implicit_mx', via: 'A' },
    { kind: 'nxdomain' },
    { kind: 'unroutable', exchanges: mx('mx.example.net') },
  ] as const)
    expect(mailHostDomain('example.org', mailHost)).toBeNull();
});
