// Sandbox addresses are for tests: whatever list or batch they come in, nothing is learned from them.

import { expect, onTestFinished, test } from 'vitest';
import { sandboxDomain } from '../../src/verdict/sandbox.ts';
import { espSecret } from '../contract/esp-secret.ts';
import { startNodeService } from '../http/node-service.ts';
import { zone } from '../http/zone.ts';

const real = 'jane@brisk-otter.com';
const sandboxed = ['null-mx', 'deliverable', 'jane+x', 'disposable-domain'].map(
  (name) => `${name}@${sandboxDomain}`,
);

test('a list and a batch with sandbox addresses leave predictions and outcomes of the real address alone', async () => {
  const service = await startNodeService({ zone, settings: { ESP_POSTMARK_SHARED_SECRETS: espSecret } });
  onTestFinished(() => service.stop());
  const post = (path: string, type: string, body: string, headers: Record<string, string> = {}) =>
    fetch(service.url + path, { method: 'POST', headers: { 'content-type': type, ...headers }, body });
  const predictions = async () => {
    await service.tend();
    return service.database.all<{ bounced: 0 | 1 | null }>('SELECT bounced FROM predictions');
  };

  const created = await post('/v1/jobs', 'text/csv', ['email', ...sandboxed, real, ''].join('\n'));
  const { id } = (await created.json()) as { id: string };
  // The stream ends with the job.
  await (await fetch(`${service.url}/v1/jobs/${id}/events`)).text();
  expect(await (await fetch(`${service.url}/v1/jobs/${id}`)).json()).toMatchObject({ state: 'completed' });
  expect(await predictions()).toHaveLength(1);

  const items = [...sandboxed, real].map((email) => ({ email }));
  expect((await post('/v1/validate/batch', 'application/json', JSON.stringify({ items }))).status).toBe(200);
  expect(await predictions()).toHaveLength(1);

  // A provider tells time to the second, the verdict is of the millisecond.
  const DeliveredAt = new Date(Date.now() + 1000).toISOString();
  for (const [index, Recipient] of [...sandboxed, real].entries()) {
    const delivery = JSON.stringify({
      RecordType: 'Delivery',
      Recipient,
      DeliveredAt,
      MessageID: `${index}`,
    });
    const headers = { 'x-webhook-token': espSecret };
    const { status } = await post('/v1/hooks/esp/postmark', 'application/json', delivery, headers);
    expect(status).toBe(200);
  }
  expect(await predictions()).toEqual([{ bounced: 0 }]);
  const report = await fetch(`${service.url}/v1/reports/calibration`);
  expect(await report.json()).toMatchObject({ outcomes: 1 });
});
