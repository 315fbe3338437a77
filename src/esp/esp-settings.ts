// Reads the settings of the email service providers (ESPs): ESP_SENDGRID_SIGNING_KEYS, ESP_POSTMARK_SHARED_SECRETS and so on.

import type { EspAdapter, EspSecrets, EspSettingName } from './esp-adapter.ts';
import { espAdapters } from './esp-registry.ts';

export type EspSettingsOutcome =
  /** Has an entry for each provider whose required settings are all set. The key is the `name` of its adapter. */
  | { readonly ok: true; readonly secrets: ReadonlyMap<string, EspSecrets> }
  /** One sentence for each invalid or missing setting. The sentences contain no secrets. */
  | { readonly ok: false; readonly mistakes: readonly string[] };

const settingName = (provider: string, name: EspSettingName): string =>
  `ESP_${provider.toUpperCase()}_${name}`;

/** The names of all provider settings, in the order of `espAdapters`. */
export const espSettingNames: readonly string[] = espAdapters.flatMap(({ name, settings }) =>
  settings.map((setting) => settingName(name, setting)),
);

/**
 * Reads the settings of all providers. `setting` returns the text of a setting, or null if it is not set. A text may contain
 * several values, separated by commas.
 */
export function readEspSettings(setting: (name: string) => string | null): EspSettingsOutcome {
  const mistakes: string[] = [];
  const secrets = new Map<string, EspSecrets>();
  for (const adapter of espAdapters) {
    const names = adapter.settings.map((name) => settingName(adapter.name, name));
    const missing = names.filter((name) => valuesOf(setting(name)).length === 0);
    if (missing.length === names.length) continue;
    for (const name of missing)
      mistakes.push(
        `${name} is not set. It is required together with ${names.filter((other) => other !== name).join(' and ')}.`,
      );
    const read = (name: EspSettingName) =>
      adapter.settings.includes(name) ? valuesOf(setting(settingName(adapter.name, name))) : [];
    const [webhookUrl] = read('WEBHOOK_URL');
    const own: EspSecrets = {
      signingKeys: read('SIGNING_KEYS'),
      sharedSecrets: read('SHARED_SECRETS'),
      topics: read('TOPICS'),
      ...(webhookUrl !== undefined && { webhookUrl }),
    };
    mistakes.push(...mistakesIn(adapter, own));
    secrets.set(adapter.name, own);
  }
  return mistakes.length === 0 ? { ok: true, secrets } : { ok: false, mistakes };
}

function mistakesIn(
  { name, signingKey }: EspAdapter,
  { signingKeys = [], webhookUrl, topics = [] }: EspSecrets,
): string[] {
  const mistakes: string[] = [];
  if (signingKey && !signingKeys.every((key) => signingKey.accepts(key)))
    mistakes.push(`${settingName(name, 'SIGNING_KEYS')} must be ${signingKey.description}.`);
  if (webhookUrl !== undefined && !/^https?:\/\//.test(webhookUrl))
    mistakes.push(
      `${settingName(name, 'WEBHOOK_URL')} must be a full URL such as https://example.com/hook: the webhook URL configured at the provider.`,
    );
  if (!topics.every((topic) => /^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w.-]+$/.test(topic)))
    mistakes.push(
      `${settingName(name, 'TOPICS')} must be ARNs of SNS topics (arn:aws:sns:REGION:ACCOUNT:NAME).`,
    );
  return mistakes;
}

const valuesOf = (text: string | null): string[] =>
  (text ?? '')
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
