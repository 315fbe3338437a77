// Reads the setting PREFLIGHT_DOMAINS: the domains whose records are watched, and what their preflights ask.

import type { PreflightRequest } from '../finding.ts';
import { type GivenPreflight, preflightLimits, readPreflight } from '../read-request.ts';

/** Maximum number of watched domains. Each costs a preflight a day. */
const maxWatchedDomains = 20;

const fields: Readonly<Record<string, 'selectors' | 'ips' | 'tracking' | 'bounce_domain' | 'helo'>> = {
  selector: 'selectors',
  ip: 'ips',
  tracking: 'tracking',
  bounce: 'bounce_domain',
  helo: 'helo',
};

/**
 * Reads domains that are separated by commas, each followed by what its preflight needs: `example.com selector=s1 ip=198.51.100.7
 * bounce=bounces.example.com, example.net`. `selector`, `ip` and `tracking` may be repeated. Mistakes are sentences.
 */
export function readWatchedDomains(text: string): {
  readonly requests: readonly PreflightRequest[];
  readonly mistakes: readonly string[];
} {
  const requests: PreflightRequest[] = [];
  const mistakes: string[] = [];
  const items = text
    .split(/[,\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
  for (const item of items) {
    const request = requestOf(item);
    if (typeof request === 'string') mistakes.push(request);
    else if (requests.some(({ domain }) => domain === request.domain))
      mistakes.push(
        `PREFLIGHT_DOMAINS names ${request.domain} twice. Name the domain once, with all of its selectors and IP addresses.`,
      );
    else requests.push(request);
  }
  if (requests.length > maxWatchedDomains)
    mistakes.push(`PREFLIGHT_DOMAINS can have at most ${maxWatchedDomains} domains.`);
  return { requests, mistakes };
}

function requestOf(item: string): PreflightRequest | string {
  const [domain = '', ...parts] = item.split(/\s+/);
  const given: { -readonly [field in keyof GivenPreflight]: GivenPreflight[field] } = { domain };
  for (const part of parts) {
    const [, key = '', value = ''] = /^([a-z]+)=(.+)$/i.exec(part) ?? [];
    const field = Object.hasOwn(fields, key.toLowerCase()) ? fields[key.toLowerCase()] : undefined;
    if (field === undefined)
      return `PREFLIGHT_DOMAINS: after ${domain}, only ${Object.keys(fields).join('=, ')}= are allowed. Put a comma between domains.`;
    if (field === 'bounce_domain' || field === 'helo') {
      if (given[field] !== undefined) return `PREFLIGHT_DOMAINS: ${domain} has ${key}= twice. Keep one.`;
      given[field] = value;
    } else given[field] = [...(given[field] ?? []), value];
  }
  for (const [field, most] of Object.entries(preflightLimits))
    if ((given[field as keyof typeof preflightLimits]?.length ?? 0) > most)
      return `PREFLIGHT_DOMAINS: ${domain} can have at most ${most} values of ${field}.`;
  const read = readPreflight(given);
  if ('request' in read) return read.request;
  const [{ path, detail }] = read.mistakes as [(typeof read.mistakes)[number]];
  const key = Object.entries(fields).find(([, field]) => field === path[0])?.[0];
  return key === undefined
    ? 'PREFLIGHT_DOMAINS must be a comma-separated list of domains, such as example.com selector=s1 ip=198.51.100.7, example.net.'
    : `PREFLIGHT_DOMAINS: ${key}= of ${domain} ${detail}.`;
}
