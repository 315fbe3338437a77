// The DKIM signatures in the header of a returned message (RFC 6376 section 3.5).

import { addressesIn } from './address-text.ts';
import { type Fields, first } from './fields.ts';

export interface MessageSignature {
  /** The domain in From, in lower case. */
  readonly from: string;
  /** The domain that signed (`d=`): that in From, or one above or below it. */
  readonly domain: string;
  readonly selector: string;
}

/** Maximum number of signatures of one message that are read. */
const most = 5;

const name = /^[a-z0-9_](?:[\w-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[\w-]*[a-z0-9_])?)*$/;

/**
 * Returns the signatures that were made for the domain in From. Those of other domains may come from hosts that the message
 * passed, so they are left out.
 */
export function signaturesIn(header: Fields): MessageSignature[] {
  const from = [...addressesIn(first(header, 'from') ?? '')].at(-1)?.address.split('@').at(-1);
  if (from === undefined || !isName(from)) return [];
  return (header.get('dkim-signature') ?? []).slice(0, most).flatMap((text) => {
    const tags = new Map(
      text
        .toLowerCase()
        .replace(/\s+/g, '')
        .split(';')
        .map((tag) => {
          const at = tag.indexOf('=');
          return [tag.slice(0, Math.max(0, at)), tag.slice(at + 1)] as const;
        }),
    );
    const domain = tags.get('d') ?? '';
    const selector = tags.get('s') ?? '';
    const isOwn = domain === from || domain.endsWith(`.${from}`) || from.endsWith(`.${domain}`);
    return isOwn && isName(domain) && domain.includes('.') && isName(selector)
      ? [{ from, domain, selector }]
      : [];
  });
}

const isName = (text: string): boolean => text.length <= 200 && name.test(text);
