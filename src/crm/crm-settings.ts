// The settings of each CRM, such as CRM_HUBSPOT_SIGNING_KEYS and CRM_PIPEDRIVE_SHARED_SECRETS.

import type { CrmSettings } from './crm-adapter.ts';
import { crmAdapters } from './crm-registry.ts';

export type CrmSettingsOutcome =
  | { readonly ok: true; readonly settings: ReadonlyMap<string, CrmSettings> }
  /** One sentence for each invalid setting. The sentences contain no secrets. */
  | { readonly ok: false; readonly mistakes: readonly string[] };

const shortestSecret = 16;

const settingName = (vendor: string, name: string): string => `CRM_${vendor.toUpperCase()}_${name}`;

/** The full names of all settings that the adapters read. */
export const crmSettingNames: readonly string[] = crmAdapters.flatMap(({ name, settings }) =>
  settings.map((setting) => settingName(name, setting)),
);

/**
 * Reads the settings of all vendors. A vendor without a secret is absent from the result, so its hook is off. `setting`
 * returns the value of a setting by its full name, or null if it is not set. A value may be a list, separated by commas.
 */
export function readCrmSettings(setting: (name: string) => string | null): CrmSettingsOutcome {
  const mistakes: string[] = [];
  const configured = new Map<string, CrmSettings>();
  for (const adapter of crmAdapters) {
    const named = (name: string): string | null =>
      adapter.settings.some((read) => read === name) ? setting(settingName(adapter.name, name)) : null;
    const several = (name: string): string[] =>
      (named(name) ?? '')
        .split(',')
        .map((value) => value.trim())
        .filter((value) => value !== '');
    const mistake = (name: string, text: string) =>
      mistakes.push(`${settingName(adapter.name, name)} ${text}`);

    const settings: CrmSettings = {
      signingKeys: several('SIGNING_KEYS'),
      sharedSecrets: several('SHARED_SECRETS'),
      webhookUrl: named('WEBHOOK_URL'),
      organizations: several('ORGANIZATIONS'),
      emailField: named('EMAIL_FIELD'),
      apiToken: named('API_TOKEN'),
      writeBack: named('WRITE_BACK') === 'true',
      proof: named('PROOF') === 'true',
    };
    // The operator chooses the shared secrets, so a short one is possible and must be refused. The vendor creates the
    // signing keys, so their length is not checked.
    if (settings.sharedSecrets.some((secret) => secret.length < shortestSecret))
      mistake(
        'SHARED_SECRETS',
        `must contain secrets of at least ${shortestSecret} characters, separated by commas.`,
      );
    if (settings.webhookUrl !== null && !URL.canParse(settings.webhookUrl))
      mistake(
        'WEBHOOK_URL',
        'must be a full URL such as https://example.com/hook: the webhook URL configured at the vendor.',
      );
    if (!['true', 'false', null].includes(named('WRITE_BACK')))
      mistake('WRITE_BACK', 'must be true or false.');
    if (!['true', 'false', null].includes(named('PROOF'))) mistake('PROOF', 'must be true or false.');
    if (settings.proof && !settings.writeBack)
      mistake('PROOF', `needs ${settingName(adapter.name, 'WRITE_BACK')}=true. Set both.`);
    if (settings.apiToken !== null && !/^[\x21-\x7e]+$/.test(settings.apiToken))
      mistake('API_TOKEN', 'must contain printable ASCII characters only, without spaces.');
    if (settings.writeBack && settings.apiToken === null)
      mistake('WRITE_BACK', `needs ${settingName(adapter.name, 'API_TOKEN')}. Set both.`);
    const [secret] = adapter.settings;
    if (several(secret).length > 0) configured.set(adapter.name, settings);
  }
  return mistakes.length === 0 ? { ok: true, settings: configured } : { ok: false, mistakes };
}
