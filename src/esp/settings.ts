// The secrets of a provider, from settings: ESP_SENDGRID_SIGNING_KEYS, ESP_POSTMARK_SHARED_SECRETS and their kin.

import type { EspSecrets } from './adapter.ts';

/**
 * The secrets agreed on with the provider of this slug. `setting` looks a name up: `ESP_<SLUG>_SIGNING_KEYS`,
 * `…_SHARED_SECRETS` and `…_TOPICS` hold one value or several with commas between them, `…_WEBHOOK_URL` holds one.
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
