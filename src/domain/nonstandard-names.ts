// Mailbox providers that gave out addresses whose local part RFC 5321 does not allow, such as `a..b@docomo.ne.jp`.

import { nonstandardNames } from '../../data/packed/nonstandard-names.js';

const domains: ReadonlySet<string> = new Set(nonstandardNames.split(' '));

/**
 * Whether the provider of `domain` (lower case) gave out local parts with dots at the start, at the end or in a row. They are
 * still in use, so such an address at this domain is valid.
 */
export const hasNonstandardNames = (domain: string): boolean => domains.has(domain);
