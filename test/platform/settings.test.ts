// Settings: what each is without a value, what it may be, and what is said of a wrong one.

import { describe, expect, test } from 'vitest';
import { defaultDohUrls } from '../../src/dns/defaults.ts';
import { defaultLimits } from '../../src/http/middleware/limits.ts';
import { readSettings } from '../../src/platform/settings.ts';
import { defaultRules } from '../../src/suppression/rules.ts';

const day = 86_400_000;

const read = (environment: Record<string, unknown>) => {
  const outcome = readSettings(environment);
  if (!outcome.ok) throw new Error(outcome.mistakes.join(' '));
  return outcome.settings;
};
const mistakesOf = (environment: Record<string, unknown>) => {
  const outcome = readSettings(environment);
  return outcome.ok ? [] : outcome.mistakes;
};

test('without an environment every setting has its default', () => {
  expect(read({})).toMatchObject({
    host: '127.0.0.1',
    port: 8787,
    maxConnections: 4000,
    databasePath: 'var/presend.db',
    dohUrls: defaultDohUrls,
    dnsServers: [],
    validateTimeoutMs: 1500,
    batchTimeoutMs: 10_000,
    addressHashKey: null,
    adminKey: null,
    tokenKey: null,
    limits: defaultLimits,
    trustedProxies: [],
    bounceSenderDomains: [],
    driftCallbackUrl: null,
    eventRetentionMs: 400 * day,
    engagementRetentionMs: 730 * day,
    predictionDays: 90,
    suppressionRules: defaultRules,
    warnings: [],
    jobs: {
      filesPath: null,
      lanes: 4,
      maxUploadBytes: 1024 ** 3,
      retentionMs: 30 * day,
      keptListMs: 365 * day,
      callbackSecret: null,
      callbackTargets: 'public',
    },
  });
  expect([read({}).crm.size, read({}).espSecrets.size, read({}).bounceTokensRequired]).toEqual([0, 0, false]);
});

test('an empty text, and what is no text, is no value', () => {
  expect(read({ HOST: ' ', PORT: '', DATABASE_PATH: 7, DOH_URLS: null })).toMatchObject({
    host: '127.0.0.1',
    port: 8787,
    databasePath: 'var/presend.db',
    dohUrls: defaultDohUrls,
  });
});

test('values are read without the spaces around them', () => {
  const settings = read({
    HOST: ' 0.0.0.0 ',
    PORT: ' 80 ',
    DOH_URLS: 'https://one.example/dns-query , http://127.0.0.1:53/dns-query',
    TRUSTED_PROXIES: '10.0.0.0/8, 127.0.0.1',
    BOUNCE_SENDER_DOMAINS: 'News.Example, shop.example',
    BOUNCE_TOKENS: 'required',
    TOKEN_KEY: 'k'.repeat(16),
    ADDRESS_HASH_KEY: 'h'.repeat(16),
    ADMIN_KEY: 'a'.repeat(16),
    COMPLAINT_SCOPE: 'marketing',
    SMTPUTF8: 'confirm',
    CALLBACK_TARGETS: 'loopback',
    CALLBACK_SECRET: `whsec_${btoa('x'.repeat(24))}`,
    SOFT_BOUNCES: '3',
    SOFT_BOUNCE_DAYS: '0',
    SOFT_ENTRY_DAYS: '1',
    EVENT_RETENTION_DAYS: '1',
    ENGAGEMENT_RETENTION_DAYS: '0',
    MAX_UPLOAD_MB: '2',
    MIN_UPLOAD_KB_PER_SECOND: '3',
    ESP_POSTMARK_SHARED_SECRETS: 's'.repeat(32),
  });
  expect(settings).toMatchObject({
    host: '0.0.0.0',
    port: 80,
    dohUrls: ['https://one.example/dns-query', 'http://127.0.0.1:53/dns-query'],
    trustedProxies: ['10.0.0.0/8', '127.0.0.1'],
    bounceSenderDomains: ['news.example', 'shop.example'],
    bounceTokensRequired: true,
    smtputf8: 'confirm',
    adminKey: 'a'.repeat(16),
    eventRetentionMs: day,
    engagementRetentionMs: 0,
    suppressionRules: {
      complaintScope: 'marketing',
      soft: { ...defaultRules.soft, bounces: 3, overMs: 0, entryMs: day },
    },
    jobs: { callbackTargets: 'loopback', maxUploadBytes: 2 * 1024 * 1024, minUploadRate: 3 * 1024 },
  });
  expect(settings.tokenKey).toHaveLength(16);
  expect(settings.addressHashKey).toHaveLength(16);
  expect(settings.jobs.callbackSecret).toHaveLength(24);
  expect([...settings.espSecrets.keys()]).toEqual(['postmark']);
});

test('DNS servers come instead of DoH', () => {
  expect(read({ DNS_SERVERS: '127.0.0.1, [::1]:5353' }).dnsServers).toHaveLength(2);
});

test('ESP_PRESET sets the rules about soft bounces, and other settings outrank it', () => {
  const softOf = (environment: Record<string, string>) => read(environment).suppressionRules.soft;
  expect(softOf({})).toEqual(defaultRules.soft);
  expect(softOf({ ESP_PRESET: 'none' })).toEqual(defaultRules.soft);
  const full = { bounces: 3, overMs: 3 * day, entryMs: 30 * day };
  expect(softOf({ ESP_PRESET: 'mailchimp' })).toEqual({
    ...defaultRules.soft,
    ...{ bounces: 7, count: 'total', full },
  });
  expect(softOf({ ESP_PRESET: 'klaviyo' })).toMatchObject({ bounces: 7, count: 'row', full });
  for (const preset of ['ses', 'sendgrid', 'mailgun', 'postmark'])
    expect(softOf({ ESP_PRESET: preset })).toEqual({ ...defaultRules.soft, full });
  expect(
    softOf({ ESP_PRESET: 'mailchimp', SOFT_BOUNCES: '4', FULL_BOUNCES: '2', FULL_BOUNCE_DAYS: '5' }),
  ).toMatchObject({ bounces: 4, count: 'total', full: { bounces: 2, overMs: 5 * day } });
  expect(softOf({ ESP_PRESET: 'ses', FULL_BOUNCES: '0' }).full).toBeNull();
  expect(softOf({ FULL_BOUNCES: '2' }).full).toEqual({ ...full, bounces: 2 });
  expect(mistakesOf({ ESP_PRESET: 'sendgird' })).toEqual([
    'ESP_PRESET must be one of none, ses, sendgrid, mailgun, mailchimp, klaviyo, postmark: your email service provider.',
  ]);
});

test('limits replace those they name', () => {
  expect(read({ LIMITS: 'secret_key=5/60, publishable_ip=7/1' }).limits).toEqual({
    ...defaultLimits,
    secret_key: { quota: 5, windowMs: 60_000 },
    publishable_ip: { quota: 7, windowMs: 1000 },
  });
});

describe('a whole number', () => {
  test.each([
    ['PORT', '0', '65535', '65536'],
    ['MAX_CONNECTIONS', '1', '1000000', '0'],
    ['VALIDATE_TIMEOUT_MS', '50', '30000', '49'],
    ['JOB_LANES', '1', '64', '65'],
    ['PREDICTION_DAYS', '1', '365', '1.5'],
    ['RETENTION_DAYS', '1', '3650', 'x'],
  ])('%s may be %s or %s, and not %s', (name, least, most, wrong) => {
    expect(mistakesOf({ [name]: least })).toEqual([]);
    expect(mistakesOf({ [name]: most })).toEqual([]);
    expect(mistakesOf({ [name]: wrong })).toEqual([
      `${name} must be a whole number from ${least} to ${most}.`,
    ]);
  });
});

describe('a mistake is one sentence, without the value', () => {
  test.each([
    ['DOH_URLS', 'https://one.example/,ftp://two.example/', 'DOH_URLS must be'],
    ['DOH_URLS', 'http://dns.example/', 'DOH_URLS must be'],
    ['DOH_URLS', 'dns.example', 'DOH_URLS must be'],
    ['DNS_SERVERS', '127.0.0.1,localhost', 'DNS_SERVERS must be'],
    ['ADDRESS_HASH_KEY', 'h'.repeat(15), 'ADDRESS_HASH_KEY has 15 bytes'],
    ['TOKEN_KEY', 'k'.repeat(15), 'TOKEN_KEY needs at least 16 bytes'],
    ['LIMITS', 'secret_key=5', 'LIMITS must be'],
    ['LIMITS', 'other=5/60', 'LIMITS must be'],
    ['LIMITS', 'constructor=5/60', 'LIMITS must be'],
    ['BOUNCE_TOKENS', 'yes', 'BOUNCE_TOKENS must be'],
    ['ADMIN_KEY', 'a'.repeat(15), 'ADMIN_KEY must have 16'],
    ['ADMIN_KEY', `${'a'.repeat(16)} b`, 'ADMIN_KEY must have 16'],
    ['CALLBACK_SECRET', 'whsec_short', 'CALLBACK_SECRET must be'],
    ['CALLBACK_TARGETS', 'private', 'CALLBACK_TARGETS must be'],
    ['COMPLAINT_SCOPE', 'some', 'COMPLAINT_SCOPE must be'],
    ['SMTPUTF8', 'yes', 'SMTPUTF8 must be'],
    ['PROFILE', 'b2g', 'PROFILE must be one of b2c, b2b, cold'],
    ['PROFILES', 'b2c', 'PROFILES is not a setting. Did you mean PROFILE?'],
    ['REPORT_TIME_ZONE', 'Europe/Nowhere', 'REPORT_TIME_ZONE must be a time zone of the IANA database'],
    ['REPORT_TIME_ZONE', '+02:00', 'REPORT_TIME_ZONE must be a time zone of the IANA database'],
    ['REPORT_TIMEZONE', 'UTC', 'REPORT_TIMEZONE is not a setting. Did you mean REPORT_TIME_ZONE?'],
    ['ESP_POSTMARK_SHARED_SECRET', 's'.repeat(32), 'ESP_POSTMARK_SHARED_SECRET is not a setting'],
  ])('%s=%s', (name, value, sentence) => {
    expect(mistakesOf({ [name]: value })).toEqual([expect.stringContaining(sentence)]);
  });

  test('several mistakes are told together, each once', () => {
    const mistakes = mistakesOf({ DOH_URLS: 'one,two', PORT: 'x', DNS_SERVERS: '127.0.0.1' });
    expect(mistakes.map((mistake) => mistake.split(' ')[0]).toSorted()).toEqual([
      'DNS_SERVERS',
      'DOH_URLS',
      'PORT',
    ]);
  });

  test('events stay in the database for at least 30 days, 60 by default', () => {
    expect(read({}).eventHotMs).toBe(60 * day);
    expect(read({ EVENT_HOT_DAYS: '30' }).eventHotMs).toBe(30 * day);
    expect(mistakesOf({ EVENT_HOT_DAYS: '29' })).toEqual([
      'EVENT_HOT_DAYS must be a whole number from 30 to 3650.',
    ]);
    expect(mistakesOf({ EVENT_HOT_DAYS: '90', EVENT_RETENTION_DAYS: '30' })).toEqual([]);
  });

  test('events are kept as long as the rule for soft bounces looks back', () => {
    expect(mistakesOf({ EVENT_RETENTION_DAYS: '7', SOFT_BOUNCE_DAYS: '7' })).toEqual([]);
    expect(mistakesOf({ EVENT_RETENTION_DAYS: '6', SOFT_BOUNCE_DAYS: '7' })).toEqual([
      expect.stringContaining('must be at least SOFT_BOUNCE_DAYS'),
    ]);
  });
});
