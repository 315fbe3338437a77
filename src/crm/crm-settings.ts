// The settings of each CRM, such as CRM_HUBSPOT_SIGNING_KEYS and CRM_PIPEDRIVE_SHARED_SECRETS.

import type { CrmSettings } from './crm-adapter.ts';
import { crmAdapters } from './crm-registry.ts';

export type CrmSettingsOutcome =
  | { readonly ok: true; readonly settings: ReadonlyMap<string, CrmSettings> }
  /** One sentence per invalid setting. Contains no secret. */
  | { readonly ok: false; readonly mistakes: readonly string[] };

const shortestSecret = 16;

const settingName = (vendor: string, name: string): string => `CRM_${vendor.toUpperCase()}_${name}`;

/** Every setting that is read, in the order of the registry. */
export const crmSettingNames: readonly string[] = crmAdapters.flatMap(({ name, settings }) =>
  settings.map((setting) => settingName(name, setting)),
);

/**
 * The settings of the vendors with a configured secret. `setting` returns a setting by name; lists are
 * comma-separated. A vendor without a secret is absent and its hook is off.
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
    };
    // The operator chooses shared secrets. Vendors create signing keys, so their length is not checked.
    if (settings.sharedSecrets.some((secret) => secret.length < shortestSecret))
      mistake('SHARED_SECRETS', `must have ${shortestSecret} or more characters each.`);
    if (settings.webhookUrl !== null && !URL.canParse(settings.webhookUrl))
      mistake('WEBHOOK_URL', 'must be the webhook URL configured at the vendor.');
    if (!['true', 'false', null].includes(named('WRITE_BACK')))
      mistake('WRITE_BACK', 'must be true or false.');
    if (settings.apiToken !== null && !/^[\x21-\x7e]+$/.test(settings.apiToken))
      mistake('API_TOKEN', 'must be printable ASCII.');
    if (settings.writeBack && settings.apiToken === null) mistake('WRITE_BACK', 'needs API_TOKEN.');
    const [secret] = adapter.settings;
    if (several(secret).length > 0) configured.set(adapter.name, settings);
  }
  return mistakes.length === 0 ? { ok: true, settings: configured } : { ok: false, mistakes };
}
