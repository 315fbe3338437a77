// Jobs by HTTP on Node: the battery, and what is particular to this runtime.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobsContract } from '../contract/jobs.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

describe('on Node', () => {
  let service: NodeService;
  beforeAll(async () => {
    service = await startNodeService({
      zone,
      settings: { MAX_UPLOAD_MB: '1', CALLBACK_SECRET: `whsec_${btoa('a secret of the tests, thirty-two')}` },
    });
  });
  afterAll(() => service.stop());

  jobsContract((path, init) => fetch(service.url + path, init));

  test('a running job can be deleted at any moment: 200 times, and never 500', async () => {
    const list = `email\n${Array.from({ length: 12 }, (_, index) => `jane${index}@brisk-otter.com`).join('\n')}\n`;
    const send = (method: string, path: string, body: string | null = null) =>
      service.handle(
        new Request(service.url + path, { method, body, headers: { 'content-type': 'text/csv' } }),
      );
    const statuses: number[] = [];
    for (let times = 0; times < 200; times++) {
      const { id } = (await (await send('POST', '/v1/jobs', list)).json()) as { id: string };
      for (let turns = times % 50; turns > 0; turns--) await new Promise(setImmediate);
      statuses.push(
        (await send('DELETE', `/v1/jobs/${id}`)).status,
        (await send('GET', `/v1/jobs/${id}`)).status,
      );
    }
    expect(statuses).toEqual(Array.from({ length: 200 }, () => [200, 404]).flat());
  });

  // Last, so that it speaks of every job of the battery.
  test('no log line contains an address', () => {
    const text = service.log.join('\n');
    expect(text).not.toMatch(/@|%40|jane/i);
    expect(text).toContain('"route":"/v1/jobs/:id/result"');
    expect(text).not.toMatch(/unexpected_error|job_work_failed/);
  });
});
