// From a verdict over a webhook to the next verdict, the report and the page, through the service as Node runs it.

import { safeParse } from 'valibot';
import { expect, onTestFinished, test } from 'vitest';
import { CalibrationAnswer } from '../../src/http/routes/calibration.ts';
import { espSecret } from '../contract/esp-secret.ts';
import { startNodeService } from '../http/node-service.ts';
import { zone } from '../http/zone.ts';

test('what came of the mail is in the next verdict, in the report and on the page', async () => {
  const service = await startNodeService({ zone, settings: { ESP_POSTMARK_SHARED_SECRETS: espSecret } });
  onTestFinished(() => service.stop());
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(service.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const emails = Array.from({ length: 20 }, (_, index) => `jane${index}@brisk-otter.com`);
  await post('/v1/validate/batch', { items: emails.map((email) => ({ email, source: 'fair' })) });
  await service.tend();
  // A provider tells time to the second, the verdict is of the millisecond.
  const later = new Date(Date.now() + 1000).toISOString();
  // The first to come is a bounce: of this teller no delivery is known yet, so that it does not count.
  for (const [index, email] of emails.entries()) {
    const event =
      index === 0
        ? { RecordType: 'Bounce', Type: 'HardBounce', Email: email, BouncedAt: later, MessageID: `${index}` }
        : { RecordType: 'Delivery', Recipient: email, DeliveredAt: later, MessageID: `${index}` };
    const response = await post('/v1/hooks/esp/postmark', event, { 'x-webhook-token': espSecret });
    expect(response.status).toBe(200);
  }
  const report = await (await fetch(`${service.url}/v1/reports/calibration`)).json();
  expect(safeParse(CalibrationAnswer, report).issues).toBeUndefined();
  expect(report).toMatchObject({
    outcomes: 19,
    bounces: 0,
    sources: [{ name: 'fair', outcomes: 19 }],
    drifts: [],
  });
  const page = await (await fetch(`${service.url}/reports`)).text();
  expect(page).toContain('Prediction accuracy');
  expect(page).toMatch(/<svg viewBox[^>]*>.*<circle/);

  expect((await fetch(`${service.url}/v1/reports/calibration?from=soon`)).status).toBe(422);
});
