// The receivers of alerts, as ALERT_URLS names them.

import type { AlertFormat } from './alert-formats.ts';

/** A receiver with a URL. The URL may be a secret: with that of a chat tool, anyone can write there. */
export interface AlertUrl {
  readonly url: string;
  readonly format: AlertFormat;
}

/** Hosts of incoming webhooks, by the chat tool. A name stands for its subdomains too. */
const chatHosts: readonly (readonly [string, AlertFormat])[] = [
  ['hooks.slack.com', 'slack'],
  ['hooks.slack-gov.com', 'slack'],
  ['webhook.office.com', 'teams'],
  ['logic.azure.com', 'teams'],
  ['logic.azure.us', 'teams'],
  ['api.powerplatform.com', 'teams'],
];

/**
 * Reads one receiver: `https://…`, whose format follows from its host and is `signed` by default, or with the format before it,
 * such as `slack+https://chat.example.com/hooks/…`. Null if the text is neither.
 */
export function parseAlertUrl(text: string): AlertUrl | null {
  const [, prefix, url] = /^(?:(signed|slack|teams)\+)?(https?:\/\/.*)$/i.exec(text) ?? [];
  if (url === undefined || !URL.canParse(url)) return null;
  if (prefix !== undefined) return { url, format: prefix.toLowerCase() as AlertFormat };
  const host = new URL(url).hostname;
  const known = chatHosts.find(([name]) => host === name || host.endsWith(`.${name}`));
  return { url, format: known?.[1] ?? 'signed' };
}

/** Splits a list of receivers at commas and white space before a URL, because a URL may contain commas. */
export const splitAlertUrls = (text: string): string[] =>
  text
    .split(/[\s,]+(?=(?:[a-z]+\+)?https?:\/\/)/i)
    .map((one) => one.replace(/[\s,]+$/, ''))
    .filter((one) => one !== '');

/** Such as `slack hooks.slack.com`: what may be shown of a receiver. */
export const alertUrlName = ({ url, format }: AlertUrl): string => `${format} ${new URL(url).host}`;
