// Requests of one isolate that overlap, on every route that waits for something: what one waits for never depends on another,
// even if that one is broken off.

import { applyD1Migrations, env } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, test } from 'vitest';
import { espSecret } from '../contract/esp-secret.ts';

beforeAll(() => applyD1Migrations(env['DB'], env['TEST_MIGRATIONS']));

const json = { 'content-type': 'application/json' };

const send = (
  method: string,
  path: string,
  body: string | null,
  headers: Record<string, string>,
  signal?: AbortSignal,
) =>
  exports.default.fetch(`http://127.0.0.1:8787${path}`, { method, headers, body, ...(signal && { signal }) });

let used = 0;
const number = () => used++;

/** Each call is another request of its kind, about names that none before was about. */
const kinds: Readonly<Record<string, (signal?: AbortSignal) => Promise<Response>>> = {
  'a verdict': (signal) =>
    send('POST', '/v1/validate', `{"email":"jane@cold${50_000 + number()}.brisk-otters.net"}`, json, signal),
  'a batch': (signal) => {
    const emails = Array.from({ length: 20 }, () => `jane@cold${50_000 + number()}.brisk-otters.net`);
    return send('POST', '/v1/validate/batch', JSON.stringify({ emails }), json, signal);
  },
  'a suppression': (signal) =>
    send(
      'POST',
      '/v1/suppressions',
      `{"email":"jane${number()}@brisk-otter.com","reason":"manual"}`,
      json,
      signal,
    ),
  'a webhook': (signal) =>
    send(
      'POST',
      '/v1/hooks/esp/postmark',
      JSON.stringify({
        RecordType: 'Bounce',
        Type: 'HardBounce',
        Email: 'gone@brisk-otter.com',
        MessageID: `m${number()}`,
      }),
      { ...json, authorization: `Basic ${btoa(`any:${espSecret}`)}` },
      signal,
    ),
  'an override': (signal) =>
    send('POST', '/v1/domains', `{"domain":"denied${number()}.net","word":"deny"}`, json, signal),
  'an upload': (signal) =>
    send(
      'POST',
      '/v1/jobs',
      `email\njane${number()}@brisk-otter.com\n`,
      { 'content-type': 'text/csv' },
      signal,
    ),
  'a report': (signal) => send('GET', '/v1/reports/bounces', null, {}, signal),
  'the state of the service': (signal) => send('GET', '/readyz', null, {}, signal),
};

const isDone = async (response: Promise<Response>): Promise<boolean> => {
  const { ok, body } = await response;
  await body?.cancel();
  return ok;
};

describe.each(Object.entries(kinds))('%s', (_, ask) => {
  test('twenty at once are all answered', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => isDone(ask())));
    expect(answers).toEqual(Array.from({ length: 20 }, () => true));
  });

  test('those that go on do not notice that others broke off', async () => {
    const aborted = Array.from({ length: 10 }, () => {
      const controller = new AbortController();
      const answer = ask(controller.signal).then(
        () => true,
        () => false,
      );
      return { controller, answer };
    });
    const going = Array.from({ length: 10 }, () => isDone(ask()));
    for (const { controller } of aborted) controller.abort();
    expect(await Promise.all(going)).toEqual(Array.from({ length: 10 }, () => true));
    await Promise.all(aborted.map(({ answer }) => answer));
    expect(await isDone(ask())).toBe(true);
  });
});
