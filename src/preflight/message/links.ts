// The checks of links: where they lead, what they show, and how many domains they name.

import { linkShorteners } from '../../../data/packed/message-content.js';
import { findImitated } from '../../domain/confusable.ts';
import { isIpAddress } from '../../domain/ip-address.ts';
import { registrableDomain } from '../../domain/registrable.ts';
import { counted } from '../../number-text.ts';
import type { SenderFault } from '../finding.ts';
import type { ContentFaultCode } from './content-faults.ts';
import type { FoundLink } from './html-content.ts';
import { shortened, someOf } from './message-finding.ts';

export interface LinkFacts {
  readonly count: number;
  /** The registrable domains of links and images, at most 100. */
  readonly domains: readonly string[];
  readonly shorteners: readonly string[];
}

const shorteners = new Set(linkShorteners.split(' '));

/** Guides advise to use few links. These limits are a `guess`, and mail does not bounce because of them. */
const manyLinks = 30;
const manyDomains = 8;
const maxDomains = 100;
const maxUrl = 4096;
/** Maximum length of a host name (RFC 1035 section 2.3.4), and of a host as it is written: with its port. */
const maxHost = 253;
const maxWrittenHost = maxHost + ':65535.'.length;

/** Whether a host is a link shortener, or below one. */
function isShortener(host: string): boolean {
  for (let name = host.replace(/^www\./, ''); name.includes('.'); name = name.slice(name.indexOf('.') + 1))
    if (shorteners.has(name)) return true;
  return false;
}

interface ReadLink extends FoundLink {
  readonly host: string;
  readonly isHttp: boolean;
  readonly hasCredentials: boolean;
}

/**
 * Reads a link to a web page. Null for other schemes, and for links to places within the message. `invalid`: the link does not
 * work.
 */
function readLink({ url, text }: FoundLink): ReadLink | 'invalid' | null {
  const address = url.slice(0, maxUrl);
  if (address === '' || address.startsWith('#')) return null;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') return null;
  // In a mail program, a link without a scheme does not work.
  if (scheme === undefined) return 'invalid';
  if (
    /^https?:\/\/[^/]*[{}[\]|%*]/i.test(address) &&
    !/^https?:\/\/(?:[^/@]*@)?\[[\da-f:.]+\]/i.test(address)
  )
    return 'invalid';
  // Check the length first: reading and encoding a host take quadratic time.
  const [, authority = ''] = /^https?:[\\/\s]*([^\\/?#]*)/i.exec(address) ?? [];
  if (authority.length - (authority.lastIndexOf('@') + 1) > maxWrittenHost) return 'invalid';
  try {
    const { protocol, hostname, username } = new URL(address);
    const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
    if (host.length > maxHost) return 'invalid';
    const isWhole = host.includes('.') || isIpAddress(host);
    return isWhole
      ? { url: address, text, host, isHttp: protocol === 'http:', hasCredentials: username !== '' }
      : 'invalid';
  } catch {
    return 'invalid';
  }
}

const domainOfHost = (host: string): string => (isIpAddress(host) ? host : (registrableDomain(host) ?? host));

/** The host that the text of a link shows, if the text is an address. */
function shownHost(text: string): string | null {
  const [, host] =
    /^(?:https?:\/\/)?((?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,10}\p{L}{2,24})(?:[/?#:]\S{0,250})?$/iu.exec(
      text.slice(0, 300),
    ) ?? [];
  if (host === undefined) return null;
  try {
    return new URL(`https://${host}/`).hostname;
  } catch {
    return null;
  }
}

/**
 * Whether the text of a link is a web address: it begins like one, or its host has a well-known ending. `Node.js` and
 * `report.pdf` are words.
 */
const isAddress = (host: string, text: string): boolean =>
  /^https?:|^www\./i.test(text) || knownEndings.test(host);

const knownEndings =
  /\.(?:com|net|org|edu|gov|info|biz|io|app|dev|shop|store|online|[a-z]{2}\.[a-z]{2}|de|uk|fr|it|es|nl|eu|ch|at|be|pl|se|no|fi|dk|cz|pt|ca|au|nz|jp|cn|in|br|mx|us|ru)$/;

export function judgeLinks(
  found: readonly FoundLink[],
  images: readonly string[],
  from: string | null,
): { readonly facts: LinkFacts; readonly faults: readonly SenderFault<ContentFaultCode>[] } {
  const read = found.map((link) => ({ link, to: readLink(link) }));
  const links = read.flatMap(({ to }) => (to === null || to === 'invalid' ? [] : [to]));
  const pictures = images.flatMap((url) => {
    const to = readLink({ url, text: '' });
    return to === null || to === 'invalid' ? [] : [to];
  });
  const all = [...links, ...pictures];
  const faults: SenderFault<ContentFaultCode>[] = [];
  const add = (code: ContentFaultCode, at: readonly string[], seen: (names: string) => string) => {
    const names = [...new Set(at)];
    if (names.length > 0)
      faults.push({
        code,
        about: shortened(names[0]!, 250),
        seen: seen(someOf(names)),
        parts: names.slice(0, 20),
      });
  };
  const urls = (some: readonly ReadLink[]): string[] => some.map(({ url }) => url);

  add(
    'link_invalid',
    read.filter(({ to }) => to === 'invalid').map(({ link }) => link.url),
    (names) => `These links lead nowhere: ${names}.`,
  );
  add(
    'link_not_https',
    urls(all.filter(({ isHttp }) => isHttp)),
    (names) => `These links and images use http, without encryption: ${names}.`,
  );
  add(
    'link_to_ip',
    urls(all.filter(({ host }) => isIpAddress(host))),
    (names) => `These links have an IP address instead of a host name: ${names}.`,
  );
  const short = all.filter(({ host }) => isShortener(host));
  add('link_shortened', urls(short), (names) => `These links lead to a link shortener: ${names}.`);
  add(
    'link_has_credentials',
    urls(all.filter(({ hasCredentials }) => hasCredentials)),
    (names) => `These links have a name before their host: ${names}.`,
  );
  add(
    'link_look_alike',
    links
      .filter(({ host }) => findImitated(host) !== null || findImitated(domainOfHost(host)) !== null)
      .map(({ host }) => host),
    (names) => `These hosts imitate another domain: ${names}.`,
  );
  const disguised = links.flatMap(({ text, host }) => {
    const shown = shownHost(text);
    if (shown === null || !isAddress(shown, text) || domainOfHost(shown) === domainOfHost(host)) return [];
    return [`${shown} leads to ${host}`];
  });
  add('link_disguised', disguised, (names) => `The text shows another domain: ${names}.`);

  const domains = [...new Set(all.map(({ host }) => domainOfHost(host)))];
  if (domains.length > manyDomains)
    add(
      'links_to_many_domains',
      domains,
      (names) => `Links and images are on ${domains.length} domains: ${names}.`,
    );
  if (links.length > manyLinks)
    add('links_many', ['the links'], () => `There are ${counted(links.length, 'link')}.`);
  const own = from === null ? null : domainOfHost(from);
  const targets = [...new Set(links.map(({ host }) => domainOfHost(host)))];
  if (own !== null && targets.length > 0 && !targets.includes(own))
    add(
      'links_elsewhere',
      targets,
      (names) => `The domain in From is ${from}, and all links lead to ${names}.`,
    );
  return {
    facts: {
      count: links.length,
      domains: domains.slice(0, maxDomains),
      shorteners: [...new Set(short.map(({ host }) => host))].slice(0, maxDomains),
    },
    faults,
  };
}
