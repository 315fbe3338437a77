// Bounces in the console, as HTTP: the report, incidents, the event log, the gate, and how accurate predictions were.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredIncident } from '../../src/reports/incidents/incident.ts';
import { createIncidentRepository } from '../../src/storage/sqlite/incident-repository.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { consoleAdminKey, hostileNames, isHarmless, type SignedInPerson, signedIn } from './signed-in.ts';
import { zone } from './zone.ts';

let service: NodeService;
let admin: SignedInPerson;
beforeAll(async () => {
  service = await startNodeService({ zone, settings: { ADMIN_KEY: consoleAdminKey } });
  admin = await signedIn(service);
  for (let index = 0; index < 60; index++)
    await report({ email: `user${index}@gmail.com`, campaign: index % 2 ? 'spring' : 'autumn' });
  const repository = createIncidentRepository(service.database);
  for (let index = 0; index < 25; index++) await repository.open(incident(index));
  const { id } = incident(0);
  await repository.diagnose(id, {
    ...{ cause: 'provider_fault', blame: 'provider', certainty: 'likely', domain: null, finding: null },
    ...{ sentence: 'One provider refuses mailboxes that exist.', since: start, at: start },
  });
});
afterAll(() => service?.stop());

const area = '/console/bounces';
const start = Date.parse('2026-11-20T12:30:00Z');

const report = (fields: object) =>
  fetch(`${service.url}/v1/bounces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${consoleAdminKey}` },
    body: JSON.stringify({ reply: '550 5.1.1 No such user', source: 'footer-form', ...fields }),
  });

/** Incidents of providers, the earlier ones first. */
const incident = (index: number): StoredIncident => ({
  ...{ id: `inc_${String(index).padStart(22, '0')}`, kind: 'provider_fault', severity: 'critical' },
  scope: { provider: `provider${index}` },
  ...{ openedAt: start + index, changedAt: start, changedSize: 0.1, seenAt: start, closedAt: null },
  ...{ explanation: `Provider ${index} refuses your mail.`, advice: 'Wait.' },
  evidence: {
    ...{ from: start - 3_600_000, to: start, messages: 420, sent: 5000, rate: 0.084 },
    ...{ rateBefore: 0.004, chance: 1e-9, statuses: [{ status: '5.1.1', messages: 400 }] },
    reasons: [{ reason: 'mailbox_unknown', messages: 420 }],
    providers: [{ name: 'gmail', messages: 420, sent: 5000, rate: 0.084, rateBefore: 0.004 }],
  },
});

const textOf = async (path: string) => (await admin.get(path)).text();
const count = (page: string, pattern: RegExp) => [...page.matchAll(pattern)].length;

describe('the report', () => {
  test('has the figures, the answer to "is it you or your list", and links to its files', async () => {
    const page = await textOf(`${area}/report`);
    expect(page).toContain('Is it you or your list?');
    expect(page).toMatch(/Hard bounces<\/h2><p class="value">60</);
    const csv = /href="(\/v1\/reports\/bounces\?format=csv[^"]+)" download/.exec(page)![1]!;
    expect(await (await admin.get(csv.replaceAll('&amp;', '&'))).text()).toMatch(/^day,sent,/);
  });

  test.each([
    ['campaign', 'spring'],
    ['provider', 'gmail'],
    ['source', 'footer-form'],
    ['reason', 'mailbox unknown'],
    ['status', '5.1.1'],
  ])('by %s names %s', async (by, name) => {
    expect(await textOf(`${area}/report?by=${by}`)).toContain(`<th scope="row">${name}</th>`);
  });

  test('of days on which nothing was sent says what to do', async () => {
    expect(await textOf(`${area}/report?from=2020-01-01&to=2020-01-02`)).toContain(
      'No delivery or bounce was reported for these days.',
    );
  });

  test.each(['from=2026-13-01', 'from=2026-02-30&to=', 'from=2026-11-20&to=2026-11-01', 'from=<b>'])(
    'with impossible days (%s) says so, and shows the last days',
    async (query) => {
      const response = await admin.get(`${area}/report?${query}`);
      expect(response.status).toBe(422);
      const page = await response.text();
      expect(page).toMatch(/role="alert">.*must be a day/);
      expect(page).toContain('Hard bounces');
    },
  );

  test('on one page, to print, leads back to the console', async () => {
    expect(await textOf('/reports')).toContain(`<a href="${area}">Console</a>`);
  });
});

describe('incidents', () => {
  test('come page by page, the latest first, each once', async () => {
    const names: string[] = [];
    for (let path: string | null = `${area}/incidents`; path !== null; ) {
      const page = await textOf(path);
      names.push(...[...page.matchAll(/<b>Provider (\d+) refuses/g)].map(([, name]) => name!));
      path = /href="([^"]+)">Older incidents/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? null;
    }
    expect(names).toEqual(Array.from({ length: 25 }, (_, index) => String(24 - index)));
  });

  test('have their evidence, their diagnosis, and a way to lift what they suppressed', async () => {
    const first = await textOf(`${area}/incidents`);
    const older = /href="([^"]+)">Older incidents/.exec(first)![1]!.replaceAll('&amp;', '&');
    const page = await textOf(older);
    expect(page).toContain('One provider refuses mailboxes that exist.');
    expect(page).toContain('420 failures of 5,000 messages: 8.4%, usually 0.4%.');
    const lift = /href="(\/console\/suppressions\/incident\?[^"]+provider=provider0)"/.exec(page)![1]!;
    const form = await textOf(lift.replaceAll('&amp;', '&'));
    expect(form).toMatch(/name="from"[^>]*value="2026-11-20T11:30"/);
    expect(form).toMatch(/name="to"[^>]*value="2026-11-20T13:00"/);
    expect(form).toMatch(/name="provider"[^>]*value="provider0"/);
  });

  test('can be chosen by state and kind', async () => {
    expect(await textOf(`${area}/incidents?status=closed&kind=`)).toContain('No such incident.');
    expect(await textOf(`${area}/incidents?kind=list_decay`)).toContain('No such incident.');
    const wrong = await admin.get(`${area}/incidents?kind=nothing`);
    expect([wrong.status, await wrong.text()]).toEqual([422, expect.stringContaining('role="alert"')]);
  });
});

describe('the event log', () => {
  test('comes page by page, each event once', async () => {
    const hashes: string[] = [];
    for (let path: string | null = `${area}/events`; path !== null; ) {
      const page = await textOf(path);
      hashes.push(...[...page.matchAll(/<code title="(\w{64})">/g)].map(([, hash]) => hash!));
      path = /href="([^"]+)">Older events/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? null;
    }
    expect([hashes.length, new Set(hashes).size]).toEqual([60, 60]);
  });

  test('is filtered, and its CSV is filtered alike', async () => {
    const page = await textOf(`${area}/events?campaign=spring&class=hard&provider=&status=`);
    expect(count(page, /<td>spring<\/td>/g)).toBe(30);
    expect(page).not.toContain('<td>autumn</td>');
    const csv = /href="(\/v1\/events\?[^"]+)" download/.exec(page)![1]!.replaceAll('&amp;', '&');
    expect((await (await admin.get(csv)).text()).trim().split('\n').length).toBe(31);
  });

  test('keeps the filter on the next page', async () => {
    const page = await textOf(`${area}/events?source=footer-form`);
    expect(/href="([^"]+)">Older events/.exec(page)![1]).toContain('source=footer-form');
  });

  test('without a match says so, and with a mistake names it', async () => {
    expect(await textOf(`${area}/events?campaign=winter`)).toContain('No event matches.');
    for (const query of ['status=5', 'class=harder', 'from=yesterday', 'cursor=%25']) {
      const response = await admin.get(`${area}/events?${query}`);
      expect([query, response.status]).toEqual([query, 422]);
    }
  });

  test('of one address takes the address from the body, and has no link with it', async () => {
    const page = await (await admin.post(`${area}/events/find`, { email: 'User3@gmail.com' })).text();
    expect(count(page, /hard bounce/g)).toBe(1);
    for (const [, url] of page.matchAll(/(?:href|action|src)="([^"]*)"/g)) expect(url).not.toMatch(/@|%40/);
    const none = await (await admin.post(`${area}/events/find`, { email: 'other@gmail.com' })).text();
    expect(none).toContain('No event about this address');
    expect((await admin.post(`${area}/events/find`, { email: 'nobody' })).status).toBe(422);
    expect(service.log.join('\n')).not.toMatch(/user3/i);
  });
});

describe('the gate', () => {
  test('answers, follows the campaign, and says why again', async () => {
    expect(await textOf(`${area}/gate`)).toContain('No campaign yet.');
    const fields = {
      campaign: 'spring',
      purpose: 'marketing',
      from_domain: 'Brisk-Otter.com',
      planned: '20000',
    };
    const answer = await (await admin.post(`${area}/gate`, fields)).text();
    expect(answer).toMatch(/<p class="big">(Send|Send slowly|Do not send)<\/p>/);
    const page = await textOf(`${area}/gate`);
    expect(page).toMatch(/<th scope="row">spring<\/th>/);
    expect(page).toContain('brisk-otter.com');
    const why = await (
      await admin.post(`${area}/gate/why`, { campaign: 'spring', purpose: 'marketing' })
    ).text();
    expect(why).toMatch(/<h2 id="answer">spring<\/h2>/);
  });

  test('shows the answer of this moment, not the last one that was given', async () => {
    const shown = async () =>
      />([^<]+)<\/span><\/td>/.exec((await textOf(`${area}/gate`)).split('>spring<')[1]!)![1];
    const now = await shown();
    await service.database.run(
      "UPDATE gate_decisions SET decision = CASE decision WHEN 'go' THEN 'stop' ELSE 'go' END",
    );
    expect(await shown()).toBe(now);
  });

  test.each([
    ['no campaign', { campaign: '' }, 'Campaign must not be empty'],
    ['an address', { campaign: 'for jane@brisk-otter.com' }, 'must not contain an @'],
    ['no domain', { campaign: 'x', from_domain: 'nothing' }, 'The domain in From must be a domain'],
    ['a share of a message', { campaign: 'x', planned: '1.5' }, 'whole number'],
    ['no number', { campaign: 'x', planned: 'many' }, 'The number of messages must be'],
  ])('refuses %s, and keeps what was entered', async (_, fields, why) => {
    const response = await admin.post(`${area}/gate`, fields);
    expect([response.status, await response.text()]).toEqual([422, expect.stringContaining(why)]);
  });

  test('explains only campaigns that were asked for', async () => {
    expect((await admin.post(`${area}/gate/why`, { campaign: 'unknown' })).status).toBe(422);
  });
});

test('predictions without an outcome say why there is nothing', async () => {
  expect(await textOf(`${area}/predictions`)).toContain('Nothing to compare yet');
  expect((await admin.get(`${area}/predictions?from=never`)).status).toBe(422);
});

test('names are text, whatever they contain', async () => {
  for (const [index, name] of hostileNames.entries()) {
    await report({ email: `hostile${index}@outlook.com`, campaign: name, source: name });
    const posted = [
      admin.post(`${area}/gate`, { campaign: name, list: name, from_domain: name }),
      admin.post(`${area}/gate`, { campaign: name, list: name }),
      admin.post(`${area}/gate/why`, { campaign: name, purpose: 'marketing' }),
      admin.post(`${area}/events/find`, { email: name }),
    ];
    const query = encodeURIComponent(name);
    const shown = [
      `events?campaign=${query}`,
      `events?kind=${query}`,
      `events?cursor=${query}`,
      `report?from=${query}&by=${query}`,
      `incidents?status=${query}&kind=${query}`,
    ].map((path) => admin.get(`${area}/${path}`));
    for (const response of await Promise.all([...posted, ...shown]))
      expect([name, isHarmless(await response.text())]).toEqual([name, true]);
  }
  for (const path of ['report?by=campaign', 'report?by=source', 'events', 'gate'])
    expect([path, isHarmless(await textOf(`${area}/${path}`))]).toEqual([path, true]);
});

describe('a key', () => {
  const paths = ['report', 'incidents', 'events', 'gate', 'predictions'];
  test.each([
    ['reports:read', [200, 200, 403, 403, 200], 'report'],
    ['events:read', [403, 403, 200, 403, 403], 'events'],
    ['gate', [403, 403, 403, 200, 403], 'gate'],
    ['jobs', [403, 403, 403, 403, 403], null],
  ])('with %s opens and sees only what it may', async (scope, statuses, first) => {
    const person = await signedIn(service, [scope]);
    const opened = await Promise.all(paths.map((path) => person.get(`${area}/${path}`)));
    expect(opened.map(({ status }) => status)).toEqual(statuses);
    expect((await person.get(area)).headers.get('location')).toBe(
      first === null ? '/console' : `${area}/${first}`,
    );
    const page = await opened.find(({ status }) => status === 200)?.text();
    for (const [index, path] of paths.entries())
      if (page !== undefined)
        expect([path, page.includes(`href="${area}/${path}"`)]).toEqual([path, statuses[index] === 200]);
    const acts = { 'events/find': 'events:read', gate: 'gate', 'gate/why': 'gate' };
    for (const [path, needed] of Object.entries(acts))
      expect([path, (await person.post(`${area}/${path}`)).status]).toEqual([
        path,
        scope === needed ? 422 : 403,
      ]);
  });
});
