// Reads the fields of a preflight as people write them.

import { isIpAddress } from '../domain/ip-address.ts';
import { parseDomainEntry } from '../overrides/domain-lists.ts';
import type { PreflightRequest } from './finding.ts';

/** Maximum number of selectors, IP addresses and tracking hosts in one preflight. Each costs DNS queries. */
export const preflightLimits = { selectors: 10, ips: 10, tracking: 5 } as const;

export interface GivenPreflight {
  readonly domain: string;
  readonly selectors?: readonly string[] | undefined;
  readonly ips?: readonly string[] | undefined;
  readonly bounce_domain?: string | null | undefined;
  readonly helo?: string | null | undefined;
  readonly tracking?: readonly string[] | undefined;
}

/** A field that is invalid: its path, such as `['ips', 0]`, and what it must be. */
export interface PreflightMistake {
  readonly path: readonly (string | number)[];
  readonly detail: string;
}

/** The domain in lower-case A-labels; null if `text` is not a domain with at least two labels. */
export function readPreflightName(text: string): string | null {
  const name = text.trim().replace(/\.$/, '');
  const entry = parseDomainEntry(name);
  if (entry === null || entry.includesSubdomains || isIpAddress(name)) return null;
  return entry.domain.includes('.') ? entry.domain : null;
}

/** A selector, or the whole name of a key, such as `s1._domainkey.example.net`. */
function readSelector(text: string): string | null {
  const [selector = '', signer, ...rest] = text.trim().toLowerCase().replace(/\.$/, '').split('._domainkey.');
  const isSelector =
    /^[a-z0-9_]([\w-]{0,62})(\.[a-z0-9_][\w-]{0,62})*$/.test(selector) && selector.length <= 120;
  if (!isSelector || rest.length > 0) return null;
  if (signer === undefined) return selector.endsWith('._domainkey') ? null : selector;
  const domain = readPreflightName(signer);
  return domain === null ? null : `${selector}._domainkey.${domain}`;
}

/** Returns the request, or everything that is wrong with the fields. */
export function readPreflight(
  given: GivenPreflight,
): { readonly request: PreflightRequest } | { readonly mistakes: readonly PreflightMistake[] } {
  const mistakes: PreflightMistake[] = [];
  const read = <Value>(
    text: string,
    path: PreflightMistake['path'],
    detail: string,
    reader: (text: string) => Value | null,
  ): Value[] => {
    const value = reader(text);
    if (value === null) mistakes.push({ path, detail });
    return value === null ? [] : [value];
  };
  const many = <Value>(
    field: keyof typeof preflightLimits,
    detail: string,
    reader: (text: string) => Value | null,
  ): Value[] => (given[field] ?? []).flatMap((text, index) => read(text, [field, index], detail, reader));
  const one = (field: 'bounce_domain' | 'helo', detail: string): string | null => {
    const text = given[field];
    return text === undefined || text === null
      ? null
      : (read(text, [field], detail, readPreflightName)[0] ?? null);
  };

  const [domain = ''] = read(
    given.domain,
    ['domain'],
    'must be a domain such as example.com',
    readPreflightName,
  );
  const request: PreflightRequest = {
    domain,
    selectors: many('selectors', 'must be a selector such as s1', readSelector),
    ips: [
      ...new Set(
        many('ips', 'must be an IP address such as 198.51.100.7', (text) =>
          isIpAddress(text.trim()) ? text.trim().toLowerCase() : null,
        ),
      ),
    ],
    bounceDomain: one('bounce_domain', 'must be a domain such as bounces.example.com'),
    helo: one('helo', 'must be a host name such as mail.example.com'),
    tracking: many('tracking', 'must be a host name such as click.example.com', readPreflightName),
  };
  return mistakes.length > 0 ? { mistakes } : { request };
}

/**
 * Maximum number of DNS questions in one preflight. A sender with ten addresses and a large SPF record needs some 100; the rest
 * is for blocklists. Without a limit, the terms of an SPF record could cause more than a thousand.
 */
export const maxQuestions = 300;

/**
 * Units of the rate limit that a preflight costs in advance: about one for each DNS question, without those for SPF. Further
 * questions are charged afterwards.
 */
export const preflightCost = (
  { selectors, ips, tracking, bounceDomain }: PreflightRequest,
  zones: number,
): number =>
  Math.min(
    maxQuestions,
    30 +
      selectors.length +
      (2 + zones) * ips.length +
      2 * tracking.length +
      (bounceDomain === null ? 0 : 10) +
      2 * zones,
  );
