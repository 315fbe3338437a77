// The log of the service: every line is JSON, has a time and a level, names its request or job, and contains no address.

import { afterEach, describe, expect, test } from 'vitest';
import { inLogContext, logContext } from '../../src/platform/log-context.ts';
import type { Database } from '../../src/storage/database.ts';
import { type NodeService, type NodeServiceOptions, startNodeService } from '../http/node-service.ts';
import { zone } from '../http/zone.ts';

interface Line {
  readonly time: string;
  readonly level: string;
  readonly event: string;
  readonly request_id?: string;
  readonly job_id?: string;
  readonly task?: string;
}

let service: NodeService | undefined;
afterEach(async () => {
  await service?.stop();
  service = undefined;
});

async function started(options: Partial<NodeServiceOptions> = {}): Promise<NodeService> {
  service = await startNodeService({ zone, ...options });
  return service;
}

const linesOf = ({ log }: NodeService): Line[] => log.map((line) => JSON.parse(line));
const eventsOf = (one: NodeService, name: string): Line[] =>
  linesOf(one).filter(({ event }) => event === name);

const post = (url: string, body: string, headers: Record<string, string>) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });

/** A database whose suppression list cannot be read. */
const unreadable = (real: Database): Database => ({
  ...real,
  all: (sql, params) =>
    /\bsuppressions\b/.test(sql) ? Promise.reject(new Error('out of order')) : real.all(sql, params),
  first: (sql, params) =>
    /\bsuppressions\b/.test(sql) ? Promise.reject(new Error('out of order')) : real.first(sql, params),
});

describe('the context', () => {
  test('follows the work through its awaits, and ends with it', async () => {
    const seen = inLogContext({ task: 'jobs' }, async () => {
      await Promise.resolve();
      return inLogContext({ job_id: 'job_1' }, async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return logContext();
      });
    });
    expect(logContext()).toEqual({});
    expect(await seen).toEqual({ task: 'jobs', job_id: 'job_1' });
  });
});

describe('lines about a request', () => {
  test('a refused webhook', async () => {
    const one = await started({ settings: { ESP_POSTMARK_SHARED_SECRETS: 'a password for the tests' } });
    await post(`${one.url}/v1/hooks/esp/postmark`, '{}', { 'x-request-id': 'the-hook' });
    expect(eventsOf(one, 'webhook_refused')).toMatchObject([{ level: 'warning', request_id: 'the-hook' }]);
  });

  test('a failure deep below the route, of each of several requests at the same time', async () => {
    const one = await started({ database: unreadable });
    const ids = ['first', 'second', 'third'];
    await Promise.all(
      ids.map((id) =>
        post(`${one.url}/v1/validate`, JSON.stringify({ email: `${id}@brisk-otter.com` }), {
          'x-request-id': id,
        }),
      ),
    );
    const failed = eventsOf(one, 'suppression_list_failed').filter(
      ({ request_id }) => request_id !== undefined,
    );
    expect(failed.map(({ request_id }) => request_id).sort()).toEqual([...ids].sort());
  });
});

test('lines about a job name it', async () => {
  // Nothing listens there.
  const one = await started({ settings: { DOH_URLS: 'http://127.0.0.1:9/dns-query' } });
  const response = await fetch(`${one.url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: 'email\njane@brisk-otter.com\n',
  });
  const { id } = (await response.json()) as { id: string };
  await expect.poll(() => eventsOf(one, 'resolvers_out').length, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(eventsOf(one, 'resolvers_out')[0]).toMatchObject({ task: 'jobs', job_id: id });
  expect(eventsOf(one, 'resolvers_out')[0]).not.toHaveProperty('request_id');
});

test('every line has a time and a level, and none an address', async () => {
  const one = await started({
    database: unreadable,
    settings: { ESP_POSTMARK_SHARED_SECRETS: 'a password for the tests' },
  });
  const email = 'jane.doe@brisk-otter.com';
  const inBody = JSON.stringify({ email });
  for (const path of ['/v1/validate', '/v1/suppressions', `/v1/hooks/esp/${email}`, `/nowhere/${email}`])
    await post(`${one.url}${path}`, inBody, { 'x-request-id': email });
  await fetch(`${one.url}/readyz`);
  const lines = linesOf(one);
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) {
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(['info', 'warning', 'error']).toContain(line.level);
    expect(line.event).toMatch(/^[a-z_]+$/);
  }
  expect(one.log.join('\n')).not.toMatch(/@|jane/);
});
