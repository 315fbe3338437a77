// Input that looks valid and is not, and valid input at its limits, over HTTP.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Fault, Zone } from '../dns/zone.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

/** Answers about a domain that must not count against it. Domains that end like public ones get their verdict from DNS. */
const faults: Readonly<Record<string, Fault>> = {
  'records of another name (a captive portal)': 'captive portal',
  'NOERROR without records and SOA': 'no soa',
  'NXDOMAIN of a resolver that is not ready (RFC 8914, 14)': 'not ready',
  'NXDOMAIN of a resolver that prohibits the question (18)': 'prohibited',
  'NXDOMAIN of a resolver that is not authoritative (20)': 'not authoritative',
  'NXDOMAIN without a reachable authority (22)': 'no reachable authority',
  'NXDOMAIN after a network error (23)': 'network error',
  'NXDOMAIN of a filter (15)': 'blocked',
};
const domainOf = (fault: Fault) => `${fault.replaceAll(' ', '-')}-otter.org`;

let service: NodeService;
beforeAll(async () => {
  const faulty: Zone = Object.fromEntries(Object.values(faults).map((fault) => [domainOf(fault), { fault }]));
  service = await startNodeService({ zone: { ...zone, ...faulty }, settings: { MAX_UPLOAD_MB: '4' } });
});
afterAll(() => service.stop());

const post = (path: string, body: string, type = 'application/json') =>
  fetch(service.url + path, { method: 'POST', headers: { 'content-type': type }, body });

describe('an answer of the only resolver that is not about the question is no evidence', () => {
  test.each(Object.entries(faults))('%s', async (_, fault) => {
    const response = await post('/v1/validate', JSON.stringify({ email: `jane@${domainOf(fault)}` }));
    expect(await response.json()).toMatchObject({ result: 'unknown', reason: 'dns_undetermined' });
  });
});

describe('a time that does not exist', () => {
  const impossible = ['2026-02-30', '2026-02-29T12:00:00Z', '2026-04-31T12:00:00+02:00', '2026-13-01'];
  const noTime = ['NaN', 'Infinity', '', '1e3', '-1', '2026'];
  const validate = (at: unknown) =>
    post('/v1/validate', JSON.stringify({ email: 'jane@gmail.com', last_verified_at: at }));

  test.each([...impossible, ...noTime])('%j of the last verification is refused', async (at) => {
    const response = await validate(at);
    expect(response.status).toBe(422);
    const { errors } = (await response.json()) as { errors: { pointer: string; detail: string }[] };
    expect(errors.map(({ pointer }) => pointer)).toEqual(['/last_verified_at']);
  });

  test.each([...impossible, ...noTime])(
    '%j is refused in a batch, of consent, and of an incident',
    async (at) => {
      const batch = { items: [{ email: 'jane@gmail.com', last_verified_at: at }] };
      const consent = { kind: 'double_opt_in', at, evidence: 'form' };
      for (const [path, body] of [
        ['/v1/validate/batch', batch],
        ['/v1/suppressions/remove', { email: 'jane@gmail.com', consent }],
        ['/v1/suppressions/lift', { from: at, to: '2026-11-20' }],
        ['/v1/suppressions/lift', { from: '2026-11-20', to: at }],
      ] as const)
        expect((await post(path, JSON.stringify(body))).status, `${path} ${JSON.stringify(body)}`).toBe(422);
    },
  );

  test('a number, even one that JSON cannot hold, is refused', async () => {
    for (const number of ['1e999', '-1e999', '1795176000000'])
      expect(
        (await post('/v1/validate', `{"email":"jane@gmail.com","last_verified_at":${number}}`)).status,
      ).toBe(422);
    expect((await post('/v1/validate', '{"email":"jane@gmail.com","last_verified_at":NaN}')).status).toBe(
      400,
    );
  });

  test.each(['2028-02-29', '2026-02-28T23:59:59.999Z', '0001-01-01', '9999-12-31T23:59:59+14:00'])(
    '%j exists, and gives a probability',
    async (at) => {
      const response = await validate(at);
      expect(response.status).toBe(200);
      const { bounce } = (await response.json()) as { bounce: { probability: number } };
      expect(bounce.probability).toBeGreaterThanOrEqual(0);
      expect(bounce.probability).toBeLessThanOrEqual(1);
    },
  );
});

describe('an NDJSON list with a record of', () => {
  const recordOf = (length: number) => {
    const [start, end] = ['{"email":"jane@gmail.com","note":"', '"}'];
    return `${start}${'x'.repeat(length - start.length - end.length)}${end}`;
  };
  const ended = async (record: string) => {
    const list = `{"email":"joe@gmail.com"}\n${record}\n{"email":"ann@gmail.com"}\n`;
    const created = await post('/v1/jobs', list, 'application/x-ndjson');
    expect(created.status).toBe(202);
    const { id } = (await created.json()) as { id: string };
    // The events of a job end when the job ends.
    await (await fetch(`${service.url}/v1/jobs/${id}/events`)).text();
    return (await fetch(`${service.url}/v1/jobs/${id}`)).json();
  };
  const [small, longest] = [64 * 1024, 1024 * 1024];

  test.each([small - 1, small, small + 1, 200_000, longest - 1, longest])(
    '%i characters is read',
    async (length) => {
      expect(await ended(recordOf(length))).toMatchObject({ state: 'completed', rows: 3, error: null });
    },
  );

  test('more than 1,048,576 characters says that it is too long', async () => {
    expect(await ended(recordOf(longest + 1))).toMatchObject({ error: { code: 'record_too_long', row: 2 } });
  });
});

describe('a bounce of 1 MB', () => {
  const header = 'From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n';

  test.each([
    ['blank lines', '\n', 64],
    ['blank lines with CR', '\r\n', 64],
    ['short lines', 'a\n', 16_384],
    ['short lines between blank ones', 'a\n\n', 16_384],
  ])('of %s is answered, and few of its lines are parsed', async (_, line, mostChunks) => {
    const body = (header + line.repeat(1_000_000 / line.length)).slice(0, 1_000_000);
    // The parser joins the lines of a body by making a Blob of them: a line and a line end are two chunks.
    const blob = vi.spyOn(globalThis, 'Blob');
    const response = await post('/v1/bounces', body, 'message/rfc822');
    const chunks = blob.mock.calls.reduce(
      (sum, [parts]) => sum + ((parts as unknown[] | undefined)?.length ?? 0),
      0,
    );
    blob.mockRestore();
    expect(response.status).toBe(200);
    expect(chunks).toBeGreaterThan(0);
    expect(chunks).toBeLessThanOrEqual(mostChunks);
  });
});
