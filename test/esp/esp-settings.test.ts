// The secrets of a provider, from settings.

import { expect, test } from 'vitest';
import { espSecrets } from '../../src/esp/esp-settings.ts';

const from = (settings: Record<string, string>, provider: string) =>
  espSecrets(provider, (name) => settings[name]);

test('each provider has settings of its own, and a key that is being replaced has a successor', () => {
  const settings = {
    ESP_SENDGRID_SIGNING_KEYS: 'old, new',
    ESP_AMAZON_SES_TOPICS: 'arn:aws:sns:eu-west-1:1:events',
    ESP_MANDRILL_SIGNING_KEYS: 'key',
    ESP_MANDRILL_WEBHOOK_URL: 'https://presend.example/v1/hooks/esp/mandrill',
  };
  expect(from(settings, 'sendgrid')).toEqual({ signingKeys: ['old', 'new'], sharedSecrets: [], topics: [] });
  expect(from(settings, 'amazon_ses').topics).toEqual(['arn:aws:sns:eu-west-1:1:events']);
  expect(from(settings, 'mandrill').webhookUrl).toBe('https://presend.example/v1/hooks/esp/mandrill');
});

test('what is not set, or set to nothing, is no secret', () => {
  const none = { signingKeys: [], sharedSecrets: [], topics: [] };
  expect(from({}, 'postmark')).toEqual(none);
  expect(from({ ESP_POSTMARK_SHARED_SECRETS: ' , ', ESP_POSTMARK_WEBHOOK_URL: ' ' }, 'postmark')).toEqual(
    none,
  );
});
