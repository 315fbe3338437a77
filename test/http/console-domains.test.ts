// Sending domains in the console, as HTTP: what to publish, since when, and what changed.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredIncident } from '../../src/reports/incidents/incident.ts';
import { createIncidentRepository } from '../../src/storage/sqlite/incident-repository.ts';
import type { Zone } from '../dns/zone.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { consoleAdminKey, hostileNames, isHarmless, type SignedInPerson, signedIn } from './signed-in.ts';

const zone: Zone = {
  net: {},
  'sender.net': { MX: [[10, 'mx.sender.net']], TXT: ['v=spf1 mx -all'] },
  'mx.sender.net': { A: ['198.41.0.4'] },
  '_dmarc.sender.net': { TXT: ['v=DMARC1; p=none; rua=mailto:dmarc@sender.net'] },
  'new.net': {},
  'broken.net': { fault: 'servfail' },
};

let service: NodeService;
let admin: SignedInPerson;
beforeAll(async () => {
  service = await startNodeService({
    zone,
    settings: {
      ADMIN_KEY: consoleAdminKey,
      PREFLIGHT_DOMAINS: 'sender.net, other.net',
      LIMITS: 'secret_key=1000/3600',
    },
  });
  admin = await signedIn(service);
  // The first check of a domain begins when the service does: until it has ended, nobody else checks the domain.
  await service.maintain();
});
afterAll(() => service?.stop());

const area = '/console/domains';
const textOf = async (path: string) => (await admin.get(path)).text();
const check = (fields: Record<string, string>) => admin.post(area, fields);

describe('a domain that is checked once', () => {
  test('has its findings, with the records to publish, ready to copy', async () => {
    const page = await (await check({ domain: 'new.net' })).text();
    expect(page).toContain('new.net has no SPF record.');
    expect(page).toMatch(/<code>_dmarc\.new\.net<\/code><button[^>]*data-copy/);
    expect(page).toMatch(/<code>v=DMARC1; p=none; rua=mailto:[^<]+<\/code><button[^>]*data-copy/);
  });

  test('is checked with its selectors and addresses', async () => {
    const page = await check({ domain: 'sender.net', selectors: 's1, s2', ips: '198.41.0.4 198.41.0.5' });
    expect(await page.text()).toContain('s1._domainkey.sender.net');
  });

  test.each([
    ['no domain', { domain: 'nothing' }, 'The domain must be a domain such as example.com.'],
    ['a wrong selector', { domain: 'new.net', selectors: 'a/b' }, 'A selector must be'],
    ['a wrong address', { domain: 'new.net', ips: '300.1.1.1' }, 'An IP address must be'],
    ['ten addresses too many', { domain: 'new.net', ips: '198.41.0.4 '.repeat(11) }, 'must have at most 10'],
  ])('with %s is refused, and the form keeps what was entered', async (_, fields, why) => {
    const response = await check(fields);
    expect(response.status).toBe(422);
    const page = await response.text();
    expect(page).toContain(why);
    expect(page).toContain(`value="${fields.domain}"`);
  });

  test('of which a question is not answered has no finding about it', async () => {
    const page = await (await check({ domain: 'broken.net' })).text();
    expect(page).toContain('Not answered');
    expect(page).toMatch(/<code>TXT broken\.net<\/code>/);
    expect(page).not.toContain('has no SPF record');
  });

  test('costs a key what POST /v1/preflight costs', async () => {
    const left = (response: Response) => /r=(\d+)/.exec(response.headers.get('ratelimit')!)![1];
    const [person, other] = [await signedIn(service, ['preflight']), await signedIn(service, ['preflight'])];
    const byPage = await person.post(area, { domain: 'new.net' });
    const byApi = await fetch(`${service.url}/v1/preflight`, {
      method: 'POST',
      headers: { cookie: other.cookie, 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ domain: 'new.net' }),
    });
    expect(left(byPage)).toBe(left(byApi));
  });
});

describe('a watched domain', () => {
  test('is listed with its findings, and has a page of its own', async () => {
    const list = await textOf(area);
    expect(list).toMatch(/href="\/console\/domains\/sender\.net">sender\.net/);
    const page = await textOf(`${area}/sender.net`);
    expect(page).toContain('Nothing changed since the first check.');
    expect(page).toContain('v=spf1 mx -all');
    expect((await admin.get(`${area}/unknown.net`)).status).toBe(404);
  });

  test('shows what changed, before and after, when it is checked again', async () => {
    await admin.post(`${area}/sender.net/check`);
    Object.assign(zone, {
      '_dmarc.sender.net': { TXT: ['v=DMARC1; p=reject; rua=mailto:dmarc@sender.net'] },
    });
    const response = await admin.post(`${area}/sender.net/check`);
    expect(response.headers.get('location')).toBe(`${area}/sender.net`);
    const page = await textOf(`${area}/sender.net`);
    expect(page).toMatch(
      /<td class="record">v=DMARC1; p=none[^<]*<\/td><td class="record">v=DMARC1; p=reject/,
    );
    expect(await textOf(area)).not.toMatch(/sender\.net<\/a><\/th>(?:(?!<\/tr>).)*<td>none/);
  });

  test('shows which incident followed a change, to those who may read reports', async () => {
    const repository = createIncidentRepository(service.database);
    const at = Date.now();
    const incident = (id: string, differences: Partial<StoredIncident>): StoredIncident => ({
      ...{ id, kind: 'authentication', scope: {}, severity: 'critical', openedAt: at, changedAt: at },
      ...{ changedSize: 1, seenAt: at, closedAt: null, explanation: `Incident ${id}.`, advice: 'Mend it.' },
      evidence: {
        ...{ from: at, to: at, messages: 9, sent: 90, rate: 0.1, rateBefore: 0, chance: 1e-9 },
        ...{ providers: [], statuses: [], reasons: [] },
      },
      ...differences,
    });
    await repository.open(incident('after', {}));
    await repository.open(incident('of_a_list', { kind: 'list_decay' }));
    await repository.open(incident('before', { kind: 'sender_block', openedAt: at - 86_400_000 }));
    const page = await textOf(`${area}/sender.net`);
    expect(page).toMatch(/What followed.*Incident after\./s);
    expect(page).not.toMatch(/Incident (?:of_a_list|before)\./);
    const person = await signedIn(service, ['preflight']);
    expect(await (await person.get(`${area}/sender.net`)).text()).not.toContain('Incident after.');
  });

  test('is checked only if it is watched', async () => {
    expect((await admin.post(`${area}/unknown.net/check`)).status).toBe(404);
  });
});

test('without a watched domain, the page says how to watch one', async () => {
  const bare = await startNodeService({ zone, settings: { ADMIN_KEY: consoleAdminKey } });
  try {
    const page = await (await (await signedIn(bare)).get(area)).text();
    expect(page).toContain('<code>PREFLIGHT_DOMAINS</code>');
  } finally {
    await bare.stop();
  }
});

test('what is entered is text, whatever it contains', async () => {
  for (const name of hostileNames) {
    const page = await (await check({ domain: name, selectors: name, ips: name })).text();
    expect([name, isHarmless(page)]).toEqual([name, true]);
  }
  Object.assign(zone, { '_dmarc.new.net': { TXT: [`v=DMARC1; p=none; ${hostileNames.join('')}`] } });
  expect(isHarmless(await (await check({ domain: 'new.net' })).text())).toBe(true);
});

test('a key without the scope sees and does nothing', async () => {
  const person = await signedIn(service, ['reports:read']);
  expect((await person.get(area)).status).toBe(403);
  expect((await person.get(`${area}/sender.net`)).status).toBe(403);
  expect((await person.post(area, { domain: 'new.net' })).status).toBe(403);
  expect((await person.post(`${area}/sender.net/check`)).status).toBe(403);
});
