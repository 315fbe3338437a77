// Which mail hosts are named for the bounces of one request.

import { expect, test } from 'vitest';
import { createMailHostNames } from '../../src/dns/mail-host-names.ts';
import type { MailHost } from '../../src/domain/mail-host.ts';

const at = (host: string): MailHost => ({ kind: 'mx', exchanges: [{ preference: 10, host }] });

function namesOver(hosts: Readonly<Record<string, MailHost>>, maxDomains = 10) {
  const asked: [domain: string, deadline: number][] = [];
  const namesOf = createMailHostNames({
    mailHosts: {
      lookup(domain, deadline) {
        asked.push([domain, deadline]);
        const mailHost = hosts[domain] ?? { kind: 'undetermined', cause: 'timeout' };
        return domain.startsWith('kept.')
          ? { mailHost, expires: 0 }
          : Promise.resolve({ mailHost, expires: 0 });
      },
    },
    now: () => 1000,
    timeoutMs: 50,
    maxDomains,
  });
  return { namesOf, asked };
}

test('each domain is looked up once, by the deadline, and a domain without a name is absent', async () => {
  const { namesOf, asked } = namesOver({
    'one.org': at('aspmx.l.google.com'),
    'kept.two.org': at('mx.hoster.net'),
    'own.org': at('mx.own.org'),
    'guarded.org': at('eu-smtp-inbound-1.mimecast.com'),
    'mimecast.com': at('eu-smtp-inbound-1.mimecast.com'),
    'none.org': { kind: 'no_mail_host' },
  });
  const names = await namesOf([
    ...['one.org', 'kept.two.org', 'one.org', 'own.org', 'silent.org'],
    ...['guarded.org', 'mimecast.com', 'none.org'],
  ]);
  expect([...names]).toEqual(
    expect.arrayContaining([
      ['one.org', { mailHost: 'google.com', provider: 'google', gateway: null }],
      ['kept.two.org', { mailHost: 'hoster.net', provider: null, gateway: null }],
      ['guarded.org', { mailHost: 'mimecast.com', provider: 'mimecast', gateway: 'mimecast' }],
      // Known operators are named even if the domain is its own mail host.
      ['mimecast.com', { mailHost: null, provider: 'mimecast', gateway: 'mimecast' }],
    ]),
  );
  expect(names.size).toBe(4);
  expect(asked).toHaveLength(7);
  expect(new Set(asked.map(([, deadline]) => deadline))).toEqual(new Set([1050]));
});

test('the domains that occur most are looked up', async () => {
  const { namesOf, asked } = namesOver({}, 2);
  await namesOf(['a.org', 'b.org', 'c.org', 'c.org', 'b.org', 'd.org', 'c.org']);
  expect(asked.map(([domain]) => domain)).toEqual(['c.org', 'b.org']);
});

test.each([
  '',
  'com',
  'localhost',
  '[192.0.2.1]',
  '192.0.2.1',
  'müller.org',
  'a b.org',
  'x_y.org',
  'One.org',
])('%j is not looked up', async (domain) => {
  const { namesOf, asked } = namesOver({});
  expect((await namesOf([domain])).size).toBe(0);
  expect(asked).toEqual([]);
});
