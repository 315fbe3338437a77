// The settings of the providers.

import { expect, test } from 'vitest';
import { readEspSettings } from '../../src/esp/esp-settings.ts';

const read = (settings: Record<string, string>) => readEspSettings((name) => settings[name] ?? null);

const secretsOf = (settings: Record<string, string>, provider: string) => {
  const outcome = read(settings);
  if (!outcome.ok) throw new Error(outcome.mistakes.join(' '));
  return outcome.secrets.get(provider);
};

test('each provider has its own settings, and a key may have a successor', () => {
  const settings = {
    ESP_MAILERSEND_SIGNING_KEYS: 'old, new',
    ESP_AMAZON_SES_TOPICS: 'arn:aws:sns:eu-west-1:123456789012:events',
    ESP_MANDRILL_SIGNING_KEYS: 'key',
    ESP_MANDRILL_WEBHOOK_URL: 'https://presend.example/v1/hooks/esp/mandrill',
  };
  expect(secretsOf(settings, 'mailersend')).toEqual({
    signingKeys: ['old', 'new'],
    sharedSecrets: [],
    topics: [],
  });
  expect(secretsOf(settings, 'amazon_ses')?.topics).toEqual(['arn:aws:sns:eu-west-1:123456789012:events']);
  expect(secretsOf(settings, 'mandrill')?.webhookUrl).toBe('https://presend.example/v1/hooks/esp/mandrill');
});

test('a provider without settings is absent', () => {
  expect(secretsOf({}, 'postmark')).toBeUndefined();
  expect(secretsOf({ ESP_POSTMARK_SHARED_SECRETS: ' , ' }, 'postmark')).toBeUndefined();
});

test.each([
  [
    { ESP_MANDRILL_SIGNING_KEYS: 'key' },
    'ESP_MANDRILL_WEBHOOK_URL is not set. It is required together with ESP_MANDRILL_SIGNING_KEYS.',
  ],
  [
    { ESP_MAILGUN_SHARED_SECRETS: 'secret' },
    'ESP_MAILGUN_SIGNING_KEYS is not set. It is required together with ESP_MAILGUN_SHARED_SECRETS.',
  ],
  [
    { ESP_MANDRILL_SIGNING_KEYS: 'key', ESP_MANDRILL_WEBHOOK_URL: 'presend.example' },
    'ESP_MANDRILL_WEBHOOK_URL must be a full URL such as https://example.com/hook: the webhook URL configured at the provider.',
  ],
  [
    { ESP_AMAZON_SES_TOPICS: 'events' },
    'ESP_AMAZON_SES_TOPICS must be ARNs of SNS topics (arn:aws:sns:REGION:ACCOUNT:NAME).',
  ],
  [
    { ESP_SENDGRID_SIGNING_KEYS: 'SG.an-api-key' },
    'ESP_SENDGRID_SIGNING_KEYS must be an ECDSA public key in base64.',
  ],
  [
    { ESP_POSTAL_SIGNING_KEYS: 'bm90IGEga2V5' },
    'ESP_POSTAL_SIGNING_KEYS must be an RSA public key in base64.',
  ],
  [
    { ESP_MAILPACE_SIGNING_KEYS: 'AAAA' },
    'ESP_MAILPACE_SIGNING_KEYS must be an Ed25519 public key (32 bytes in base64).',
  ],
  [
    { ESP_RESEND_SIGNING_KEYS: 're_123-api-key' },
    'ESP_RESEND_SIGNING_KEYS must be whsec_ followed by the secret in base64.',
  ],
])('%j is a mistake', (settings, mistake) => {
  expect(read(settings)).toEqual({ ok: false, mistakes: [mistake] });
});

test('usable keys of every format are accepted', async () => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  if (!('privateKey' in pair)) throw new Error('not a pair of keys');
  const spki = (await crypto.subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer;
  const settings = {
    ESP_SENDGRID_SIGNING_KEYS: Buffer.from(spki).toString('base64'),
    ESP_MAILPACE_SIGNING_KEYS: Buffer.alloc(32, 7).toString('base64'),
    ESP_RESEND_SIGNING_KEYS: `whsec_${Buffer.alloc(24, 7).toString('base64')}`,
  };
  const outcome = read(settings);
  expect(outcome.ok && [...outcome.secrets.keys()]).toEqual(['mailpace', 'resend', 'sendgrid']);
  expect(read({ ESP_POSTAL_SIGNING_KEYS: settings.ESP_SENDGRID_SIGNING_KEYS }).ok).toBe(false);
});
