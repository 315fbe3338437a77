// HubSpot's events in one batch, and which of its two signatures counts.

import { describe, expect, test } from 'vitest';
import type { CrmSettings, HookRequest } from '../../src/crm/crm-adapter.ts';
import { hubspot } from '../../src/crm/hubspot.ts';
import { verifyV3OrV2 } from '../../src/crm/hubspot-signature.ts';
import { bytesOf, concat, sha256, toHex } from '../../src/webhooks/crypto.ts';
import { signV3 } from './samples.ts';

const now = Date.UTC(2026, 10, 20, 12);
const url = 'https://presend.example/v1/hooks/crm/hubspot';

const requestOf = (body: string, headers: Record<string, string> = {}): HookRequest => ({
  url,
  body: bytesOf(body),
  headers: new Headers(headers),
  now,
});

const settingsOf = (...signingKeys: string[]): CrmSettings => ({
  signingKeys,
  sharedSecrets: [],
  webhookUrl: null,
  organizations: [],
  emailField: null,
  apiToken: null,
  writeBack: false,
});

describe('of several changes of one address', () => {
  const change = (email: string, occurredAt?: number) => ({
    subscriptionId: 1,
    eventId: 2,
    objectId: 7,
    subscriptionType: 'contact.propertyChange',
    propertyName: 'email',
    propertyValue: email,
    ...(occurredAt !== undefined && { occurredAt }),
  });
  const emailsOf = async (...events: object[]) => {
    const parsed = await hubspot.parse(requestOf(JSON.stringify(events)), settingsOf());
    return parsed.kind === 'records' ? parsed.records.map(({ email }) => email) : parsed.kind;
  };

  test('the latest counts, whatever their order', async () => {
    const [old, latest] = [change('old@example.org', now), change('new@example.org', now + 1)];
    expect(await emailsOf(old, latest)).toEqual(['new@example.org']);
    expect(await emailsOf(latest, old)).toEqual(['new@example.org']);
  });

  test('a change with a time counts before one without', async () => {
    const [dated, undated] = [change('dated@example.org', now), change('undated@example.org')];
    expect(await emailsOf(dated, undated)).toEqual(['dated@example.org']);
    expect(await emailsOf(undated, dated)).toEqual(['dated@example.org']);
  });
});

describe('a request', () => {
  const v2 = async (key: string, body: string) => ({
    'x-hubspot-signature': toHex(await sha256(concat(bytesOf(`${key}POST${url}`), bytesOf(body)))),
    'x-hubspot-signature-version': 'v2',
  });
  const verify = async (headers: Record<string, string>) =>
    (await verifyV3OrV2(requestOf('[]', headers), settingsOf('key'))).kind;

  test('with v2 alone is verified by v2', async () => {
    expect(await verify(await v2('key', '[]'))).toBe('verified');
    expect(await verify(await v2('another key', '[]'))).toBe('refused');
  });

  test('with both is verified by v3 alone', async () => {
    const wrongV3 = await signV3('/v1/hooks/crm/hubspot', 'another body', now, url);
    expect(await verify({ ...(await v2('key', '[]')), ...wrongV3 })).toBe('refused');
  });

  test.each([['v1'], ['']])('with version %j of the old signature is refused', async (version) => {
    expect(await verify({ ...(await v2('key', '[]')), 'x-hubspot-signature-version': version })).toBe(
      'refused',
    );
  });

  test('without a signature is refused', async () => {
    expect(await verify({ 'x-hubspot-signature-version': 'v2' })).toBe('refused');
  });
});
