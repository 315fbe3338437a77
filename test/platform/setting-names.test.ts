// Misspelled names of hook settings.

import { expect, test } from 'vitest';
import { checkSettingNames } from '../../src/platform/setting-names.ts';
import { readSettings } from '../../src/platform/settings.ts';

const check = (...names: string[]) =>
  checkSettingNames(
    names,
    ['ESP_SENDGRID_SIGNING_KEYS', 'CRM_PIPEDRIVE_SHARED_SECRETS'],
    ['sendgrid', 'amazon_ses', 'pipedrive'],
  );

test.each([
  'ESP_SENDGRID_SIGNING_KEY',
  'ESP_SENDGRID_SIGNING_KYES',
  'EPS_SENDGRID_SIGNING_KEYS',
  'ESP_SENDGIRD_SIGNING_KEY',
  'ESPSENDGRID_SIGNING_KEYSS',
])('%s is within two edits of a setting', (name) => {
  expect(check(name)).toEqual({
    mistakes: [`${name} is not a setting. Did you mean ESP_SENDGRID_SIGNING_KEYS?`],
    warnings: [],
  });
});

test.each([
  ['ESP_SENDGRID_API_TOKEN', 'sendgrid'],
  ['ESP_SENDGRID', 'sendgrid'],
  ['ESP_AMAZON_SES_ARNS', 'amazon_ses'],
  ['CRM_PIPEDRIVE_TOKEN', 'pipedrive'],
])('%s names a vendor', (name, vendor) => {
  expect(check(name)).toEqual({
    mistakes: [`${name} is not a setting: presend has no such setting for ${vendor}. See docs/settings.md.`],
    warnings: [],
  });
});

test('other names with the prefixes are one warning', () => {
  expect(check('ESP_SERVICE_HOST', 'CRM_SERVICE_PORT', 'ESP_SENDGRIDS')).toEqual({
    mistakes: [],
    warnings: [
      'These settings are unknown and have no effect: ESP_SERVICE_HOST, CRM_SERVICE_PORT, ESP_SENDGRIDS.',
    ],
  });
});

test('settings, and names of others, are neither', () => {
  expect(check('ESP_SENDGRID_SIGNING_KEYS', 'PATH', 'SENDGRID_API_KEY', 'ESP')).toEqual({
    mistakes: [],
    warnings: [],
  });
});

test('a misspelled name stops the start, and an empty one does not', () => {
  expect(readSettings({ ESP_POSTMARK_SHARED_SECRET: 'secret' })).toEqual({
    ok: false,
    mistakes: ['ESP_POSTMARK_SHARED_SECRET is not a setting. Did you mean ESP_POSTMARK_SHARED_SECRETS?'],
  });
  expect(readSettings({ ESP_POSTMARK_SHARED_SECRET: ' ' }).ok).toBe(true);
  const warned = readSettings({ ESP_SERVICE_HOST: '10.0.0.1' });
  expect(warned.ok && warned.settings.warnings).toEqual([
    'These settings are unknown and have no effect: ESP_SERVICE_HOST.',
  ]);
});
