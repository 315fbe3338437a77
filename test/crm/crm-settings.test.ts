// The settings of the CRMs.

import { expect, test } from 'vitest';
import { crmSettingNames, readCrmSettings } from '../../src/crm/crm-settings.ts';
import { sampleSettings, samples } from './samples.ts';

const read = (settings: Record<string, string>) => readCrmSettings((name) => settings[name] ?? null);

test('a vendor is configured only if its secret is set', () => {
  const all = read(sampleSettings);
  if (!all.ok) throw new Error();
  expect([...all.settings.keys()].toSorted()).toEqual(samples.map(({ name }) => name).toSorted());
  const none = read({
    CRM_HUBSPOT_API_TOKEN: 'pat-1',
    CRM_SALESFORCE_ORGANIZATIONS: '00D',
    CRM_KLAVIYO_SIGNING_KEYS: ' , ',
  });
  expect(none).toEqual({ ok: true, settings: new Map() });
});

test('several secrets are valid during a rotation', () => {
  const outcome = read({ CRM_PIPEDRIVE_SHARED_SECRETS: 'one-secret-of-ours, another-secret-of-ours' });
  if (!outcome.ok) throw new Error();
  expect(outcome.settings.get('pipedrive')?.sharedSecrets).toEqual([
    'one-secret-of-ours',
    'another-secret-of-ours',
  ]);
});

test('settings of other vendors are not read', () => {
  expect(crmSettingNames).not.toContain('CRM_PIPEDRIVE_SIGNING_KEYS');
  expect(read({ CRM_PIPEDRIVE_SIGNING_KEYS: 'a' })).toEqual({ ok: true, settings: new Map() });
});

test.each([
  [
    { CRM_MAILCHIMP_SHARED_SECRETS: 'hunter2' },
    'CRM_MAILCHIMP_SHARED_SECRETS must contain secrets of at least 16 characters, separated by commas.',
  ],
  [
    { CRM_HUBSPOT_WEBHOOK_URL: 'hunter2' },
    'CRM_HUBSPOT_WEBHOOK_URL must be a full URL such as https://example.com/hook: the webhook URL configured at the vendor.',
  ],
  [{ CRM_HUBSPOT_WRITE_BACK: 'yes' }, 'CRM_HUBSPOT_WRITE_BACK must be true or false.'],
  [{ CRM_HUBSPOT_WRITE_BACK: 'true' }, 'CRM_HUBSPOT_WRITE_BACK needs CRM_HUBSPOT_API_TOKEN. Set both.'],
  [
    { CRM_HUBSPOT_API_TOKEN: 'hunter 2' },
    'CRM_HUBSPOT_API_TOKEN must contain printable ASCII characters only, without spaces.',
  ],
])('%o is a mistake', (settings, mistake) => {
  expect(read(settings)).toEqual({ ok: false, mistakes: [mistake] });
});
