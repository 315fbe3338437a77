// The settings in force, for display: values that may be secret, or that contain one, are only said to be set.

import { dayMs } from '../durations.ts';
import type { ShownSetting } from '../http/ports.ts';
import type { Settings } from './settings.ts';

const isSet = (value: unknown): string => (value === null || value === undefined ? 'not set' : 'set');
const days = (ms: number): string => String(ms / dayMs);
const list = (values: readonly string[]): string => (values.length === 0 ? 'none' : values.join(', '));

/** The host of a URL. Its path may be the token of an account. */
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'invalid');

/** Every value is named here, so a new setting is not shown before somebody has decided that it may be. */
export function shownSettings(settings: Settings): readonly ShownSetting[] {
  const { jobs, suppressionRules, alerts } = settings;
  const shown: Readonly<Record<string, string>> = {
    DOH_URLS: settings.dnsServers.length > 0 ? 'not used' : list(settings.dohUrls.map(hostOf)),
    DNS_SERVERS: list(settings.dnsServers.map(({ address }) => address)),
    VALIDATE_TIMEOUT_MS: String(settings.validateTimeoutMs),
    BATCH_TIMEOUT_MS: String(settings.batchTimeoutMs),
    SMTPUTF8: settings.smtputf8,
    PROFILE: settings.listProfile ?? 'not set',
    REPORT_TIME_ZONE: settings.reportTimeZone,
    ESP_PRESET: settings.espPreset,
    PREFLIGHT_DOMAINS: list(settings.watchedDomains.map(({ domain }) => domain)),
    // Their names may contain the key of a customer.
    DNSBL_ZONES: settings.blocklistZones.length === 0 ? 'none' : `${settings.blocklistZones.length} set`,
    BOUNCE_TRUST: settings.bounceTrust ?? 'not set',
    BOUNCE_TOKENS: settings.bounceTokensRequired ? 'required' : 'not set',
    COMPLAINT_SCOPE: suppressionRules.complaintScope,
    SOFT_BOUNCES: String(suppressionRules.soft.bounces),
    SOFT_BOUNCE_DAYS: days(suppressionRules.soft.overMs),
    SOFT_ENTRY_DAYS: days(suppressionRules.soft.entryMs),
    EVENT_RETENTION_DAYS: days(settings.eventRetentionMs),
    EVENT_HOT_DAYS: days(settings.eventHotMs),
    ENGAGEMENT_RETENTION_DAYS: days(settings.engagementRetentionMs),
    PREDICTION_DAYS: String(settings.predictionDays),
    AUDIT_RETENTION_DAYS: days(settings.auditRetentionMs),
    RETENTION_DAYS: days(jobs.retentionMs),
    KEPT_LIST_DAYS: days(jobs.keptListMs),
    MAX_UPLOAD_MB: String(jobs.maxUploadBytes / 1024 ** 2),
    JOB_LANES: String(jobs.lanes),
    LIMITS: Object.entries(settings.limits)
      .map(([name, { quota, windowMs }]) => `${name}=${quota}/${windowMs / 1000}`)
      .join(', '),
    TRUSTED_PROXIES: list(settings.trustedProxies),
    ALERT_GROUP_SECONDS: String(alerts.groupMs / 1000),
    ADMIN_KEY: isSet(settings.adminKey),
    ADDRESS_HASH_KEY: settings.addressHashKey === null ? 'made by presend' : 'set',
    TOKEN_KEY: isSet(settings.tokenKey),
    CALLBACK_SECRET: isSet(jobs.callbackSecret),
    SUPPRESSION_WEBHOOK_URL: isSet(settings.suppressionWebhookUrl),
    PREFLIGHT_CALLBACK_URL: isSet(settings.preflightCallbackUrl),
    GATE_CALLBACK_URL: isSet(settings.gateCallbackUrl),
    DRIFT_CALLBACK_URL: isSet(settings.driftCallbackUrl),
  };
  return Object.entries(shown).map(([name, value]) => ({ name, value }));
}
