// The secrets of a provider from settings such as ESP_SENDGRID_SIGNING_KEYS and ESP_POSTMARK_SHARED_SECRETS.

import type { EspSecrets } from './adapter.ts';

/**
 * The secrets of the provider with this slug. `setting` returns a setting by name: `ESP_<SLUG>_SIGNING_KEYS`,
 * `…_SHARED_SECRETS` and `…_TOPICS` hold comma-separated values, `…_WEBHOOK_URL` holds one.
 */
export function espSecrets(provider: string, setting: (name: string) => string | undefined): EspSecrets {
  const named = (name: string) => setting(`ESP_${provider.toUpperCase()}_${name}`)?.trim();
  const several = (name: string) =>
    (named(name) ?? '')
      .split(',')
      .map((value) => value.trim())
      .filter((value) => value !== '');
  const webhookUrl = named('WEBHOOK_URL');
  return {
    signingKeys: several('SIGNING_KEYS'),
    sharedSecrets: several('SHARED_SECRETS'),
    topics: several('TOPICS'),
    ...(webhookUrl ? { webhookUrl } : {}),
  };
}
