// The address to send to, over HTTP: a verdict names it if a name has extra dots, and both spellings are one person.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

let service: NodeService;
beforeAll(async () => {
  const mail = { MX: [[10, 'mx.brisk-otter.com']] as [number, string][] };
  service = await startNodeService({ zone: { ...zone, 'docomo.ne.jp': mail, 'ezweb.ne.jp': mail } });
});
afterAll(() => service.stop());

// biome-ignore lint/suspicious/noExplicitAny: the assertions say what it should be.
const post = async (path: string, body: object): Promise<any> =>
  (
    await fetch(service.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  ).json();

test.each([
  ['abc..def@docomo.ne.jp', 'abc..def@docomo.ne.jp', '"abc..def"@docomo.ne.jp'],
  ['"abc..def"@DOCOMO.ne.jp', 'abc..def@docomo.ne.jp', '"abc..def"@docomo.ne.jp'],
  ['.abc.@ezweb.ne.jp', '.abc.@ezweb.ne.jp', '".abc."@ezweb.ne.jp'],
])('%s', async (email, normalized, sendTo) => {
  expect(await post('/v1/validate', { email })).toMatchObject({
    email,
    normalized,
    send_to: sendTo,
    result: 'risky',
    reason: 'nonstandard_local_part',
    action: 'accept',
  });
});

test('other addresses are sent to as they are', async () => {
  for (const email of ['jane@brisk-otter.com', 'a.b@docomo.ne.jp', '"a b"@brisk-otter.com', 'jane@@x'])
    expect(await post('/v1/validate', { email })).not.toHaveProperty('send_to');
});

test('a bounce of mail that was sent to the quoted spelling suppresses the person in both', async () => {
  await post('/v1/bounces', { email: '"gone..now"@docomo.ne.jp', reply: '550 5.1.1 User unknown' });
  for (const email of ['gone..now@docomo.ne.jp', '"gone..now"@docomo.ne.jp'])
    expect(await post('/v1/validate', { email })).toMatchObject({
      reason: 'suppressed',
      send_to: '"gone..now"@docomo.ne.jp',
    });
});
