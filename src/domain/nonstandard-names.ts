// Mailbox providers that issued local parts which RFC 5321 does not allow.

import { nonstandardNames } from '../../data/packed/nonstandard-names.js';

const domains: ReadonlySet<string> = new Set(nonstandardNames.split(' '));

/**
 * Whether the provider of `domain` (lower case) issued names with dots at the start, at the end or in a row. People
 * still use them, so such an address is valid there.
 */
export const hasNonstandardNames = (domain: string): boolean => domains.has(domain);
