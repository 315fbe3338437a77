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

  // Last, so that it speaks of every job of the battery.
  test('no address stands in any line of the log', () => {
    const text = service.log.join('\n');
    expect(text).not.toMatch(/@|%40|jane/i);
    expect(text).toContain('"route":"/v1/jobs/:id/result"');
    expect(text).not.toMatch(/unexpected_error|job_work_failed/);
  });
});
