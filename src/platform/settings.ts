// Reads and checks the settings. They have the same names in the environment of Node and in wrangler.toml.
// docs/settings.md explains them.

import { type Smtputf8Policy, smtputf8Policies } from '../address/name-rules.ts';
import type { CrmSettings } from '../crm/crm-adapter.ts';
import { crmAdapters } from '../crm/crm-registry.ts';
import { crmSettingNames, readCrmSettings } from '../crm/crm-settings.ts';
import { defaultDohUrls } from '../dns/defaults.ts';
import { type DnsServer, parseDnsServer } from '../dns/transport/plain.ts';
import { isLoopback } from '../domain/ip-address.ts';
import { dayMs } from '../durations.ts';
import type { EspSecrets } from '../esp/esp-adapter.ts';
import { espAdapters } from '../esp/esp-registry.ts';
import { espSettingNames, readEspSettings } from '../esp/esp-settings.ts';
import { type BounceTrust, bounceTrusts } from '../events/bounce-trust.ts';
import { leastHotMs } from '../events/cold/cold-events.ts';
import { defaultLimits, type LimitName, type LimitPolicies } from '../http/middleware/limits.ts';
import type { LimitPolicy } from '../http/middleware/token-buckets.ts';
import { type BlocklistZone, parseBlocklistZone } from '../preflight/blocklists.ts';
import type { PreflightRequest } from '../preflight/finding.ts';
import { readWatchedDomains } from '../preflight/watch/watched-domains.ts';
import { espPreset, espPresetNames } from '../reports/gate/presets.ts';
import { isTimeZoneName } from '../reports/time-zone.ts';
import { addressHashKey } from '../suppression/address-hash.ts';
import type { SuppressionRules } from '../suppression/rules.ts';
import { type ListProfile, listProfiles } from '../verdict/decay.ts';
import type { CallbackTargets } from '../webhooks/callback-target.ts';
import { fromBase64 } from '../webhooks/crypto.ts';
import { webhookSecret } from '../webhooks/sign.ts';
import { type AlertSettings, alertSettingNames, readAlertSettings } from './alert-settings.ts';
import { type ProofSettings, readProofSettings } from './proof-settings.ts';
import { checkSettingNames } from './setting-names.ts';
import { softBounceRules } from './soft-bounce-settings.ts';
import { readTraceSettings, type TraceSettings } from './trace-settings.ts';

const leastTokenKeyBytes = 16;

const maxBlocklistZones = 10;

/**
 * Names of settings that are checked for misspellings, in addition to those of ESPs and CRMs. These settings control
 * which addresses are suppressed, and what reports warn of. If one were misspelled, its default would apply without a warning.
 */
const listSettingNames = [
  'BOUNCE_TRUST',
  'BOUNCE_TOKENS',
  'BOUNCE_SENDER_DOMAINS',
  'COMPLAINT_SCOPE',
  'SUPPRESSION_WEBHOOK_URL',
  'ESP_PRESET',
  'FULL_BOUNCES',
  'FULL_BOUNCE_DAYS',
  'FULL_ENTRY_DAYS',
  'GATE_CALLBACK_URL',
  'PROFILE',
  'REPORT_TIME_ZONE',
  ...alertSettingNames,
];

export interface Settings {
  readonly host: string;
  readonly port: number;
  /** Maximum number of open connections on Node. */
  readonly maxConnections: number;
  readonly databasePath: string;
  /** Files with the domains that the operator allows and denies, one per line. Null if they are not set. */
  readonly allowFile: string | null;
  readonly denyFile: string | null;
  readonly dohUrls: readonly string[];
  /** DNS servers that are asked over plain DNS. If there are any, `dohUrls` is not used. */
  readonly dnsServers: readonly DnsServer[];
  /** DNS blocklists that a preflight asks about domains and IP addresses. */
  readonly blocklistZones: readonly BlocklistZone[];
  /** The domains of the sender whose DNS is watched, and what is asked about each. */
  readonly watchedDomains: readonly PreflightRequest[];
  /** Where changes of that DNS are sent, signed with `callbackSecret`. */
  readonly preflightCallbackUrl: string | null;
  readonly validateTimeoutMs: number;
  readonly batchTimeoutMs: number;
  /** What to do with addresses that need SMTPUTF8. */
  readonly smtputf8: Smtputf8Policy;
  /**
   * The kind of lists that the operator mails (PROFILE). It applies to lists whose upload names no kind, and sets the bands of
   * the reports. Null if it is not set.
   */
  readonly listProfile: ListProfile | null;
  /** The IANA time zone of the days in reports. */
  readonly reportTimeZone: string;
  /** The key for hashing addresses. Null if it is not set: Node then creates one, and a Worker refuses to serve. */
  readonly addressHashKey: Uint8Array<ArrayBuffer> | null;
  readonly adminKey: string | null;
  /** The key that signs verdict tokens. Null if it is not set: it is then derived from the address hash key. */
  readonly tokenKey: Uint8Array<ArrayBuffer> | null;
  readonly limits: LimitPolicies;
  /** Addresses and networks (CIDR) of the proxies whose X-Forwarded-For header is trusted. */
  readonly trustedProxies: readonly string[];
  /** The settings of each CRM, by the name of the vendor. Contains only the CRMs whose secret is set. */
  readonly crm: ReadonlyMap<string, CrmSettings>;
  readonly bounceSenderDomains: readonly string[];
  readonly bounceTokensRequired: boolean;
  /**
   * Which returned messages (bounces) are trusted. Null if it is not set. The default is then `all` for callers without
   * an API key, who are on loopback, and `delivered` for others.
   */
  readonly bounceTrust: BounceTrust | null;
  readonly suppressionRules: SuppressionRules;
  /** Milliseconds that entries of the audit are kept. */
  readonly auditRetentionMs: number;
  /** Milliseconds that delivery events are kept. */
  readonly eventRetentionMs: number;
  /** Milliseconds that delivery events stay in the database. Then they move to files. */
  readonly eventHotMs: number;
  /** Milliseconds that the engagement of an address is kept after its latest event; 0: it is not kept. */
  readonly engagementRetentionMs: number;
  /**
   * Days that a prediction is kept. A prediction is the bounce probability in a verdict. It is compared with the
   * delivery or bounce that follows.
   */
  readonly predictionDays: number;
  /** The URL that is called if bounces drift away from the predictions. Null: a drift is only logged. */
  readonly driftCallbackUrl: string | null;
  /** The URL that receives webhooks about changes of the suppression list. Null: no webhook is sent. */
  readonly suppressionWebhookUrl: string | null;
  readonly alerts: AlertSettings;
  /** Where traces go. Null: there are none. */
  readonly traces: TraceSettings | null;
  /** The URL that receives webhooks about changes of the gate's decisions. Null: they are only logged. */
  readonly gateCallbackUrl: string | null;
  /** The email service provider whose limits and rules apply; `none` if there is none. */
  readonly espPreset: string;
  /**
   * The secrets of the webhooks of each ESP, by the name of the provider. Contains only the ESPs whose settings are
   * complete.
   */
  readonly espSecrets: ReadonlyMap<string, EspSecrets>;
  /** Warnings about settings, one sentence each. They are logged at startup. */
  readonly warnings: readonly string[];
  readonly data: DataSettings;
  readonly proof: ProofSettings;
  readonly jobs: JobSettings;
}

/** The settings of `presend data update`. */
export interface DataSettings {
  /** The folder of the data pack. Null if it is not set: the folder of the database. */
  readonly directory: string | null;
  /** The URL of the data pack, unless the command line gives one. */
  readonly url: string | null;
  /** The raw Ed25519 public keys of the publisher. Without one, no data pack is used. */
  readonly publicKeys: readonly Uint8Array<ArrayBuffer>[];
  /** `public`: download only from public hosts, by https. `private`: from any host, on this computer also by http. */
  readonly targets: 'public' | 'private';
}

export interface JobSettings {
  /**
   * The folder for uploaded lists and their results. Null if it is not set: the folder `files` next to the database.
   */
  readonly filesPath: string | null;
  /** Number of workers that verify lists at the same time. */
  readonly lanes: number;
  readonly maxUploadBytes: number;
  /** Bytes per second that an upload must reach on average; 0 for no limit. */
  readonly minUploadRate: number;
  readonly retentionMs: number;
  readonly keptListMs: number;
  readonly callbackSecret: Uint8Array<ArrayBuffer> | null;
  readonly callbackTargets: CallbackTargets;
}

export type SettingsOutcome =
  | { readonly ok: true; readonly settings: Settings }
  /** What is wrong, one sentence for each invalid setting. The sentences contain no secret. */
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** Reads settings from an environment. Absent or empty settings get their defaults. */
export function readSettings(environment: Readonly<Record<string, unknown>>): SettingsOutcome {
  const mistakes: string[] = [];

  const text = (name: string): string | null => {
    const value = environment[name];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
  };

  /** Whether a Worker has this binding. On Node, every variable of the environment is a text. */
  const isBound = (name: string): boolean => typeof environment[name] === 'object';

  const wholeNumber = (name: string, otherwise: number, least: number, most: number): number => {
    const value = text(name);
    if (value === null) return otherwise;
    const number = Number(value);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    mistakes.push(`${name} must be a whole number from ${least} to ${most}.`);
    return otherwise;
  };

  const several = (name: string): string[] =>
    text(name)
      ?.split(',')
      .map((one) => one.trim()) ?? [];

  const givenUrls = several('DOH_URLS');
  const dohUrls = givenUrls.length > 0 ? givenUrls : defaultDohUrls;
  for (const url of dohUrls)
    if (!isDohUrl(url))
      mistakes.push(
        'DOH_URLS must be a comma-separated list of https URLs; http is allowed for loopback addresses only.',
      );

  const givenServers = several('DNS_SERVERS').map(parseDnsServer);
  const dnsServers = givenServers.filter((server) => server !== null);
  if (dnsServers.length < givenServers.length)
    mistakes.push(
      'DNS_SERVERS must be a comma-separated list of IP addresses, with a port if it is not 53: 127.0.0.1, 127.0.0.1:5353 or [::1]:5353.',
    );
  if (givenServers.length > 0 && givenUrls.length > 0)
    mistakes.push('DNS_SERVERS and DOH_URLS are both set. Remove one of them.');

  const givenZones = several('DNSBL_ZONES').map(parseBlocklistZone);
  const blocklistZones = givenZones.filter((zone) => zone !== null);
  if (blocklistZones.length < givenZones.length || givenZones.length > maxBlocklistZones)
    mistakes.push(
      `DNSBL_ZONES must be a comma-separated list of at most ${maxBlocklistZones} DNS blocklists, such as dnsbl.example.net, or domain:dbl.example.net for a list of domains.`,
    );

  const watched = readWatchedDomains(text('PREFLIGHT_DOMAINS') ?? '');
  mistakes.push(...watched.mistakes);
  const preflightCallbackUrl = text('PREFLIGHT_CALLBACK_URL');
  if (preflightCallbackUrl !== null && !URL.canParse(preflightCallbackUrl))
    mistakes.push('PREFLIGHT_CALLBACK_URL must be a URL such as https://example.com/dns-changes.');
  if (preflightCallbackUrl !== null && text('CALLBACK_SECRET') === null)
    mistakes.push(
      'PREFLIGHT_CALLBACK_URL needs CALLBACK_SECRET to sign its webhooks. Generate one with: echo whsec_$(openssl rand -base64 32)',
    );

  const hashKeyText = text('ADDRESS_HASH_KEY');
  let hashKey: Settings['addressHashKey'] = null;
  try {
    hashKey = hashKeyText === null ? null : addressHashKey(hashKeyText);
  } catch (error) {
    mistakes.push((error as RangeError).message);
  }

  const tokenKeyText = text('TOKEN_KEY');
  const tokenKey = tokenKeyText === null ? null : new TextEncoder().encode(tokenKeyText);
  if (tokenKey !== null && tokenKey.length < leastTokenKeyBytes)
    mistakes.push(
      `TOKEN_KEY needs at least ${leastTokenKeyBytes} bytes. Generate one with: openssl rand -hex 32`,
    );

  const limits: Record<LimitName, LimitPolicy> = { ...defaultLimits };
  for (const item of several('LIMITS')) {
    const [, name = '', quota, seconds] = /^(\w+)=([1-9]\d{0,8})\/([1-9]\d{0,6})$/.exec(item) ?? [];
    if (Object.hasOwn(limits, name))
      limits[name as LimitName] = { quota: Number(quota), windowMs: Number(seconds) * 1000 };
    else
      mistakes.push(
        `LIMITS must be a comma-separated list of NAME=QUOTA/SECONDS, such as secret_key=60000/60. The names are ${Object.keys(limits).join(', ')}.`,
      );
  }

  const bounceTokens = text('BOUNCE_TOKENS');
  if (bounceTokens !== null && bounceTokens !== 'required')
    mistakes.push(
      'BOUNCE_TOKENS must be "required" (a bounce message then needs the token of its recipient), or must not be set.',
    );
  const trustText = text('BOUNCE_TRUST');
  const bounceTrust = bounceTrusts.find((trust) => trust === trustText) ?? null;
  if (trustText !== null && bounceTrust === null)
    mistakes.push(
      'BOUNCE_TRUST must be proven, delivered or all. It says what presend needs to trust a bounce message: see docs/bounces.md.',
    );

  const adminKey = text('ADMIN_KEY');
  if (adminKey !== null && !/^[\x21-\x7e]{16,}$/.test(adminKey))
    mistakes.push(
      'ADMIN_KEY must have 16 or more printable ASCII characters. Generate one with: openssl rand -hex 32',
    );

  const secretText = text('CALLBACK_SECRET');
  const callbackSecret = secretText === null ? null : webhookSecret(secretText);
  if (secretText !== null && callbackSecret === null)
    mistakes.push(
      'CALLBACK_SECRET must be whsec_ followed by at least 24 bytes in base64. Generate one with: echo whsec_$(openssl rand -base64 32)',
    );
  const callbackTargets = text('CALLBACK_TARGETS') ?? 'public';
  if (callbackTargets !== 'public' && callbackTargets !== 'loopback')
    mistakes.push(
      'CALLBACK_TARGETS must be public or loopback. loopback also allows callbacks by http to this computer.',
    );
  const suppressionWebhookUrl = text('SUPPRESSION_WEBHOOK_URL');
  if (suppressionWebhookUrl !== null && !URL.canParse(suppressionWebhookUrl))
    mistakes.push('SUPPRESSION_WEBHOOK_URL must be a URL such as https://example.com/suppressions.');
  if (suppressionWebhookUrl !== null && secretText === null)
    mistakes.push(
      'SUPPRESSION_WEBHOOK_URL needs CALLBACK_SECRET to sign its webhooks. Generate one with: echo whsec_$(openssl rand -base64 32)',
    );
  const alerts = readAlertSettings(text, wholeNumber('ALERT_GROUP_SECONDS', 120, 0, 3600), isBound('EMAIL'));
  const traces = readTraceSettings(text);
  mistakes.push(...alerts.mistakes, ...traces.mistakes);
  const gateCallbackUrl = text('GATE_CALLBACK_URL');
  if (gateCallbackUrl !== null && !URL.canParse(gateCallbackUrl))
    mistakes.push('GATE_CALLBACK_URL must be a URL such as https://example.com/gate.');
  if (gateCallbackUrl !== null && secretText === null)
    mistakes.push(
      'GATE_CALLBACK_URL needs CALLBACK_SECRET to sign its webhooks. Generate one with: echo whsec_$(openssl rand -base64 32)',
    );
  const preset = text('ESP_PRESET') ?? 'none';
  if (!espPresetNames.includes(preset))
    mistakes.push(`ESP_PRESET must be one of ${espPresetNames.join(', ')}: your email service provider.`);
  const dataUrl = text('DATA_URL');
  if (dataUrl !== null && !URL.canParse(dataUrl))
    mistakes.push('DATA_URL must be a URL such as https://example.com/presend.pack.');
  const publicKeys = several('DATA_PUBLIC_KEY').map(fromBase64);
  if (publicKeys.some((key) => key?.length !== 32))
    mistakes.push(
      'DATA_PUBLIC_KEY must be one or more Ed25519 public keys (32 bytes in base64), separated by commas. "presend data pack" prints the key.',
    );
  const dataTargets = text('DATA_TARGETS') ?? 'public';
  if (dataTargets !== 'public' && dataTargets !== 'private')
    mistakes.push(
      'DATA_TARGETS must be public or private. private also allows downloads from internal hosts.',
    );
  const complaintScope = text('COMPLAINT_SCOPE') ?? 'all';
  if (complaintScope !== 'all' && complaintScope !== 'marketing')
    mistakes.push('COMPLAINT_SCOPE must be all or marketing: the mail that a complaint stops.');
  const smtputf8 = smtputf8Policies.find((policy) => policy === (text('SMTPUTF8') ?? 'accept'));
  if (smtputf8 === undefined)
    mistakes.push(
      'SMTPUTF8 must be refuse, confirm or accept: what to do with addresses that have letters such as ü or 日 before the @.',
    );
  const profileText = text('PROFILE');
  const listProfile = listProfiles.find((profile) => profile === profileText) ?? null;
  if (profileText !== null && listProfile === null)
    mistakes.push(`PROFILE must be one of ${listProfiles.join(', ')}: the kind of your lists.`);
  const timeZone = text('REPORT_TIME_ZONE') ?? 'UTC';
  if (!isTimeZoneName(timeZone))
    mistakes.push('REPORT_TIME_ZONE must be a time zone of the IANA database, such as Europe/Berlin.');
  const crm = readCrmSettings(text);
  if (!crm.ok) mistakes.push(...crm.mistakes);
  const proof = readProofSettings(text, mistakes);
  const canAsk =
    proof.remote !== null || (proof.inVerdicts && proof.heloName !== null && proof.mailFrom !== null);
  if (!canAsk && crm.ok && [...crm.settings.values()].some((vendor) => vendor.proof === true))
    mistakes.push(
      'CRM_HUBSPOT_PROOF=true needs MAILBOX_PROOF=smtp with SMTP_HELO_NAME and SMTP_MAIL_FROM, or PROBE_URL and PROBE_KEY. See docs/mailbox-proof.md.',
    );
  const esp = readEspSettings(text);
  if (!esp.ok) mistakes.push(...esp.mistakes);
  const names = checkSettingNames(
    Object.keys(environment).filter((name) => text(name) !== null),
    [...espSettingNames, ...crmSettingNames, ...listSettingNames],
    [...espAdapters, ...crmAdapters].map(({ name }) => name),
  );
  mistakes.push(...names.mistakes);

  const settings: Settings = {
    host: text('HOST') ?? '127.0.0.1',
    port: wholeNumber('PORT', 8787, 0, 65_535),
    maxConnections: wholeNumber('MAX_CONNECTIONS', 4000, 1, 1_000_000),
    allowFile: text('ALLOW_FILE'),
    denyFile: text('DENY_FILE'),
    databasePath: text('DATABASE_PATH') ?? 'var/presend.db',
    dohUrls,
    dnsServers,
    blocklistZones,
    watchedDomains: watched.requests,
    preflightCallbackUrl,
    validateTimeoutMs: wholeNumber('VALIDATE_TIMEOUT_MS', 1500, 50, 30_000),
    batchTimeoutMs: wholeNumber('BATCH_TIMEOUT_MS', 10_000, 50, 300_000),
    smtputf8: smtputf8 ?? 'accept',
    listProfile,
    reportTimeZone: timeZone,
    addressHashKey: hashKey,
    adminKey,
    tokenKey,
    limits,
    trustedProxies: several('TRUSTED_PROXIES'),
    crm: crm.ok ? crm.settings : new Map(),
    bounceTokensRequired: bounceTokens === 'required',
    bounceTrust,
    bounceSenderDomains: several('BOUNCE_SENDER_DOMAINS').map((domain) => domain.toLowerCase()),
    driftCallbackUrl: text('DRIFT_CALLBACK_URL'),
    suppressionWebhookUrl,
    alerts: alerts.settings,
    traces: traces.settings,
    gateCallbackUrl,
    espPreset: preset,
    auditRetentionMs: wholeNumber('AUDIT_RETENTION_DAYS', 730, 30, 3650) * dayMs,
    eventRetentionMs: wholeNumber('EVENT_RETENTION_DAYS', 400, 1, 3650) * dayMs,
    eventHotMs: wholeNumber('EVENT_HOT_DAYS', 60, leastHotMs / dayMs, 3650) * dayMs,
    engagementRetentionMs: wholeNumber('ENGAGEMENT_RETENTION_DAYS', 730, 0, 3650) * dayMs,
    predictionDays: wholeNumber('PREDICTION_DAYS', 90, 1, 365),
    suppressionRules: {
      complaintScope: complaintScope === 'marketing' ? 'marketing' : 'all',
      soft: softBounceRules(espPreset(preset), wholeNumber),
    },
    espSecrets: esp.ok ? esp.secrets : new Map(),
    warnings: names.warnings,
    data: {
      directory: text('DATA_DIR'),
      url: dataUrl,
      publicKeys: publicKeys.filter((key) => key !== null),
      targets: dataTargets === 'private' ? 'private' : 'public',
    },
    proof,
    jobs: {
      filesPath: text('FILES_PATH'),
      lanes: wholeNumber('JOB_LANES', 4, 1, 64),
      maxUploadBytes: wholeNumber('MAX_UPLOAD_MB', 1024, 1, 102_400) * 1024 * 1024,
      minUploadRate: wholeNumber('MIN_UPLOAD_KB_PER_SECOND', 4, 0, 100_000) * 1024,
      retentionMs: wholeNumber('RETENTION_DAYS', 30, 1, 3650) * dayMs,
      keptListMs: wholeNumber('KEPT_LIST_DAYS', 365, 1, 3650) * dayMs,
      callbackSecret,
      callbackTargets: callbackTargets === 'loopback' ? 'loopback' : 'public',
    },
  };
  if (settings.eventRetentionMs < settings.suppressionRules.soft.overMs)
    mistakes.push(
      'EVENT_RETENTION_DAYS must be at least SOFT_BOUNCE_DAYS, because presend counts the soft bounces of SOFT_BOUNCE_DAYS in the stored events.',
    );
  return mistakes.length === 0 ? { ok: true, settings } : { ok: false, mistakes: [...new Set(mistakes)] };
}

function isDohUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}
