// Misspelled names of hook settings.

import { expect, test } from 'vitest';
import { crmSettingNames } from '../../src/crm/crm-settings.ts';
import { espSettingNames } from '../../src/esp/esp-settings.ts';
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
      'presend has no settings with these names, so they have no effect: ESP_SERVICE_HOST, CRM_SERVICE_PORT, ESP_SENDGRIDS.',
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
    'presend has no settings with these names, so they have no effect: ESP_SERVICE_HOST.',
  ]);
});

test('every misspelling of a hook setting by one or two edits stops the start', () => {
  const settings = [...espSettingNames, ...crmSettingNames];
  expect(settings.length).toBeGreaterThan(30);
  const edited = (name: string, seed: number): string => {
    const at = 1 + (seed % (name.length - 2));
    const [before, after] = [name.slice(0, at), name.slice(at)];
    switch (seed % 4) {
      case 0:
        return before + after.slice(1);
      case 1:
        return `${before}X${after}`;
      case 2:
        return `${before}X${after.slice(1)}`;
      default:
        return before + after[1] + after[0] + after.slice(2);
    }
  };
  const silent: string[] = [];
  for (const setting of settings)
    for (let seed = 0; seed < 4 * setting.length; seed++)
      for (const name of [edited(setting, seed), edited(edited(setting, seed), seed * 7 + 3)])
        if (!settings.includes(name) && readSettings({ [name]: 'value of a setting' }).ok) silent.push(name);
  expect(silent).toEqual([]);
});
