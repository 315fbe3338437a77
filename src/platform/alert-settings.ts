// Reads the settings of alerts: the receivers, the quiet hours, and how alerts are grouped.

import { type AlertUrl, parseAlertUrl, splitAlertUrls } from '../alerts/alert-targets.ts';
import { parseQuietHours, type QuietHours } from '../alerts/quiet-hours.ts';

export interface AlertSettings {
  readonly urls: readonly AlertUrl[];
  /** Null if no e-mail is sent. */
  readonly mail: AlertMailSettings | null;
  readonly quietHours: QuietHours | null;
  readonly groupMs: number;
}

export interface AlertMailSettings {
  readonly to: readonly string[];
  readonly from: string;
  /** The URL of the mail server, which may contain a password. Null on Workers, where a binding sends. */
  readonly smtpUrl: string | null;
}

export const alertSettingNames = [
  'ALERT_URLS',
  'ALERT_EMAIL',
  'ALERT_EMAIL_FROM',
  'ALERT_SMTP_URL',
  'ALERT_QUIET_HOURS',
  'ALERT_GROUP_SECONDS',
];

const maxReceivers = 10;

/** Checks only the form of an address, because the operator's mail server decides which addresses it accepts. */
const isAddress = (text: string): boolean => /^[^\s@,<>]+@[^\s@,<>]+$/.test(text);

/**
 * `text` returns a setting, null if it is not set. `isMailBound`: the platform sends e-mail by a binding. The returned mistakes
 * contain no value of a setting.
 */
export function readAlertSettings(
  text: (name: string) => string | null,
  groupSeconds: number,
  isMailBound = false,
): { readonly settings: AlertSettings; readonly mistakes: readonly string[] } {
  const mistakes: string[] = [];
  const given = splitAlertUrls(text('ALERT_URLS') ?? '').map(parseAlertUrl);
  const urls = given.filter((one) => one !== null);
  if (urls.length < given.length || given.length > maxReceivers)
    mistakes.push(
      `ALERT_URLS must be a comma-separated list of at most ${maxReceivers} URLs such as https://example.com/alerts. Put slack+ or teams+ before the webhook URL of a chat tool on your own host.`,
    );
  if (urls.some(({ format }) => format === 'signed') && text('CALLBACK_SECRET') === null)
    mistakes.push(
      'ALERT_URLS needs CALLBACK_SECRET to sign the webhooks to receivers that are not chat tools. Generate one with: echo whsec_$(openssl rand -base64 32)',
    );
  const quietText = text('ALERT_QUIET_HOURS');
  const quietHours = quietText === null ? null : parseQuietHours(quietText);
  if (quietText !== null && quietHours === null)
    mistakes.push('ALERT_QUIET_HOURS must be two times of the day, such as 22:00-07:00.');
  const mail = readMailSettings(text, isMailBound, mistakes);
  return { settings: { urls, mail, quietHours, groupMs: groupSeconds * 1000 }, mistakes };
}

function readMailSettings(
  text: (name: string) => string | null,
  isMailBound: boolean,
  mistakes: string[],
): AlertMailSettings | null {
  const to = (text('ALERT_EMAIL') ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const smtpUrl = text('ALERT_SMTP_URL');
  if (to.length === 0) {
    if (smtpUrl !== null)
      mistakes.push('ALERT_SMTP_URL has no effect without ALERT_EMAIL. Set both or none.');
    return null;
  }
  if (!to.every(isAddress) || to.length > maxReceivers)
    mistakes.push(`ALERT_EMAIL must be a comma-separated list of at most ${maxReceivers} e-mail addresses.`);
  if (smtpUrl === null ? !isMailBound : !isSmtpUrl(smtpUrl))
    mistakes.push(
      'ALERT_EMAIL needs ALERT_SMTP_URL, the mail server that sends: smtps://USER:PASSWORD@smtp.example.com, or smtp://127.0.0.1:25. On Workers bind EMAIL instead: see wrangler.toml.',
    );
  const from = text('ALERT_EMAIL_FROM') ?? to[0]!;
  if (!isAddress(from)) mistakes.push('ALERT_EMAIL_FROM must be an e-mail address.');
  return { to, from, smtpUrl };
}

const isSmtpUrl = (text: string): boolean =>
  URL.canParse(text) && /^smtps?:$/.test(new URL(text).protocol) && new URL(text).hostname !== '';
