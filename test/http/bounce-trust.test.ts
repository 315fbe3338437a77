// BOUNCE_TRUST over HTTP on Node: the defaults, and what the answer, the metrics and the report say.

import { expect, onTestFinished, test } from 'vitest';
import { multipartReport } from '../bounce/message.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

const key = 'an-admin-key-for-tests';
const victim = 'victim@brisk-otter.com';
const withKey = { authorization: `Bearer ${key}` };

const dsn = (messageId = 'campaign-7@example.com') =>
  multipartReport(
    'delivery-status',
    'It could not be delivered.',
    `Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; ${victim}\nAction: failed\nStatus: 5.1.1\n`,
    `Message-ID: <${messageId}>`,
  );

async function started(settings: Readonly<Record<string, string>>): Promise<NodeService> {
  const service = await startNodeService({ zone, settings });
  onTestFinished(() => service.stop());
  return service;
}

const post = async (
  { url }: NodeService,
  path: string,
  body: object | string,
  headers: Record<string, string> = withKey,
): Promise<Record<string, unknown>> => {
  const isText = typeof body === 'string';
  const type = isText ? 'message/rfc822' : 'application/json';
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { ...headers, 'content-type': type },
    body: isText ? body : JSON.stringify(body),
  });
  return (await response.json()) as Record<string, unknown>;
};

const taken = { doubt: null, results: [{ email: victim, recorded: true, suppressed: true }] };
const refused = {
  doubt: 'unproven',
  results: [{ email: victim, class: 'hard', recorded: false, suppressed: false, proof: 'unproven' }],
};

test('behind a key, a message needs mail on record; a reply by JSON needs nothing', async () => {
  const service = await started({ ADMIN_KEY: key });
  expect(await post(service, '/v1/bounces', dsn())).toMatchObject(refused);
  expect(await post(service, '/v1/validate', { email: victim })).toMatchObject({ result: 'deliverable' });

  const reply = { email: 'dead@brisk-otter.com', reply: '550 5.1.1 No such user' };
  expect(await post(service, '/v1/bounces', reply)).toMatchObject({
    results: [{ recorded: true, suppressed: true, proof: 'proven' }],
  });

  await post(service, '/v1/bounces', { email: victim, reply: '250 2.0.0 OK' });
  expect(await post(service, '/v1/bounces', dsn('8@example.com'))).toMatchObject({
    ...taken,
    results: [{ ...taken.results[0], proof: 'assumed' }],
  });
  expect(await post(service, '/v1/validate', { email: victim })).toMatchObject({ reason: 'suppressed' });
});

test('a keyless service on loopback trusts every message, unless the setting says otherwise', async () => {
  const open = await started({});
  expect(await post(open, '/v1/bounces', dsn(), {})).toMatchObject(taken);
  const strict = await started({ BOUNCE_TRUST: 'proven' });
  expect(await post(strict, '/v1/bounces', dsn(), {})).toMatchObject(refused);
});

test('once a key exists, the default of that service is the one behind keys', async () => {
  const service = await started({});
  const made = await post(service, '/v1/keys', { name: 'server', kind: 'secret' }, {});
  const bearer = { authorization: `Bearer ${made['key']}` };
  expect(await post(service, '/v1/bounces', dsn(), bearer)).toMatchObject(refused);
});

test('BOUNCE_TRUST=all trusts every message behind a key too', async () => {
  const service = await started({ ADMIN_KEY: key, BOUNCE_TRUST: 'all' });
  expect(await post(service, '/v1/bounces', dsn())).toMatchObject(taken);
});

test('a Message-ID that was recorded with the tokens proves the bounce', async () => {
  const service = await started({ ADMIN_KEY: key, BOUNCE_TRUST: 'proven' });
  const items = [{ email: victim, message_id: '<campaign-7@example.com>' }, { email: 'nobody' }];
  expect(await post(service, '/v1/bounces/tokens', { items })).toEqual({
    results: [
      { email: victim, token: expect.stringMatching(/^bt[0-9a-f]{22}$/) },
      { email: 'nobody', token: null },
    ],
  });
  expect(await post(service, '/v1/bounces', dsn())).toMatchObject({
    ...taken,
    results: [{ ...taken.results[0], proof: 'proven' }],
  });
});

test('unproven messages show in the metrics and in the report, once each', async () => {
  const service = await started({ ADMIN_KEY: key });
  await post(service, '/v1/bounces', dsn());
  await post(service, '/v1/bounces', dsn());
  const get = async (path: string) => fetch(service.url + path, { headers: withKey });
  expect(await (await get('/metrics')).text()).toContain(
    'presend_returned_recipients_total{proof="unproven"} 1',
  );
  expect(await (await get('/v1/reports/bounces')).json()).toMatchObject({
    unproven: 1,
    total: { hard: 0, bounces: 0 },
    notes: [expect.stringContaining('Bounce messages about 1 recipient are not counted'), expect.anything()],
  });
});
