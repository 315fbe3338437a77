// Mailbox providers that gave out addresses whose local part RFC 5321 does not allow, such as `a..b@docomo.ne.jp`.

import { nonstandardNames } from '../../data/packed/nonstandard-names.js';

const domains: ReadonlySet<string> = new Set(nonstandardNames.split(' '));

/**
 * Whether the provider of `domain` (lower case) gave out local parts with dots at the start, at the end or in a row. People
 * still use these addresses, so extra dots in an address at this domain are probably not a typing error.
 */
export const hasNonstandardNames = (domain: string): boolean => domains.has(domain);
