// Webhooks of providers that do more than POST events: events in the query of a GET request, and checks of the URL.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

const secret = 'correct horse battery staple';

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({
    zone,
    settings: {
      ESP_ELASTIC_EMAIL_SHARED_SECRETS: secret,
      ESP_AZURE_COMMUNICATION_SHARED_SECRETS: secret,
      ESP_SOCKETLABS_SHARED_SECRETS: secret,
    },
  });
});
afterAll(() => service.stop());

const get = (provider: string, query: Record<string, string> = {}) =>
  fetch(`${service.url}/v1/hooks/esp/${provider}?${new URLSearchParams(query)}`);
const post = (provider: string, body: unknown) =>
  fetch(`${service.url}/v1/hooks/esp/${provider}`, { method: 'POST', body: JSON.stringify(body) });

const bounce = { to: 'jane@example.com', status: 'Error', category: 'NoMailbox', messageid: '1' };

test('an event in the query of a GET request is received', async () => {
  const response = await get('elastic_email', { secret, ...bounce });
  expect(await response.json()).toEqual({ events: 1, recorded: 1, suppressed: 1 });
  expect(await (await get('elastic_email', { secret, ...bounce })).json()).toMatchObject({ recorded: 0 });
});

test('a POST with the secret in the query and the event in a form is received too', async () => {
  const response = await fetch(
    `${service.url}/v1/hooks/esp/elastic_email?${new URLSearchParams({ secret })}`,
    {
      method: 'POST',
      body: new URLSearchParams({ ...bounce, to: 'john@example.com' }),
    },
  );
  expect(await response.json()).toEqual({ events: 1, recorded: 1, suppressed: 1 });
});

test('without the secret nothing is recorded', async () => {
  for (const wrong of [{}, { secret: 'another secret of some length' }]) {
    const response = await get('elastic_email', { ...wrong, ...bounce, messageid: '2' });
    expect(response.status).toBe(401);
  }
  expect(await (await get('elastic_email', { secret, ...bounce, messageid: '2' })).json()).toMatchObject({
    recorded: 1,
  });
});

test('a GET request without an event says that the URL exists', async () => {
  expect((await get('elastic_email')).status).toBe(200);
  expect((await get('elastic_email', { secret })).status).toBe(200);
  // The other providers do not send events with GET, so nothing is read from a query.
  expect((await get('socketlabs', { secret, ...bounce })).status).toBe(200);
});

test('the check of the URL by Event Grid and by SocketLabs is answered', async () => {
  const validation = {
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    data: { validationCode: '512d38b6' },
  };
  expect(await (await post('azure_communication', [validation])).json()).toEqual({
    validationResponse: '512d38b6',
  });
  const check = { Type: 'Validation', SecretKey: secret, ValidationKey: 'v-1' };
  expect(await (await post('socketlabs', check)).json()).toEqual({ ValidationKey: 'v-1' });
});
