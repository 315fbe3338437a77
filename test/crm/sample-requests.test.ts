// The sample with which an operator tests the hook of a CRM: it is signed with the settings of the hook, and read as one contact.

import { describe, expect, test } from 'vitest';
import { crmAdapters } from '../../src/crm/crm-registry.ts';
import { noCrmSettings } from '../../src/http/hook-test.ts';
import { readSettings } from '../../src/platform/settings.ts';
import { bytesOf } from '../../src/webhooks/crypto.ts';
import { type SampleRequest, sampleRecipient } from '../../src/webhooks/sample-request.ts';
import { sampleSettings } from './samples.ts';

const now = Date.UTC(2026, 10, 20, 12);

const read = readSettings(sampleSettings);
if (!read.ok) throw new Error(read.mistakes.join(' '));
const { crm } = read.settings;

const requestOf = ({ body, headers, query = {} }: SampleRequest, url: string) => {
  const target = new URL(url);
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
  return { url: target.href, body: bytesOf(body), headers: new Headers(headers), now };
};

describe.each(crmAdapters.map((adapter) => [adapter.name, adapter] as const))('%s', (name, adapter) => {
  const url = `https://hooks.example.net/v1/hooks/crm/${name}`;
  const settings = crm.get(name)!;

  test.each([
    ['as configured', settings],
    ['without the URL at the vendor', { ...settings, webhookUrl: null }],
    ['without organizations', { ...settings, organizations: [] }],
  ])('the sample is accepted, %s', async (_, configured) => {
    const sample = await adapter.sample(configured, { url, now });
    expect(sample.isSigned).toBe(true);
    expect(await adapter.verify(requestOf(sample, url), configured)).toEqual({ kind: 'verified' });
  });

  test('the sample of a hook without settings is not signed, and refused', async () => {
    const sample = await adapter.sample(noCrmSettings, { url, now });
    expect(sample.isSigned).toBe(false);
    expect((await adapter.verify(requestOf(sample, url), settings)).kind).toBe('refused');
  });

  test('the sample is one contact with the sandbox address', async () => {
    for (const configured of [settings, { ...settings, emailField: 'Work_Email__c' }]) {
      const sample = await adapter.sample(configured, { url, now });
      expect(await adapter.parse(requestOf(sample, url), configured)).toMatchObject({
        kind: 'records',
        records: [{ email: sampleRecipient }],
      });
    }
  });
});
