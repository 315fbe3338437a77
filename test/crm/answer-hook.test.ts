// What a hook does when there is too much to do, when time runs short, and with any body at all.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMailbox } from '../../src/address/parse.ts';
import { type CrmHookPorts, createHookHandler, maxPending } from '../../src/crm/answer-hook.ts';
import type { CrmAdapter } from '../../src/crm/crm-adapter.ts';
import { crmAdapters } from '../../src/crm/crm-registry.ts';
import { readCrmSettings } from '../../src/crm/crm-settings.ts';
import { judge, judgeUnparsed } from '../../src/verdict/judge.ts';
import { sandboxEvidence } from '../../src/verdict/sandbox.ts';
import { bytesOf } from '../../src/webhooks/crypto.ts';
import { type Contact, type Hook, sampleNamed, sampleSettings, samples } from './samples.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
const outcome = readCrmSettings((name) => sampleSettings[name] ?? null);
if (!outcome.ok) throw new Error(outcome.mistakes.join(' '));
const { settings } = outcome;

const verdictOn = (email: string) => {
  const parsed = parseMailbox(email);
  return parsed.ok
    ? judge(sandboxEvidence(email, parsed.mailbox, null, null), now)
    : judgeUnparsed({ email, failure: parsed.failure, didYouMean: null }, now);
};

const quiet: CrmHookPorts = {
  validate: async (emails) => emails.map(verdictOn),
  record: async () => [],
  fetch: async () => Response.json({ results: [] }),
  now: () => now,
  onApiFailure: () => {},
  onContacts: () => {},
};

const adapterNamed = (name: string) => crmAdapters.find((adapter) => adapter.name === name)!;

const requestOf = ({ path, headers, body }: Hook, at = now) => ({
  url: `https://hooks.example.net${path}`,
  headers: new Headers(headers),
  body: bytesOf(body),
  now: at,
});

const receiver = (adapter: CrmAdapter, ports: Partial<CrmHookPorts> = {}) =>
  createHookHandler(adapter, settings.get(adapter.name)!, { ...quiet, ...ports });

const contact: Contact = { id: '1', email: 'deliverable@presend.test' };

test('every vendor has a sample', () => {
  expect(samples.map(({ name }) => name).toSorted()).toEqual(crmAdapters.map(({ name }) => name).toSorted());
});

describe('a vendor that sends too much is asked to retry', () => {
  test.each([
    ['hubspot_action', 429, '5000'],
    ['salesforce', 503, '5'],
    ['pipedrive', 503, '5'],
  ])('%s: %i with Retry-After %s', async (name, status, retryAfter) => {
    const release = Promise.withResolvers<void>();
    const unsigned: CrmAdapter = { ...adapterNamed(name), verify: async () => ({ kind: 'verified' }) };
    const receive = receiver(unsigned, {
      validate: async (emails) => {
        await release.promise;
        return emails.map(verdictOn);
      },
    });
    const { most, make } = sampleNamed(name);
    const full = await make(
      Array.from({ length: most }, (_, index) => ({ ...contact, id: String(index) })),
      now,
    );
    const inWork = Array.from({ length: maxPending / most }, () => receive(requestOf(full)));
    const refused = await receive(requestOf(full));
    expect(refused).toMatchObject({
      kind: 'reply',
      reply: { status, headers: { 'retry-after': retryAfter } },
    });
    if (name === 'salesforce')
      expect(refused).toMatchObject({ reply: { body: expect.stringContaining('<Ack>false<') } });
    release.resolve();
    for (const answer of await Promise.all(inWork)) expect(answer).toMatchObject({ reply: { status: 200 } });
    expect(await receive(requestOf(full))).toMatchObject({ reply: { status: 200 } });
  });
});

test('lookups get the remaining time minus the time for writing back', async () => {
  const given: number[] = [];
  const validate: CrmHookPorts['validate'] = async (emails, timeoutMs) => {
    given.push(timeoutMs);
    return emails.map(verdictOn);
  };
  for (const name of ['hubspot', 'customer_io'])
    await receiver(adapterNamed(name), { validate })(requestOf(await sampleNamed(name).make([contact], now)));
  expect(given).toEqual([3000, 3500]);
});

test('without a token, HubSpot is not called and missing data stays unknown', async () => {
  const fetch: CrmHookPorts['fetch'] = () => {
    throw new Error('called');
  };
  const bare = { ...settings.get('hubspot')!, apiToken: null, writeBack: false };
  const receive = createHookHandler(adapterNamed('hubspot'), bare, { ...quiet, fetch });
  const hook = await sampleNamed('hubspot').make(
    [
      { id: '1', email: null },
      { ...contact, id: '2' },
    ],
    now,
  );
  const answer = await receive(requestOf(hook));
  if (answer.kind !== 'reply') throw new Error(answer.kind);
  expect(JSON.parse(answer.reply.body)).toMatchObject({
    records: [{ id: '2', presend_result: 'deliverable' }],
  });
});

test('an API that hangs is aborted at the deadline, and HubSpot retries', async () => {
  const signals: AbortSignal[] = [];
  const fetch: CrmHookPorts['fetch'] = (_, { signal }) => {
    signals.push(signal!);
    return Promise.reject(signal!.reason ?? new Error('timed out'));
  };
  const failures: unknown[] = [];
  const receive = receiver(adapterNamed('hubspot'), {
    fetch,
    onApiFailure: (failure) => failures.push(failure),
  });
  const hook = await sampleNamed('hubspot').make([{ id: '1', email: null }], now);
  expect(await receive(requestOf(hook))).toMatchObject({ reply: { status: 503 } });
  expect(signals).toHaveLength(1);
  expect(failures).toEqual([{ vendor: 'hubspot', call: 'read', status: null }]);
});

const anyBody = fc.oneof(
  fc.json(),
  fc.string({ unit: 'binary' }),
  fc.jsonValue().map((value) => JSON.stringify([value])),
  fc.jsonValue().map((value) => JSON.stringify({ data: [value], meta: value, object_type: 'email' })),
  fc
    .dictionary(fc.constantFrom('type', 'data[email]', 'data[id]'), fc.string())
    .map((form) => new URLSearchParams(form).toString()),
  fc.string().map((text) => `<Envelope><Body><notifications>${text}</notifications></Body></Envelope>`),
);

/** A sample with any one value in it replaced by anything. */
const bent = (json: string) =>
  fc.tuple(fc.nat(60), fc.jsonValue()).map(([place, value]) => {
    let count = 0;
    return JSON.stringify(JSON.parse(json), (_, old) => (count++ === place ? value : old));
  });

test.each(crmAdapters.filter(({ api }) => api))(
  '$name: whatever its API answers, the hook does',
  async (adapter) => {
    const hook = await sampleNamed(adapter.name).make([{ id: '1', email: null }, contact], now);
    const anyAnswer = fc.oneof(
      fc.json(),
      fc.string(),
      fc.jsonValue().map((value) => JSON.stringify({ results: [value], data: [value] })),
      fc
        .jsonValue()
        .map((value) => JSON.stringify({ results: [{ id: '1', properties: value }], data: [{ id: value }] })),
    );
    await fc.assert(
      fc.asyncProperty(anyAnswer, fc.constantFrom(200, 207, 302, 400, 429, 503), async (body, status) => {
        const receive = receiver(adapter, { fetch: async () => new Response(body, { status }) });
        const answer = await receive(requestOf(hook));
        expect(answer).toMatchObject({ kind: 'reply', reply: { status: expect.toBeOneOf([200, 503]) } });
      }),
    );
  },
);

describe.each(crmAdapters)('$name', (adapter) => {
  const vendorSettings = settings.get(adapter.name)!;
  /** As if it were genuine: what is behind the signature must stand any body too. */
  const trusting = createHookHandler(
    { ...adapter, verify: async () => ({ kind: 'verified' }) },
    vendorSettings,
    quiet,
  );

  test('answers any signed body', async () => {
    await fc.assert(
      fc.asyncProperty(anyBody, async (body) => {
        const answer = await trusting(requestOf({ path: '/', headers: {}, body }));
        expect(['reply', 'malformed']).toContain(answer.kind);
      }),
    );
  });

  test('answers a signed body with any value in any field', async () => {
    const hook = await sampleNamed(adapter.name).make([contact], now);
    if (!hook.body.startsWith('{') && !hook.body.startsWith('[')) return;
    await fc.assert(
      fc.asyncProperty(bent(hook.body), async (body) => {
        const answer = await trusting(requestOf({ ...hook, body }));
        expect(['reply', 'malformed']).toContain(answer.kind);
      }),
    );
  });

  test('refuses any body with an invalid signature header', async () => {
    const receive = receiver(adapter);
    const headerNames = Object.keys((await sampleNamed(adapter.name).make([contact], now)).headers);
    const printable = fc.string({ unit: fc.constantFrom(...'abcdef0123456789:,= Basic') });
    await fc.assert(
      fc.asyncProperty(
        anyBody,
        fc.dictionary(fc.constantFrom(...headerNames), printable),
        async (body, headers) => {
          const answer = await receive(requestOf({ path: '/?secret=', headers, body }));
          expect(answer.kind).toBe('refused');
        },
      ),
      { numRuns: 50 },
    );
  });
});
