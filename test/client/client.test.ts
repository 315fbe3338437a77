// Every method of the client against the service itself.

import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, createClient, PresendError } from '../../src/client/index.ts';
import { resources } from '../../src/http/resources.ts';
import { type NodeService, startNodeService } from '../http/node-service.ts';
import { proberSettings, proberZone, standInSmtp } from '../http/smtp-stand-in.ts';
import { zone } from '../http/zone.ts';
import { json, scriptedFetch } from './scripted-fetch.ts';

const key = 'an-admin-key-for-tests';
/** `METHOD /path` of every request that a client of these tests made. */
const called: string[] = [];

let service: NodeService;
let client: Client;
beforeAll(async () => {
  service = await startNodeService({
    zone: { ...zone, ...proberZone },
    smtp: standInSmtp(),
    settings: { ...proberSettings, ADMIN_KEY: key },
  });
  client = clientWith({ key });
});
afterAll(() => service.stop());

const clientWith = (options: { key?: string }): Client =>
  createClient({
    endpoint: service.url,
    ...options,
    fetch(url, init) {
      called.push(`${init.method} ${new URL(url).pathname}`);
      return fetch(url, init);
    },
  });

const problemOf = (call: Promise<unknown>): Promise<PresendError> =>
  call.then(
    () => expect.fail('no error'),
    (error) => {
      expect(error).toBeInstanceOf(PresendError);
      return error;
    },
  );

const list = 'email\njane@brisk-otter.com\njane@no-mail-please.org\n';

describe('verdicts', () => {
  test('of one address, exactly as the route answers', async () => {
    const verdict = await client.validate('jane@gmial.com', { source: 'footer', purpose: 'signup' });
    expect(verdict).toMatchObject({ reason: 'domain_typo', did_you_mean: 'jane@gmail.com' });
    const response = await fetch(`${service.url}/v1/validate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: '{"email":"jane@gmial.com","source":"footer","purpose":"signup"}',
    });
    const times = {
      checked_at: expect.any(String),
      expires_at: expect.any(String),
      took_ms: expect.any(Number),
    };
    expect({ ...((await response.json()) as object), ...times }).toEqual({ ...verdict, ...times });
  });

  test('of many, as texts and as items', async () => {
    const emails = ['jane@no-mail-please.org', 'jane@brisk-otter.com'];
    const reasons = async (addresses: Parameters<Client['validateBatch']>[0]) =>
      (await client.validateBatch(addresses, { purpose: 'transactional' })).results.map(
        ({ reason }) => reason,
      );
    expect(await reasons(emails)).toEqual(['null_mx', 'no_known_obstacle']);
    const items = [emails[0]!, { email: emails[1]!, last_verified_at: '2020-01-01', source: 'fair' }];
    expect(await reasons(items)).toEqual(['null_mx', 'no_known_obstacle']);
    expect(await reasons([])).toEqual([]);
  });

  test('of records', async () => {
    const records = [{ id: 7, email: 'jane@no-mail-please.org' }];
    expect(await client.annotate({ records })).toMatchObject({
      records: [{ id: 7, presend_reason: 'null_mx' }],
    });
  });

  test('of a form, confirmed', async () => {
    const page = { kind: 'publishable', name: 'form', origins: ['https://shop.example'] } as const;
    const { key: publishable } = await client.keys.create(page);
    const browser = clientWith({ key: publishable });
    const headers = { origin: 'https://shop.example' };
    const { token } = await browser.validate('jane@brisk-otter.com', {}, { headers });
    const answer = await client.tokens.confirm({ token: token!, email: 'jane@brisk-otter.com' });
    expect(answer).toMatchObject({ confirmed: true, verdict: { reason: 'no_known_obstacle' } });
    expect(await client.tokens.confirm({ token: token!, email: 'joe@brisk-otter.com' })).toEqual({
      confirmed: false,
      why: 'other_address',
    });
  });
});

describe('jobs', () => {
  test('upload, wait, download', async () => {
    const { id } = await client.jobs.create(list, { name: 'spring', max_age_days: 30 });
    const seen: string[] = [];
    const job = await client.jobs.wait(id, { interval: 1, onProgress: ({ state }) => seen.push(state) });
    expect(job).toMatchObject({ name: 'spring', state: 'completed', rows: 2 });
    expect(seen.at(-1)).toBe('completed');
    expect(await client.jobs.get(id)).toEqual(job);
    const result = await client.jobs.download(id, { action: 'accept' });
    expect(result.headers.get('presend-complete')).toBe('true');
    expect((await result.text()).split('\n')).toHaveLength(3);
    expect(await (await client.jobs.rejects(id)).text()).toMatch(/^row,line,reason,record/);
    expect(await (await client.jobs.report(id)).text()).toMatch(/^<!doctype html>/i);
    const events = (await client.jobs.events(id))!;
    expect(await events.text()).toContain('event: completed');
    expect(await client.jobs.events(id, { headers: { 'last-event-id': '9999' } })).toBeUndefined();
    expect((await client.jobs.list({ limit: 1 })).items.map((one) => one.id)).toEqual([id]);
    expect(await client.jobs.delete(id)).toEqual({ id, deleted: true });
    expect(await problemOf(client.jobs.get(id))).toMatchObject({ status: 404 });
  });

  test.each<[string, () => Parameters<Client['jobs']['create']>, string]>([
    ['text', () => [list], 'csv'],
    ['bytes', () => [new TextEncoder().encode(list)], 'csv'],
    [
      'a Blob with its type',
      () => [new Blob(['{"email":"a@b.c"}\n'], { type: 'application/x-ndjson' })],
      'ndjson',
    ],
    ['a Blob without a type', () => [new Blob([list])], 'csv'],
    ['a stream', () => [new Blob([list]).stream()], 'csv'],
    ['a stream of Node', () => [Readable.from([Buffer.from(list)])], 'csv'],
    [
      'text whose type is given',
      () => ['{"email":"a@b.c"}\n', {}, { contentType: 'application/x-ndjson' }],
      'ndjson',
    ],
    [
      'a form',
      () => {
        const form = new FormData();
        form.set('file', new Blob([list], { type: 'text/csv' }), 'list.csv');
        return [form];
      },
      'csv',
    ],
  ])('the file may be %s', async (_, upload, format) => {
    const { id } = await client.jobs.create(...upload());
    expect(await client.jobs.wait(id, { interval: 1 })).toMatchObject({ state: 'completed', format });
  });

  test('pause, resume, cancel, and wait for a job that is cancelled', async () => {
    const paused = await client.jobs.create(list.repeat(50));
    await client.jobs.pause(paused.id).then(
      async ({ id }) => {
        expect((await client.jobs.resume(id)).id).toBe(id);
        expect((await client.jobs.cancel(id)).state).toBe('cancelled');
        expect((await client.jobs.wait(id)).state).toBe('cancelled');
      },
      // It had ended before.
      ({ status }) => expect(status).toBe(409),
    );
  });

  test('all jobs are read page by page', async () => {
    const ids = [];
    for await (const { id } of client.jobs.all()) ids.push(id);
    expect(ids).toHaveLength(9);
    expect(new Set(ids).size).toBe(9);
  });
});

test('the suppression list', async () => {
  const email = 'mary@brisk-otter.com';
  expect(await client.suppressions.add({ email, reason: 'manual' })).toMatchObject({ suppressed: true });
  const { results } = await client.suppressions.check([email, 'joe@brisk-otter.com'], { purpose: 'signup' });
  expect(results.map(({ suppressed }) => suppressed)).toEqual([true, false]);
  const consent = { kind: 'double_opt_in', at: '2020-01-01T00:00:00Z', evidence: 'order 4711' } as const;
  expect((await problemOf(client.suppressions.remove({ email, consent }))).status).toBe(409);
  const imported = await client.suppressions.import('address\njim@example.com\n', { reason: 'complaint' });
  expect(imported).toMatchObject({ added: 1, rejected: 0 });
  const period = { from: '2026-11-20T12:00:00Z', to: '2026-11-20T18:00:00Z', dry_run: true };
  expect(await client.suppressions.lift(period)).toMatchObject({ matched: 0, lifted: 0, dry_run: true });
  expect((await client.suppressions.list({ limit: 1 })).items).toHaveLength(1);
  const reasons = [];
  for await (const { reason } of client.suppressions.all()) reasons.push(reason);
  expect(reasons.toSorted()).toEqual(['complaint', 'manual']);
  const file = await client.suppressions.export({ format: 'ndjson' });
  expect((await file.text()).trim().split('\n')).toHaveLength(2);
});

test('bounces, their reports and their erasure', async () => {
  const email = 'gone@brisk-otter.com';
  const reply = { email, reply: '550 5.1.1 No such user', campaign: 'spring' };
  expect(await client.bounces.record(reply)).toMatchObject({
    results: [{ class: 'hard', suppressed: true }],
  });
  const message = 'From: jane@example.com\r\nSubject: Hello\r\n\r\nHello.\r\n';
  expect(await client.bounces.recordMessage(message, { campaign: 'spring' })).toMatchObject({
    kind: 'not_a_bounce',
  });
  expect((await client.bounces.tokens({ emails: [email] })).results[0]!.token).toEqual(expect.any(String));
  expect((await client.reports.bounces({ by: 'campaign' })).groups[0]).toMatchObject({
    name: 'spring',
    hard: 1,
  });
  expect(await (await client.reports.bouncesCsv()).text()).toContain(',');
  expect((await client.reports.calibration()).drifts).toEqual([]);
  expect(await client.reports.incidents({ status: 'all' })).toEqual({ items: [], next_cursor: null });
  expect((await client.reports.engagement()).active.days_30).toBe(0);
  expect((await client.audit.list({ limit: 5 })).items).toBeInstanceOf(Array);
  const { items } = await client.events.list({ campaign: 'spring', class: 'hard' });
  expect(items).toMatchObject([{ campaign: 'spring', reason: 'mailbox_unknown', status: '5.1.1' }]);
  const ids = [];
  for await (const { id } of client.events.all({ campaign: 'spring' })) ids.push(id);
  expect(ids).toEqual([items[0]!.id]);
  expect(await (await client.events.csv({ reason: 'mailbox_unknown' })).text()).toContain(items[0]!.id);
  expect((await client.events.find(email, { from: '2026-01-01' })).items).toEqual(items);
  const erased = await client.erasures.create(email, { keep_suppression: false });
  expect(erased).toMatchObject({ events: 1, suppression: 'removed' });
});

test('a backtest as JSON and as a page', async () => {
  const files = { list, bounces: 'email,status\njane@no-mail-please.org,5.1.1\n' };
  expect(await client.backtests.run(files, { sent: '2026-11-20' })).toMatchObject({ addresses: 2 });
  const page = await client.backtests.page({ ...files, list: new Blob([list]) });
  expect(await page.text()).toMatch(/^<!doctype html>/i);
});

test('the records of a sender', async () => {
  const { findings, facts } = await client.preflight({ domain: 'brisk-otter.com', selectors: ['s1'] });
  expect(findings.map(({ code }) => code)).toContain('dkim_missing');
  expect(facts.dmarc.found_at).toBe('brisk-otter.com');
});

test('a message before it is sent', async () => {
  const message =
    'From: News <news@brisk-otter.com>\r\nSubject: Spring\r\n\r\nNew shoes: http://bit.ly/3xyz\r\n';
  const { domain, findings, facts } = await client.preflightMessage(message);
  expect(domain).toBe('brisk-otter.com');
  const codes = findings.map(({ code }) => code);
  expect(codes).toContain('link_shortened');
  expect(codes).toContain('list_unsubscribe_missing');
  expect(facts.links.shorteners).toEqual(['bit.ly']);
  const other = await client.preflightMessage(new TextEncoder().encode(message), {
    purpose: 'transactional',
  });
  expect(other.findings.map(({ code }) => code)).not.toContain('list_unsubscribe_missing');
});

test('watched domains and alerts of a service that has neither', async () => {
  expect(await client.preflights.list()).toEqual({ items: [] });
  expect(await client.preflights.check()).toEqual({ items: [] });
  expect(await client.alerts.list()).toMatchObject({ targets: [], waiting: 0 });
  expect(await client.alerts.test()).toMatchObject({ targets: [] });
});

test('whether a mailbox exists', async () => {
  const { results } = await client.probe({ addresses: ['dead@brisk-otter.com'], wait_seconds: 10 });
  expect(results).toMatchObject([{ proof: 'unknown_user', cause: null }]);
});

test('whether a campaign may be sent', async () => {
  const { decision, reasons } = await client.gate({ campaign: 'spring', forecast: 0.3 });
  expect([decision, reasons[0]!.code]).toEqual(['stop', 'forecast']);
});

test('domains, keys, hooks and the service', async () => {
  expect(await client.domains.put({ domain: 'example.net', word: 'deny' })).toMatchObject({ word: 'deny' });
  expect((await client.domains.list()).items).toHaveLength(1);
  expect(await client.domains.remove('example.net')).toEqual({ domain: 'example.net', removed: true });
  const made = await client.keys.create({ kind: 'secret', name: 'crm', scopes: ['validate'] });
  const next = await client.keys.rotate(made.id, { overlap_seconds: 60 });
  const again = await client.keys.rotate(next.id);
  expect(await client.keys.revoke(again.id)).toBeUndefined();
  expect((await client.keys.list()).items.map(({ id }) => id)).toContain(again.id);
  expect((await client.hooks.list()).items.length).toBeGreaterThan(10);
  expect(await client.hooks.test('esp', 'postmark', '{}')).toMatchObject({ configured: false });
  expect(await client.hooks.test('crm', 'hubspot', '[]')).toMatchObject({ configured: false });
  expect((await client.service.health()).status).toBe('ok');
  expect((await client.service.ready()).status).toBe('ok');
  expect(await (await client.service.metrics()).text()).toContain('presend_');
});

test('what is not ready is an answer', async () => {
  const { fetch, asked } = scriptedFetch(json({ status: 'degraded', checks: [] }, { status: 503 }));
  const { service } = createClient({ endpoint: 'https://presend.example.com', fetch });
  expect(await service.ready()).toEqual({ status: 'degraded', checks: [] });
  expect(asked).toHaveLength(1);
});

test('any route by its name', async () => {
  expect(await client.request('GET', '/healthz')).toMatchObject({ status: 'ok' });
  const { results } = await client.request('POST', '/v1/validate/batch', { body: { emails: ['a@b.c'] } });
  expect(results).toHaveLength(1);
  const { id } = await client.request('POST', '/v1/jobs', {
    body: list,
    query: { name: 'x' },
    contentType: 'text/csv',
  });
  expect((await client.request('GET', '/v1/jobs/{id}', { params: { id } })).name).toBe('x');
  await client.jobs.wait(id, { interval: 1 });
  const file: Response = await client.request('GET', '/v1/jobs/{id}/result', { params: { id } });
  expect(await file.text()).toContain('ps_result');
  const hook = { params: { provider: 'postmark' }, body: '{}', contentType: 'application/json' };
  expect((await problemOf(client.request('POST', '/v1/hooks/esp/{provider}', hook))).status).toBe(503);
  expect(
    (
      await problemOf(
        client.request('POST', '/v1/hooks/crm/{vendor}', { params: { vendor: 'hubspot' }, body: '{}' }),
      )
    ).status,
  ).toBe(503);
  await client.request('GET', '/v1/hooks/esp/{provider}', { params: { provider: 'postmark' } });
  await problemOf(client.request('GET', '/v1/hooks/crm/{vendor}', { params: { vendor: 'hubspot' } }));
});

test('the tests above called every route of the API', () => {
  const routes = resources.flatMap(({ operations }) => Object.keys(operations));
  const missing = routes.filter((route) => {
    const pattern = new RegExp(`^${route.replace(/\{\w+\}/g, '[^/]+')}$`);
    return !called.some((call) => pattern.test(call));
  });
  expect(missing).toEqual([]);
});

describe('an error', () => {
  test('has the problem, the status, the request id and a message that says what is wrong', async () => {
    const error = await problemOf(client.validate(undefined as never));
    expect(error).toMatchObject({
      name: 'PresendError',
      status: 422,
      retryAfter: null,
      message: 'Validation failed: email is required',
      problem: {
        type: 'urn:presend:problem:invalid-request',
        title: 'Validation failed',
        errors: [{ pointer: '/email' }],
      },
    });
    expect(error.requestId).toBe(error.problem.request_id);
    expect(error.requestId).toMatch(/^[\w-]{36}$/);
  });

  test('of a wrong key says so, and does not contain the key', async () => {
    const error = await problemOf(clientWith({ key: 'sk_wrong' }).keys.list());
    expect(error).toMatchObject({ status: 401, problem: { type: 'urn:presend:problem:unauthorized' } });
    expect(JSON.stringify(error) + error.message + error.stack).not.toContain('sk_wrong');
  });
});

describe('a request', () => {
  const asking = async (
    options: Partial<Parameters<typeof createClient>[0]>,
    call: (client: Client) => Promise<unknown>,
  ) => {
    const { fetch, asked } = scriptedFetch(json({ items: [] }));
    await call(createClient({ endpoint: 'https://presend.example.com', fetch, ...options }));
    return asked[0]!;
  };
  const keysOf = (client: Client) => client.keys.list();

  test.each([
    'https://presend.example.com',
    'https://presend.example.com/',
    'https://presend.example.com/v1',
    'https://presend.example.com/v1/validate',
    new URL('https://presend.example.com'),
  ])('goes to the service at %s', async (endpoint) => {
    expect((await asking({ endpoint }, keysOf)).url).toBe('https://presend.example.com/v1/keys');
  });

  test('keeps the path under which the service is', async () => {
    const endpoint = 'https://example.com/mail/presend/';
    expect((await asking({ endpoint }, keysOf)).url).toBe('https://example.com/mail/presend/v1/keys');
  });

  test.each(['', 'presend.example.com', '/relative'])('an endpoint such as %j is refused', (endpoint) => {
    expect(() => createClient({ endpoint })).toThrow('presend: set `endpoint` to the URL of the service');
  });

  test('has the headers of the client, the key, and those of the call, which win', async () => {
    const { headers } = await asking(
      { key: 'sk_1', headers: { 'x-request-id': 'a', 'x-team': 'b' } },
      (client) => client.keys.list({ headers: { 'X-Request-Id': 'c' } }),
    );
    expect(Object.fromEntries(headers)).toEqual({
      authorization: 'Bearer sk_1',
      'x-request-id': 'c',
      'x-team': 'b',
    });
    expect([...(await asking({}, keysOf)).headers]).toEqual([]);
  });

  test('of a page has no header but those that CORS allows', async () => {
    const { headers } = await asking({ key: 'pk_1' }, (client) => client.validate('jane@example.com'));
    expect([...headers.keys()]).toEqual(['authorization', 'content-type']);
  });

  test('leaves out what is undefined, and escapes the rest', async () => {
    const { url } = await asking({}, (client) =>
      client.jobs.create('email\n', { name: 'a&b=ü', sheet: undefined, keep: true }),
    );
    expect(url).toBe('https://presend.example.com/v1/jobs?name=a%26b%3D%C3%BC&keep=true');
    expect((await asking({}, (client) => client.jobs.get('../keys'))).url).toBe(
      'https://presend.example.com/v1/jobs/..%2Fkeys',
    );
  });

  test('without a path parameter is a mistake of the caller', async () => {
    await expect(client.jobs.get('')).rejects.toThrow('presend: GET /v1/jobs/{id} needs the parameter "id"');
  });

  test('waits for a job ever longer, up to ten intervals', async () => {
    const states = ['queued', 'verifying', 'completed'];
    const { fetch } = scriptedFetch(...states.map((state) => json({ state })));
    const presend = createClient({ endpoint: 'https://presend.example.com', fetch });
    expect(await presend.jobs.wait('job_1', { interval: 1 })).toEqual({ state: 'completed' });
  });

  test('a wait for a job ends with its signal', async () => {
    const { fetch } = scriptedFetch(json({ state: 'paused' }));
    const presend = createClient({ endpoint: 'https://presend.example.com', fetch });
    const signal = AbortSignal.timeout(20);
    await expect(presend.jobs.wait('job_1', { interval: 5, signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });
});
